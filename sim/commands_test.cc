// The server API against live conferences: what a call does to the room and what the people in it are told.
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
using testing::UnorderedElementsAre;

template <class Reply>
Reply reply_of(const std::optional<conference::RoomAnswer>& answer) {
    EXPECT_TRUE(answer && answer->result) << (answer ? answer->result.error().message : "no answer");
    const Reply* reply = answer && answer->result ? std::get_if<Reply>(&*answer->result) : nullptr;
    EXPECT_NE(reply, nullptr);
    return reply ? *reply : Reply{};
}
void expect_ok(const std::optional<conference::RoomAnswer>& answer) {
    (void)reply_of<Ok>(answer);
}
livekit::TwirpError error_of(const std::optional<conference::RoomAnswer>& answer) {
    EXPECT_TRUE(answer && !answer->result);
    return answer && !answer->result ? answer->result.error() : livekit::TwirpError{};
}

template <class Call>
Call in_room(const string& identity = {}, const string& room = "room") {
    Call call;
    call.set_room(room);
    if (!identity.empty()) call.set_identity(identity);
    return call;
}
pb::CreateRoomRequest create(const string& name = "room") {
    pb::CreateRoomRequest request;
    request.set_name(name);
    return request;
}
pb::DeleteRoomRequest delete_room(const string& name = "room") {
    pb::DeleteRoomRequest request;
    request.set_room(name);
    return request;
}
pb::ListParticipantsRequest list_participants() {
    pb::ListParticipantsRequest request;
    request.set_room("room");
    return request;
}
livekit::GetParticipant get(const string& identity) {
    return {in_room<pb::RoomParticipantIdentity>(identity)};
}
livekit::RemoveParticipant remove(const string& identity) {
    return {in_room<pb::RoomParticipantIdentity>(identity)};
}
pb::UpdateParticipantRequest update(const string& identity) {
    return in_room<pb::UpdateParticipantRequest>(identity);
}
pb::ParticipantPermission everything() {
    pb::ParticipantPermission permission;
    permission.set_can_publish(true);
    permission.set_can_subscribe(true);
    permission.set_can_publish_data(true);
    return permission;
}
pb::MuteRoomTrackRequest mute(const string& identity, const string& sid, bool muted) {
    auto request = in_room<pb::MuteRoomTrackRequest>(identity);
    request.set_track_sid(sid);
    request.set_muted(muted);
    return request;
}
pb::SendDataRequest data(const string& text) {
    pb::SendDataRequest request;
    request.set_room("room");
    request.set_data(text);
    return request;
}

size_t rooms(World& world) {
    return static_cast<size_t>(
        reply_of<pb::ListRoomsResponse>(world.call(pb::ListRoomsRequest())).rooms_size());
}
template <class Predicate>
size_t count(const Client& client, Predicate predicate) {
    return static_cast<size_t>(std::count_if(client.responses.begin(), client.responses.end(), predicate));
}
std::vector<string> received_texts(const Client& client) {
    std::vector<string> texts;
    for (const string& bytes : client.data) {
        pb::DataPacket packet;
        EXPECT_TRUE(packet.ParseFromString(bytes));
        EXPECT_EQ(packet.participant_identity(), "");
        EXPECT_EQ(packet.participant_sid(), "");
        if (packet.has_user()) texts.push_back(packet.user().topic() + ":" + packet.user().payload());
    }
    return texts;
}
void as_agent(Client& client) {
    client.adjust_join = [](conference::Join& join) { join.claims.kind = pb::ParticipantInfo::AGENT; };
}

TEST(Rooms, ACreatedRoomExistsBeforeAnybodyJoinsAndEndsAfterItsEmptyTimeout) {
    World world(1);
    auto request = create();
    request.set_empty_timeout(30);
    request.set_metadata("m");
    request.set_max_participants(7);
    const auto room = reply_of<pb::Room>(world.call(request));
    EXPECT_EQ(room.name(), "room");
    EXPECT_THAT(room.sid(), testing::StartsWith("RM_"));
    EXPECT_EQ(room.empty_timeout(), 30u);
    EXPECT_EQ(room.departure_timeout(), 20u);
    EXPECT_EQ(room.max_participants(), 7u);
    EXPECT_EQ(room.metadata(), "m");
    EXPECT_GT(room.creation_time(), 0);
    world.run(Duration::seconds(29));
    EXPECT_EQ(rooms(world), 1u);
    world.run(Duration::seconds(2));
    EXPECT_EQ(rooms(world), 0u);
    EXPECT_THAT(world.directory().take_ended(), ElementsAre("room"));
}

