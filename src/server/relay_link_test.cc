// A worker that does not read what the others' parts of its conferences say to it.
#include "server/relay_link.h"

#include <gtest/gtest.h>

namespace conclave::server {
namespace {

using conference::ToPart;
namespace relay = conference::relay;

ToPart about(conference::ParticipantKey key) {
    return {1, "room", relay::Gone{key, {}}};
}

ToPart data(livekit::DataChannel channel, size_t size = 1) {
    relay::Data data;
    data.channel = channel;
    data.packet.bytes.resize(size);
    return {1, "room", std::move(data)};
}

ToPart media(size_t packets) {
    relay::Media media;
    media.packets.resize(packets);
    return {1, "room", std::move(media)};
}

// The other worker: takes what it is told to, and remembers it.
struct Other {
    bool is_behind = false;
    std::vector<ToPart> taken;
    RelayLink link{[this](ToPart& message) {
        if (is_behind) return false;
        taken.push_back(std::move(message));
        return true;
    }};
    std::vector<conference::ParticipantKey> gone() const {
        std::vector<conference::ParticipantKey> keys;
        for (const ToPart& message : taken) {
            if (const auto* one = std::get_if<relay::Gone>(&message.message)) keys.push_back(one->key);
        }
        return keys;
    }
};

TEST(RelayLink, WhatWaitsStaysInOrder) {
    Other other;
    other.link.send(about(1));
    other.is_behind = true;
    other.link.send(about(2));
    other.link.flush();
    other.is_behind = false;
    other.link.send(about(3));
    EXPECT_EQ(other.gone(), (std::vector<conference::ParticipantKey>{1})) << "the third must not overtake";
    other.link.flush();
    other.link.send(about(4));
    EXPECT_EQ(other.gone(), (std::vector<conference::ParticipantKey>{1, 2, 3, 4}));
}

TEST(RelayLink, MediaAndLossyDataDoNotWait) {
    Other other;
    other.is_behind = true;
    other.link.send(media(3));
    other.link.send(data(livekit::DataChannel::Lossy));
    other.is_behind = false;
    other.link.flush();
    EXPECT_TRUE(other.taken.empty());
    EXPECT_EQ(other.link.drops().packets, 3u);
    EXPECT_EQ(other.link.drops().lossy_data, 1u);
    other.link.send(media(3));
    EXPECT_EQ(other.taken.size(), 1u);
}

// The same flood again and again: the limit is given back as messages leave.
TEST(RelayLink, ReliableDataWaitsUpToItsLimitAndTheRestIsCounted) {
    const size_t each = relay_cost(data(livekit::DataChannel::Reliable, 60'000).message);
    const size_t fitting = RelayLink::kDataMax / each;
    Other other;
    for (uint64_t round = 1; round <= 3; ++round) {
        other.is_behind = true;
        for (size_t i = 0; i < fitting; ++i) other.link.send(data(livekit::DataChannel::Reliable, 60'000));
        EXPECT_EQ(other.link.drops().reliable_data, round - 1);
        other.link.send(data(livekit::DataChannel::Reliable, 60'000));
        EXPECT_EQ(other.link.drops().reliable_data, round);
        other.link.send(about(1));
        other.is_behind = false;
        other.link.flush();
        EXPECT_EQ(other.taken.size(), fitting + 1) << "who left is told of, whatever was lost";
        other.taken.clear();
    }
}

// However small its messages, a flood does not come near what ends the process.
TEST(RelayLink, AFloodOfTheSmallestMessagesIsBounded) {
    static_assert(2 * RelayLink::kDataMax < RelayLink::kWaitingMax * kRelayCostMin);
    Other other;
    other.is_behind = true;
    for (size_t i = 0; i < 2 * RelayLink::kWaitingMax; ++i) {
        other.link.send(data(i % 2 == 0 ? livekit::DataChannel::Reliable : livekit::DataChannel::Lossy));
    }
    const RelayDrops& drops = other.link.drops();
    other.is_behind = false;
    other.link.flush();
    EXPECT_EQ(drops.lossy_data, RelayLink::kWaitingMax);
    EXPECT_EQ(other.taken.size() + drops.reliable_data, RelayLink::kWaitingMax);
    EXPECT_LE(other.taken.size() * kRelayCostMin, RelayLink::kDataMax);
}

ToPart named(conference::ParticipantKey key, const std::string& name) {
    relay::Person person;
    person.key = key;
    person.info.set_name(name);
    return {1, "room", std::move(person)};
}

TEST(RelayLink, OfWhatChangesWithoutEndTheNewestWaits) {
    Other other;
    other.is_behind = true;
    for (size_t i = 0; i < 2 * RelayLink::kWaitingMax; ++i) {
        other.link.send(named(1, std::to_string(i)));
        other.link.send({1, "room", relay::Interest{7, sfu::Quality::Low}});
        other.link.send({1, "another", relay::Interest{7, sfu::Quality::High}});
    }
    other.is_behind = false;
    other.link.flush();
    ASSERT_EQ(other.taken.size(), 3u);
    EXPECT_EQ(std::get<relay::Person>(other.taken[0].message).info.name(),
              std::to_string(2 * RelayLink::kWaitingMax - 1));
    EXPECT_EQ(std::get<relay::Interest>(other.taken[1].message).best, sfu::Quality::Low);
}

// A part that ended and began again counts its people anew.
TEST(RelayLink, WhoComesAfterAnotherLeftIsNotTakenForThem) {
    Other other;
    other.is_behind = true;
    other.link.send(named(1, "before"));
    other.link.send(about(1));
    other.link.send(named(1, "after"));
    other.is_behind = false;
    other.link.flush();
    ASSERT_EQ(other.taken.size(), 3u);
    EXPECT_EQ(std::get<relay::Person>(other.taken[0].message).info.name(), "before");
    EXPECT_EQ(std::get<relay::Person>(other.taken[2].message).info.name(), "after");
}

TEST(RelayLinkDeathTest, AWorkerThatNeverReadsAgainEndsTheProcess) {
    Other other;
    other.is_behind = true;
    for (size_t i = 0; i < RelayLink::kWaitingMax; ++i) other.link.send(about(1));
    EXPECT_DEATH(other.link.send(about(1)), "");
}

TEST(Backlog, IsFullAtItsLimitAndNotOneBefore) {
    Backlog backlog;
    backlog.add(Backlog::kCostMax - 1);
    EXPECT_FALSE(backlog.is_full());
    backlog.add(1);
    EXPECT_TRUE(backlog.is_full());
    backlog.remove(1);
    EXPECT_FALSE(backlog.is_full());
}

}  // namespace
}  // namespace conclave::server
