// Calls of participants' methods by applications (PerformRpc), and the events that applications are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "livekit_data.pb.h"
#include "sim/world.h"

namespace conclave::sim {
namespace {

using livekit::TwirpCode;
using std::string;
using testing::ElementsAre;
using testing::IsEmpty;

livekit::TwirpError error_of(const std::optional<conference::RoomAnswer>& answer) {
    EXPECT_TRUE(answer && !answer->result);
    return answer && !answer->result ? answer->result.error() : livekit::TwirpError{};
}
string payload_of(const conference::RoomAnswer& answer) {
    const auto* reply = answer.result ? std::get_if<pb::PerformRpcResponse>(&*answer.result) : nullptr;
    EXPECT_NE(reply, nullptr);
    return reply ? reply->payload() : "";
}
void remove(World& world, const string& identity) {
    livekit::RemoveParticipant call;
    call.who.set_room("room");
    call.who.set_identity(identity);
    const auto answer = world.call(call);
    EXPECT_TRUE(answer && answer->result);
}
std::vector<string> names(const std::vector<pb::WebhookEvent>& events) {
    std::vector<string> names;
    for (const auto& event : events) {
        names.push_back(event.event() + " " +
                        (event.has_participant() ? event.participant().identity() : event.room().name()));
    }
    return names;
}

class RpcTest : public testing::Test {
 protected:
    RpcTest() : alice(world.enter("alice")), bob(world.enter("bob")) {}

    pb::PerformRpcRequest request(uint32_t timeout_ms = 0) {
        pb::PerformRpcRequest call;
        call.set_room("room");
        call.set_destination_identity("alice");
        call.set_method("greet");
        call.set_payload("hello");
        call.set_response_timeout_ms(timeout_ms);
        return call;
    }
    // The request as it reached alice.
    pb::RpcRequest arrived() {
        world.run(Duration::millis(100));
        pb::DataPacket packet;
        EXPECT_FALSE(alice.data.empty());
        EXPECT_TRUE(alice.data.empty() || packet.ParseFromString(alice.data.back()));
        EXPECT_EQ(packet.participant_identity(), "");
        return packet.rpc_request();
    }
    void send(Client& from, const pb::DataPacket& packet) {
        ASSERT_TRUE(from.send_data(world.now, "_reliable", packet.SerializeAsString(), world.outbox(from)));
        world.run(Duration::millis(100));
    }
    void acknowledge(Client& from, const string& id) {
        pb::DataPacket packet;
        packet.mutable_rpc_ack()->set_request_id(id);
        send(from, packet);
    }
    static pb::DataPacket response(const string& id, const string& payload) {
        pb::DataPacket packet;
        packet.mutable_rpc_response()->set_request_id(id);
        packet.mutable_rpc_response()->set_payload(payload);
        return packet;
    }
    string rpc_code() {
        EXPECT_FALSE(world.answers.empty());
        return world.answers.empty() ? "" : error_of(world.answers.back()).meta["code"];
    }

