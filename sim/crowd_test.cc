// So many people that what all are to be told is told together.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/world.h"

namespace conclave::sim {
namespace {

using std::string;

constexpr Duration kAWindow = Duration::millis(300);

string name(size_t number) {
    return "person " + std::to_string(number);
}

size_t updates(const Client& client) {
    return static_cast<size_t>(std::count_if(client.responses.begin(), client.responses.end(),
                                             [](const auto& response) { return response.has_update(); }));
}

class Crowd : public testing::TestWithParam<bool> {
 protected:
    Crowd() {
        world.is_classic = GetParam();
        for (size_t i = 0; i < 40; ++i) {
            people.push_back(&world.make(name(i)));
            world.join(*people.back());
        }
        world.run(Duration::seconds(2));
    }
    bool all_know(const string& identity) const {
        return std::all_of(people.begin(), people.end(), [&](const Client* one) {
            return one->identity() == identity || one->participant(identity);
        });
    }
    bool nobody_knows(const string& identity) const {
        return std::none_of(people.begin(), people.end(),
                            [&](const Client* one) { return one->participant(identity); });
    }
    void forget_responses() {
        for (Client* one : people) one->responses.clear();
    }

    World world{40};
    std::vector<Client*> people;
};

TEST_P(Crowd, EverybodyKnowsEverybody) {
    for (const Client* one : people) {
        EXPECT_TRUE(all_know(one->identity())) << one->identity();
    }
    EXPECT_EQ(people.front()->participant(name(39))->state(), pb::ParticipantInfo::ACTIVE);
}

TEST_P(Crowd, OneMessageTellsOfAllWhoCameAndWentMeanwhile) {
    forget_responses();
    for (size_t i = 40; i < 45; ++i) world.join(world.make(name(i)));
    for (size_t i = 0; i < 5; ++i) {
        pb::SignalRequest leave;
        leave.mutable_leave();
        world.request(*people[i], leave.SerializeAsString());
    }
    world.run(kAWindow);
    people.erase(people.begin(), people.begin() + 5);
    for (size_t i = 40; i < 45; ++i) EXPECT_TRUE(all_know(name(i)));
    for (size_t i = 0; i < 5; ++i) EXPECT_TRUE(nobody_knows(name(i)));
    EXPECT_LE(updates(*people[0]), 3U);
}

TEST_P(Crowd, WhoIsHiddenIsNamedToNobody) {
    Client& ghost = world.make("ghost");
    ghost.adjust_join = [](conference::Join& join) { join.claims.video.hidden = true; };
    world.join(ghost);
    Client& late = world.make("late");
    world.join(late);
    world.run(Duration::seconds(1));
    people.push_back(&late);
    EXPECT_TRUE(nobody_knows("ghost"));
    EXPECT_TRUE(ghost.participant(name(7)));
    EXPECT_TRUE(ghost.participant("late"));
    world.close_signalling(ghost);
    world.run(Duration::seconds(1));
    EXPECT_TRUE(nobody_knows("ghost"));
}

TEST_P(Crowd, ATrackIsToldBeforeItIsOffered) {
    forget_responses();
    Client& alice = *people[3];
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::seconds(1));
    Client& bob = *people[4];
    const auto told = std::find_if(bob.responses.begin(), bob.responses.end(), [&](const auto& response) {
        const auto& infos = response.update().participants();
        return std::any_of(infos.begin(), infos.end(), [&](const pb::ParticipantInfo& info) {
            return info.identity() == alice.identity() && info.tracks_size() == 1;
        });
    });
    const auto offered = std::find_if(bob.responses.begin(), bob.responses.end(), [](const auto& response) {
        return response.has_media_sections_requirement() || response.has_offer() || response.has_answer();
    });
    ASSERT_NE(told, bob.responses.end());
    ASSERT_NE(offered, bob.responses.end());
    EXPECT_LT(told, offered);
    world.say(alice, "heard");
    world.run(Duration::millis(50));
    EXPECT_EQ(bob.packets.size(), 1U);
}

// What the newcomer reads was encoded for others before: it must not be what was true then.
TEST_P(Crowd, ANewcomerLearnsWhatIsTrueNow) {
    Client& alice = *people[3];
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(kAWindow);
    (void)world.enter("first");
    world.mute(alice, pb::MICROPHONE, true);
    Client& second = world.make("second");
    world.join(second);
    ASSERT_TRUE(second.participant(alice.identity()));
    ASSERT_EQ(second.participant(alice.identity())->tracks_size(), 1);
    EXPECT_TRUE(second.participant(alice.identity())->tracks(0).muted());
}

TEST_P(Crowd, WhoMayNotSubscribeDoesNotBecauseTracksAreOfferedTogether) {
    Client& alice = *people[3];
    Client& bob = *people[4];
    pb::SignalRequest permission;
    permission.mutable_subscription_permission()->set_all_participants(false);
    permission.mutable_subscription_permission()->add_track_permissions()->set_participant_identity(name(5));
    permission.mutable_subscription_permission()->mutable_track_permissions(0)->set_all_tracks(true);
    world.request(alice, permission.SerializeAsString());
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::seconds(1));
    world.say(alice, "for one");
    world.run(Duration::millis(50));
    EXPECT_TRUE(bob.packets.empty());
    EXPECT_EQ(people[5]->packets.size(), 1U);
}

TEST_P(Crowd, WhoLeavesAndComesBackAtOnceIsThere) {
    forget_responses();
    pb::SignalRequest leave;
    leave.mutable_leave();
    world.request(*people[3], leave.SerializeAsString());
    people.erase(people.begin() + 3);
    Client& again = world.make(name(3));
    world.join(again);
    world.run(Duration::seconds(1));
    EXPECT_TRUE(all_know(name(3)));
    // Clients find people by identity, so whoever heard last that it left would have lost it.
    for (const Client* one : people) {
        pb::ParticipantInfo::State last = pb::ParticipantInfo::JOINING;
        for (const auto& response : one->responses) {
            for (const auto& info : response.update().participants()) {
                if (info.identity() == name(3)) last = info.state();
            }
        }
        EXPECT_NE(last, pb::ParticipantInfo::DISCONNECTED) << one->identity();
    }
}

INSTANTIATE_TEST_SUITE_P(Models, Crowd, testing::Bool());

}  // namespace
}  // namespace conclave::sim
