// A client that sends anything, before and after it has an allocation: the limits hold, only peers are
// reached, and who is not authentic gets no more bytes over UDP than came.
#include "base/check.h"
#include "turn/client_for_test.h"

using namespace conclave;

namespace {

const SocketAddress kPeer = SocketAddress::v4(192, 0, 2, 1, 7882);
const Path kStream{Path::kTcp, SocketAddress::v4(10, 0, 0, 1, 1)};
const Path kUdp{0, SocketAddress::v4(10, 0, 0, 2, 1)};

class Session {
 public:
    Session() {
        server_.admit("u", "p", Instant::never());
        CHECK(insider_.be_challenged(now_));
        CHECK(insider_.allocate(now_) == 0);
    }

    void step(uint8_t command, ByteView bytes) {
        switch (command % 5) {
            case 0:
                return receive(kUdp, bytes);
            case 1:
                return receive(kStream, bytes);
            case 2: {
                // An authentic request of any content.
                const uint16_t method = bytes.empty() ? uint16_t{3} : bytes[0] % 12;
                return receive(
                    kStream, insider_.message(
                                 wire::StunClass::Request, method,
                                 [&](auto& out) {
                                     for (ByteView rest = bytes; rest.size() > 2;) {
                                         const size_t size = std::min<size_t>(rest[1] % 24, rest.size() - 2);
                                         out.attribute(static_cast<wire::StunAttribute>(rest[0] & 0x3f),
                                                       rest.subspan(2, size));
                                         rest = rest.subspan(2 + size);
                                     }
                                 },
                                 true));
            }
            case 3:
                tx_.clear();
                server_.handle_peer(now_, insider_.answer->turn->relayed_address.value_or(kPeer), kPeer,
                                    bytes, tx_);
                return;
            default:
                now_ = now_ + Duration::seconds(bytes.size());
                (void)server_.handle_timeout(now_);
                CHECK(server_.next_timeout() > now_);
        }
    }

 private:
    void receive(const Path& client, ByteView bytes) {
        tx_.clear();
        const turn::Events events = server_.handle_datagram(now_, client, bytes, tx_);
        CHECK(!events.to_peer || (events.to_peer->peer == kPeer && client == kStream));
        CHECK(tx_.datagrams().size() <= 1);
        for (const auto& reply : tx_.datagrams()) {
            CHECK(reply.path == client);
            CHECK(wire::parse_stun(tx_.bytes(reply)));
            if (client == kUdp) out_ += reply.size;
        }
        if (client == kUdp) in_ += bytes.size();
        CHECK(out_ <= in_);
        CHECK(server_.allocations() <= 1);
    }

    Instant now_ = Instant::from_ms(1'000'000);
    SeededRng rng_{1};
    turn::Server server_{{.peers = {kPeer}}, rng_};
    turn::ClientForTest insider_{server_, kStream, "u", "p"};
    TransmitQueue tx_{4, 8192};
    size_t in_ = 0;
    size_t out_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Session session;
    ByteReader in{ByteView{data, size}};
    while (in.remaining() >= 2) {
        const uint8_t command = in.u8();
        const size_t wanted = in.u8();
        session.step(command, in.bytes(std::min(wanted, in.remaining())));
    }
    return 0;
}