TEST(Rooms, CreatingAnExistingRoomKeepsItChangesItsSettingsAndWaitsAnew) {
    World world(2);
    auto request = create();
    request.set_empty_timeout(30);
    const auto first = reply_of<pb::Room>(world.call(request));
    world.run(Duration::seconds(20));
    auto again = create();
    again.set_metadata("new");
    const auto second = reply_of<pb::Room>(world.call(again));
    EXPECT_EQ(second.sid(), first.sid());
    EXPECT_EQ(second.empty_timeout(), 30u);
    EXPECT_EQ(second.metadata(), "new");
    world.run(Duration::seconds(20));
    EXPECT_EQ(rooms(world), 1u);
    world.run(Duration::seconds(11));
    EXPECT_EQ(rooms(world), 0u);
}

TEST(Rooms, AfterTheLastOneLeftTheDepartureTimeoutCounts) {
    World world(3);
    auto request = create();
    request.set_departure_timeout(5);
    (void)world.call(request);
    (void)world.enter("alice");
    expect_ok(world.call(remove("alice")));
    world.run(Duration::seconds(4));
    EXPECT_EQ(rooms(world), 1u);
    world.run(Duration::seconds(2));
    EXPECT_EQ(rooms(world), 0u);
}

TEST(Rooms, ATokensConfigurationAppliesWhenItsJoinCreatesTheRoomOnly) {
    World world(4);
    Client& alice = world.make("alice");
    alice.adjust_join = [](conference::Join& join) {
        join.claims.room_config = R"({"maxParticipants":1,"metadata":"by token","departureTimeout":3})";
    };
    world.join(alice);
    auto list = reply_of<pb::ListRoomsResponse>(world.call(pb::ListRoomsRequest()));
    ASSERT_EQ(list.rooms_size(), 1);
    EXPECT_EQ(list.rooms(0).metadata(), "by token");
    EXPECT_EQ(list.rooms(0).departure_timeout(), 3u);
    EXPECT_EQ(list.rooms(0).max_participants(), 1u);
    Client& bob = world.make("bob");
    bob.adjust_join = [](conference::Join& join) { join.claims.room_config = R"({"metadata":"late"})"; };
    world.join(bob);
    EXPECT_THAT(world.refusals, UnorderedElementsAre(testing::Pair(testing::_, 503)));
    list = reply_of<pb::ListRoomsResponse>(world.call(pb::ListRoomsRequest()));
    EXPECT_EQ(list.rooms(0).metadata(), "by token");
}

TEST(Rooms, AMalformedConfigurationCreatesNothing) {
    World world(5);
    Client& alice = world.make("alice");
    alice.adjust_join = [](conference::Join& join) {
        join.claims.room_config = R"({"maxParticipants":"x"})";
    };
    world.join(alice);
    EXPECT_THAT(world.refusals, UnorderedElementsAre(testing::Pair(testing::_, 400)));
    EXPECT_EQ(rooms(world), 0u);
    EXPECT_THAT(world.directory().take_ended(), ElementsAre("room"));
}

TEST(Rooms, WithoutAutoCreateOnlyTheServerApiCreates) {
    World world(6);
    world.settings.auto_create = false;
    world.join(world.make("alice"));
    EXPECT_THAT(world.refusals, UnorderedElementsAre(testing::Pair(testing::_, 404)));
    EXPECT_THAT(world.directory().take_ended(), ElementsAre("room"));
    (void)world.call(create());
    EXPECT_TRUE(world.enter("bob").is_connected());
}

