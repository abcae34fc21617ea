// Parses, and writes what was understood again: the second parse must agree.
#include <algorithm>

#include "base/check.h"
#include "wire/stun.h"

using namespace conclave;

namespace {

using wire::StunAttribute;

void write(const wire::TurnAttributes& t, wire::StunWriter& w) {
    const auto number = [&](StunAttribute type, uint32_t value) {
        std::array<uint8_t, 4> bytes;
        store_be32(bytes.data(), value);
        w.attribute(type, bytes);
    };
    if (t.realm) w.attribute(StunAttribute::Realm, as_bytes(*t.realm));
    if (t.nonce) w.attribute(StunAttribute::Nonce, as_bytes(*t.nonce));
    if (t.channel_number) number(StunAttribute::ChannelNumber, uint32_t{*t.channel_number} << 16);
    if (t.lifetime) number(StunAttribute::Lifetime, *t.lifetime);
    for (const SocketAddress& peer : t.peers) w.xor_address(StunAttribute::XorPeerAddress, peer);
    if (t.data) w.attribute(StunAttribute::Data, *t.data);
    if (t.relayed_address) w.xor_address(StunAttribute::XorRelayedAddress, *t.relayed_address);
    if (t.requested_family)
        number(StunAttribute::RequestedAddressFamily, uint32_t{*t.requested_family} << 24);
    if (t.requested_transport)
        number(StunAttribute::RequestedTransport, uint32_t{*t.requested_transport} << 24);
    if (t.even_port)
        w.attribute(StunAttribute::EvenPort,
                    std::array<uint8_t, 1>{static_cast<uint8_t>(*t.even_port ? 0x80 : 0)});
    if (t.dont_fragment) w.attribute(StunAttribute::DontFragment, {});
    if (t.reservation_token) w.attribute(StunAttribute::ReservationToken, std::array<uint8_t, 8>{});
}

void compare(const wire::TurnAttributes& a, const wire::TurnAttributes& b) {
    CHECK(a.realm == b.realm && a.nonce == b.nonce);
    CHECK(a.channel_number == b.channel_number && a.lifetime == b.lifetime);
    CHECK(std::equal(a.peers.begin(), a.peers.end(), b.peers.begin(), b.peers.end()));
    CHECK(a.data.has_value() == b.data.has_value());
    CHECK(!a.data || std::equal(a.data->begin(), a.data->end(), b.data->begin(), b.data->end()));
    CHECK(a.relayed_address == b.relayed_address && a.requested_family == b.requested_family);
    CHECK(a.requested_transport == b.requested_transport && a.even_port == b.even_port);
    CHECK(a.dont_fragment == b.dont_fragment && a.reservation_token == b.reservation_token);
}

void write_and_compare(const wire::StunMessage& m) {
    // Of 64 KB of data the writer needs all.
    static std::array<uint8_t, (1 << 16) + 2048> buffer;
    if (m.turn && m.turn->data && m.turn->data->size() > 60'000) return;
    wire::StunWriter w{buffer, m.message_class, m.method, m.transaction_id};
    if (m.username) w.username(*m.username);
    if (m.xor_mapped_address) w.xor_mapped_address(*m.xor_mapped_address);
    if (m.error_code) w.error_code(*m.error_code, "");
    if (m.priority) w.priority(*m.priority);
    if (m.use_candidate) w.use_candidate();
    if (m.ice_controlled) w.ice_controlled(*m.ice_controlled);
    if (m.ice_controlling) w.ice_controlling(*m.ice_controlling);
    if (m.turn) write(*m.turn, w);
    (void)w.integrity_input();
    w.append_integrity({});
    w.append_fingerprint();
    CHECK(w.ok());
    const auto again = wire::parse_stun(w.written());
    CHECK(again);
    CHECK(again->fingerprint_ok);
    CHECK(again->integrity.size() == wire::kStunIntegritySize);
    CHECK(again->message_class == m.message_class && again->method == m.method);
    CHECK(again->transaction_id == m.transaction_id);
    CHECK(again->username == m.username);
    CHECK(again->xor_mapped_address == m.xor_mapped_address);
    CHECK(again->error_code == m.error_code);
    CHECK(again->priority == m.priority && again->use_candidate == m.use_candidate);
    CHECK(again->turn.has_value() == m.turn.has_value());
    if (m.turn) compare(*m.turn, *again->turn);
    CHECK(again->ice_controlled == m.ice_controlled && again->ice_controlling == m.ice_controlling);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView bytes{data, size};
    const auto message = wire::parse_stun(bytes);
    if (!message) return 0;
    CHECK(message->integrity.empty() || message->integrity_body.size() + 20 + 24 <= size);
    write_and_compare(*message);
    return 0;
}
