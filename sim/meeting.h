// A meeting under rules, over one worker or more, whose clients send whatever they like.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace conclave::sim {

inline conference::MeetingMedia everybody(conference::MediaRights rights) {
    return {"room", rights, {}};
}
// Cameras are on, one microphone is.
inline conference::MeetingMedia floor_of(const std::string& speaker) {
    constexpr conference::MediaRights kListener{.may_publish = true, .camera = true, .screen = true};
    return {"room", kListener, {{speaker, conference::MediaRights::all()}}};
}

// The parameter: over how many workers.
class MeetingTest : public ::testing::TestWithParam<size_t> {
 protected:
    Client& make(const std::string& identity, size_t worker = 0) {
        Client& client = world.make(identity, worker);
        client.adjust_join = [](conference::Join& join) { join.owner = conference::Owner::Meetings; };
        return client;
    }
    Client& enter(const std::string& identity, size_t worker = 0) {
        Client& client = make(identity, worker);
        world.join(client);
        EXPECT_TRUE(world.run_until([&] { return client.is_connected(); }));
        world.run(Duration::millis(200));
        return client;
    }
    Client& enter_speaking(const std::string& identity, size_t worker = 0) {
        Client& client = enter(identity, worker);
        world.publish(client, pb::AUDIO, pb::MICROPHONE);
        world.run(Duration::millis(300));
        return client;
    }
    size_t last() const { return GetParam() - 1; }
    // Each says its name, at once and for `rounds` packets; everything has arrived afterwards.
    void speak(std::initializer_list<Client*> all, int rounds = 20) {
        for (int i = 0; i < rounds; ++i) {
            for (Client* client : all) world.say(*client, client->identity());
            world.run(Duration::millis(20));
        }
        world.run(Duration::millis(100));
    }
    // Since the last call.
    static std::vector<std::string> heard(Client& client) {
        std::vector<std::string> words;
        for (const ReceivedPacket& packet : std::exchange(client.packets, {}))
            words.emplace_back(packet.payload.begin(), packet.payload.end());
        return words;
    }

    World world{31, {}, GetParam()};
};

}  // namespace conclave::sim