TEST(Rooms, AgentsAndRecordersNeitherFillARoomNorKeepItAlive) {
    World world(7);
    auto request = create();
    request.set_max_participants(2);
    request.set_departure_timeout(5);
    (void)world.call(request);
    Client& agent = world.make("agent");
    as_agent(agent);
    world.join(agent);
    Client& recorder = world.make("recorder");
    recorder.adjust_join = [](conference::Join& join) { join.claims.video.recorder = true; };
    world.join(recorder);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    EXPECT_THAT(world.refusals, IsEmpty());
    world.join(world.make("carol"));
    EXPECT_EQ(world.refusals.size(), 1u);
    // The room is full, and still an agent comes.
    Client& second = world.make("agent 2");
    as_agent(second);
    world.join(second);
    EXPECT_EQ(world.refusals.size(), 1u);
    const auto list = reply_of<pb::ListRoomsResponse>(world.call(pb::ListRoomsRequest()));
    EXPECT_EQ(list.rooms(0).num_participants(), 2u);

    world.run(Duration::seconds(1));
    for (const Client* client : {&alice, &bob}) expect_ok(world.call(remove(client->identity())));
    world.run(Duration::seconds(4));
    EXPECT_EQ(rooms(world), 1u);
    agent.responses.clear();
    world.run(Duration::seconds(2));
    EXPECT_EQ(rooms(world), 0u);
    EXPECT_EQ(count(agent, [](const auto& r) { return r.leave().reason() == pb::ROOM_CLOSED; }), 1u);
}

TEST(Rooms, ARecorderIsShownAsARecording) {
    World world(8);
    Client& alice = world.enter("alice");
    const auto last_recording = [&] {
        bool is_recorded = false;
        for (const auto& response : alice.responses) {
            if (response.has_room_update()) is_recorded = response.room_update().room().active_recording();
        }
        return is_recorded;
    };
    Client& recorder = world.make("recorder");
    recorder.adjust_join = [](conference::Join& join) { join.claims.kind = pb::ParticipantInfo::EGRESS; };
    world.join(recorder);
    EXPECT_TRUE(last_recording());
    expect_ok(world.call(remove("recorder")));
    EXPECT_FALSE(last_recording());
}

TEST(Rooms, TheServersLimitHoldsWhateverARoomAsksFor) {
    World world(9);
    world.settings.participants_max = 2;
    auto request = create();
    request.set_max_participants(1000);
    EXPECT_EQ(reply_of<pb::Room>(world.call(request)).max_participants(), 2u);
    for (const char* name : {"a", "b"}) world.join(world.make(name));
    EXPECT_THAT(world.refusals, IsEmpty());
    world.join(world.make("c"));
    EXPECT_EQ(world.refusals.size(), 1u);
}

TEST(Rooms, AMeetingEndsForAllAndNoRoomOfAnApplicationWithIt) {
    World world(12);
    Client& alice = world.make("alice");
    alice.adjust_join = [](conference::Join& join) { join.owner = conference::Owner::Meetings; };
    world.join(alice);
    ASSERT_TRUE(world.run_until([&] { return alice.is_connected(); }));
    expect_ok(world.call(delete_room(), 0, conference::Owner::Meetings));
    EXPECT_EQ(count(alice,
                    [](const auto& r) {
                        return r.leave().reason() == pb::ROOM_DELETED &&
                               r.leave().action() == pb::LeaveRequest::DISCONNECT;
                    }),
              1u);
    EXPECT_FALSE(world.has_signalling(alice));
    (void)world.call(create());
    EXPECT_EQ(error_of(world.call(delete_room(), 0, conference::Owner::Meetings)).code, TwirpCode::NotFound);
}

