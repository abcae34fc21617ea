// A blocking client over plain sockets and OpenSSL: for tests, independent of what the server is built on.
#pragma once

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/socket_address.h"
#include "net/unique_fd.h"

namespace conclave::net {

class TestClient {
 public:
    // Only guards against a hanging test.
    static constexpr int kPatienceMs = 10'000;

    explicit TestClient(const SocketAddress& server, bool is_tls = false, int receive_buffer = 0)
        : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_buffer > 0) {
            setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        RawAddress raw;
        const socklen_t size = to_raw(server, true, raw);
        CHECK(connect(fd_.get(), &raw.any, size) == 0);
        timeval patience{kPatienceMs / 1000, 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (is_tls) context_.reset(SSL_CTX_new(TLS_client_method()));
    }
    ~TestClient() {
        if (ssl_) SSL_free(ssl_);
    }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    SSL_CTX* context() { return context_.get(); }
    SSL* ssl() { return ssl_; }
    int fd() const { return fd_.get(); }

    bool handshake() {
        ssl_ = SSL_new(context_.get());
        SSL_set_fd(ssl_, fd_.get());
        return SSL_connect(ssl_) == 1;
    }

    // False when the server has closed meanwhile.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                      : ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }

    // Exactly `size` bytes, fewer at the end of the connection.
    std::string read(size_t size) {
        while (pending_.size() < size && fill()) {
        }
        return take(std::min(size, pending_.size()));
    }
    std::string read_until(std::string_view end) {
        size_t found = 0;
        while ((found = pending_.find(end)) == std::string::npos) {
            if (!fill()) return take(pending_.size());
        }
        return take(found + end.size());
    }
    std::string read_to_end() {
        while (fill()) {
        }
        return take(pending_.size());
    }
    bool is_closed() { return pending_.empty() && !fill(); }

    // Head and content (by Content-Length) of one response.
    std::string response(bool has_body = true) {
        std::string head = read_until("\r\n\r\n");
        const size_t at = head.find("Content-Length: ");
        if (!has_body || at == std::string::npos) return head;
        return head + read(std::stoul(head.substr(at + 16)));
    }
    std::string request(std::string_view bytes) {
        send(bytes);
        return response();
    }

    // RFC 6455 5.2: client frames are masked.
    static std::string frame(uint8_t opcode, std::string_view payload, bool is_final = true) {
        std::string out;
        out += static_cast<char>((is_final ? 0x80 : 0) | opcode);
        if (payload.size() < 126) {
            out += static_cast<char>(0x80 | payload.size());
        } else if (payload.size() < 65'536) {
            out += static_cast<char>(0x80 | 126);
            out += static_cast<char>(payload.size() >> 8);
            out += static_cast<char>(payload.size());
        } else {
            out += static_cast<char>(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
        }
        const char mask[] = {0x11, 0x22, 0x33, 0x44};
        out.append(mask, 4);
        for (size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
        return out;
    }

    struct Frame {
        int opcode = -1;  // -1: the connection ended
        std::string payload;
        uint16_t code() const {
            return payload.size() < 2 ? uint16_t{0}
                                      : load_be16(reinterpret_cast<const uint8_t*>(payload.data()));
        }
    };
    Frame read_frame() {
        const std::string head = read(2);
        if (head.size() < 2) return {};
        size_t size = static_cast<uint8_t>(head[1]);
        if (size >= 126) {
            const std::string extended = read(size == 126 ? 2 : 8);
            size = 0;
            for (const char c : extended) size = size << 8 | static_cast<uint8_t>(c);
        }
        return {head[0] & 0x0f, read(size)};
    }

    std::string upgrade(std::string_view target = "/ws") {
        send("GET " + std::string(target) +
             " HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        return response();
    }

 private:
    bool fill() {
        char bytes[16 << 10];
        const ssize_t got =
            ssl_ ? SSL_read(ssl_, bytes, sizeof bytes) : recv(fd_.get(), bytes, sizeof bytes, 0);
        if (got <= 0) return false;
        pending_.append(bytes, static_cast<size_t>(got));
        return true;
    }
    std::string take(size_t size) {
        std::string out = pending_.substr(0, size);
        pending_.erase(0, size);
        return out;
    }

    struct FreeContext {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    UniqueFd fd_;
    std::unique_ptr<SSL_CTX, FreeContext> context_;
    SSL* ssl_ = nullptr;
    std::string pending_;
};

}  // namespace conclave::net
