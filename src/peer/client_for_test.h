// The other end of a Peer, for the tests of this module: a client that checks its path, finishes the
// handshake and then sends and opens RTP and RTCP.
#pragma once

#include <string>
#include <vector>

#include "ice/check_for_test.h"
#include "peer/peer.h"
#include "wire/demux.h"
#include "wire/rtp.h"

namespace conclave::peer {

using Bytes = std::vector<uint8_t>;

inline const crypto::Certificate& certificate_for_test() {
    static const crypto::Certificate kCertificate =
        crypto::Certificate::create_for_dtls(
            {WallTime::from_unix_seconds(1'000'000'000), WallTime::from_unix_seconds(4'000'000'000)})
            .value();
    return kCertificate;
}

// A payload of one packet and the header extensions it comes with.
struct Sent {
    uint32_t ssrc = 1;
    uint8_t payload_type = 96;
    uint16_t sequence = 1;
    uint32_t timestamp = 0;
    Bytes payload{0x10, 0x00, 7, 7};  // VP8: starts a key frame
    std::vector<std::pair<uint8_t, Bytes>> extensions = {};
    bool marker = false;
};

class ClientForTest {
 public:
    // `slots` bounds what it may receive and send at once.
    explicit ClientForTest(wire::SessionDescription offer, size_t slots = 4096)
        : pool(slots), tx(slots / 4, slots * 500), offer_(std::move(offer)) {
        offer_.ice_ufrag = "clientufrag";
        offer_.ice_pwd = "passwordpasswordpassword";
        offer_.fingerprint = wire::Fingerprint{"sha-256", certificate_for_test().fingerprint_sha256()};
        offer_.setup = wire::SetupRole::ActPass;
        for (wire::MediaSection& section : offer_.sections) {
            section.ice_ufrag.clear();
            section.ice_pwd.clear();
            section.fingerprint.reset();
            section.setup.reset();
        }
        config_.fingerprint_sha256 = certificate_for_test().fingerprint_sha256();
        peer = Peer::create(now, config_, context_, rng_, sctp_out_).value();
        CHECK(peer->set_offer(now, wire::serialize(offer_)));
    }

    wire::SessionDescription& offer() { return offer_; }
    Status send_offer() { return peer->set_offer(now, wire::serialize(offer_)); }
    wire::SessionDescription answer() { return wire::parse_sdp(peer->create_answer({})).value(); }

    // Until media can flow.
    void connect() {
        ice::Credentials server;
        const wire::SessionDescription answered = answer();
        server.ufrag = std::string(answered.ice_ufrag_of(answered.sections[0]));
        server.pwd = std::string(answered.ice_pwd_of(answered.sections[0]));
        to_peer(ice::check_for(server, offer_.ice_ufrag, true).bytes());
        (void)dtls_.set_remote_fingerprint("sha-256", certificate_for_test().fingerprint_sha256());
        tx.clear();
        dtls_.start(now, path_, to_server_);
        for (int round = 0; round < 20 && !peer->is_connected(); ++round) exchange();
        CHECK(peer->is_connected());
        exchange();
        const auto& keys = dtls_.keying_material();
        CHECK(keys);
        srtp_ = srtp::Session::create(keys->profile, keys->receive, keys->send).value();
    }

    Events send(const Sent& sent) {
        std::vector<wire::HeaderExtension> extensions;
        for (const auto& [id, value] : sent.extensions) extensions.push_back({id, value});
        Bytes plain(kPacketCapacity);
        const wire::RtpHeader header{sent.marker,    sent.payload_type, {sent.sequence},
                                     sent.timestamp, sent.ssrc,         false};
        const size_t size = wire::write_rtp_header(plain, header, extensions);
        CHECK(size > 0);
        std::copy(sent.payload.begin(), sent.payload.end(), plain.begin() + static_cast<ptrdiff_t>(size));
        plain.resize(size + sent.payload.size());
        Bytes sealed(plain.size() + srtp::Session::kOverheadMax);
        sealed.resize(srtp_->protect_rtp(plain, sealed));
        return to_peer(sealed);
    }
    Events send_rtcp(ByteView plain) {
        Bytes sealed(plain.size() + srtp::Session::kOverheadMax);
        sealed.resize(srtp_->protect_rtcp(plain, sealed));
        return to_peer(sealed);
    }
    // The RTP and RTCP packets that the peer has sent since, opened.
    std::vector<Bytes> received(wire::DatagramKind kind = wire::DatagramKind::Rtp) {
        std::vector<Bytes> packets;
        for (const auto& datagram : tx.datagrams()) {
            const ByteView bytes = tx.bytes(datagram);
            if (wire::classify(bytes) != kind) continue;
            Bytes packet(bytes.begin(), bytes.end());
            const bool is_rtp = kind == wire::DatagramKind::Rtp;
            packet.resize((is_rtp ? srtp_->unprotect_rtp(packet) : srtp_->unprotect_rtcp(packet)).value());
            packets.push_back(std::move(packet));
        }
        tx.clear();
        return packets;
    }

    Instant now{1'000'000};
    PacketPool pool;
    TransmitQueue tx;
    std::unique_ptr<Peer> peer;

 private:
    Events to_peer(ByteView bytes) {
        Events events = peer->handle_datagram(now, path_, pool.copy(bytes), tx);
        if (!events.handshake) return events;
        events.handshake->run();
        return peer->put_back(now, std::move(events.handshake), tx);
    }
    void exchange() {
        TransmitQueue out(64, 200'000);
        std::swap(out, to_server_);
        for (const auto& datagram : out.datagrams()) (void)to_peer(out.bytes(datagram));
        for (const auto& datagram : tx.datagrams())
            (void)dtls::handle_datagram_in_place(dtls_, now, path_, tx.bytes(datagram), to_server_);
        tx.clear();
    }

    SeededRng rng_{7};
    TransmitQueue sctp_out_{Peer::kSctpPacketsMax, Peer::kSctpBytesMax};
    Path path_{0, SocketAddress::v4(192, 0, 2, 9, 5000)};
    Config config_;
    crypto::DtlsContext context_ = crypto::DtlsContext::create(certificate_for_test()).value();
    dtls::Transport dtls_ = dtls::Transport::create(context_, dtls::Role::Client).value();
    TransmitQueue to_server_{64, 200'000};
    std::optional<srtp::Session> srtp_;
    wire::SessionDescription offer_;
};

}  // namespace conclave::peer
