// One client's signalling session: the life of one WebSocket of /rtc or /rtc/v1. A resumed client gets a new
// one.
//
//   client bytes -> handle_message -> Input (a request for the conference) + answers to pings in the outbox
//   conference   -> send(response) -> outbox, in the form this client reads
//
// Order: the first response is join, reconnect or leave, and nothing follows a leave. What is sent before is
// dropped, since join and reconnect are followed by the whole state anyway.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "livekit/encoding.h"
#include "livekit/outbox.h"
#include "livekit/protocol.h"

namespace conclave::livekit {

// One client message, in bytes (the reference server's read limit).
constexpr size_t kMessageMax = 2 * 1024 * 1024;
// A client sends tens of messages a second at most, and a few hundred at once when it resumes or turns a page
// of tiles. Beyond: leave {PARTICIPANT_REMOVED, DISCONNECT} and the socket is to be closed.
constexpr int64_t kMessagesPerSecond = 200;
constexpr int64_t kMessagesBurst = 400;
// A longer message counts as several: reading it costs as much.
constexpr size_t kBytesPerMessage = 64 * 1024;

enum class ProtocolError : uint8_t {
    TooEarly,     // a request before we have sent join or reconnect
    TooLarge,     // longer than kMessageMax
    Malformed,    // neither a SignalRequest nor its JSON
    TooFrequent,  // rate limit; the outbox holds a leave
    Closed,       // a request after leave
};

// The status to close the WebSocket with (RFC 6455 7.4.1). Every error ends the session.
uint16_t close_status(ProtocolError error);

// monostate: nothing to do (a ping, or a message of a newer protocol).
using Input = std::variant<std::monostate, pb::SignalRequest>;

class Session {
 public:
    // `client` as given in the join request; it decides what the client can be sent.
    Session(Instant now, const pb::ClientInfo& client);

    // A binary frame: protobuf. `wall` is only copied into the pong.
    [[nodiscard]] Result<Input, ProtocolError> handle_message(Instant now, WallTime wall, ByteView message,
                                                              Outbox& outbox);
    // A text frame: proto3 JSON. From then on this client is answered in JSON, until its next binary frame.
    [[nodiscard]] Result<Input, ProtocolError> handle_text(Instant now, WallTime wall,
                                                           std::string_view message, Outbox& outbox);

    // Appends one response, adapted to the client's protocol version; drops what it must not get.
    void send(pb::SignalResponse response, Outbox& outbox);
    // One of many who are told the same: the bytes are shared unless this client needs others.
    void send(const SharedResponse& shared, Outbox& outbox);
    // The join response, already encoded: what comes first in a session is binary.
    void open(SharedBytes join, Outbox& outbox);

    bool is_open() const { return state_ == State::Open; }  // join or reconnect has been sent
    bool is_closed() const {
        return state_ == State::Closed;
    }  // leave has been sent or received, or an error
    int32_t protocol() const { return protocol_; }
    // Signalling round trip as the client measured it; nullopt before its second ping.
    std::optional<Duration> rtt() const { return rtt_; }
    // When the client was last heard. Silence beyond kPingTimeoutSeconds means a dead connection.
    Instant last_heard() const { return last_heard_; }

 private:
    enum class State : uint8_t { New, Open, Closed };

    std::optional<ProtocolError> admit(Instant now, size_t size, Outbox& outbox);
    Result<Input, ProtocolError> dispatch(pb::SignalRequest request, WallTime wall, Outbox& outbox);
    bool is_withheld(const pb::SignalResponse& response) const;
    bool is_adapted(const pb::SignalResponse& response) const;
    void write(const pb::SignalResponse& response, Outbox& outbox) const;

    State state_ = State::New;
    bool is_json_ = false;
    bool is_old_rust_ = false;
    int32_t protocol_ = 0;
    std::optional<Duration> rtt_;
    Instant last_heard_;
    Instant savings_at_;
    int64_t savings_us_;  // rate limit: time saved up; one message costs 1 s / kMessagesPerSecond
};

}  // namespace conclave::livekit
