#include "sctp/association.h"

#include <algorithm>

namespace conclave::sctp {

using wire::SctpChunk;
using wire::SctpChunkType;

namespace {

constexpr int kResetChunksMax = 4;       // RE-CONFIG chunks of one packet
constexpr int kRetransmissionsMax = 10;  // RFC 9260 16: Association.Max.Retrans

Config sane(Config config) {
    CHECK(config.mtu >= 512 && config.mtu <= 1500);
    config.mtu &= ~size_t{3};
    return config;
}

}  // namespace

Association::Association(const Config& config, Rng& rng)
    : config_(sane(config)),
      rng_(&rng),
      cookie_key_(rng),
      receive_(config_.receive_window, config_.max_receive_message),
      send_(config_.mtu, config_.send_buffer) {
    timers_.fill(Instant::never());
}

AssociationEvents Association::handle_packet(Instant now, ByteView bytes, TransmitQueue& out) {
    AssociationEvents events;
    receive_.release_delivered();
    if (state_ == State::Dead) return events;
    ++statistics_.packets_received;
    const auto packet = wire::parse_sctp_packet(bytes);
    if (!packet || packet->header.source_port != config_.remote_port ||
        packet->header.destination_port != config_.local_port) {
        ++statistics_.packets_dropped;
        return events;
    }
    replied_ = data_seen_ = false;
    resets_in_packet_ = 0;
    wire::SctpChunks chunks(packet->chunks);
    while (const auto chunk = chunks.next()) {
        if (!accepts_tag(packet->header.verification_tag, *chunk)) {
            ++statistics_.packets_dropped;
            break;
        }
        if (!handle_chunk(now, *packet, *chunk, events, out) || state_ == State::Dead) break;
    }
    if (!chunks.ok()) ++statistics_.packets_dropped;
    if (!has_peer()) return events;
    if (data_seen_) schedule_sack(now);
    if (const auto outcome = resets_.handle_progress(receive_.cumulative_tsn()))
        finish_resets(*outcome, events);
    flush(now, out);
    return events;
}

AssociationEvents Association::handle_timeout(Instant now, TransmitQueue& out) {
    AssociationEvents events;
    receive_.release_delivered();
    for (size_t t = 0; t < kTimers; ++t) {
        if (timers_[t] > now) continue;
        timers_[t] = Instant::never();
        expire(static_cast<Timer>(t), now, events, out);
    }
    if (has_peer()) flush(now, out);
    return events;
}

Instant Association::next_timeout() const {
    return *std::ranges::min_element(timers_);
}

Status Association::send(Instant now, const OutgoingMessage& message, ByteView payload, TransmitQueue& out) {
    if (state_ == State::Dead || state_ == State::ShutdownReceived || state_ == State::ShutdownAckSent)
        return failure("association is over");
    if (message.stream >= outgoing_streams_) return failure("no such stream");
    if (resets_.pending(message.stream)) return failure("stream is being reset");
    if (payload.empty() || payload.size() > config_.max_send_message) return failure("message size");
    if (!send_.push(message, payload)) return failure("send buffer full");
    if (has_peer()) flush(now, out);
    return Ok{};
}

void Association::reset_stream(Instant now, uint16_t stream, TransmitQueue& out) {
    if (stream >= outgoing_streams_ || state_ == State::Dead) return;
    resets_.request(stream);
    if (has_peer()) flush(now, out);
}

void Association::abort(TransmitQueue& out) {
    if (state_ == State::Dead) return;
    if (peer_tag_ != 0) send_chunk(SctpChunkType::Abort, 0, {}, out);
    AssociationEvents unreported;
    fail(FailureReason::PeerAborted, unreported);
}

bool Association::has_peer() const {
    return state_ == State::Established || state_ == State::ShutdownReceived;
}

void Association::expire(Timer t, Instant now, AssociationEvents& events, TransmitQueue& out) {
    switch (t) {
        case Timer::Handshake:
            return retry_handshake(now, events, out);
        case Timer::Retransmit:
            send_.handle_timeout(now);
            rto_.back_off();
            return count_error(events, out);
        case Timer::DelayedSack:
            sack_now_ = true;
            return;
        case Timer::Heartbeat:
            timer(Timer::Heartbeat) = now + kHeartbeatInterval;
            if (heartbeat_nonce_ != 0) count_error(events, out);
            if (state_ != State::Dead) send_heartbeat(now, out);
            return;
        case Timer::Reset:
            resets_.repeat();
            rto_.back_off();
            return count_error(events, out);
        case Timer::Shutdown:
            count_error(events, out);
            if (state_ != State::Dead) send_shutdown_ack(now, out);
            return;
        case Timer::Flush:
            return;
    }
}

// RFC 9260 8.5 and 8.5.1.
bool Association::accepts_tag(uint32_t tag, const SctpChunk& chunk) const {
    switch (chunk.type) {
        case SctpChunkType::Init:
            return tag == 0;
        case SctpChunkType::CookieEcho:
            return true;  // held against the cookie
        case SctpChunkType::Abort:
        case SctpChunkType::ShutdownComplete:
            if ((chunk.flags & wire::kSctpFlagReflectedTag) != 0) return peer_tag_ != 0 && tag == peer_tag_;
            return local_tag_ != 0 && tag == local_tag_;
        case SctpChunkType::Data:
        case SctpChunkType::InitAck:
        case SctpChunkType::Sack:
        case SctpChunkType::Heartbeat:
        case SctpChunkType::HeartbeatAck:
        case SctpChunkType::Shutdown:
        case SctpChunkType::ShutdownAck:
        case SctpChunkType::Error:
        case SctpChunkType::CookieAck:
        case SctpChunkType::ReConfig:
        case SctpChunkType::ForwardTsn:
            break;
    }
    return local_tag_ != 0 && tag == local_tag_;
}

bool Association::handle_chunk(Instant now, const wire::SctpPacket& packet, const SctpChunk& chunk,
                               AssociationEvents& events, TransmitQueue& out) {
    switch (chunk.type) {
        case SctpChunkType::Init:
            handle_init(now, packet, chunk, out);
            return false;
        case SctpChunkType::InitAck:
            handle_init_ack(now, chunk, out);
            return false;
        case SctpChunkType::CookieEcho:
            return handle_cookie_echo(now, packet, chunk, events, out);
        case SctpChunkType::CookieAck:
            if (state_ != State::CookieEchoed) return true;
            establish(now);
            events.emplace_back(Connected{});
            return true;
        case SctpChunkType::Abort:
            fail(FailureReason::PeerAborted, events);
            return false;
        case SctpChunkType::Error:
            handle_error(now, chunk, out);
            return true;
        case SctpChunkType::ShutdownComplete:
            if (state_ == State::ShutdownAckSent) fail(FailureReason::PeerShutDown, events);
            return false;
        case SctpChunkType::Data:
        case SctpChunkType::Sack:
        case SctpChunkType::Heartbeat:
        case SctpChunkType::HeartbeatAck:
        case SctpChunkType::Shutdown:
        case SctpChunkType::ShutdownAck:
        case SctpChunkType::ReConfig:
        case SctpChunkType::ForwardTsn:
            break;
    }
    if (!has_peer()) return false;
    switch (chunk.type) {
        case SctpChunkType::Data:
            handle_data(chunk, events, out);
            return true;
        case SctpChunkType::Sack:
            handle_sack(now, chunk, events, out);
            return true;
        case SctpChunkType::Heartbeat:
            handle_heartbeat(chunk, out);
            return true;
        case SctpChunkType::HeartbeatAck:
            handle_heartbeat_ack(now, chunk);
            return true;
        case SctpChunkType::Shutdown:
            handle_shutdown(now, chunk, events, out);
            return true;
        case SctpChunkType::ReConfig:
            handle_reconfig(chunk, events);
            return true;
        case SctpChunkType::ForwardTsn:
            handle_forward_tsn(chunk, events, out);
            return true;
        case SctpChunkType::ShutdownAck:  // we never send SHUTDOWN
        case SctpChunkType::Init:
        case SctpChunkType::InitAck:
        case SctpChunkType::CookieEcho:
        case SctpChunkType::CookieAck:
        case SctpChunkType::Abort:
        case SctpChunkType::Error:
        case SctpChunkType::ShutdownComplete:
            return true;
    }
    return handle_unknown(chunk, out);
}

void Association::handle_data(const SctpChunk& chunk, AssociationEvents& events, TransmitQueue& out) {
    const auto data = wire::parse_sctp_data(chunk);
    // RFC 9260 6.2: DATA without user data is answered with ABORT, and so is a cut header.
    if (!data) return violation(events, out);
    data_seen_ = true;
    if (data->immediate) sack_now_ = true;
    ReceiveBuffer::Verdict verdict = ReceiveBuffer::Verdict::Dropped;
    if (data->stream < kStreamsMax) {
        std::vector<Message> messages;
        verdict = receive_.add(*data, messages);
        deliver(messages, events);
    } else {
        // RFC 9260 6.5: acknowledged, reported, not delivered.
        verdict = receive_.discard(data->tsn);
        ++statistics_.chunks_dropped;
        const std::array<uint8_t, 4> cause{static_cast<uint8_t>(data->stream >> 8),
                                           static_cast<uint8_t>(data->stream), 0, 0};
        if (!replied_) send_error(peer_tag_, wire::SctpCause::InvalidStream, cause, out);
        replied_ = true;
    }
    if (verdict == ReceiveBuffer::Verdict::Violation) return violation(events, out);
    if (verdict == ReceiveBuffer::Verdict::Accepted) return;
    ++statistics_.chunks_dropped;
    sack_now_ = true;
}

void Association::handle_sack(Instant now, const SctpChunk& chunk, AssociationEvents& events,
                              TransmitQueue& out) {
    const auto sack = wire::parse_sctp_sack(chunk);
    if (!sack) return violation(events, out);
    take_acknowledgement(now, send_.acknowledge(now, *sack), events, out);
}

void Association::take_acknowledgement(Instant now, const SendQueue::Acknowledgement& result,
                                       AssociationEvents& events, TransmitQueue& out) {
    if (result.violation) return violation(events, out);
    if (result.round_trip) rto_.measure(*result.round_trip);
    // A closed window is no failure of the far side (RFC 9260 6.1 A).
    if (result.news || result.advanced || send_.window_closed()) errors_ = 0;
    // RFC 9260 6.3.2 R2, R3.
    if (!send_.in_flight())
        timer(Timer::Retransmit) = Instant::never();
    else if (result.advanced)
        timer(Timer::Retransmit) = now + rto_.rto();
    if (state_ == State::ShutdownReceived && send_.empty()) send_shutdown_ack(now, out);
}

void Association::handle_forward_tsn(const SctpChunk& chunk, AssociationEvents& events, TransmitQueue& out) {
    const auto forward = wire::parse_sctp_forward_tsn(chunk);
    if (!forward) return violation(events, out);
    std::vector<Message> messages;
    data_seen_ = true;
    // RFC 3758 3.6: out of date means our SACK was lost.
    if (!receive_.forward(*forward, messages)) sack_now_ = true;
    deliver(messages, events);
}

void Association::handle_reconfig(const SctpChunk& chunk, AssociationEvents& events) {
    // Each may name all streams: more than a far side has reason to send is dropped unread.
    const bool excessive = ++resets_in_packet_ > kResetChunksMax;
    const auto outcome = excessive ? std::nullopt : resets_.handle(chunk, receive_.cumulative_tsn());
    if (outcome)
        finish_resets(*outcome, events);
    else
        ++statistics_.chunks_dropped;
}

void Association::finish_resets(const StreamResets::Outcome& outcome, AssociationEvents& events) {
    for (const uint16_t stream : outcome.incoming) {
        receive_.reset(stream);
        events.emplace_back(IncomingReset{stream});
    }
    if (outcome.all_incoming) {
        receive_.reset_all();
        for (uint16_t stream = 0; stream < kStreamsMax; ++stream) events.emplace_back(IncomingReset{stream});
    }
    for (const OutgoingReset& reset : outcome.outgoing) {
        if (reset.performed) send_.restart_stream(reset.stream);
        events.emplace_back(reset);
    }
    if (!outcome.outgoing.empty()) {
        timer(Timer::Reset) = Instant::never();
        errors_ = 0;
    }
    for (const uint16_t stream : outcome.requested)
        if (stream < outgoing_streams_) resets_.request(stream);
    if (outcome.all_requested)
        for (uint16_t stream = 0; stream < outgoing_streams_; ++stream) resets_.request(stream);
}

// The information is echoed whole (RFC 9260 3.3.6).
void Association::handle_heartbeat(const SctpChunk& chunk, TransmitQueue& out) {
    if (replied_ || chunk.value.empty()) return;
    replied_ = true;
    send_chunk(SctpChunkType::HeartbeatAck, 0, chunk.value, out);
}

void Association::handle_heartbeat_ack(Instant now, const SctpChunk& chunk) {
    wire::SctpParameters parameters(chunk.value);
    const auto info = parameters.next();
    if (!info || info->value.size() != 8 || heartbeat_nonce_ == 0 ||
        load_be64(info->value.data()) != heartbeat_nonce_)
        return;
    heartbeat_nonce_ = 0;
    errors_ = 0;
    rto_.measure(now - heartbeat_sent_at_);
}

// Only one error asks for something: a stale cookie, for which we start over (RFC 9260 5.2.6).
void Association::handle_error(Instant now, const SctpChunk& chunk, TransmitQueue& out) {
    wire::SctpParameters causes(chunk.value);
    const auto cause = causes.next();
    if (state_ != State::CookieEchoed || !cause ||
        static_cast<uint16_t>(cause->type) != static_cast<uint16_t>(wire::SctpCause::StaleCookie))
        return;
    state_ = State::CookieWait;
    peer_tag_ = 0;
    send_init(out);
    timer(Timer::Handshake) = now + rto_.rto();
}

bool Association::handle_unknown(const SctpChunk& chunk, TransmitQueue& out) {
    if (wire::sctp_unknown_is_reported(chunk.type) && !replied_) {
        replied_ = true;
        // The start of a long one says enough.
        send_error(peer_tag_, wire::SctpCause::UnrecognizedChunk,
                   chunk.raw.first(std::min<size_t>(chunk.raw.size(), 64)), out);
    }
    ++statistics_.chunks_dropped;
    return wire::sctp_unknown_is_skipped(chunk.type);
}

void Association::handle_shutdown(Instant now, const SctpChunk& chunk, AssociationEvents& events,
                                  TransmitQueue& out) {
    const auto cumulative = wire::parse_sctp_shutdown(chunk);
    if (!cumulative) return violation(events, out);
    state_ = State::ShutdownReceived;
    take_acknowledgement(now, send_.acknowledge(now, *cumulative), events, out);
}

void Association::deliver(const std::vector<Message>& messages, AssociationEvents& events) {
    statistics_.messages_received += messages.size();
    events.insert(events.end(), messages.begin(), messages.end());
}

void Association::fail(FailureReason reason, AssociationEvents& events) {
    if (state_ == State::Dead) return;
    state_ = State::Dead;
    timers_.fill(Instant::never());
    events.emplace_back(Failed{reason});
}

void Association::violation(AssociationEvents& events, TransmitQueue& out) {
    abort(out);
    events.emplace_back(Failed{FailureReason::ProtocolViolation});
}

void Association::count_error(AssociationEvents& events, TransmitQueue& out) {
    if (state_ == State::Dead || ++errors_ <= kRetransmissionsMax) return;
    abort(out);
    events.emplace_back(Failed{FailureReason::TooManyRetransmissions});
}

}  // namespace conclave::sctp
