#include "sfu/rewriter.h"

#include <algorithm>
#include <utility>

namespace conclave::sfu {

namespace {

// Sender reports that put the new source further ahead than this are wrong.
constexpr int64_t kStepMaxUs = 1'000'000;

// The value nearest to `reference` that has these low bits.
int64_t unwrap(int64_t reference, uint16_t value, int bits) {
    const int64_t period = int64_t{1} << bits;
    const int64_t ahead = (value - reference) & (period - 1);
    return reference + (ahead < period / 2 ? ahead : ahead - period);
}

KeptPacket fields_of(const Packet& packet) {
    KeptPacket fields{packet.timestamp, packet.marker, packet.vp8, std::nullopt};
    if (packet.dependencies) fields.frame_number = static_cast<uint16_t>(packet.dependencies->frame_number);
    return fields;
}

bool is_ahead(uint32_t timestamp, uint32_t of) {
    return static_cast<int32_t>(timestamp - of) > 0;
}

}  // namespace

Rewriter::Rewriter(SeqNo first_sequence, uint32_t first_timestamp, uint32_t clock_rate, size_t segments)
    : older_max_(segments - 1),
      // One turn up, so that a reordered packet before the first never maps below zero.
      newest_out_(65536 + first_sequence.value - 1),
      newest_timestamp_(first_timestamp),
      clock_rate_(clock_rate) {}

const Rewriter::Segment& Rewriter::segment(size_t back) const {
    return back == 0 ? newest_ : older_[(older_count_ - back) % older_max_];
}

void Rewriter::push(const Segment& next) {
    if (is_started_) {
        if (older_.size() < older_max_) older_.emplace_back();
        older_[older_count_++ % older_max_] = newest_;
    }
    newest_ = next;
    is_started_ = true;
}

uint32_t Rewriter::step_to(Instant now, const Packet& packet, std::optional<uint32_t> clock_step) const {
    const int64_t elapsed_us = std::max<int64_t>((now - newest_at_).us, 1000);
    const auto ticks = [this](int64_t us) { return us * clock_rate_ / 1'000'000; };
    if (!clock_step) return static_cast<uint32_t>(ticks(elapsed_us));
    const uint32_t aligned = packet.timestamp + *clock_step + newest_.timestamp_offset;
    const auto step = static_cast<int32_t>(aligned - newest_timestamp_);
    if (step > ticks(elapsed_us + kStepMaxUs)) return static_cast<uint32_t>(ticks(elapsed_us));
    // The picture sent last, once more: a decoder would take an equal timestamp for the same frame.
    return std::max<uint32_t>(static_cast<uint32_t>(std::max(step, 0)), static_cast<uint32_t>(ticks(1000)));
}

void Rewriter::start(Instant now, const Packet& packet, std::optional<uint32_t> clock_step) {
    Segment next;
    next.source = packet.source;
    next.encoding = packet.encoding;
    next.first_in = packet.sequence.value;
    next.newest_in = packet.sequence.value - 1;
    next.offset = newest_out_ + 1 - packet.sequence.value;
    if (!is_started_) {
        next.timestamp_offset = newest_timestamp_ - packet.timestamp;
    } else if (newest_.source == packet.source) {
        // The publisher's clock ran on during the pause: keeping the offset keeps lip-sync.
        next.timestamp_offset = newest_.timestamp_offset;
    } else {
        next.timestamp_offset = newest_timestamp_ + step_to(now, packet, clock_step) - packet.timestamp;
    }
    if (packet.vp8) {
        const wire::Vp8Descriptor& vp8 = *packet.vp8;
        next.newest_picture = vp8.picture_id.value_or(0);
        if (is_started_) {
            next.picture_offset = newest_ids_.picture_id + 1 - next.newest_picture;
            next.tl0_offset = static_cast<uint8_t>(newest_ids_.tl0_pic_idx + 1 - vp8.tl0_pic_idx.value_or(0));
            next.key_offset = static_cast<uint8_t>(newest_ids_.key_index + 1 - vp8.key_index.value_or(0));
        }
        newest_picture_ = next.newest_picture;
        picture_offset_ = next.picture_offset;
    }
    if (packet.dependencies && is_started_) {
        next.frame_offset =
            static_cast<uint16_t>(newest_frame_number_ + 1 - packet.dependencies->frame_number);
    }
    push(next);
    dropped_until_ = next.newest_in;
}

// After a drop the same source goes on, all its numbers that much lower.
void Rewriter::continue_at(int64_t first_in) {
    Segment next = newest_;
    next.first_in = first_in;
    next.newest_in = first_in - 1;
    next.offset = newest_out_ + 1 - first_in;
    next.picture_offset = picture_offset_;
    push(next);
}

void Rewriter::advance_to(int64_t out) {
    for (int64_t i = std::max(newest_out_ + 1, out - kFlags + 1); i <= out; ++i) {
        marked_.reset(i);
        withheld_.reset(i);
    }
    newest_out_ = out;
}

int64_t Rewriter::picture_of(const Segment& segment, const wire::Vp8Descriptor& vp8) {
    if (!vp8.picture_id) return segment.newest_picture;
    return unwrap(segment.newest_picture, *vp8.picture_id, vp8.has_long_picture_id ? 15 : 7);
}

void Rewriter::number(const Segment& segment, const KeptPacket& packet, Sent& sent) {
    sent.timestamp = packet.timestamp + segment.timestamp_offset;
    if (packet.vp8) {
        wire::Vp8Ids ids;
        ids.picture_id =
            static_cast<uint16_t>((picture_of(segment, *packet.vp8) + segment.picture_offset) & 0x7fff);
        ids.tl0_pic_idx = static_cast<uint8_t>(packet.vp8->tl0_pic_idx.value_or(0) + segment.tl0_offset);
        ids.key_index = (packet.vp8->key_index.value_or(0) + segment.key_offset) & 0x1f;
        sent.vp8 = ids;
    }
    if (packet.frame_number) {
        sent.frame_number = static_cast<uint16_t>(*packet.frame_number + segment.frame_offset);
    }
}

std::optional<Rewriter::Sent> Rewriter::map(Instant now, const Packet& packet, bool marker) {
    const int64_t in = packet.sequence.value;
    Sent sent;
    sent.marker = marker;
    if (is_started_ && newest_.source == packet.source && in > std::max(newest_.newest_in, dropped_until_)) {
        if (dropped_until_ > newest_.newest_in) continue_at(dropped_until_ + 1);
        newest_.newest_in = in;
        sent.sequence = {in + newest_.offset};
        advance_to(sent.sequence.value);
        number(newest_, fields_of(packet), sent);
        if (sent.vp8) {
            newest_.newest_picture = std::max(newest_.newest_picture, picture_of(newest_, *packet.vp8));
            newest_picture_ = std::max(newest_picture_, newest_.newest_picture);
            newest_ids_ = *sent.vp8;
        }
        if (sent.frame_number) newest_frame_number_ = *sent.frame_number;
        if (is_ahead(sent.timestamp, newest_timestamp_)) newest_timestamp_ = sent.timestamp;
        newest_at_ = now;
    } else {
        const Segment* segment = find_published(packet);
        if (!segment) return std::nullopt;
        sent.sequence = {in + segment->offset};
        number(*segment, fields_of(packet), sent);
    }
    if (marker && is_remembered(sent.sequence.value)) marked_.set(sent.sequence.value);
    return sent;
}

void Rewriter::drop(const Packet& packet) {
    if (!is_started_ || newest_.source != packet.source) return;
    const int64_t in = packet.sequence.value;
    const int64_t seen = std::max(newest_.newest_in, dropped_until_);
    if (in <= seen) {
        // Its number is a hole by now, or between the segments.
        const Segment* segment = find_published(packet);
        if (!segment) return;
        const int64_t out = in + segment->offset;
        if (is_remembered(out)) withheld_.set(out);
        return;
    }
    const bool is_dropping = dropped_until_ > newest_.newest_in;
    // What is missing in the midst of a picture that is left out would have been left out as well; any other
    // hole may belong to what is sent.
    const bool is_same_picture = is_dropping && packet.timestamp == dropped_timestamp_;
    if (in > seen + 1 && !is_same_picture) {
        if (is_dropping) continue_at(dropped_until_ + 1);
        newest_.newest_in = in - 1;
        advance_to(in - 1 + newest_.offset);
    }
    dropped_until_ = in;
    dropped_timestamp_ = packet.timestamp;
    if (packet.vp8 && packet.vp8->picture_id) {
        Segment at = newest_;
        at.newest_picture = newest_picture_;
        const int64_t picture = picture_of(at, *packet.vp8);
        if (picture > newest_picture_) {
            newest_picture_ = picture;
            --picture_offset_;
        }
    }
}

const Rewriter::Segment* Rewriter::find_published(const Packet& packet) const {
    for (size_t back = 0; back < segments(); ++back) {
        const Segment& candidate = segment(back);
        if (candidate.source != packet.source || packet.sequence.value < candidate.first_in) continue;
        return packet.sequence.value > candidate.newest_in ? nullptr : &candidate;
    }
    return nullptr;
}

const Rewriter::Segment* Rewriter::find_sent(int64_t sent) const {
    if (is_remembered(sent) && withheld_.test(sent)) return nullptr;
    for (size_t back = 0; back < segments(); ++back) {
        const Segment& candidate = segment(back);
        const int64_t in = sent - candidate.offset;
        if (in < candidate.first_in) continue;
        return in > candidate.newest_in ? nullptr : &candidate;
    }
    return nullptr;
}

std::optional<Rewriter::Origin> Rewriter::origin(ExtSeqNo sent) const {
    const Segment* segment = find_sent(sent.value);
    if (!segment) return std::nullopt;
    return Origin{segment->encoding, segment->source, {sent.value - segment->offset}};
}

std::optional<Rewriter::Sent> Rewriter::again(ExtSeqNo sent, const KeptPacket& kept) const {
    const Segment* segment = find_sent(sent.value);
    if (!segment) return std::nullopt;
    Sent result;
    result.sequence = sent;
    result.marker = kept.marker || (is_remembered(sent.value) && marked_.test(sent.value));
    number(*segment, kept, result);
    return result;
}

std::optional<uint32_t> Rewriter::map_timestamp(uint32_t source, uint32_t timestamp) const {
    if (!is_started_ || newest_.source != source) return std::nullopt;
    return timestamp + newest_.timestamp_offset;
}

}  // namespace conclave::sfu
