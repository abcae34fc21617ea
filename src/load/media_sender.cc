#include "load/media_sender.h"

#include <algorithm>
#include <array>

#include "wire/rtp.h"

namespace conclave::load {
namespace {

constexpr Duration kAudioInterval = Duration::millis(20);
constexpr uint32_t kAudioClock = 48'000;
constexpr uint32_t kVideoClock = 90'000;
// libwebrtc's packets have up to 1,200 bytes with everything that comes before and behind.
constexpr size_t kPayloadMax = 1130;
// As its pacer does: a few packets every 5 ms.
constexpr uint32_t kBurstPackets = 8;
constexpr Duration kBurstInterval = Duration::millis(5);
// MID and RID are sent until the far side must know them (RFC 8852 2 leaves the end to the sender).
constexpr uint32_t kNamedPackets = 300;
// Late by more than this, the cadence starts anew instead of catching up in a burst.
constexpr Duration kLatenessMax = Duration::millis(200);

}  // namespace

MediaSender::MediaSender(const Config& config, Rng& rng)
    : config_(config),
      rng_(rng),
      audio_(config.talk, rng),
      video_(config.kbps, config.fps, config.temporal_layers, rng),
      sequence_(static_cast<uint16_t>(rng.u32())),
      rtx_sequence_(static_cast<uint16_t>(rng.u32())),
      first_timestamp_(rng.u32()) {}

void MediaSender::start(Instant now, const AcceptedTrack& accepted) {
    accepted_ = accepted;
    if (is_sending()) return;
    started_ = now;
    // Spread, so that the thousands who start together do not send together.
    next_ = now + Duration::micros(rng_.u32() % 20'000);
    frame_due_ = next_;
    if (is_video()) records_.resize(accepted.has_rtx ? kRecordsKept : 0);
}

void MediaSender::set_wanted(Instant now, bool is_wanted) {
    if (is_wanted == is_wanted_) return;
    is_wanted_ = is_wanted;
    if (!is_wanted || !is_sending()) return;
    wants_keyframe_ = true;
    next_ = now;
}

std::optional<ByteView> MediaSender::next_due(Instant now) {
    if (now < next_) return std::nullopt;
    if (!is_video()) return next_audio(now);
    if (!is_wanted_ && frame_packets_sent_ == frame_packets_) {
        next_ = now + Duration::seconds(1);
        return std::nullopt;
    }
    return next_video(now);
}

ByteView MediaSender::next_audio(Instant now) {
    next_ = now - next_ > kLatenessMax ? now + kAudioInterval : next_ + kAudioInterval;
    const AudioPacket packet = audio_.next(rng_);
    Record record;
    record.stamp.frame = frame_++;
    record.size = static_cast<uint16_t>(packet.size);
    record.timestamp = timestamp_at(now);
    return send(now, record, packet.level);
}

void MediaSender::begin_frame(Instant now) {
    const VideoFrame frame = video_.next(wants_keyframe_, rng_);
    wants_keyframe_ = false;
    ++frame_;
    frame_timestamp_ = timestamp_at(now);
    frame_header_ = frame.header;
    frame_bytes_ = frame.bytes;
    frame_packets_ = static_cast<uint16_t>((frame.bytes + kPayloadMax - 1) / kPayloadMax);
    frame_packets_sent_ = 0;
    const auto interval = Duration::micros(1'000'000 / config_.fps);
    frame_due_ = now - frame_due_ > kLatenessMax ? now + interval : frame_due_ + interval;
}

ByteView MediaSender::next_video(Instant now) {
    if (frame_packets_sent_ == frame_packets_) begin_frame(now);
    Record record;
    record.stamp.frame = frame_;
    record.stamp.index = frame_packets_sent_;
    record.stamp.count = frame_packets_;
    record.vp8 = frame_header_;
    record.timestamp = frame_timestamp_;
    record.size = static_cast<uint16_t>(std::max(kVp8SizeMin, frame_bytes_ / frame_packets_));
    record.marker = ++frame_packets_sent_ == frame_packets_;
    if (record.marker) {
        next_ = std::max(next_, frame_due_);
        burst_ = 0;
    } else if (++burst_ % kBurstPackets == 0) {
        next_ = now + kBurstInterval;
    }
    return send(now, record, std::nullopt);
}

ByteView MediaSender::send(Instant now, Record record, const std::optional<wire::AudioLevel>& level) {
    record.sequence = sequence_++;
    record.stamp.run = config_.run;
    record.stamp.sender = config_.sender;
    record.stamp.stream = config_.stream;
    record.stamp.counter = counter_++;
    record.stamp.sent_us = now.us;
    const size_t header = write_header(buffer_, record, level, false);
    const MutableBytes payload = MutableBytes{buffer_}.subspan(header, record.size);
    is_video() ? write_vp8(payload, record.stamp, record.vp8) : write_opus(payload, record.stamp);
    octets_ += record.size;
    if (!records_.empty()) records_[record.sequence % kRecordsKept] = record;
    return ByteView{buffer_}.first(header + record.size);
}

size_t MediaSender::write_header(MutableBytes out, const Record& record,
                                 const std::optional<wire::AudioLevel>& level, bool is_rtx) {
    StaticVector<wire::HeaderExtension, 3> extensions;
    const auto add = [&](uint8_t id, ByteView value) {
        if (id != 0 && !value.empty()) extensions.push_back({id, value});
    };
    if (is_rtx || counter_ < kNamedPackets) {
        add(accepted_.mid_extension, as_bytes(accepted_.mid));
        add(is_rtx ? accepted_.repaired_rid_extension : accepted_.rid_extension,
            as_bytes(config_.encoding.rid));
    }
    std::array<uint8_t, 1> level_byte{};
    if (level) {
        level_byte = wire::serialize_audio_level(*level);
        add(accepted_.audio_level_extension, level_byte);
    }
    wire::RtpHeader header;
    header.marker = record.marker;
    header.payload_type = !is_video() ? kOpusType : is_rtx ? kVp8RtxType : kVp8Type;
    header.sequence_number = SeqNo{is_rtx ? rtx_sequence_++ : record.sequence};
    header.timestamp = record.timestamp;
    header.ssrc = is_rtx ? config_.encoding.rtx_ssrc : config_.encoding.ssrc;
    return wire::write_rtp_header(out, header, {extensions.data(), extensions.size()});
}

std::optional<ByteView> MediaSender::retransmission(SeqNo sequence) {
    if (records_.empty()) return std::nullopt;
    const Record& record = records_[sequence.value % kRecordsKept];
    if (record.sequence != sequence.value || record.size == 0) return std::nullopt;
    size_t at = write_header(buffer_, record, std::nullopt, true);
    // RFC 4588 4: the original sequence number, then the payload.
    store_be16(buffer_.data() + at, sequence.value);
    at += 2;
    write_vp8(MutableBytes{buffer_}.subspan(at, record.size), record.stamp, record.vp8);
    return ByteView{buffer_}.first(at + record.size);
}

uint32_t MediaSender::timestamp_at(Instant now) const {
    const int64_t clock = is_video() ? kVideoClock : kAudioClock;
    // Audio counts its own packets: 960 samples each, whenever they get out.
    if (!is_video()) return first_timestamp_ + (frame_ - 1) * (kAudioClock / 50);
    return first_timestamp_ + static_cast<uint32_t>((now - started_).us * clock / 1'000'000);
}

wire::SenderInfo MediaSender::sender_info(Instant now, NtpTime ntp) const {
    return {ntp, timestamp_at(now), counter_, static_cast<uint32_t>(octets_)};
}

}  // namespace conclave::load
