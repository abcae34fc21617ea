#include "livekit/session.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "livekit/request_limits.h"
#include "livekit/responses.h"

namespace conclave::livekit {
namespace {

constexpr Instant kStart = Instant::from_ms(1000);
constexpr WallTime kWall = WallTime::from_unix_seconds(1'750'000'000);

pb::ClientInfo client_of(pb::ClientInfo::SDK sdk, int32_t protocol) {
    pb::ClientInfo info;
    info.set_sdk(sdk);
    info.set_protocol(protocol);
    return info;
}

struct SessionTest : testing::Test {
    Session session{kStart, client_of(pb::ClientInfo::JS, 17)};
    Outbox outbox;

    void open() {
        session.send(join_response({}), outbox);
        (void)outbox.take();
    }
    Result<Input, ProtocolError> receive(const pb::SignalRequest& request, Instant now = kStart) {
        return session.handle_message(now, kWall, as_bytes(request.SerializeAsString()), outbox);
    }
    pb::SignalResponse only_response() {
        const auto frames = outbox.take();
        EXPECT_EQ(frames.size(), 1U);
        pb::SignalResponse response;
        EXPECT_TRUE(!frames.empty() && response.ParseFromString(frames[0].payload));
        return response;
    }
};

pb::SignalRequest mute_request() {
    pb::SignalRequest request;
    request.mutable_mute()->set_sid("TR_x");
    request.mutable_mute()->set_muted(true);
    return request;
}

TEST_F(SessionTest, RequestComesOutAsItWentIn) {
    open();
    const auto input = receive(mute_request());
    ASSERT_TRUE(input);
    const auto* request = std::get_if<pb::SignalRequest>(&*input);
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(request->mute().sid(), "TR_x");
    EXPECT_TRUE(outbox.empty());
}

TEST_F(SessionTest, LegacyPingIsAnsweredWithTheWallClock) {
    open();
    pb::SignalRequest ping;
    ping.set_ping(5);
    const auto input = receive(ping);
    ASSERT_TRUE(input);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(*input));
    EXPECT_EQ(only_response().pong(), 1'750'000'000'000);
}

TEST_F(SessionTest, PingIsAnsweredWithItsTimestampAndTellsTheRoundTrip) {
    open();
    pb::SignalRequest ping;
    ping.mutable_ping_req()->set_timestamp(77);
    ASSERT_TRUE(receive(ping));
    EXPECT_EQ(session.rtt(), std::nullopt);
    ping.mutable_ping_req()->set_rtt(42);
    (void)outbox.take();
    ASSERT_TRUE(receive(ping));
    EXPECT_EQ(session.rtt(), Duration::millis(42));
    const pb::SignalResponse response = only_response();
    EXPECT_EQ(response.pong_resp().last_ping_timestamp(), 77);
    EXPECT_EQ(response.pong_resp().timestamp(), 1'750'000'000'000);
    ping.mutable_ping_req()->set_rtt(-1);
    ASSERT_TRUE(receive(ping));
    ping.mutable_ping_req()->set_rtt(INT64_MAX);
    ASSERT_TRUE(receive(ping));
    EXPECT_EQ(session.rtt(), Duration::millis(42));
}

TEST_F(SessionTest, NothingPrecedesJoin) {
    pb::SignalResponse update;
    update.mutable_update()->add_participants()->set_sid("PA_x");
    session.send(update, outbox);
    EXPECT_TRUE(outbox.empty());
    session.send(join_response({}), outbox);
    EXPECT_TRUE(session.is_open());
    session.send(update, outbox);
    const auto frames = outbox.take();
    ASSERT_EQ(frames.size(), 2U);
    pb::SignalResponse first;
    ASSERT_TRUE(first.ParseFromString(frames[0].payload));
    EXPECT_TRUE(first.has_join());
}

TEST_F(SessionTest, ResumeStartsWithReconnect) {
    session.send(reconnect_response({}), outbox);
    EXPECT_TRUE(session.is_open());
    EXPECT_EQ(only_response().reconnect().server_info().protocol(), 17);
}

TEST_F(SessionTest, LeaveMayBeTheFirstMessageAndIsTheLast) {
    session.send(leave(pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT), outbox);
    EXPECT_TRUE(session.is_closed());
    const pb::SignalResponse response = only_response();
    EXPECT_EQ(response.leave().reason(), pb::STATE_MISMATCH);
    EXPECT_EQ(response.leave().action(), pb::LeaveRequest::RECONNECT);
    EXPECT_FALSE(response.leave().can_reconnect());
    session.send(join_response({}), outbox);
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(receive(mute_request()).error(), ProtocolError::Closed);
}

TEST_F(SessionTest, RequestBeforeJoinEndsTheSession) {
    const auto input = receive(mute_request());
    ASSERT_FALSE(input);
    EXPECT_EQ(input.error(), ProtocolError::TooEarly);
    EXPECT_TRUE(session.is_closed());
    EXPECT_TRUE(outbox.empty());
}

TEST_F(SessionTest, LeaveOfTheClientEndsTheSession) {
    open();
    pb::SignalRequest request;
    request.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    ASSERT_TRUE(receive(request));
    EXPECT_TRUE(session.is_closed());
    EXPECT_EQ(receive(mute_request()).error(), ProtocolError::Closed);
}

TEST_F(SessionTest, MalformedMessageEndsTheSession) {
    open();
    const auto input = session.handle_message(kStart, kWall, as_bytes("\xff\xff"), outbox);
    ASSERT_FALSE(input);
    EXPECT_EQ(input.error(), ProtocolError::Malformed);
    EXPECT_TRUE(session.is_closed());
}

TEST_F(SessionTest, MessageOfANewerProtocolIsIgnored) {
    open();
    const auto input =
        session.handle_message(kStart, kWall, as_bytes(std::string_view{"\xfa\x07\x01x", 4}), outbox);
    ASSERT_TRUE(input);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(*input));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(*session.handle_message(kStart, kWall, {}, outbox)));
    EXPECT_FALSE(session.is_closed());
}

