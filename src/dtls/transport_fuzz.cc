// Datagrams against an association: the first byte chooses its role and how far it has come, then each chunk
// (2 bytes of size, bytes) is a datagram or, when empty, half a second of time. Nothing the fuzzer writes is
// authentic, so nothing may ever be Connected by it or be delivered.
#include <algorithm>

#include "base/check.h"
#include "base/packet_pool.h"
#include "crypto/certificate.h"
#include "dtls/transport.h"

using namespace conclave;

namespace {

constexpr Path kPath{};

struct Identity {
    crypto::Certificate certificate =
        crypto::Certificate::create_for_dtls(
            {WallTime::from_unix_seconds(1'800'000'000), WallTime::from_unix_seconds(1'831'536'000)})
            .value();
    crypto::DtlsContext context = crypto::DtlsContext::create(certificate).value();
};

void give_all(dtls::Transport& to, const TransmitQueue& from, TransmitQueue& tx) {
    for (const auto& datagram : from.datagrams())
        (void)dtls::handle_datagram_in_place(to, {}, kPath, from.bytes(datagram), tx);
}

// A server whose handshake is complete.
dtls::Transport connected_server(const Identity& identity) {
    auto server = dtls::Transport::create(identity.context, dtls::Role::Server).value();
    auto client = dtls::Transport::create(identity.context, dtls::Role::Client).value();
    (void)server.set_remote_fingerprint("sha-256", identity.certificate.fingerprint_sha256());
    TransmitQueue to_server{64, 64 << 10};
    TransmitQueue to_client{64, 64 << 10};
    client.start({}, kPath, to_server);
    while (!to_server.empty()) {
        give_all(server, to_server, to_client);
        to_server.clear();
        give_all(client, to_client, to_server);
        to_client.clear();
    }
    CHECK(server.is_connected());
    return server;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Identity kIdentity;
    ByteReader in{ByteView{data, size}};
    const uint8_t mode = in.u8() % 4;
    const bool is_connected = mode == 3;
    auto transport = is_connected ? connected_server(kIdentity)
                                  : dtls::Transport::create(kIdentity.context, mode == 1 ? dtls::Role::Client
                                                                                         : dtls::Role::Server)
                                        .value();
    TransmitQueue tx{256, 256 << 10};
    Instant now{};
    transport.start(now, kPath, tx);
    (void)transport.set_remote_fingerprint("sha-256", kIdentity.certificate.fingerprint_sha256());
    while (in.remaining() > 0) {
        const size_t wanted = in.u16();
        const ByteView datagram = in.bytes(std::min(wanted, in.remaining()));
        if (datagram.empty()) now = now + Duration::millis(500);
        for (const dtls::Event& event : dtls::handle_datagram_in_place(transport, now, kPath, datagram, tx))
            CHECK(event.kind == dtls::Event::Kind::Failed);
        for (const dtls::Event& event : transport.handle_timeout(now, tx))
            CHECK(event.kind == dtls::Event::Kind::Failed);
        CHECK(transport.is_connected() == is_connected);
        tx.clear();
    }
    return 0;
}
