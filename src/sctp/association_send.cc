// What an association sends: data, acknowledgements, replies.
#include <algorithm>

#include "sctp/association.h"

namespace conclave::sctp {

using wire::SctpChunkType;
using wire::SctpWriter;

namespace {

constexpr Duration kSackDelay = Duration::millis(200);  // RFC 9260 6.2
// Packets of one turn: a late acknowledgement must not release a whole window at once. More goes out
// with the next one (RFC 9260 6.1 D proposes 4; the pacing of a data channel need not be that strict).
constexpr int kBurstMax = 32;
// The queue was full: try again when its owner has certainly flushed it.
constexpr Duration kFullQueueDelay = Duration::millis(5);

}  // namespace

void Association::flush(Instant now, TransmitQueue& out) {
    if (peer_resets_)
        resets_.collect([&](uint16_t stream) { return send_.buffered(stream) == 0; }, send_.last_tsn());
    for (int i = 0; i < kBurstMax && write_packet(now, out); ++i) {
    }
    Instant& retransmit = timer(Timer::Retransmit);
    if (!send_.in_flight())
        retransmit = Instant::never();
    else if (retransmit.is_never())
        retransmit = now + rto_.rto();
    Instant& reset = timer(Timer::Reset);
    if (!resets_.awaiting_response())
        reset = Instant::never();
    else if (reset.is_never())
        reset = now + rto_.rto();
}

bool Association::write_packet(Instant now, TransmitQueue& out) {
    const bool has_data = send_.has_output();
    if (!has_data && !sack_now_ && !send_.forward_due() && !resets_.has_output()) return false;
    const MutableBytes room = out.reserve(config_.mtu);
    if (room.empty()) {
        timer(Timer::Flush) = now + kFullQueueDelay;
        return false;
    }
    SctpWriter writer(room, header(peer_tag_));
    if (sack_now_ || (has_data && packets_since_sack_ > 0)) write_sack(writer);
    send_.write_forward_tsn(writer);
    resets_.write(writer);
    send_.fill(now, writer);
    if (writer.empty()) return false;
    commit(writer, out);
    return true;
}

void Association::write_sack(SctpWriter& writer) {
    constexpr size_t kFixedSize = 16;
    std::vector<uint32_t>& duplicates = receive_.duplicates();
    const std::vector<wire::SctpGap>& gaps = receive_.gaps();
    const size_t room = (writer.room() - kFixedSize) / 4;
    const size_t gap_count = std::min(gaps.size(), room);
    const size_t duplicate_count = std::min(duplicates.size(), room - gap_count);
    writer.sack(receive_.cumulative_tsn(), receive_.window(), std::span(gaps).first(gap_count),
                std::span(duplicates).first(duplicate_count));
    duplicates.clear();
    packets_since_sack_ = 0;
    sack_now_ = false;
    timer(Timer::DelayedSack) = Instant::never();
}

// RFC 9260 6.2: every second packet, or after a delay; at once when something is missing.
void Association::schedule_sack(Instant now) {
    ++packets_since_sack_;
    if (packets_since_sack_ >= 2 || receive_.has_gaps()) sack_now_ = true;
    Instant& delayed = timer(Timer::DelayedSack);
    if (!sack_now_ && delayed.is_never()) delayed = now + kSackDelay;
}

void Association::send_chunk(SctpChunkType type, uint8_t flags, ByteView value, TransmitQueue& out) {
    const MutableBytes room = out.reserve(config_.mtu);
    if (room.empty()) return;
    SctpWriter writer(room, header(peer_tag_));
    writer.chunk(type, flags, value);
    commit(writer, out);
}

void Association::send_error(uint32_t tag, wire::SctpCause cause, ByteView value, TransmitQueue& out) {
    const MutableBytes room = out.reserve(config_.mtu);
    if (room.empty()) return;
    SctpWriter writer(room, header(tag));
    writer.begin_chunk(SctpChunkType::Error, 0);
    writer.cause(cause, value);
    writer.end_chunk();
    commit(writer, out);
}

void Association::send_heartbeat(Instant now, TransmitQueue& out) {
    const MutableBytes room = out.reserve(config_.mtu);
    if (room.empty()) return;
    heartbeat_nonce_ = rng_->u64() | 1;  // never zero
    heartbeat_sent_at_ = now;
    std::array<uint8_t, 8> nonce;
    store_be64(nonce.data(), heartbeat_nonce_);
    SctpWriter writer(room, header(peer_tag_));
    writer.begin_chunk(SctpChunkType::Heartbeat, 0);
    writer.parameter(wire::SctpParameterType::HeartbeatInfo, nonce);
    writer.end_chunk();
    commit(writer, out);
}

void Association::send_shutdown_ack(Instant now, TransmitQueue& out) {
    state_ = State::ShutdownAckSent;
    timers_.fill(Instant::never());
    timer(Timer::Shutdown) = now + rto_.rto();
    send_chunk(SctpChunkType::ShutdownAck, 0, {}, out);
}

void Association::commit(SctpWriter& writer, TransmitQueue& out) {
    const ByteView packet = writer.finish();
    // A reply that quotes more than fits is not sent.
    if (packet.empty()) return;
    out.commit(Path{}, packet.size());
    ++statistics_.packets_sent;
}

}  // namespace conclave::sctp