// Applications cannot tell a meeting of the product from a room that does not exist.
TEST(Rooms, AMeetingDoesNotExistForTheServerApi) {
    World world(10);
    world.settings.has_listeners = true;
    Client& alice = world.make("alice");
    alice.adjust_join = [](conference::Join& join) { join.owner = conference::Owner::Meetings; };
    world.join(alice);
    ASSERT_TRUE(world.run_until([&] { return alice.is_connected(); }));
    World nothing(11);
    const livekit::RoomCall calls[] = {pb::ListRoomsRequest(),
                                       list_participants(),
                                       get("alice"),
                                       remove("alice"),
                                       update("alice"),
                                       mute("alice", "TR_x", true),
                                       in_room<pb::UpdateSubscriptionsRequest>("alice"),
                                       data("x"),
                                       [] {
                                           pb::UpdateRoomMetadataRequest request;
                                           request.set_room("room");
                                           return request;
                                       }(),
                                       [] {
                                           pb::PerformRpcRequest request;
                                           request.set_room("room");
                                           request.set_destination_identity("alice");
                                           return request;
                                       }(),
                                       delete_room()};
    for (const auto& call : calls) {
        const auto answer = world.call(call);
        const auto expected = nothing.call(call);
        ASSERT_TRUE(answer && expected);
        ASSERT_EQ(answer->result.has_value(), expected->result.has_value()) << call.index();
        if (answer->result) {
            EXPECT_EQ(livekit::render_room_reply(*answer->result, livekit::TwirpForm::Json),
                      livekit::render_room_reply(*expected->result, livekit::TwirpForm::Json));
        } else {
            EXPECT_EQ(livekit::twirp_error_json(answer->result.error()),
                      livekit::twirp_error_json(expected->result.error()));
        }
    }
    EXPECT_EQ(error_of(world.call(create())).code, TwirpCode::PermissionDenied);
    // An application's participant does not get in either, and no event tells of the meeting.
    world.join(world.make("bob"));
    EXPECT_THAT(world.refusals, UnorderedElementsAre(testing::Pair(testing::_, 403)));
    EXPECT_THAT(world.events, IsEmpty());
    EXPECT_TRUE(world.has_signalling(alice));
}

TEST(Rooms, ListsAllOrThoseAskedFor) {
    World world(12);
    for (const char* name : {"a", "b", "c"}) (void)world.call(create(name));
    pb::ListRoomsRequest request;
    request.add_names("b");
    request.add_names("nobody");
    const auto list = reply_of<pb::ListRoomsResponse>(world.call(request));
    ASSERT_EQ(list.rooms_size(), 1);
    EXPECT_EQ(list.rooms(0).name(), "b");
    EXPECT_EQ(rooms(world), 3u);
}

TEST(Rooms, DeletingSendsEverybodyAwayForGood) {
    World world(13);
    Client& alice = world.enter("alice");
    expect_ok(world.call(delete_room()));
    ASSERT_FALSE(alice.responses.empty());
    EXPECT_EQ(alice.responses.back().leave().reason(), pb::ROOM_DELETED);
    EXPECT_EQ(alice.responses.back().leave().action(), pb::LeaveRequest::DISCONNECT);
    EXPECT_FALSE(world.has_signalling(alice));
    EXPECT_EQ(rooms(world), 0u);
    EXPECT_EQ(error_of(world.call(delete_room())).message, "requested room does not exist");
    EXPECT_TRUE(world.enter("bob").is_connected());
}

TEST(Participants, AreListedEvenWhenHidden) {
    World world(14);
    (void)world.enter("alice");
    Client& spy = world.make("spy");
    spy.adjust_join = [](conference::Join& join) { join.claims.video.hidden = true; };
    world.join(spy);
    const auto list = reply_of<pb::ListParticipantsResponse>(world.call(list_participants()));
    std::vector<string> identities;
    for (const auto& info : list.participants()) identities.push_back(info.identity());
    EXPECT_THAT(identities, UnorderedElementsAre("alice", "spy"));
    EXPECT_EQ(reply_of<pb::ParticipantInfo>(world.call(get("alice"))).state(), pb::ParticipantInfo::ACTIVE);
    for (const livekit::RoomCall& call :
         {livekit::RoomCall(get("x")), livekit::RoomCall(remove("x")), livekit::RoomCall(update("x")),
          livekit::RoomCall(mute("x", "TR", true))}) {
        const auto error = error_of(world.call(call));
        EXPECT_EQ(error.code, TwirpCode::NotFound);
        EXPECT_EQ(error.message, "participant does not exist");
    }
}

TEST(Participants, AreRemovedAtOnce) {
    World world(15);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    expect_ok(world.call(remove("alice")));
    EXPECT_EQ(alice.responses.back().leave().reason(), pb::PARTICIPANT_REMOVED);
    EXPECT_EQ(alice.responses.back().leave().action(), pb::LeaveRequest::DISCONNECT);
    EXPECT_EQ(bob.participant("alice"), nullptr);
    EXPECT_EQ(error_of(world.call(remove("alice"))).code, TwirpCode::NotFound);
}

