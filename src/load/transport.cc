#include "load/transport.h"

#include <array>

#include "wire/demux.h"

namespace conclave::load {
namespace {

constexpr Duration kCertificateLife = Duration::seconds(30LL * 24 * 3600);
// Two for each track and two kinds of report: as many as the server offers sections for.
constexpr size_t kReceiveSsrcMax = 2048;

// SCTP's packets wait here for a DTLS record each; used and emptied within one call.
TransmitQueue& sctp_queue() {
    thread_local TransmitQueue queue(256, 400'000);
    return queue;
}

}  // namespace

Result<Identity> Identity::create(WallTime now) {
    auto certificate = TRY(
        crypto::Certificate::create_for_dtls({now + Duration::seconds(-24 * 3600), now + kCertificateLife}));
    auto context = TRY(crypto::DtlsContext::create(certificate));
    return Identity{std::move(certificate), std::move(context)};
}

Transport::Transport(uint16_t socket_index, bool offers, const Identity& identity, Rng& rng)
    : socket_index_(socket_index), identity_(identity), rng_(rng), ice_(socket_index, offers, rng) {}

Status Transport::open(const SocketAddress& server) {
    port_ = TRY(UdpPort::open(server));
    return Ok{};
}

LocalTransport Transport::local() const {
    return {ice_.ufrag(), ice_.pwd(), identity_.certificate.fingerprint_sha256()};
}

void Transport::use_data(bool opens) {
    uses_data_ = true;
    opens_channels_ = opens;
}

Status Transport::set_remote(Instant now, const RemoteDescription& remote, TransmitQueue& tx) {
    ice_.set_remote(remote.ufrag, remote.pwd);
    if (remote.is_lite) ice_.set_controlling(true);
    for (const wire::Candidate& candidate : remote.candidates) add_candidate(candidate);
    if (!dtls_) {
        // RFC 5763 5: with an offer of ours the answer decides; a server's offer is answered "active".
        role_ = remote.setup == wire::SetupRole::Active ? dtls::Role::Server : dtls::Role::Client;
        TRY(start_dtls(role_, remote.fingerprint));
        begin_handshake(now, tx);
    }
    return Ok{};
}

void Transport::add_candidate(const wire::Candidate& candidate) {
    const auto address = SocketAddress::parse(candidate.address, candidate.port);
    if (address && port_ && address->is_v4() == port_->is_v4()) ice_.add_candidate(candidate);
}

Status Transport::start_dtls(dtls::Role role, const wire::Fingerprint& fingerprint) {
    dtls_ = TRY(dtls::Transport::create(identity_.context, role));
    for (const dtls::Event& event : dtls_->set_remote_fingerprint(fingerprint.algorithm, fingerprint.value)) {
        if (event.kind == dtls::Event::Kind::Failed) return failure("DTLS: the fingerprint is of no use");
    }
    return Ok{};
}

void Transport::begin_handshake(Instant now, TransmitQueue& tx) {
    if (is_handshaking_ || !dtls_ || !ice_.selected()) return;
    is_handshaking_ = true;
    port_->connect(*ice_.selected());
    dtls_->start(now, path(), tx);
}

Transport::Arrived Transport::handle_datagram(Instant now, const Datagram& datagram, TransmitQueue& tx) {
    switch (wire::classify(datagram.bytes)) {
        case wire::DatagramKind::Stun:
            ice_.handle_datagram(now, datagram.from, datagram.bytes, tx);
            begin_handshake(now, tx);
            return {};
        case wire::DatagramKind::Dtls:
            if (!dtls_ || !ice_.selected()) return {};
            return handle_dtls(now, dtls::handle_datagram_in_place(*dtls_, now, path(), datagram.bytes, tx),
                               tx);
        case wire::DatagramKind::Rtp: {
            if (!srtp_) return {};
            const auto size = srtp_->unprotect_rtp(datagram.bytes);
            if (size) return {Arrived::Kind::Rtp, datagram.bytes.first(*size)};
            count(size.error());
            return {};
        }
        case wire::DatagramKind::Rtcp: {
            if (!srtp_) return {};
            const auto size = srtp_->unprotect_rtcp(datagram.bytes);
            if (size) return {Arrived::Kind::Rtcp, datagram.bytes.first(*size)};
            count(size.error());
            return {};
        }
        case wire::DatagramKind::Unknown:
            return {};
    }
    return {};
}

void Transport::count(srtp::Drop drop) {
    if (drop == srtp::Drop::Replayed || drop == srtp::Drop::TooOld) {
        ++replays_;
    } else {
        ++auth_failures_;
    }
}

Transport::Arrived Transport::handle_dtls(Instant now, const dtls::Events& events, TransmitQueue& tx) {
    Arrived arrived;
    for (const dtls::Event& event : events) {
        switch (event.kind) {
            case dtls::Event::Kind::Connected:
                arrived.kind = start_srtp() ? Arrived::Kind::Connected : Arrived::Kind::Failed;
                if (uses_data_) {
                    sctp::Config config;
                    config.dtls_client = role_ == dtls::Role::Client;
                    channels_.emplace(sctp::DataChannels::create(config, rng_));
                    channels_->connect(now, sctp_queue());
                    flush_sctp(now, tx);
                }
                break;
            case dtls::Event::Kind::ApplicationData:
                if (channels_) handle_sctp(now, channels_->handle_packet(now, event.data, sctp_queue()), tx);
                break;
            case dtls::Event::Kind::Failed:
            case dtls::Event::Kind::Closed:
                arrived.kind = Arrived::Kind::Failed;
                break;
        }
    }
    return arrived;
}

bool Transport::start_srtp() {
    const auto& keys = dtls_->keying_material();
    if (!keys) return false;
    auto session = srtp::Session::create(keys->profile, keys->receive, keys->send, kReceiveSsrcMax);
    if (!session) return false;
    srtp_ = std::move(*session);
    return true;
}

void Transport::handle_sctp(Instant now, const sctp::Events& events, TransmitQueue& tx) {
    for (const sctp::Event& event : events) {
        if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
            messages_.emplace_back(as_text(message->payload));
        } else if (std::holds_alternative<sctp::Connected>(event) && opens_channels_) {
            sctp::ChannelOptions options;
            options.label = "_reliable";
            if (const auto id = channels_->open(now, options, sctp_queue()))
                channel_ids_[options.label] = *id;
            options.label = "_lossy";
            options.ordered = false;
            options.max_retransmits = 0;
            if (const auto id = channels_->open(now, options, sctp_queue()))
                channel_ids_[options.label] = *id;
        }
    }
    flush_sctp(now, tx);
}

void Transport::flush_sctp(Instant now, TransmitQueue& tx) {
    TransmitQueue& out = sctp_queue();
    for (const auto& packet : out.datagrams()) (void)dtls_->send(now, out.bytes(packet), path(), tx);
    out.clear();
}

bool Transport::send_data(Instant now, const std::string& label, ByteView message, TransmitQueue& tx) {
    const auto id = channel_ids_.find(label);
    if (id == channel_ids_.end()) return false;
    const bool is_sent = channels_->send(now, id->second, true, message, sctp_queue()).has_value();
    flush_sctp(now, tx);
    return is_sent;
}

Transport::Arrived Transport::handle_timeout(Instant now, TransmitQueue& tx) {
    if (!port_) return {};
    ice_.handle_timeout(now, tx);
    if (channels_ && channels_->next_timeout() <= now)
        handle_sctp(now, channels_->handle_timeout(now, sctp_queue()), tx);
    if (dtls_ && dtls_->next_timeout() <= now) return handle_dtls(now, dtls_->handle_timeout(now, tx), tx);
    return {};
}

Instant Transport::next_timeout() const {
    Instant next = ice_.next_timeout();
    if (dtls_) next = soonest(next, dtls_->next_timeout());
    if (channels_) next = soonest(next, channels_->next_timeout());
    return next;
}

void Transport::send_rtp(ByteView plain, TransmitQueue& tx) {
    if (!srtp_) return;
    const MutableBytes room = tx.reserve(plain.size() + srtp::Session::kOverheadMax);
    const size_t size = room.empty() ? 0 : srtp_->protect_rtp(plain, room);
    if (size > 0) tx.commit(path(), size);
}

void Transport::send_rtcp(ByteView plain, TransmitQueue& tx) {
    if (!srtp_) return;
    const MutableBytes room = tx.reserve(plain.size() + srtp::Session::kOverheadMax);
    const size_t size = room.empty() ? 0 : srtp_->protect_rtcp(plain, room);
    if (size > 0) tx.commit(path(), size);
}

void Transport::close(TransmitQueue& tx) {
    if (dtls_ && ice_.selected()) dtls_->close(path(), tx);
}

}  // namespace conclave::load
