// Connections of the HTTPS port that carry datagrams, as a client sees them.
#include <gtest/gtest.h>

#include "net/datagram_session.h"
#include "net/test_certificate.h"
#include "net/test_server.h"

namespace conclave::net {
namespace {

std::string be16(size_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

// `length` more bytes after the header (RFC 8489 5).
std::string stun(size_t length = 0) {
    return be16(1) + be16(length) + std::string("\x21\x12\xa4\x42", 4) + std::string(12 + length, 'i');
}

std::string framed(const std::string& datagram) {
    return be16(datagram.size()) + datagram;
}

std::string channel_data(const std::string& payload) {
    return std::string("\x40\x00", 2) + be16(payload.size()) + payload;
}

ByteView bytes(const std::string& text) {
    return as_bytes(text);
}

TEST(FirstBytes, TellStunFromAFrameOfStunAndFromAnythingElse) {
    EXPECT_EQ(judge_first_bytes(bytes(stun())), FirstBytes::Stun);
    EXPECT_EQ(judge_first_bytes(bytes(framed(stun()))), FirstBytes::Length);
    EXPECT_EQ(judge_first_bytes(bytes("GET / HTTP/1.1")), FirstBytes::Unknown);
    EXPECT_EQ(judge_first_bytes(bytes(std::string(10, '\0'))), FirstBytes::Unknown);
    for (size_t size = 0; size < kFirstBytesMax; ++size) {
        EXPECT_EQ(judge_first_bytes(bytes(framed(stun()).substr(0, size))), std::nullopt) << size;
    }
    for (size_t size = 0; size < 8; ++size)
        EXPECT_EQ(judge_first_bytes(bytes(stun().substr(0, size))), std::nullopt) << size;
}

TEST(FirstFrame, HasTheSizeThatItTells_RFC4571_RFC8656_12_5) {
    const auto size = [](Framing framing, const std::string& text) {
        const Frame frame = first_frame(framing, bytes(text + "next"));
        EXPECT_EQ(first_frame(framing, bytes(text.substr(0, text.size() - 1))).kind, Frame::Kind::Incomplete);
        EXPECT_EQ(frame.kind, Frame::Kind::Whole);
        return frame.size;
    };
    EXPECT_EQ(size(Framing::Length, framed("abc")), 5u);
    EXPECT_EQ(size(Framing::Length, framed(std::string(kStreamDatagramMax, 'x'))), kStreamDatagramMax + 2);
    EXPECT_EQ(size(Framing::Stun, stun(8)), 28u);
    EXPECT_EQ(size(Framing::Stun, channel_data("abcd")), 8u);
    EXPECT_EQ(size(Framing::Stun, channel_data("abcde") + "pad"), 12u);
    EXPECT_EQ(first_frame(Framing::Stun, bytes(channel_data("abcde") + "pad")).datagram.size(), 9u);
    EXPECT_EQ(first_frame(Framing::Length, bytes(framed(""))).size, 2u) << "RFC 4571 2: legal, and nothing";
    const auto illegal = [](Framing framing, const std::string& text) {
        return first_frame(framing, bytes(text)).kind == Frame::Kind::Illegal;
    };
    EXPECT_TRUE(illegal(Framing::Length, be16(kStreamDatagramMax + 1) + "xx"));
    EXPECT_TRUE(illegal(Framing::Stun, be16(1) + be16(kStreamDatagramMax)));
    EXPECT_TRUE(illegal(Framing::Stun, std::string("\x40\x00\xff\xff", 4)));
    EXPECT_TRUE(illegal(Framing::Stun, std::string("\x80\x00\x00\x00", 4)));
    EXPECT_TRUE(illegal(Framing::Stun, "GET "));
}

class DatagramStreams : public testing::Test {
 protected:
    explicit DatagramStreams(HttpOptions options = {})
        : server_(std::move(options), [](const HttpRequest&, const Respond& respond) {
              respond(HttpResponse::text(200, "page"));
          }) {
        const Pem pem = self_signed("doors");
        EXPECT_TRUE(server_->set_certificate(pem.chain, pem.key));
        address_ = *server_->listen_tls(SocketAddress::v4(127, 0, 0, 1, 0));
    }

    // Sends everything back.
    void echo(bool trusts) {
        server_->take_datagram_streams(
            [this, trusts](const DatagramStreamInfo& info, std::shared_ptr<DatagramStream> stream) {
                infos_.push_back(info);
                streams_.push_back(stream);
                return DatagramStreamCallbacks{[stream, trusts](std::span<const ByteView> datagrams) {
                                                   if (trusts) stream->trust();
                                                   for (const ByteView datagram : datagrams)
                                                       stream->send(datagram);
                                               },
                                               [this] { ++closed_; }};
            });
        server_.start();
    }

    TestServer server_;
    SocketAddress address_;
    std::vector<DatagramStreamInfo> infos_;
    std::vector<std::shared_ptr<DatagramStream>> streams_;
    int closed_ = 0;
};

TEST_F(DatagramStreams, AllKindsShareOnePort) {
    echo(true);
    for (const bool is_tls : {false, true}) {
        for (const bool has_length : {false, true}) {
            TestClient client(address_, is_tls);
            ASSERT_TRUE(!is_tls || client.handshake());
            const std::string first = has_length ? framed(stun(4)) : stun(4);
            client.send(first);
            EXPECT_EQ(client.read(first.size()), first);
            const std::string more =
                has_length ? framed("abc") + framed("") + framed("d") : channel_data("abcd") + stun();
            client.send(more);
            const std::string answer = has_length ? framed("abc") + framed("d") : more;
            EXPECT_EQ(client.read(answer.size()), answer);
            const auto info = server_.on_front([this] { return infos_.back(); });
            EXPECT_EQ(info.is_tls, is_tls);
            EXPECT_EQ(info.framing, has_length ? Framing::Length : Framing::Stun);
        }
    }
    TestClient page(address_, true);
    ASSERT_TRUE(page.handshake());
    EXPECT_TRUE(page.request("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("page"));
    server_.until([](const HttpCounters& counters) { return counters.datagram_streams == 0; });
    EXPECT_EQ(server_.on_front([this] { return closed_; }), 4);
}

TEST_F(DatagramStreams, FramesMayComeByteByByte) {
    echo(true);
    for (const std::string& text : {framed(stun()) + framed("abc"), stun() + channel_data("abcd")}) {
        TestClient client(address_);
        for (const char byte : text) client.send(std::string(1, byte));
        EXPECT_EQ(client.read(text.size()), text);
    }
}

TEST_F(DatagramStreams, WhatIsNeitherEndsAtOnce) {
    echo(true);
    for (const std::string& text :
         {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(10, '\0'),
          std::string("\x01\x02\x03 is no stun"), framed(stun()) + be16(0xffff) + "x",
          stun() + std::string("\x80\x00\x00\x00", 4)}) {
        TestClient client(address_);
        client.send(text);
        const std::string answer = client.read_to_end();
        EXPECT_TRUE(answer.empty() || text.starts_with(answer));
    }
    EXPECT_EQ(server_.counters().bad_datagram_streams, 4u);
    EXPECT_EQ(server_.counters().tls_errors, 1u);
}

TEST_F(DatagramStreams, NobodyTakesThemWithoutAnOwner) {
    server_.start();
    TestClient client(address_);
    client.send(framed(stun()));
    EXPECT_TRUE(client.is_closed());
}

class ImpatientDatagramStreams : public DatagramStreams {
 protected:
    ImpatientDatagramStreams() : DatagramStreams(impatient()) {}

    static HttpOptions impatient() {
        HttpOptions options;
        options.tls_handshake_timeout = Duration::millis(50);
        options.header_timeout = Duration::millis(50);
        return options;
    }
};

TEST_F(ImpatientDatagramStreams, WhoIsSlowOrProvesNothingIsSentAway) {
    echo(false);
    TestClient silent(address_);
    TestClient slow(address_);
    slow.send(framed(stun()).substr(0, 9));
    TestClient unproven(address_);
    unproven.send(framed(stun()));
    EXPECT_EQ(unproven.read(22).size(), 22u);
    for (TestClient* client : {&silent, &slow, &unproven}) EXPECT_TRUE(client->is_closed());
    EXPECT_EQ(server_.counters().timeouts, 3u);
}

TEST_F(ImpatientDatagramStreams, WhoIsTrustedMayBeSilent) {
    echo(true);
    TestClient trusted(address_);
    trusted.send(framed(stun()));
    EXPECT_EQ(trusted.read(22).size(), 22u);
    // Others run out of time meanwhile.
    TestClient silent(address_);
    EXPECT_TRUE(silent.is_closed());
    trusted.send(framed("still here"));
    EXPECT_EQ(trusted.read(12).size(), 12u);
    server_.on_front([this] { return streams_.front()->close(), 0; });
    EXPECT_TRUE(trusted.is_closed());
}

TEST_F(DatagramStreams, WhoDoesNotReadLosesWholeDatagrams) {
    echo(true);
    TestClient client(address_, false, 4096);
    client.send(framed(stun()));
    EXPECT_EQ(client.read(22).size(), 22u);
    const std::string datagram(1000, 'x');
    size_t taken = 0;
    // More than the kernel takes for a reader with so small a window.
    for (bool is_taken = true; is_taken; ++taken)
        is_taken = server_.on_front([&] { return streams_.front()->send(bytes(datagram)); });
    EXPECT_EQ(server_.counters().datagrams_dropped, 1u);
    for (size_t i = 1; i < taken; ++i) ASSERT_EQ(client.read(1002), framed(datagram)) << i;
    client.send(framed("again"));
    EXPECT_EQ(client.read(7), framed("again"));
    client.send(framed(stun()));
    EXPECT_EQ(client.read(22), framed(stun())) << "nothing was cut";
}

}  // namespace
}  // namespace conclave::net