// One who publishes and one who hears it.
class PublishedTest : public testing::Test {
 protected:
    PublishedTest() : alice(world.enter("alice")), bob(world.enter("bob")) {
        world.publish(alice, pb::AUDIO, pb::MICROPHONE);
        world.run(Duration::millis(300));
        alice.responses.clear();
        bob.responses.clear();
    }
    size_t heard_of_ten() {
        bob.packets.clear();
        for (int i = 0; i < 10; ++i) {
            world.say(alice, "word");
            world.run(Duration::millis(20));
        }
        world.run(Duration::millis(100));
        return bob.packets.size();
    }
    string sid() { return alice.track(pb::MICROPHONE).sid; }

    World world{20};
    Client& alice;
    Client& bob;
};

TEST_F(PublishedTest, ATrackIsMutedAndItsOwnerTold) {
    EXPECT_EQ(heard_of_ten(), 10u);
    const auto reply = reply_of<pb::MuteRoomTrackResponse>(world.call(mute("alice", sid(), true)));
    EXPECT_EQ(reply.track().sid(), sid());
    EXPECT_TRUE(reply.track().muted());
    EXPECT_EQ(heard_of_ten(), 0u);
    EXPECT_EQ(count(alice, [&](const auto& r) { return r.mute().sid() == sid() && r.mute().muted(); }), 1u);
    EXPECT_TRUE(bob.participant("alice")->tracks(0).muted());
    EXPECT_EQ(error_of(world.call(mute("alice", "TR_x", true))).message, "track is not found");
    EXPECT_EQ(error_of(world.call(mute("bob", sid(), true))).message, "track is not found");
}

TEST_F(PublishedTest, UnmutingIsForServersThatAllowIt) {
    (void)world.call(mute("alice", sid(), true));
    EXPECT_EQ(error_of(world.call(mute("alice", sid(), false))).code, TwirpCode::FailedPrecondition);
    EXPECT_EQ(heard_of_ten(), 0u);
    world.settings.enable_remote_unmute = true;
    EXPECT_FALSE(
        reply_of<pb::MuteRoomTrackResponse>(world.call(mute("alice", sid(), false))).track().muted());
    EXPECT_EQ(heard_of_ten(), 10u);
}

TEST_F(PublishedTest, UpdatesReplaceTextsAndMergeAttributes) {
    auto request = update("alice");
    request.set_metadata("m");
    request.set_name("Ada");
    (*request.mutable_attributes())["a"] = "1";
    (*request.mutable_attributes())["b"] = "2";
    (void)world.call(request);
    auto second = update("alice");
    (*second.mutable_attributes())["a"] = "";
    (*second.mutable_attributes())["c"] = "3";
    const auto info = reply_of<pb::ParticipantInfo>(world.call(second));
    EXPECT_EQ(info.metadata(), "m");
    EXPECT_EQ(info.name(), "Ada");
    EXPECT_EQ(info.attributes().size(), 2u);
    EXPECT_EQ(info.attributes().at("c"), "3");
    EXPECT_EQ(bob.participant("alice")->name(), "Ada");
    EXPECT_EQ(heard_of_ten(), 10u);
}

TEST_F(PublishedTest, MergedAttributesStayWithinTheLimit) {
    world.settings.texts.attributes = 10;
    auto request = update("alice");
    (*request.mutable_attributes())["k"] = string(9, 'x');
    EXPECT_TRUE(world.call(request)->result);
    auto more = update("alice");
    (*more.mutable_attributes())["l"] = "";
    EXPECT_TRUE(world.call(more)->result);
    (*more.mutable_attributes())["l"] = "x";
    EXPECT_EQ(error_of(world.call(more)).code, TwirpCode::InvalidArgument);
}

TEST_F(PublishedTest, APermissionReplacesTheWholeSet) {
    auto request = update("alice");
    *request.mutable_permission() = everything();
    request.mutable_permission()->set_can_publish_data(false);
    const auto info = reply_of<pb::ParticipantInfo>(world.call(request));
    EXPECT_TRUE(info.permission().can_publish());
    EXPECT_FALSE(info.permission().can_publish_data());
    EXPECT_FALSE(info.permission().can_update_metadata());
    EXPECT_EQ(heard_of_ten(), 10u);
}

