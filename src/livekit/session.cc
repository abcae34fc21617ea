#include "livekit/session.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "livekit/request_limits.h"
#include "livekit/responses.h"

namespace conclave::livekit {
namespace {

constexpr int64_t kMessageCostUs = 1'000'000 / kMessagesPerSecond;
constexpr int64_t kSavingsMaxUs = kMessagesBurst * kMessageCostUs;

// A round trip above this is a broken or lying clock.
constexpr int64_t kRttMaxMs = 60'000;

// A request beyond the limits comes back with its refusal only when it is not large itself.
constexpr size_t kEchoMax = 16 * 1024;

// From these versions of the signalling protocol on a client knows the message.
constexpr int32_t kSpeakersFrom = 3;
constexpr int32_t kConnectionQualityFrom = 5;
constexpr int32_t kTrackUnpublishedFrom = 7;
constexpr int32_t kQualityLostFrom = 11;
constexpr int32_t kLeaveActionFrom = 13;
constexpr int32_t kSuccessResponseFrom = 15;
constexpr int32_t kRoomMovedFrom = 16;
// Rust SDKs below cannot decode a message that they do not know.
constexpr int32_t kRustDecodesUnknownFrom = 10;

// Older clients read can_reconnect only, newer ones action only.
void adapt_leave(pb::LeaveRequest& leave, int32_t protocol) {
    if (protocol >= kLeaveActionFrom) return;
    leave.set_can_reconnect(leave.action() != pb::LeaveRequest::DISCONNECT);
    leave.clear_action();
    leave.clear_regions();
}

// Older clients do not know LOST.
void adapt_quality(pb::ConnectionQualityUpdate& update, int32_t protocol) {
    if (protocol >= kQualityLostFrom) return;
    for (pb::ConnectionQualityInfo& info : *update.mutable_updates()) {
        if (info.quality() == pb::LOST) info.set_quality(pb::POOR);
    }
}

}  // namespace

uint16_t close_status(ProtocolError error) {
    switch (error) {
        case ProtocolError::TooLarge:
            return 1009;
        case ProtocolError::Malformed:
            return 1007;
        case ProtocolError::TooFrequent:
            return 1008;
        case ProtocolError::TooEarly:
        case ProtocolError::Closed:
            return 1002;
    }
    return 1002;
}

Session::Session(Instant now, const pb::ClientInfo& client)
    : is_old_rust_(client.sdk() == pb::ClientInfo::RUST && client.protocol() < kRustDecodesUnknownFrom),
      protocol_(client.protocol()),
      last_heard_(now),
      savings_at_(now),
      savings_us_(kSavingsMaxUs) {}

Result<Input, ProtocolError> Session::handle_message(Instant now, WallTime wall, ByteView message,
                                                     Outbox& outbox) {
    if (const auto error = admit(now, message.size(), outbox)) return Unexpected{*error};
    is_json_ = false;
    pb::SignalRequest request;
    if (!request.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
        state_ = State::Closed;
        return Unexpected{ProtocolError::Malformed};
    }
    // Parts of requests are copied into what others are told: only what was understood, and measured.
    request.DiscardUnknownFields();
    return dispatch(std::move(request), wall, outbox);
}

Result<Input, ProtocolError> Session::handle_text(Instant now, WallTime wall, std::string_view message,
                                                  Outbox& outbox) {
    if (const auto error = admit(now, message.size(), outbox)) return Unexpected{*error};
    is_json_ = true;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    pb::SignalRequest request;
    const google::protobuf::StringPiece text{message.data(), message.size()};
    if (!google::protobuf::util::JsonStringToMessage(text, &request, options).ok()) {
        state_ = State::Closed;
        return Unexpected{ProtocolError::Malformed};
    }
    return dispatch(std::move(request), wall, outbox);
}

// What every message has to pass before it is looked at.
std::optional<ProtocolError> Session::admit(Instant now, size_t size, Outbox& outbox) {
    if (state_ == State::Closed) return ProtocolError::Closed;
    last_heard_ = now;
    savings_us_ = std::min(kSavingsMaxUs, savings_us_ + (now - savings_at_).us);
    savings_at_ = now;
    savings_us_ -= kMessageCostUs * static_cast<int64_t>(1 + size / kBytesPerMessage);
    std::optional<ProtocolError> error;
    if (state_ == State::New) {
        error = ProtocolError::TooEarly;
    } else if (savings_us_ < 0) {
        error = ProtocolError::TooFrequent;
        // Not RECONNECT: the client would only come back and go on.
        send(leave(pb::PARTICIPANT_REMOVED, pb::LeaveRequest::DISCONNECT), outbox);
    } else if (size > kMessageMax) {
        error = ProtocolError::TooLarge;
    }
    if (error) state_ = State::Closed;
    return error;
}

Result<Input, ProtocolError> Session::dispatch(pb::SignalRequest request, WallTime wall, Outbox& outbox) {
    if (request.has_ping()) {
        pb::SignalResponse response;
        response.set_pong(wall.unix_ms());
        send(std::move(response), outbox);
        return Input{};
    }
    if (request.has_ping_req()) {
        const pb::Ping& ping = request.ping_req();
        if (ping.rtt() > 0 && ping.rtt() <= kRttMaxMs) rtt_ = Duration::millis(ping.rtt());
        pb::SignalResponse response;
        response.mutable_pong_resp()->set_last_ping_timestamp(ping.timestamp());
        response.mutable_pong_resp()->set_timestamp(wall.unix_ms());
        send(std::move(response), outbox);
        return Input{};
    }
    if (request.message_case() == pb::SignalRequest::MESSAGE_NOT_SET) return Input{};
    if (!is_within_limits(request)) {
        const pb::SignalRequest echo = request.ByteSizeLong() <= kEchoMax ? request : pb::SignalRequest{};
        send(request_response(request.update_metadata().request_id(), pb::RequestResponse::LIMIT_EXCEEDED,
                              "a list or a text is too long", echo),
             outbox);
        return Input{};
    }
    // Long lists are work for everybody in the room.
    savings_us_ -= static_cast<int64_t>(entries_of(request) / kEntriesPerMessage) * kMessageCostUs;
    if (request.has_leave()) state_ = State::Closed;
    return Input{std::move(request)};
}

void Session::send(pb::SignalResponse response, Outbox& outbox) {
    const bool is_opening = response.has_join() || response.has_reconnect();
    if (state_ == State::Closed) return;
    if (state_ == State::New && !is_opening && !response.has_leave()) return;
    if (is_withheld(response)) return;
    if (is_opening) state_ = State::Open;
    if (response.has_connection_quality()) adapt_quality(*response.mutable_connection_quality(), protocol_);
    if (response.has_leave()) {
        adapt_leave(*response.mutable_leave(), protocol_);
        state_ = State::Closed;
    }
    write(response, outbox);
}

void Session::send(const SharedResponse& shared, Outbox& outbox) {
    if (is_adapted(shared.response())) return send(shared.response(), outbox);
    if (state_ != State::Open || is_withheld(shared.response())) return;
    if (!is_json_) return outbox.push(shared.binary(), false);
    if (shared.text()) outbox.push(*shared.text(), true);
}

void Session::open(SharedBytes join, Outbox& outbox) {
    if (state_ != State::New) return;
    state_ = State::Open;
    outbox.push(std::move(join), false);
}

// Or changes what the session is.
bool Session::is_adapted(const pb::SignalResponse& response) const {
    if (response.has_connection_quality()) return protocol_ < kQualityLostFrom;
    return response.has_leave() || response.has_join() || response.has_reconnect();
}

bool Session::is_withheld(const pb::SignalResponse& response) const {
    if (response.has_track_subscribed()) return is_old_rust_;
    if (response.has_speakers_changed()) return protocol_ < kSpeakersFrom;
    if (response.has_connection_quality()) return protocol_ < kConnectionQualityFrom;
    if (response.has_track_unpublished()) return protocol_ < kTrackUnpublishedFrom;
    if (response.has_room_moved()) return protocol_ < kRoomMovedFrom;
    if (!response.has_request_response()) return false;
    const bool is_success = response.request_response().reason() == pb::RequestResponse::OK;
    return is_old_rust_ || (is_success && protocol_ < kSuccessResponseFrom);
}

void Session::write(const pb::SignalResponse& response, Outbox& outbox) const {
    if (!is_json_) return outbox.push(encode(response), false);
    if (auto text = encode_text(response)) outbox.push(std::move(*text), true);
}

}  // namespace conclave::livekit
