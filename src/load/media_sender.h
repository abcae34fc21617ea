// One RTP stream that a participant publishes: its cadence, numbering, retransmissions and sender reports.
// Pure: it writes plain packets, the owner protects and sends them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/rng.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "load/negotiation.h"
#include "load/synthetic.h"
#include "wire/rtcp.h"

namespace conclave::load {

class MediaSender {
 public:
    struct Config {
        uint32_t run = 0;
        uint32_t sender = 0;
        uint8_t stream = kAudioStream;
        OfferedEncoding encoding;
        double talk = 1;               // audio
        uint32_t kbps = 1500;          // video
        uint32_t fps = 30;             // video
        uint32_t temporal_layers = 1;  // video
    };
    MediaSender(const Config& config, Rng& rng);

    // The server takes the stream: from now on it sends.
    void start(Instant now, const AcceptedTrack& accepted);
    void stop() { next_ = Instant::never(); }
    bool is_sending() const { return !next_.is_never(); }
    // Dynacast: nobody wants this encoding. It begins again with a key frame.
    void set_wanted(Instant now, bool is_wanted);
    void request_keyframe() { wants_keyframe_ = true; }

    Instant next_packet() const { return next_; }
    // The next plain packet that is due, stamped with `now`; nothing when none is. Valid until the next call.
    std::optional<ByteView> next_due(Instant now);
    // A retransmission of packet `sequence`; nothing when it is not kept or there is no RTX. Valid until the
    // next call.
    std::optional<ByteView> retransmission(SeqNo sequence);
    wire::SenderInfo sender_info(Instant now, NtpTime ntp) const;

    uint32_t ssrc() const { return config_.encoding.ssrc; }
    uint8_t stream() const { return config_.stream; }
    bool is_video() const { return config_.stream != kAudioStream; }
    const OfferedEncoding& encoding() const { return config_.encoding; }
    const std::string& rid() const { return config_.encoding.rid; }
    uint32_t sent() const { return counter_; }
    uint64_t bytes() const { return octets_; }

 private:
    // Enough to write a packet again.
    struct Record {
        Stamp stamp;
        Vp8Frame vp8;
        uint32_t timestamp = 0;
        uint16_t sequence = 0;
        uint16_t size = 0;  // of the payload
        bool marker = false;
    };
    static constexpr size_t kRecordsKept = 256;

    ByteView send(Instant now, Record record, const std::optional<wire::AudioLevel>& level);
    ByteView next_audio(Instant now);
    ByteView next_video(Instant now);
    void begin_frame(Instant now);
    size_t write_header(MutableBytes out, const Record& record, const std::optional<wire::AudioLevel>& level,
                        bool is_rtx);
    uint32_t timestamp_at(Instant now) const;

    Config config_;
    Rng& rng_;
    AudioCadence audio_;
    VideoCadence video_;
    AcceptedTrack accepted_;
    uint16_t sequence_;
    uint16_t rtx_sequence_;
    uint32_t first_timestamp_;
    Instant started_;
    Instant next_ = Instant::never();
    bool is_wanted_ = true;
    bool wants_keyframe_ = true;
    uint32_t counter_ = 0;
    uint64_t octets_ = 0;
    uint32_t frame_ = 0;
    // The video frame that is going out.
    Instant frame_due_;
    uint32_t frame_timestamp_ = 0;
    Vp8Frame frame_header_;
    size_t frame_bytes_ = 0;
    uint16_t frame_packets_ = 0;
    uint16_t frame_packets_sent_ = 0;
    uint32_t burst_ = 0;
    std::vector<Record> records_;
    std::array<uint8_t, 1500> buffer_;
};

}  // namespace conclave::load