TEST_F(PublishedTest, RevokedPublishingEndsTheTracks) {
    auto request = update("alice");
    *request.mutable_permission() = everything();
    request.mutable_permission()->set_can_publish(false);
    EXPECT_EQ(reply_of<pb::ParticipantInfo>(world.call(request)).tracks_size(), 0);
    EXPECT_EQ(count(alice, [&](const auto& r) { return r.track_unpublished().track_sid() == sid(); }), 1u);
    EXPECT_EQ(bob.participant("alice")->tracks_size(), 0);
    EXPECT_EQ(heard_of_ten(), 0u);
}

TEST_F(PublishedTest, OnlyTracksOfForbiddenSourcesEnd) {
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    auto request = update("alice");
    *request.mutable_permission() = everything();
    request.mutable_permission()->add_can_publish_sources(pb::MICROPHONE);
    const auto info = reply_of<pb::ParticipantInfo>(world.call(request));
    ASSERT_EQ(info.tracks_size(), 1);
    EXPECT_EQ(info.tracks(0).source(), pb::MICROPHONE);
    EXPECT_EQ(heard_of_ten(), 10u);
    request.mutable_permission()->add_can_publish_sources(static_cast<pb::TrackSource>(99));
    EXPECT_EQ(error_of(world.call(request)).code, TwirpCode::InvalidArgument);
}

TEST_F(PublishedTest, RevokedSubscribingEndsReceptionAndGrantedAgainResumesIt) {
    auto request = update("bob");
    *request.mutable_permission() = everything();
    request.mutable_permission()->set_can_subscribe(false);
    (void)world.call(request);
    EXPECT_EQ(heard_of_ten(), 0u);
    request.mutable_permission()->set_can_subscribe(true);
    (void)world.call(request);
    world.run(Duration::millis(300));
    EXPECT_EQ(heard_of_ten(), 10u);
}

TEST_F(PublishedTest, WhoBecomesHiddenDisappearsForTheOthers) {
    auto request = update("alice");
    *request.mutable_permission() = everything();
    request.mutable_permission()->set_hidden(true);
    (void)world.call(request);
    EXPECT_EQ(bob.participant("alice"), nullptr);
    request.mutable_permission()->set_hidden(false);
    (void)world.call(request);
    EXPECT_NE(bob.participant("alice"), nullptr);
}

TEST_F(PublishedTest, SubscriptionsAreMadeOnBehalfOfAParticipant) {
    auto request = in_room<pb::UpdateSubscriptionsRequest>("bob");
    request.add_track_sids(sid());
    expect_ok(world.call(request));
    EXPECT_EQ(heard_of_ten(), 0u);
    request.set_subscribe(true);
    expect_ok(world.call(request));
    world.run(Duration::millis(300));
    EXPECT_EQ(heard_of_ten(), 10u);
}

TEST_F(PublishedTest, DataReachesThoseItNamesOnceAndWithoutASender) {
    auto request = data("hello");
    request.set_topic("t");
    request.set_nonce(string(16, 'n'));
    for (int i = 0; i < 2; ++i) expect_ok(world.call(request));
    world.run(Duration::millis(100));
    EXPECT_THAT(received_texts(alice), ElementsAre("t:hello"));
    EXPECT_THAT(received_texts(bob), ElementsAre("t:hello"));
    auto to_bob = data("secret");
    to_bob.add_destination_identities("bob");
    to_bob.set_kind(pb::DataPacket::LOSSY);
    expect_ok(world.call(to_bob));
    auto by_sid = data("by sid");
    by_sid.add_destination_sids(alice.participant("bob")->sid());
    expect_ok(world.call(by_sid));
    world.run(Duration::millis(100));
    EXPECT_THAT(received_texts(alice), ElementsAre("t:hello"));
    EXPECT_THAT(received_texts(bob), UnorderedElementsAre("t:hello", ":secret", ":by sid"));
}

TEST_F(PublishedTest, RoomMetadataIsToldAtOnce) {
    pb::UpdateRoomMetadataRequest request;
    request.set_room("room");
    request.set_metadata("now");
    EXPECT_EQ(reply_of<pb::Room>(world.call(request)).metadata(), "now");
    EXPECT_EQ(count(bob, [](const auto& r) { return r.room_update().room().metadata() == "now"; }), 1u);
}

}  // namespace
}  // namespace conclave::sim
