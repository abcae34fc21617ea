#include "load/synthetic.h"

#include <algorithm>
#include <array>

#include "wire/vp8.h"

namespace conclave::load {
namespace {

constexpr uint32_t kMagic = 0x434c4431;  // "CLD1"
constexpr uint8_t kOpusToc = 0xf8;       // RFC 6716 3.1: CELT, fullband, 20 ms, mono, one frame
constexpr size_t kPacketsPerSecond = 50;
constexpr size_t kKeyframeHeaderSize = 10;  // RFC 6386 9.1
constexpr size_t kFillerSize = 2048;
constexpr uint16_t kWidth = 1280;
constexpr uint16_t kHeight = 720;

// Looks like compressed data, costs a memcpy.
const std::array<uint8_t, kFillerSize>& filler() {
    static const auto bytes = [] {
        std::array<uint8_t, kFillerSize> out{};
        SeededRng rng(1);
        rng.fill(out);
        return out;
    }();
    return bytes;
}

void fill(MutableBytes out) {
    std::memcpy(out.data(), filler().data(), std::min(out.size(), kFillerSize));
}

double uniform(Rng& rng) {
    return static_cast<double>(rng.u32()) / 4294967296.0;
}

}  // namespace

void write_stamp(uint8_t* out, const Stamp& stamp) {
    store_be32(out, kMagic);
    store_be32(out + 4, stamp.run);
    store_be32(out + 8, stamp.sender);
    out[12] = stamp.stream;
    store_be32(out + 13, stamp.counter);
    store_be32(out + 17, stamp.frame);
    store_be16(out + 21, stamp.index);
    store_be16(out + 23, stamp.count);
    store_be64(out + 25, static_cast<uint64_t>(stamp.sent_us));
}

std::optional<Stamp> read_stamp(ByteView bytes) {
    if (bytes.size() < kStampSize || load_be32(bytes.data()) != kMagic) return std::nullopt;
    const uint8_t* in = bytes.data();
    Stamp stamp;
    stamp.run = load_be32(in + 4);
    stamp.sender = load_be32(in + 8);
    stamp.stream = in[12];
    stamp.counter = load_be32(in + 13);
    stamp.frame = load_be32(in + 17);
    stamp.index = load_be16(in + 21);
    stamp.count = load_be16(in + 23);
    stamp.sent_us = static_cast<int64_t>(load_be64(in + 25));
    if (stamp.stream >= kStreamsPerSender || stamp.index >= stamp.count) return std::nullopt;
    return stamp;
}

void write_opus(MutableBytes out, const Stamp& stamp) {
    out[0] = kOpusToc;
    write_stamp(out.data() + 1, stamp);
    fill(out.subspan(kOpusSizeMin));
}

std::optional<Stamp> stamp_of_opus(ByteView payload) {
    if (payload.empty()) return std::nullopt;
    return read_stamp(payload.subspan(1));
}

AudioCadence::AudioCadence(double talk, Rng& rng) : talk_(talk), is_talking_(uniform(rng) < talk) {}

AudioPacket AudioCadence::next(Rng& rng) {
    if (packets_left_ == 0) {
        is_talking_ = talk_ > 0 && (talk_ >= 1 || !is_talking_);
        const double spurt = 1 + 3 * uniform(rng);
        const double seconds = is_talking_ || talk_ <= 0 ? spurt : spurt * (1 - talk_) / talk_;
        packets_left_ = 1 + static_cast<uint32_t>(seconds * kPacketsPerSecond);
    }
    --packets_left_;
    if (!is_talking_) return {kOpusSizeMin, {false, 127}};
    return {60 + rng.u32() % 40, {true, static_cast<uint8_t>(20 + rng.u32() % 20)}};
}

void write_vp8(MutableBytes out, const Stamp& stamp, const Vp8Frame& frame) {
    const bool starts = stamp.index == 0;
    // RFC 7741 4.2: X and S, then I, L, T and K with their fields.
    const bool is_reference = frame.temporal_id < 2;
    out[0] = static_cast<uint8_t>(0x80 | (starts ? 0x10 : 0) | (is_reference ? 0 : 0x20));
    out[1] = 0xf0;
    store_be16(out.data() + 2, static_cast<uint16_t>(0x8000 | frame.picture_id));
    out[4] = frame.tl0_pic_idx;
    out[5] =
        static_cast<uint8_t>(frame.temporal_id << 6 | (frame.is_sync ? 0x20 : 0) | (frame.key_index & 0x1f));
    size_t at = 6;
    if (starts) {
        // RFC 6386 9.1: the inverse key frame bit, then show_frame; start code and size in key frames. The
        // header keeps its size in other frames, where this is content.
        const std::array<uint8_t, kKeyframeHeaderSize> header = {
            static_cast<uint8_t>(frame.is_keyframe ? 0x10 : 0x11),
            0,
            0,
            0x9d,
            0x01,
            0x2a,
            kWidth & 0xff,
            kWidth >> 8,
            kHeight & 0xff,
            kHeight >> 8};
        std::memcpy(out.data() + at, header.data(), header.size());
        at += header.size();
    }
    write_stamp(out.data() + at, stamp);
    fill(out.subspan(at + kStampSize));
}

std::optional<Stamp> stamp_of_vp8(ByteView payload) {
    const auto vp8 = wire::parse_vp8(payload);
    if (!vp8) return std::nullopt;
    const size_t header = wire::starts_frame(*vp8) ? kKeyframeHeaderSize : 0;
    if (vp8->frame.size() < header) return std::nullopt;
    return read_stamp(vp8->frame.subspan(header));
}

VideoCadence::VideoCadence(uint32_t kbps, uint32_t fps, uint32_t temporal_layers, Rng& rng)
    : mean_bytes_(kbps * 1000.0 / 8 / fps), temporal_layers_(temporal_layers) {
    last_.picture_id = static_cast<uint16_t>(rng.u32() & 0x7fff);
    last_.tl0_pic_idx = static_cast<uint8_t>(rng.u32());
}

VideoFrame VideoCadence::next(bool keyframe, Rng& rng) {
    // The usual patterns of libwebrtc: 0; 0 1; 0 2 1 2.
    constexpr std::array<std::array<uint8_t, 4>, 3> kPatterns = {{{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 2, 1, 2}}};
    if (keyframe) in_pattern_ = 0;
    const uint8_t temporal_id = kPatterns[temporal_layers_ - 1][in_pattern_ % 4];
    last_.is_sync = temporal_id > 0 && in_pattern_ <= 2;
    ++in_pattern_;
    last_.is_keyframe = keyframe;
    last_.temporal_id = temporal_id;
    last_.picture_id = static_cast<uint16_t>((last_.picture_id + 1) & 0x7fff);
    if (temporal_id == 0) ++last_.tl0_pic_idx;
    if (keyframe) last_.key_index = static_cast<uint8_t>((last_.key_index + 1) & 0x1f);
    const double jitter = 0.67 + 0.66 * uniform(rng);
    const double bytes = mean_bytes_ * jitter * (keyframe ? 5 : 1);
    return {std::max(kVp8SizeMin, static_cast<size_t>(bytes)), last_};
}

}  // namespace conclave::load
