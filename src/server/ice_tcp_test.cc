// ICE over TCP, with real connections and invented workers.
#include "server/ice_tcp.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/clock.h"
#include "net/test_certificate.h"
#include "net/test_server.h"
#include "wire/stun.h"

namespace conclave::server {
namespace {

std::string framed(std::string_view datagram) {
    std::string text{static_cast<char>(datagram.size() >> 8), static_cast<char>(datagram.size())};
    return text.append(datagram);
}

std::string check(const std::string& ufrag, size_t padding = 0) {
    std::array<uint8_t, 1500> bytes;
    wire::StunWriter out{bytes, wire::StunClass::Request, wire::kStunBinding, {}};
    out.username(ufrag + ":theirs");
    if (padding > 0) out.attribute(wire::StunAttribute::Data, std::vector<uint8_t>(padding));
    out.append_fingerprint();
    return std::string(as_text(out.written()));
}

class IceTcpTest : public testing::Test {
 protected:
    IceTcpTest() : server_({}, [](const net::HttpRequest&, const net::Respond&) {}) {
        const net::Pem pem = net::self_signed("doors");
        EXPECT_TRUE(server_->set_certificate(pem.chain, pem.key));
        address_ = *server_->listen_tls(SocketAddress::v4(127, 0, 0, 1, 0));
        server_->take_datagram_streams([this](const net::DatagramStreamInfo& info, auto stream) {
            return ice_.open(net::monotonic_now(), info.peer, std::move(stream));
        });
        server_.start();
    }
    ~IceTcpTest() override { server_.stop({}); }

    struct Got {
        WorkerIndex worker = 0;
        Path path;
        std::string bytes;
    };
    bool take(WorkerIndex worker, const TunnelBatch& batch) {
        if (worker > 1) return false;
        batch.for_each([&](const Path& path, ByteView bytes) {
            got_.push_back({worker, path, std::string(as_text(bytes))});
        });
        return true;
    }
    Got wait_for(size_t count) {
        for (;;) {
            const auto got = server_.on_front([this] { return got_; });
            if (got.size() >= count) return got[count - 1];
            std::this_thread::yield();
        }
    }
    void answer(const Path& path, std::string_view bytes) {
        server_.on_front([&] { return ice_.deliver(path, as_bytes(bytes)), 0; });
    }
    IceTcpCounters counters() {
        return server_.on_front([this] { return ice_.counters(); });
    }

    std::vector<Got> got_;
    std::vector<Path> closed_;
    IceTcp ice_{{[this](WorkerIndex worker, TunnelBatch&& batch) { return take(worker, batch); },
                 [this](WorkerIndex, const TunnelClosed& closed) { closed_.push_back(closed.path); }}};
    net::TestServer server_;
    SocketAddress address_;
};

TEST_F(IceTcpTest, ThePrefixOfTheUfragNamesTheWorker) {
    for (const WorkerIndex worker : {WorkerIndex{0}, WorkerIndex{1}}) {
        net::TestClient client(address_);
        const std::string first = check(ufrag_prefix(worker) + "abcdefghijkl");
        client.send(framed(first));
        const Got got = wait_for(worker + 1U);
        EXPECT_EQ(got.worker, worker);
        EXPECT_EQ(got.bytes, first);
        EXPECT_EQ(got.path.socket, Path::kTcp);
        answer(got.path, "yes");
        EXPECT_EQ(client.read(5), framed("yes"));
    }
    for (bool is_closed = false; !is_closed;)
        is_closed = server_.on_front([this] { return closed_.size() == 2; });
    EXPECT_EQ(counters().connections, 0u);
}

TEST_F(IceTcpTest, WhoDoesNotBeginWithACheckIsSentAway) {
    std::array<uint8_t, 64> buffer;
    wire::StunWriter nameless{buffer, wire::StunClass::Request, wire::kStunBinding, {}};
    for (const std::string& first : {std::string(as_text(nameless.written())), check("zz"), check("0")}) {
        net::TestClient client(address_);
        client.send(framed(first));
        EXPECT_TRUE(client.is_closed());
    }
    EXPECT_EQ(counters().refused, 3u);
    EXPECT_EQ(counters().received, 0u);
}

TEST_F(IceTcpTest, AWorkerThatThereIsNotDropsEverything) {
    net::TestClient client(address_);
    client.send(framed(check("ff")));
    while (counters().dropped == 0) std::this_thread::yield();
}

TEST_F(IceTcpTest, BeforeAnAnswerLittleIsTaken) {
    net::TestClient client(address_);
    const std::string large = framed(check("00", 1200));
    for (size_t sent = 0; sent <= IceTcp::kUnprovenBytesMax; sent += large.size()) client.send(large);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(counters().refused, 1u);
    EXPECT_EQ(closed_.size(), 0u) << "no path was ever there";

    const size_t before = counters().received;
    net::TestClient proven(address_);
    proven.send(framed(check("00")));
    answer(wait_for(before + 1).path, "yes");
    for (size_t sent = 0; sent <= 2 * IceTcp::kUnprovenBytesMax; sent += large.size()) proven.send(large);
    EXPECT_EQ(proven.read(5), framed("yes"));
    EXPECT_EQ(counters().refused, 1u);
}

TEST_F(IceTcpTest, WhoIsSilentForTooLongIsClosed) {
    net::TestClient client(address_);
    client.send(framed(check("00")));
    answer(wait_for(1).path, "yes");
    EXPECT_EQ(client.read(5), framed("yes"));
    server_.on_front([this] {
        ice_.handle_timeout(net::monotonic_now() + IceTcp::kIdleMax + Duration::seconds(1));
        return 0;
    });
    EXPECT_TRUE(client.is_closed());
    answer(got_.front().path, "late");
    EXPECT_EQ(counters().dropped, 1u);
}

}  // namespace
}  // namespace conclave::server
