// Media that no codec made: sizes, cadence and payload headers are real, the content is a stamp by which the
// receiver knows what it should have got, and filler. Pure: chance is an argument.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/rng.h"
#include "wire/header_extension.h"

namespace conclave::load {

// Which stream of a sender a packet belongs to. Video encodings are kVideoStream + 0..2, lowest first.
constexpr uint8_t kAudioStream = 0;
constexpr uint8_t kVideoStream = 1;
constexpr uint8_t kDataStream = 4;
constexpr size_t kStreamsPerSender = 5;

// What every packet says about itself.
struct Stamp {
    uint32_t run = 0;      // of this load test: other tools' media is none of ours
    uint32_t sender = 0;   // number of the participant
    uint8_t stream = 0;    // kAudioStream...
    uint32_t counter = 0;  // of the packets of the stream, from 0
    uint32_t frame = 0;
    uint16_t index = 0;   // of the packet in its frame
    uint16_t count = 1;   // packets of the frame
    int64_t sent_us = 0;  // CLOCK_MONOTONIC
    bool operator==(const Stamp&) const = default;
};
constexpr size_t kStampSize = 33;

void write_stamp(uint8_t* out, const Stamp& stamp);
// Nothing when there is no stamp at the beginning.
std::optional<Stamp> read_stamp(ByteView bytes);

// ---- Opus (RFC 7587): one packet every 20 ms
constexpr size_t kOpusSizeMin = 1 + kStampSize;
// `out` has `size` bytes; a table-of-contents byte, the stamp, filler.
void write_opus(MutableBytes out, const Stamp& stamp);
std::optional<Stamp> stamp_of_opus(ByteView payload);

struct AudioPacket {
    size_t size = 0;
    wire::AudioLevel level;
};

// Speech: spurts of one to four seconds, and silence between them that makes `talk` the share of the speech.
class AudioCadence {
 public:
    AudioCadence(double talk, Rng& rng);
    AudioPacket next(Rng& rng);

 private:
    double talk_;
    bool is_talking_;
    uint32_t packets_left_ = 0;
};

// ---- VP8 (RFC 7741)
struct Vp8Frame {
    bool is_keyframe = false;
    uint8_t temporal_id = 0;
    bool is_sync = false;  // needs only the base temporal layer
    uint16_t picture_id = 0;
    uint8_t tl0_pic_idx = 0;
    uint8_t key_index = 0;
};
constexpr size_t kVp8SizeMin = 6 + 10 + kStampSize;  // descriptor, header of a key frame
// One packet of a frame of `out.size()` bytes: descriptor, in the first packet the frame header, stamp,
// filler.
void write_vp8(MutableBytes out, const Stamp& stamp, const Vp8Frame& frame);
std::optional<Stamp> stamp_of_vp8(ByteView payload);

struct VideoFrame {
    size_t bytes = 0;  // of all packets
    Vp8Frame header;
};

// Frames of one encoding: key frames five times as large as the others, all vary by a third.
class VideoCadence {
 public:
    VideoCadence(uint32_t kbps, uint32_t fps, uint32_t temporal_layers, Rng& rng);
    VideoFrame next(bool keyframe, Rng& rng);

 private:
    double mean_bytes_;
    uint32_t temporal_layers_;
    uint32_t in_pattern_ = 0;
    Vp8Frame last_;
};

}  // namespace conclave::load