TEST_F(SessionTest, MessageMayHaveTwoMebibytesAndNoMore) {
    open();
    pb::SignalRequest request;
    request.mutable_offer()->set_sdp(std::string(kMessageMax - 8, 'a'));
    const size_t over = request.ByteSizeLong() - kMessageMax;
    request.mutable_offer()->mutable_sdp()->resize(kMessageMax - 8 - over);
    ASSERT_EQ(request.ByteSizeLong(), kMessageMax);
    EXPECT_TRUE(receive(request));
    request.mutable_offer()->mutable_sdp()->push_back('a');
    EXPECT_EQ(receive(request).error(), ProtocolError::TooLarge);
}

TEST_F(SessionTest, BurstOf400MessagesPassesAndTheNextIsShownTheDoor) {
    open();
    for (int i = 0; i < kMessagesBurst; ++i) ASSERT_TRUE(receive(mute_request())) << i;
    EXPECT_EQ(receive(mute_request()).error(), ProtocolError::TooFrequent);
    const pb::SignalResponse response = only_response();
    EXPECT_EQ(response.leave().reason(), pb::PARTICIPANT_REMOVED);
    EXPECT_EQ(response.leave().action(), pb::LeaveRequest::DISCONNECT);
    EXPECT_TRUE(session.is_closed());
}

TEST_F(SessionTest, A16_RequestsWithListsBeyondTheLimitAreRefusedAndTheSessionGoesOn) {
    open();
    pb::SignalRequest request;
    for (size_t i = 0; i < kEntriesMax; ++i) request.mutable_track_setting()->add_track_sids("TR_x");
    EXPECT_TRUE(std::holds_alternative<pb::SignalRequest>(*receive(request)));
    request.mutable_track_setting()->add_track_sids("TR_x");
    EXPECT_TRUE(std::holds_alternative<std::monostate>(*receive(request)));
    EXPECT_EQ(only_response().request_response().reason(), pb::RequestResponse::LIMIT_EXCEEDED);
    EXPECT_TRUE(receive(mute_request()));
}