    World world{30};
    Client& alice;
    Client& bob;
};

TEST_F(RpcTest, IsAnsweredByItsTargetAndSeenByNobodyElse) {
    EXPECT_FALSE(world.call(request()));
    const auto call = arrived();
    EXPECT_EQ(call.method(), "greet");
    EXPECT_EQ(call.payload(), "hello");
    EXPECT_EQ(call.response_timeout_ms(), 15'000u);
    acknowledge(alice, call.id());
    EXPECT_THAT(world.answers, IsEmpty());
    send(alice, response(call.id(), "hi"));
    ASSERT_EQ(world.answers.size(), 1u);
    EXPECT_EQ(payload_of(world.answers[0]), "hi");
    EXPECT_THAT(bob.data, IsEmpty());
}

TEST_F(RpcTest, NobodyAnswersForAnother) {
    (void)world.call(request());
    const auto call = arrived();
    send(bob, response(call.id(), "forged"));
    EXPECT_THAT(world.answers, IsEmpty());
    send(alice, response(call.id(), "true"));
    ASSERT_EQ(world.answers.size(), 1u);
    EXPECT_EQ(payload_of(world.answers[0]), "true");
}

TEST_F(RpcTest, AnErrorOfTheMethodIsPassedOn) {
    (void)world.call(request());
    pb::DataPacket packet;
    packet.mutable_rpc_response()->set_request_id(arrived().id());
    packet.mutable_rpc_response()->mutable_error()->set_code(1400);
    packet.mutable_rpc_response()->mutable_error()->set_message("no such method");
    packet.mutable_rpc_response()->mutable_error()->set_data("d");
    send(alice, packet);
    ASSERT_EQ(world.answers.size(), 1u);
    const auto error = error_of(world.answers[0]);
    EXPECT_EQ(error.code, TwirpCode::Unimplemented);
    EXPECT_EQ(error.message, "no such method");
    EXPECT_EQ(error.meta.at("data"), "d");
    EXPECT_EQ(rpc_code(), "1400");
}

TEST_F(RpcTest, WithoutAnAcknowledgementItFailsAfterSevenSeconds) {
    (void)world.call(request());
    (void)arrived();
    world.run(Duration::millis(6800));
    EXPECT_THAT(world.answers, IsEmpty());
    world.run(Duration::millis(300));
    ASSERT_EQ(world.answers.size(), 1u);
    EXPECT_EQ(rpc_code(), "1501");
}

TEST_F(RpcTest, WithoutAnAnswerItFailsAfterItsTimeout) {
    (void)world.call(request(9000));
    acknowledge(alice, arrived().id());
    world.run(Duration::millis(8700));
    EXPECT_THAT(world.answers, IsEmpty());
    world.run(Duration::millis(300));
    ASSERT_EQ(world.answers.size(), 1u);
    EXPECT_EQ(rpc_code(), "1502");
    EXPECT_EQ(error_of(world.answers[0]).code, TwirpCode::DeadlineExceeded);
}

TEST_F(RpcTest, FailsWhenItsTargetLeavesOrIsNotThere) {
    (void)world.call(request());
    (void)arrived();
    remove(world, "alice");
    EXPECT_EQ(rpc_code(), "1503");
    const auto absent = world.call(request());
    EXPECT_EQ(error_of(absent).meta["code"], "1401");
    EXPECT_EQ(error_of(absent).code, TwirpCode::NotFound);
}

TEST_F(RpcTest, AnAnswerBeyondTheLimitIsAnError) {
    (void)world.call(request());
    send(alice, response(arrived().id(), string(livekit::kRpcPayloadMax, 'x')));
    ASSERT_EQ(world.answers.size(), 1u);
    EXPECT_TRUE(world.answers[0].result);
    alice.data.clear();
    (void)world.call(request());
    send(alice, response(arrived().id(), string(livekit::kRpcPayloadMax + 1, 'x')));
    ASSERT_EQ(world.answers.size(), 2u);
    EXPECT_EQ(rpc_code(), "1504");
}

TEST_F(RpcTest, PendingCallsAreBounded) {
    for (int i = 0; i < 256; ++i) EXPECT_FALSE(world.call(request()));
    EXPECT_EQ(error_of(world.call(request())).code, TwirpCode::ResourceExhausted);
}

TEST(Events, TellTheLifeOfARoomInOrder) {
    World world(40);
    world.settings.has_listeners = true;
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    const string sid = alice.track(pb::MICROPHONE).sid;
    world.unpublish(alice, alice.track(pb::MICROPHONE).cid);
    // Gone before its media was there.
    world.join(world.make("ghost"));
    remove(world, "ghost");
    remove(world, "alice");
    world.run(Duration::seconds(21));
    EXPECT_THAT(names(world.events),
                ElementsAre("room_started room", "participant_joined alice", "track_published alice",
                            "track_unpublished alice", "participant_connection_aborted ghost",
                            "participant_left alice", "room_finished room"));
    for (const auto& event : world.events) {
        EXPECT_EQ(event.room().sid(), world.events[0].room().sid());
        EXPECT_TRUE(!event.has_track() || event.track().sid() == sid);
    }
    EXPECT_EQ(world.events[1].participant().state(), pb::ParticipantInfo::ACTIVE);
    EXPECT_EQ(world.events[5].participant().state(), pb::ParticipantInfo::DISCONNECTED);
    EXPECT_EQ(world.events[5].participant().disconnect_reason(), pb::PARTICIPANT_REMOVED);
}

TEST(Events, ThereAreNoneWhenNobodyListens) {
    World world(41);
    (void)world.enter("alice");
    pb::DeleteRoomRequest request;
    request.set_room("room");
    ASSERT_TRUE(world.call(request));
    EXPECT_THAT(world.events, IsEmpty());
}

}  // namespace
}  // namespace conclave::sim
