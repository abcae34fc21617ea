#include "sim/transport.h"

#include "crypto/hmac.h"
#include "wire/demux.h"

namespace conclave::sim {
namespace {

constexpr Duration kCheckInterval = Duration::millis(500);
// Two for each video of a large meeting.
constexpr size_t kReceiveSsrcMax = 1024;

crypto::Certificate make_certificate() {
    auto certificate = crypto::Certificate::create_for_dtls(
        {WallTime::from_unix_seconds(1'000'000'000), WallTime::from_unix_seconds(4'000'000'000)});
    CHECK(certificate);
    return std::move(*certificate);
}

crypto::DtlsContext make_context(const crypto::Certificate& certificate) {
    auto context = crypto::DtlsContext::create(certificate);
    CHECK(context);
    return std::move(*context);
}

dtls::Transport make_transport(const crypto::DtlsContext& context) {
    auto transport = dtls::Transport::create(context, dtls::Role::Client);
    CHECK(transport);
    return std::move(*transport);
}

sctp::Config channel_config() {
    sctp::Config config;
    config.dtls_client = true;
    return config;
}

}  // namespace

Transport::Transport(const Habits& habits, Rng& rng, uint16_t socket, bool opens_channels)
    : habits_(habits),
      rng_(rng),
      opens_channels_(opens_channels),
      certificate_(make_certificate()),
      dtls_context_(make_context(certificate_)),
      dtls_(make_transport(dtls_context_)),
      channels_(sctp::DataChannels::create(channel_config(), rng)),
      sctp_out_(256, 400'000),
      ufrag_(random_id(rng, 8)),
      pwd_(random_id(rng, 24)),
      tie_breaker_(rng.u64()) {
    server_path_.socket = socket;
}

void Transport::restart_ice() {
    ufrag_ = random_id(rng_, 8);
    pwd_ = random_id(rng_, 24);
}

void Transport::set_remote(const wire::SessionDescription& description) {
    for (const wire::MediaSection& section : description.sections) {
        if (section.is_rejected()) continue;
        server_ufrag_ = std::string(description.ice_ufrag_of(section));
        server_pwd_ = std::string(description.ice_pwd_of(section));
        if (const auto* fingerprint = description.fingerprint_of(section)) {
            (void)dtls_.set_remote_fingerprint(fingerprint->algorithm, fingerprint->value);
        }
        for (const wire::Candidate& candidate : section.candidates) {
            server_path_.remote = *SocketAddress::parse(candidate.address, candidate.port);
        }
    }
}

void Transport::send_check(Instant now, TransmitQueue& tx) {
    next_check_ = now + kCheckInterval;
    if (server_ufrag_.empty() || !habits_.checks) return;
    std::array<uint8_t, 256> buffer;
    wire::StunTransactionId id;
    rng_.fill(id);
    wire::StunWriter writer(buffer, wire::StunClass::Request, wire::kStunBinding, id);
    writer.username(server_ufrag_ + ":" + ufrag_);
    writer.priority(0x7e0000ff);
    writer.ice_controlling(tie_breaker_);
    if (!habits_.nominates_late || is_connected()) writer.use_candidate();
    const std::string password = habits_.wrong_ice_password ? "not the password of the server" : server_pwd_;
    writer.append_integrity(crypto::hmac_sha1(as_bytes(password), writer.integrity_input()));
    writer.append_fingerprint();
    CHECK(writer.ok());
    tx.push(server_path_, writer.written());
}

void Transport::answer_check(const wire::StunMessage& check, TransmitQueue& tx) {
    if (check.username != ufrag_ + ":" + server_ufrag_) return;
    std::array<uint8_t, 128> buffer;
    wire::StunWriter writer(buffer, wire::StunClass::Success, wire::kStunBinding, check.transaction_id);
    writer.xor_mapped_address(server_path_.remote);
    writer.append_integrity(crypto::hmac_sha1(as_bytes(pwd_), writer.integrity_input()));
    writer.append_fingerprint();
    CHECK(writer.ok());
    tx.push(server_path_, writer.written());
}

void Transport::handle_timeout(Instant now, TransmitQueue& tx) {
    if (now >= next_check_) send_check(now, tx);
    Received nothing;
    if (dtls_.next_timeout() <= now) handle_dtls(now, dtls_.handle_timeout(now, tx), nothing, tx);
    if (channels_.next_timeout() <= now) {
        for (auto& event : channels_.handle_timeout(now, sctp_out_)) handle_channel_event(event, nothing);
        flush_data(now, tx);
    }
}

Transport::Received Transport::handle_datagram(Instant now, ByteView datagram, TransmitQueue& tx) {
    Received received;
    std::vector<uint8_t> copy(datagram.begin(), datagram.end());
    switch (wire::classify(datagram)) {
        case wire::DatagramKind::Stun: {
            const auto message = wire::parse_stun(datagram);
            if (message && message->message_class == wire::StunClass::Success)
                dtls_.start(now, server_path_, tx);
            if (message && message->message_class == wire::StunClass::Request) answer_check(*message, tx);
            break;
        }
        case wire::DatagramKind::Dtls:
            handle_dtls(now, dtls::handle_datagram_in_place(dtls_, now, server_path_, datagram, tx), received,
                        tx);
            break;
        case wire::DatagramKind::Rtp: {
            const auto size = srtp_ ? srtp_->unprotect_rtp(copy) : Unexpected{srtp::Drop{}};
            if (size) received.rtp.assign(copy.begin(), copy.begin() + static_cast<ptrdiff_t>(*size));
            break;
        }
        case wire::DatagramKind::Rtcp: {
            const auto size = srtp_ ? srtp_->unprotect_rtcp(copy) : Unexpected{srtp::Drop{}};
            if (size) received.rtcp.assign(copy.begin(), copy.begin() + static_cast<ptrdiff_t>(*size));
            break;
        }
        case wire::DatagramKind::Unknown:
            break;
    }
    return received;
}

void Transport::handle_dtls(Instant now, const dtls::Events& events, Received& received, TransmitQueue& tx) {
    for (const dtls::Event& event : events) {
        if (event.kind == dtls::Event::Kind::Connected) {
            const auto& keys = dtls_.keying_material();
            CHECK(keys);
            auto session = srtp::Session::create(keys->profile, keys->receive, keys->send, kReceiveSsrcMax);
            CHECK(session);
            srtp_ = std::move(*session);
            channels_.connect(now, sctp_out_);
            if (opens_channels_) open_channels(now);
        } else if (event.kind == dtls::Event::Kind::ApplicationData && habits_.reads_data) {
            for (auto& happened : channels_.handle_packet(now, event.data, sctp_out_))
                handle_channel_event(happened, received);
        }
    }
    flush_data(now, tx);
}

void Transport::open_channels(Instant now) {
    for (const char* label : {"_reliable", "_lossy", "_data_track"}) {
        sctp::ChannelOptions options;
        options.label = label;
        if (options.label != "_reliable") {
            options.ordered = false;
            options.max_retransmits = 0;
        }
        auto id = channels_.open(now, options, sctp_out_);
        CHECK(id);
        channel_ids_[label] = *id;
    }
}

void Transport::handle_channel_event(const sctp::Event& event, Received& received) {
    if (const auto* opened = std::get_if<sctp::Opened>(&event)) channel_ids_[opened->label] = opened->id;
    if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
        const bool is_frame = message->id == channel_ids_["_data_track"];
        (is_frame ? received.frames : received.data).emplace_back(as_text(message->payload));
    }
}

void Transport::flush_data(Instant now, TransmitQueue& tx) {
    for (const auto& packet : sctp_out_.datagrams()) {
        (void)dtls_.send(now, sctp_out_.bytes(packet), server_path_, tx);
    }
    sctp_out_.clear();
}

Status Transport::send_data(Instant now, std::string_view label, const std::string& packet,
                            TransmitQueue& tx) {
    const auto it = channel_ids_.find(std::string(label));
    if (it == channel_ids_.end()) return failure("no such channel");
    auto status = channels_.send(now, it->second, true, as_bytes(packet), sctp_out_);
    flush_data(now, tx);
    return status;
}

void Transport::send_rtp(ByteView plain, TransmitQueue& tx) {
    if (!srtp_) return;
    const MutableBytes room = tx.reserve(plain.size() + srtp::Session::kOverheadMax);
    const size_t size = room.empty() ? 0 : srtp_->protect_rtp(plain, room);
    if (size > 0) tx.commit(server_path_, size);
}

void Transport::send_rtcp(ByteView plain, TransmitQueue& tx) {
    if (!srtp_) return;
    const MutableBytes room = tx.reserve(plain.size() + srtp::Session::kOverheadMax);
    const size_t size = room.empty() ? 0 : srtp_->protect_rtcp(plain, room);
    if (size > 0) tx.commit(server_path_, size);
}

std::optional<std::vector<uint8_t>> Transport::protected_rtp(ByteView plain) {
    if (!srtp_) return std::nullopt;
    std::vector<uint8_t> out(plain.size() + srtp::Session::kOverheadMax);
    out.resize(srtp_->protect_rtp(plain, out));
    if (out.empty()) return std::nullopt;
    return out;
}

}  // namespace conclave::sim
