// How an association comes to be: INIT, INIT ACK, COOKIE ECHO, COOKIE ACK (RFC 9260 5).
#include <algorithm>

#include "sctp/association.h"

namespace conclave::sctp {

using wire::SctpChunk;
using wire::SctpChunkType;
using wire::SctpParameterType;
using wire::SctpWriter;

namespace {

constexpr int kHandshakeRetriesMax = 8;      // RFC 9260 16: Max.Init.Retransmits
constexpr uint32_t kPeerWindowMin = 1500;    // RFC 9260 3.3.2
constexpr size_t kUnrecognizedMax = 8;       // parameters reported in one INIT ACK...
constexpr size_t kUnrecognizedSizeMax = 64;  // ...of this size at most

struct InitParameters {
    bool forwards = false;
    bool resets = false;
    ByteView cookie;
    std::array<ByteView, kUnrecognizedMax> unrecognized;
    size_t unrecognized_count = 0;
};

bool is_known(SctpParameterType type) {
    constexpr std::array<uint16_t, 4> kHarmless{5, 6, 9, 12};  // addresses, cookie life, address types
    return type == SctpParameterType::StateCookie || type == SctpParameterType::UnrecognizedParameter ||
           std::ranges::find(kHarmless, static_cast<uint16_t>(type)) != kHarmless.end();
}

InitParameters parse_parameters(ByteView bytes) {
    InitParameters found;
    wire::SctpParameters parameters(bytes);
    while (const auto parameter = parameters.next()) {
        if (parameter->type == SctpParameterType::ForwardTsnSupported) {
            found.forwards = true;
        } else if (parameter->type == SctpParameterType::SupportedExtensions) {
            for (const uint8_t type : parameter->value) {
                if (type == static_cast<uint8_t>(SctpChunkType::ForwardTsn)) found.forwards = true;
                if (type == static_cast<uint8_t>(SctpChunkType::ReConfig)) found.resets = true;
            }
        } else if (parameter->type == SctpParameterType::StateCookie) {
            found.cookie = parameter->value;
        } else if (!is_known(parameter->type)) {
            if (wire::sctp_unknown_is_reported(parameter->type) &&
                found.unrecognized_count < kUnrecognizedMax && parameter->raw.size() <= kUnrecognizedSizeMax)
                found.unrecognized[found.unrecognized_count++] = parameter->raw;
            if (!wire::sctp_unknown_is_skipped(parameter->type)) break;
        }
    }
    return found;
}

bool is_acceptable(const wire::SctpInit& init) {
    return init.tag != 0 && init.outgoing_streams != 0 && init.incoming_streams != 0 &&
           init.receive_window >= kPeerWindowMin;
}

}  // namespace

void Association::connect(Instant now, TransmitQueue& out) {
    if (state_ != State::Closed) return;
    local_tag_ = fresh_tag();
    local_initial_tsn_ = rng_->u32();
    state_ = State::CookieWait;
    send_init(out);
    timer(Timer::Handshake) = now + rto_.rto();
}

uint32_t Association::fresh_tag() {
    for (;;) {
        const uint32_t tag = rng_->u32();
        if (tag != 0 && tag != local_tag_) return tag;
    }
}

void Association::write_init(SctpWriter& writer, SctpChunkType type, uint32_t tag, uint32_t tsn) {
    constexpr std::array<uint8_t, 2> kExtensions{static_cast<uint8_t>(SctpChunkType::ReConfig),
                                                 static_cast<uint8_t>(SctpChunkType::ForwardTsn)};
    writer.begin_init(
        type, {tag, static_cast<uint32_t>(config_.receive_window), kStreamsMax, kStreamsMax, tsn, {}});
    writer.parameter(SctpParameterType::SupportedExtensions, kExtensions);
    writer.parameter(SctpParameterType::ForwardTsnSupported, {});
}

void Association::send_init(TransmitQueue& out) {
    const MutableBytes room = out.reserve(config_.mtu);
    if (room.empty()) return;
    SctpWriter writer(room, header(0));
    write_init(writer, SctpChunkType::Init, local_tag_, local_initial_tsn_);
    writer.end_chunk();
    commit(writer, out);
}

void Association::retry_handshake(Instant now, AssociationEvents& events, TransmitQueue& out) {
    if (state_ != State::CookieWait && state_ != State::CookieEchoed) return;
    if (++handshake_retries_ > kHandshakeRetriesMax)
        return fail(FailureReason::TooManyRetransmissions, events);
    rto_.back_off();
    timer(Timer::Handshake) = now + rto_.rto();
    if (state_ == State::CookieWait) return send_init(out);
    send_chunk(SctpChunkType::CookieEcho, 0, cookie_echo_, out);
}

// Answered without keeping anything: all of it goes into the cookie. Which tag and TSN we offer
// depends on what exists already (RFC 9260 5.2.1, 5.2.2).
void Association::handle_init(Instant now, const wire::SctpPacket& packet, const SctpChunk& chunk,
                              TransmitQueue& out) {
    const auto init = wire::parse_sctp_init(chunk);
    const bool alone = packet.chunks.size() < chunk.raw.size() + 4;
    if (!init || !alone || !is_acceptable(*init)) {
        ++statistics_.packets_dropped;
        return;
    }
    if (state_ == State::ShutdownAckSent) return send_chunk(SctpChunkType::ShutdownAck, 0, {}, out);
    const InitParameters parameters = parse_parameters(init->parameters);
    const bool setting_up = state_ == State::CookieWait || state_ == State::CookieEchoed;
    Cookie cookie;
    cookie.local_tag = setting_up ? local_tag_ : fresh_tag();
    cookie.local_initial_tsn = setting_up ? local_initial_tsn_ : rng_->u32();
    cookie.peer_tag = init->tag;
    cookie.peer_initial_tsn = init->initial_tsn;
    cookie.peer_window = init->receive_window;
    cookie.outgoing_streams = std::min(kStreamsMax, init->incoming_streams);
    cookie.peer_forwards = parameters.forwards;
    cookie.peer_resets = parameters.resets;
    cookie.created = now;
    if (state_ != State::Closed && state_ != State::CookieWait) {
        cookie.local_tie_tag = local_tag_;
        cookie.peer_tie_tag = peer_tag_;
    }
    const MutableBytes room = out.reserve(config_.mtu);
    if (room.empty()) return;
    SctpWriter writer(room, header(init->tag));
    write_init(writer, SctpChunkType::InitAck, cookie.local_tag, cookie.local_initial_tsn);
    writer.parameter(SctpParameterType::StateCookie, cookie_key_.seal(cookie));
    for (size_t i = 0; i < parameters.unrecognized_count; ++i)
        writer.parameter(SctpParameterType::UnrecognizedParameter, parameters.unrecognized[i]);
    writer.end_chunk();
    commit(writer, out);
}

void Association::handle_init_ack(Instant now, const SctpChunk& chunk, TransmitQueue& out) {
    const auto init = wire::parse_sctp_init(chunk);
    if (state_ != State::CookieWait || !init || !is_acceptable(*init)) return;
    const InitParameters parameters = parse_parameters(init->parameters);
    const size_t cookie_max = config_.mtu - wire::kSctpHeaderSize - wire::kSctpChunkHeaderSize - 3;
    if (parameters.cookie.empty() || parameters.cookie.size() > cookie_max) return;
    Cookie agreed;
    agreed.local_tag = local_tag_;
    agreed.local_initial_tsn = local_initial_tsn_;
    agreed.peer_tag = init->tag;
    agreed.peer_initial_tsn = init->initial_tsn;
    agreed.peer_window = init->receive_window;
    agreed.outgoing_streams = std::min(kStreamsMax, init->incoming_streams);
    agreed.peer_forwards = parameters.forwards;
    agreed.peer_resets = parameters.resets;
    adopt(agreed);
    cookie_echo_.assign(parameters.cookie.begin(), parameters.cookie.end());
    state_ = State::CookieEchoed;
    handshake_retries_ = 0;
    send_chunk(SctpChunkType::CookieEcho, 0, cookie_echo_, out);
    timer(Timer::Handshake) = now + rto_.rto();
}

bool Association::handle_cookie_echo(Instant now, const wire::SctpPacket& packet, const SctpChunk& chunk,
                                     AssociationEvents& events, TransmitQueue& out) {
    const auto cookie = cookie_key_.open(chunk.value);
    if (!cookie || cookie->local_tag != packet.header.verification_tag ||
        !accepts_cookie(now, *cookie, events, out)) {
        ++statistics_.cookies_refused;
        return false;
    }
    send_chunk(SctpChunkType::CookieAck, 0, {}, out);
    return true;
}

// RFC 9260 5.2.4, table 12. The letters are the table's.
bool Association::accepts_cookie(Instant now, const Cookie& cookie, AssociationEvents& events,
                                 TransmitQueue& out) {
    const bool same_local = local_tag_ != 0 && cookie.local_tag == local_tag_;
    const bool same_peer = peer_tag_ != 0 && cookie.peer_tag == peer_tag_;
    const bool setting_up = state_ == State::CookieWait || state_ == State::CookieEchoed;
    if (same_local && same_peer) {  // D: the handshake, or its repetition
        if (setting_up) {
            establish(now);
            events.emplace_back(Connected{});
        }
        return has_peer();
    }
    const Duration age = now - cookie.created;
    if (age < Duration{} || age > kCookieLife) {
        std::array<uint8_t, 4> staleness{};
        store_be32(staleness.data(), static_cast<uint32_t>((age - kCookieLife).us));
        send_error(cookie.peer_tag, wire::SctpCause::StaleCookie, staleness, out);
        return false;
    }
    if (state_ == State::Closed || (same_local && setting_up)) {  // first contact; B: both sent INIT
        adopt(cookie);
        establish(now);
        events.emplace_back(Connected{});
        return true;
    }
    // A: the far side lost its state. The tie tags prove that the cookie was made for this association.
    const bool tied = cookie.local_tie_tag == local_tag_ && cookie.peer_tie_tag == peer_tag_;
    if (has_peer() && !same_local && !same_peer && tied) {
        send_ = SendQueue(config_.mtu, config_.send_buffer);
        resets_ = StreamResets();
        adopt(cookie);
        establish(now);
        events.emplace_back(Restarted{});
        return true;
    }
    return false;  // C: late, and everything that makes no sense
}

void Association::adopt(const Cookie& cookie) {
    local_tag_ = cookie.local_tag;
    peer_tag_ = cookie.peer_tag;
    local_initial_tsn_ = cookie.local_initial_tsn;
    outgoing_streams_ = cookie.outgoing_streams;
    peer_resets_ = cookie.peer_resets;
    receive_.start(cookie.peer_initial_tsn);
    send_.start(cookie.local_initial_tsn, cookie.peer_window, cookie.peer_forwards);
    resets_.start(cookie.local_initial_tsn, cookie.peer_initial_tsn);
}

void Association::establish(Instant now) {
    state_ = State::Established;
    timers_.fill(Instant::never());
    timer(Timer::Heartbeat) = now + kHeartbeatInterval;
    cookie_echo_.clear();
    errors_ = 0;
    heartbeat_nonce_ = 0;
    packets_since_sack_ = 0;
    sack_now_ = false;
}

}  // namespace conclave::sctp