TEST_F(SessionTest, LongListsCountAsSeveralMessages) {
    open();
    pb::SignalRequest request;
    for (size_t i = 0; i < kEntriesPerMessage * 99; ++i) request.mutable_track_setting()->add_track_sids("x");
    for (int i = 0; i < kMessagesBurst / 100; ++i) ASSERT_TRUE(receive(request)) << i;
    EXPECT_EQ(receive(mute_request()).error(), ProtocolError::TooFrequent);
}

TEST_F(SessionTest, LargeMessagesCountAsSeveral) {
    open();
    pb::SignalRequest request;
    request.mutable_offer()->set_sdp(std::string(kBytesPerMessage * 10 - 100, 'a'));
    ASSERT_LT(request.ByteSizeLong(), kBytesPerMessage * 10);
    for (int i = 0; i < kMessagesBurst / 10; ++i) ASSERT_TRUE(receive(request)) << i;
    EXPECT_EQ(receive(mute_request()).error(), ProtocolError::TooFrequent);
}

TEST_F(SessionTest, TwoHundredMessagesASecondPassForever) {
    open();
    Instant now = kStart;
    for (int i = 0; i < 2000; ++i) {
        ASSERT_TRUE(receive(mute_request(), now)) << i;
        now = now + Duration::millis(5);
    }
    EXPECT_EQ(session.last_heard(), now - Duration::millis(5));
}

TEST_F(SessionTest, TextFrameIsJsonAndIsAnsweredInJsonUntilTheNextBinaryFrame) {
    open();
    const auto input =
        session.handle_text(kStart, kWall, R"({"mute":{"sid":"TR_x","muted":true},"hologram":1})", outbox);
    ASSERT_TRUE(input);
    EXPECT_TRUE(std::get<pb::SignalRequest>(*input).mute().muted());
    ASSERT_TRUE(session.handle_text(kStart, kWall, R"({"pingReq":{"timestamp":"7"}})", outbox));
    auto frames = outbox.take();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_TRUE(frames[0].is_text);
    EXPECT_EQ(nlohmann::json::parse(frames[0].payload.str())["pongResp"]["lastPingTimestamp"], "7");
    pb::SignalRequest ping;
    ping.set_ping(1);
    ASSERT_TRUE(receive(ping));
    frames = outbox.take();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_FALSE(frames[0].is_text);
}

TEST_F(SessionTest, TextThatIsNoRequestEndsTheSession) {
    for (const std::string_view text : {"", "{", "[]", R"({"mute":1})", "\xff"}) {
        Session fresh{kStart, client_of(pb::ClientInfo::JS, 17)};
        fresh.send(join_response({}), outbox);
        EXPECT_EQ(fresh.handle_text(kStart, kWall, text, outbox).error(), ProtocolError::Malformed) << text;
    }
}

TEST(SessionProtocol, LeaveBeforeVersion13SaysOnlyWhetherToComeBack) {
    for (const auto action : {pb::LeaveRequest::DISCONNECT, pb::LeaveRequest::RECONNECT}) {
        Session session{kStart, client_of(pb::ClientInfo::ANDROID, 12)};
        Outbox outbox;
        session.send(leave(pb::ROOM_CLOSED, action), outbox);
        pb::SignalResponse response;
        ASSERT_TRUE(response.ParseFromString(outbox.frames().at(0).payload));
        EXPECT_EQ(response.leave().can_reconnect(), action == pb::LeaveRequest::RECONNECT);
        EXPECT_EQ(response.leave().action(), pb::LeaveRequest::DISCONNECT);
    }
}

size_t frames_after(const pb::ClientInfo& client, const pb::SignalResponse& response) {
    Session session{kStart, client};
    Outbox outbox;
    session.send(join_response({}), outbox);
    (void)outbox.take();
    session.send(response, outbox);
    return outbox.frames().size();
}

