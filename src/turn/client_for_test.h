// The client's side of TURN, as far as tests need it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/transmit_queue.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "turn/server.h"
#include "wire/stun.h"

namespace conclave::turn {

class ClientForTest {
 public:
    using Fill = std::function<void(wire::StunWriter&)>;

    ClientForTest(Server& server, const Path& path, std::string user, std::string password)
        : server_(server), path_(path), user_(std::move(user)), password_(std::move(password)) {}

    const Path& path() const { return path_; }
    std::string nonce;
    std::string realm = "conclave";
    wire::StunTransactionId id{};

    static std::vector<uint8_t> udp() { return {17, 0, 0, 0}; }
    static Fill requested_transport() {
        return [](wire::StunWriter& out) { out.attribute(wire::StunAttribute::RequestedTransport, udp()); };
    }

    std::vector<uint8_t> message(wire::StunClass message_class, uint16_t method, const Fill& fill,
                                 bool is_signed) {
        std::vector<uint8_t> bytes(2048);
        wire::StunWriter out{bytes, message_class, method, id};
        if (fill) fill(out);
        if (is_signed) {
            out.username(user_);
            out.attribute(wire::StunAttribute::Realm, as_bytes(realm));
            out.attribute(wire::StunAttribute::Nonce, as_bytes(nonce));
            const auto key = crypto::md5(as_bytes(user_ + ":" + realm + ":" + password_));
            out.append_integrity(crypto::hmac_sha1(key, out.integrity_input()));
        }
        bytes.resize(out.size());
        return bytes;
    }

    // The error code, 0 for success; nothing when there was no answer.
    std::optional<uint16_t> send(Instant now, ByteView message) {
        tx_.clear();
        last = server_.handle_datagram(now, path_, message, tx_);
        if (tx_.empty()) return std::nullopt;
        const ByteView reply = tx_.bytes(tx_.datagrams().back());
        reply_.assign(reply.begin(), reply.end());
        answer = wire::parse_stun(reply_);
        if (answer->turn->nonce) nonce = *answer->turn->nonce;
        return answer->error_code.value_or(0);
    }
    std::optional<uint16_t> request(Instant now, uint16_t method, const Fill& fill = {}) {
        ++id[0];
        if (id[0] == 0) ++id[1];
        return send(now, message(wire::StunClass::Request, method, fill, true));
    }
    // The first request, without credentials, until it is answered.
    bool be_challenged(Instant now) {
        for (int i = 0; i < 4; ++i) {
            const auto refused = send(
                now, message(wire::StunClass::Request, wire::kTurnAllocate, requested_transport(), false));
            if (refused) return *refused == 401;
        }
        return false;
    }
    std::optional<uint16_t> allocate(Instant now) {
        return request(now, wire::kTurnAllocate, requested_transport());
    }
    std::optional<uint16_t> permit(Instant now, const SocketAddress& peer) {
        return request(now, wire::kTurnCreatePermission,
                       [&](auto& out) { out.xor_address(wire::StunAttribute::XorPeerAddress, peer); });
    }
    std::optional<uint16_t> bind(Instant now, uint16_t channel, const SocketAddress& peer) {
        return request(now, wire::kTurnChannelBind, [&](auto& out) {
            out.attribute(wire::StunAttribute::ChannelNumber,
                          std::vector<uint8_t>{static_cast<uint8_t>(channel >> 8),
                                               static_cast<uint8_t>(channel), 0, 0});
            out.xor_address(wire::StunAttribute::XorPeerAddress, peer);
        });
    }
    std::optional<ToPeer> send_to(Instant now, const SocketAddress& peer, ByteView payload) {
        sent_ = message(
            wire::StunClass::Indication, wire::kTurnSend,
            [&](auto& out) {
                out.xor_address(wire::StunAttribute::XorPeerAddress, peer);
                out.attribute(wire::StunAttribute::Data, payload);
            },
            false);
        (void)send(now, sent_);
        return last.to_peer;
    }
    const SocketAddress& relayed() const { return *answer->turn->relayed_address; }
    size_t reply_size() const { return reply_.size(); }
    const TransmitQueue& sent() const { return tx_; }
    const std::string& password() const { return password_; }

    Events last;
    std::optional<wire::StunMessage> answer;

 private:
    Server& server_;
    const Path path_;
    const std::string user_;
    const std::string password_;
    std::vector<uint8_t> sent_;
    std::vector<uint8_t> reply_;
    TransmitQueue tx_{16, 1 << 16};
};

}  // namespace conclave::turn
