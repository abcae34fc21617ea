// How much one participant gets of a conference, and how long its texts may be.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world.h"

namespace conclave::sim {
namespace {

using std::string;

TEST(Limits, SubscriptionsOfAParticipant) {
    World world(25);
    world.settings.subscriptions_per_participant_max = 2;
    Client& alice = world.enter("alice");
    (void)world.enter("bob");
    const auto subscriptions = [&] { return world.directory().totals().subscriptions; };
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    EXPECT_EQ(subscriptions(), 2u);
    world.publish(alice, pb::VIDEO, pb::SCREEN_SHARE);
    EXPECT_EQ(world.directory().totals().published_tracks, 3u);
    EXPECT_EQ(subscriptions(), 2u);
}

// A client that could not offer so many sections is not asked for them, again and again.
TEST(Limits, SectionsOfOnePeerConnection) {
    World world(27);
    world.settings.tracks_per_participant_max = 330;
    world.settings.subscriptions_per_participant_max = 1000;
    Client& viewer = world.enter("viewer");
    for (const char* name : {"ann", "ben"}) {
        Client& publisher = world.make(name);
        publisher.adjust_join = [](conference::Join& join) {
            join.request.mutable_connection_settings()->set_auto_subscribe(false);
        };
        world.join(publisher);
        world.run(Duration::millis(500));
        std::vector<string> requests;
        for (int i = 0; i < 330; ++i) {
            if (i > 0) requests.pop_back();  // an offer that lacks the next track
            publisher.publish(pb::AUDIO, pb::MICROPHONE, requests);
        }
        for (const string& request : requests) world.request(publisher, request);
        world.run(Duration::millis(500));
    }
    EXPECT_EQ(world.directory().totals().subscriptions, 660u);
    EXPECT_EQ(viewer.sections(), wire::kSdpSectionsMax);
    viewer.responses.clear();
    world.run(Duration::seconds(2));
    EXPECT_FALSE(std::any_of(viewer.responses.begin(), viewer.responses.end(), [](const auto& response) {
        return response.has_media_sections_requirement() || response.has_leave();
    }));
    EXPECT_TRUE(world.has_signalling(viewer));
}

// A participant may mute and unmute 200 times a second; each time everybody would be told.
TEST(Limits, ChangesThatEverybodyIsToldOf) {
    World world(28);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::seconds(1));
    const auto told = [&] {
        return std::count_if(bob.responses.begin(), bob.responses.end(),
                             [](const auto& response) { return response.has_update(); });
    };
    bob.responses.clear();
    for (int i = 0; i < 8; ++i) world.mute(alice, pb::MICROPHONE, i % 2 == 0);
    EXPECT_EQ(told(), 8);
    for (int i = 0; i < 101; ++i) world.mute(alice, pb::MICROPHONE, i % 2 == 0);
    EXPECT_EQ(told(), 8);
    EXPECT_FALSE(bob.participant("alice")->tracks(0).muted());
    world.say(alice, "in secret");
    world.run(Duration::seconds(1));
    EXPECT_EQ(told(), 9);
    EXPECT_TRUE(bob.participant("alice")->tracks(0).muted());
    EXPECT_TRUE(bob.packets.empty()) << "what is told later is in force at once";
    world.mute(alice, pb::MICROPHONE, false);
    EXPECT_EQ(told(), 10) << "at once again";
}

TEST(Limits, TextsOfAJoin) {
    World world(26);
    world.settings.texts = {8, 4, 6};
    const auto is_refused = [&](const string& name, const string& metadata, const string& attribute) {
        Client& client = world.make("me");
        client.adjust_join = [=](conference::Join& join) {
            join.claims.name = name;
            join.claims.metadata = metadata;
            join.claims.attributes["k"] = attribute;
        };
        const size_t before = world.refusals.size();
        world.join(client);
        return world.refusals.size() > before;
    };
    EXPECT_FALSE(is_refused("12345678", "1234", "12345"));
    EXPECT_TRUE(is_refused("123456789", "1234", "12345"));
    EXPECT_TRUE(is_refused("12345678", "12345", "12345"));
    EXPECT_TRUE(is_refused("12345678", "1234", "123456"));
}

}  // namespace
}  // namespace conclave::sim