TEST(SessionProtocol, SuccessIsToldFromVersion15On) {
    const auto ok = request_response(1, pb::RequestResponse::OK, "", {});
    const auto refused = request_response(1, pb::RequestResponse::NOT_ALLOWED, "", {});
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::SWIFT, 14), ok), 0U);
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::SWIFT, 15), ok), 1U);
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::SWIFT, 14), refused), 1U);
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::RUST, 9), refused), 0U);
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::RUST, 10), refused), 1U);
}

TEST(SessionProtocol, OldClientsAreSparedWhatTheyDoNotKnow) {
    pb::SignalResponse subscribed;
    subscribed.mutable_track_subscribed()->set_track_sid("TR_x");
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::RUST, 9), subscribed), 0U);
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::JS, 9), subscribed), 1U);
    pb::SignalResponse moved;
    moved.mutable_room_moved();
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::JS, 15), moved), 0U);
    EXPECT_EQ(frames_after(client_of(pb::ClientInfo::JS, 16), moved), 1U);
}

TEST(SessionProtocol, MessagesComeFromTheVersionThatKnowsThem) {
    pb::SignalResponse speakers;
    speakers.mutable_speakers_changed();
    pb::SignalResponse quality;
    quality.mutable_connection_quality();
    pb::SignalResponse unpublished;
    unpublished.mutable_track_unpublished();
    const std::pair<const pb::SignalResponse*, int32_t> known_from[] = {
        {&speakers, 3}, {&quality, 5}, {&unpublished, 7}};
    for (const auto& [response, version] : known_from) {
        EXPECT_EQ(frames_after(client_of(pb::ClientInfo::SWIFT, version - 1), *response), 0U) << version;
        EXPECT_EQ(frames_after(client_of(pb::ClientInfo::SWIFT, version), *response), 1U) << version;
    }
}

TEST(SessionProtocol, BeforeVersion11ALostConnectionIsPoor) {
    for (const int32_t version : {10, 11}) {
        Session session{kStart, client_of(pb::ClientInfo::SWIFT, version)};
        Outbox outbox;
        session.send(join_response({}), outbox);
        pb::SignalResponse quality;
        quality.mutable_connection_quality()->add_updates()->set_quality(pb::LOST);
        session.send(quality, outbox);
        pb::SignalResponse sent;
        ASSERT_TRUE(sent.ParseFromString(outbox.frames().back().payload));
        EXPECT_EQ(sent.connection_quality().updates(0).quality(), version < 11 ? pb::POOR : pb::LOST);
    }
}

TEST(SessionProtocol, ErrorsHaveWebSocketStatuses) {  // RFC 6455 7.4.1
    EXPECT_EQ(close_status(ProtocolError::TooLarge), 1009);
    EXPECT_EQ(close_status(ProtocolError::Malformed), 1007);
    EXPECT_EQ(close_status(ProtocolError::TooFrequent), 1008);
    EXPECT_EQ(close_status(ProtocolError::TooEarly), 1002);
    EXPECT_EQ(close_status(ProtocolError::Closed), 1002);
}

TEST(Outbox, OverflowsForGoodInsteadOfLosingAMessageInTheMiddle) {
    Outbox outbox;
    for (size_t i = 0; i < Outbox::kFramesMax; ++i) outbox.push("x", false);
    EXPECT_FALSE(outbox.overflowed());
    outbox.push("x", false);
    EXPECT_TRUE(outbox.overflowed());
    EXPECT_EQ(outbox.take().size(), Outbox::kFramesMax);
    outbox.push("x", false);
    EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, LimitsBytes) {
    Outbox outbox;
    outbox.push(std::string(Outbox::kBytesMax, 'x'), false);
    EXPECT_FALSE(outbox.overflowed());
    EXPECT_EQ(outbox.bytes(), Outbox::kBytesMax);
    outbox.push("x", false);
    EXPECT_TRUE(outbox.overflowed());
}

}  // namespace
}  // namespace conclave::livekit
