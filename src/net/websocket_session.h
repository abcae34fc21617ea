// One WebSocket connection. Internal; front thread only.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "net/http_core.h"
#include "net/stream.h"
#include "net/websocket.h"

namespace conclave::net {

class WebSocketSession : public std::enable_shared_from_this<WebSocketSession> {
 public:
    WebSocketSession(std::shared_ptr<HttpCore> core, asio::any_io_executor executor,
                     WebSocketCallbacks callbacks);

    bool send(SharedBytes message, bool is_binary);
    void close(uint16_t code, const std::string& reason);
    // At once, without goodbye.
    void drop(uint16_t code);
    // Answers the handshake, then lives until the connection ends; on_closed is its last act.
    asio::awaitable<void> run(Stream stream, std::string key);
    // The end of a socket whose connection has gone before run().
    void finish(uint16_t code);

 private:
    struct Message {
        SharedBytes bytes;
        bool is_binary = false;
    };

    asio::awaitable<void> read_messages();
    asio::awaitable<void> wait_for_close();
    void deliver(beast::flat_buffer& buffer);
    void write_next();
    void start_close();
    void note_close_done();
    void arm_tick();
    void tick();
    uint16_t code_of(beast::error_code error) const;

    std::shared_ptr<HttpCore> core_;
    WebSocketCallbacks callbacks_;
    std::optional<beast::websocket::stream<Stream, false>> socket_;
    std::deque<Message> queue_;  // bounded by queued_bytes_, which counts an overhead for each
    size_t queued_bytes_ = 0;
    asio::steady_timer tick_timer_;
    asio::steady_timer close_timer_;
    std::optional<uint16_t> code_;  // why it ended, once known
    beast::websocket::close_reason close_reason_;
    uint64_t heard_bytes_ = 0;
    Duration silence_;
    bool is_open_ = false;  // the handshake has been answered
    bool is_writing_ = false;
    bool is_pinging_ = false;
    bool is_closing_ = false;     // close() was called
    bool is_close_done_ = false;  // nothing more will be written
    bool is_dropped_ = false;
    bool is_finished_ = false;
};

}  // namespace conclave::net
