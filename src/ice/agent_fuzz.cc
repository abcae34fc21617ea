// An agent fed with datagrams, ticks and restarts. The input is a list of steps: a command byte, a size byte,
// and so many bytes. Besides arbitrary bytes, steps make authentic checks and authentic but damaged ones,
// which no fuzzer could guess the HMAC of.
#include <algorithm>

#include "base/check.h"
#include "ice/check_for_test.h"

using namespace conclave;

namespace {

struct Session {
    SeededRng rng{1};
    Instant now = Instant::from_ms(1000);
    ice::Agent agent = ice::Agent::create({}, now, rng);
    TransmitQueue tx{4, 4096};
    ice::Credentials older = agent.local_credentials();

    void check_invariants(const ice::Events& events) const {
        const auto& selected = agent.selected_path();
        CHECK(!selected || agent.is_valid_path(*selected));
        CHECK(agent.state() != ice::State::Connected || selected);
        CHECK(!selected || agent.state() == ice::State::Connected ||
              agent.state() == ice::State::Disconnected);
        CHECK(agent.next_timeout().is_never() == (agent.state() == ice::State::Failed));
        for (const ice::Event& event : events) {
            if (event.kind == ice::Event::Kind::Selected) CHECK(selected == event.path);
            if (event.kind == ice::Event::Kind::Failed) CHECK(!selected);
        }
    }

    void receive(const Path& path, ByteView datagram) {
        tx.clear();
        const ice::Events events = agent.handle_datagram(now, path, datagram, tx);
        size_t sent = 0;
        for (const auto& reply : tx.datagrams()) {
            CHECK(reply.path == path);
            CHECK(wire::parse_stun(tx.bytes(reply))->fingerprint_ok);
            sent += reply.size;
        }
        CHECK(sent <= datagram.size());
        check_invariants(events);
    }

    void step(uint8_t command, ByteView bytes) {
        const uint8_t detail = bytes.empty() ? uint8_t{0} : bytes[0];
        const Path path{0, SocketAddress::v4(10, 0, 0, detail % 32, 1000)};
        switch (command % 7) {
            case 0:
                return receive(path, bytes);
            case 1:
            case 2: {
                ice::Check check =
                    ice::check_for(command % 7 == 1 ? agent.local_credentials() : older, "r", detail >= 128);
                check.priority = detail;
                check.is_controlled = bytes.size() > 1 && bytes[1] > 200;
                if (bytes.size() > 1) check.message_class = static_cast<wire::StunClass>(bytes[1] & 3);
                std::vector<uint8_t> datagram = check.bytes();
                for (size_t i = 2; i + 1 < bytes.size(); i += 2) {
                    datagram[bytes[i] % datagram.size()] ^= bytes[i + 1];
                }
                return receive(path, datagram);
            }
            case 3:
                now = now + Duration::millis(detail * 100);
                tx.clear();
                return check_invariants(agent.handle_timeout(now, tx));
            case 4:
                older = agent.local_credentials();
                (void)agent.restart(now, rng);
                return check_invariants({});
            case 5: {
                const ice::Events events = agent.close_path(now, path);
                CHECK(!agent.is_valid_path(path));
                return check_invariants(events);
            }
            default:
                return agent.set_remote_credentials({"r", "x"});
        }
    }
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
