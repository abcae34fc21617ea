// One connection that carries datagrams. Internal; front thread only.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "net/datagram_stream.h"
#include "net/http_core.h"
#include "net/stream.h"

namespace conclave::net {

// What the first bytes of a connection say. Nothing: too few to tell.
enum class FirstBytes : uint8_t { Unknown, Length, Stun };
constexpr size_t kFirstBytesMax = 10;
std::optional<FirstBytes> judge_first_bytes(ByteView bytes);

// The size of the first frame of `bytes`, padding included, and where its datagram is.
struct Frame {
    enum class Kind : uint8_t { Whole, Incomplete, Illegal };
    Kind kind = Kind::Incomplete;
    size_t size = 0;
    ByteView datagram;
};
Frame first_frame(Framing framing, ByteView bytes);

class DatagramSession : public std::enable_shared_from_this<DatagramSession> {
 public:
    // `on_trusted` is called once.
    DatagramSession(std::shared_ptr<HttpCore> core, Framing framing, asio::any_io_executor executor,
                    std::function<void()> on_trusted);

    bool send(ByteView datagram);
    void trust();
    void close();
    // `buffer` holds what was read already. Lives until the connection ends; on_closed is its last act.
    asio::awaitable<void> run(Stream stream, const SocketAddress& peer, beast::flat_buffer buffer);

 private:
    void await_trust();
    asio::awaitable<void> read(beast::flat_buffer& buffer);
    bool deliver(beast::flat_buffer& buffer);
    void write();

    std::shared_ptr<HttpCore> core_;
    const Framing framing_;
    std::function<void()> on_trusted_;
    DatagramStreamCallbacks callbacks_;
    std::optional<Stream> stream_;
    std::vector<ByteView> datagrams_;  // of one read
    std::vector<uint8_t> waiting_;
    std::vector<uint8_t> writing_;
    size_t written_ = 0;     // of writing_
    Instant writing_since_;  // the newest byte of writing_ was put there, or before
    asio::steady_timer trust_by_;
    bool is_writing_ = false;
    bool is_trusted_ = false;
    bool is_closed_ = false;
};

}  // namespace conclave::net
