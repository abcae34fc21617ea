#include "net/mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "net/clock.h"
#include "net/poller.h"

namespace conclave::net {
namespace {

bool is_readable(Poller& poller) {
    return !poller.wait(Instant{}, Instant{}).empty();
}

TEST(Mailbox, KeepsOrderAndRefusesWhenFull) {
    Mailbox<int> mailbox(2);
    EXPECT_TRUE(mailbox.post(1));
    EXPECT_TRUE(mailbox.post(2));
    EXPECT_FALSE(mailbox.post(3));
    EXPECT_EQ(mailbox.refused(), 1u);
    std::vector<int> out{0};
    EXPECT_EQ(mailbox.drain(out), 2u);
    EXPECT_EQ(out, (std::vector{0, 1, 2}));
    EXPECT_TRUE(mailbox.post(4));
}

TEST(Mailbox, IsReadableFromPostUntilDrain) {
    Mailbox<std::unique_ptr<int>> mailbox(4);
    auto poller = Poller::create();
    ASSERT_TRUE(poller->add(mailbox.fd()));
    EXPECT_FALSE(is_readable(*poller));
    std::vector<std::unique_ptr<int>> out;
    for (int round = 0; round < 2; ++round) {
        EXPECT_TRUE(mailbox.post(std::make_unique<int>(round)));
        EXPECT_TRUE(mailbox.post(std::make_unique<int>(round)));
        EXPECT_TRUE(is_readable(*poller));
        EXPECT_TRUE(is_readable(*poller));
        EXPECT_EQ(mailbox.drain(out), 2u);
        EXPECT_FALSE(is_readable(*poller));
    }
}

TEST(Mailbox, LosesNothingBetweenThreads) {
    constexpr int kProducers = 4;
    constexpr int kEach = 20'000;
    Mailbox<std::pair<int, int>> mailbox(64);
    auto poller = Poller::create();
    ASSERT_TRUE(poller->add(mailbox.fd()));
    std::vector<std::thread> producers;
    for (int id = 0; id < kProducers; ++id) {
        producers.emplace_back([&mailbox, id] {
            for (int i = 0; i < kEach; ++i) {
                while (!mailbox.post({id, i})) std::this_thread::yield();
            }
        });
    }
    std::vector<std::pair<int, int>> out;
    int expected[kProducers] = {};
    for (int total = 0; total < kProducers * kEach; total += static_cast<int>(out.size())) {
        // A lost wake-up would hang here.
        poller->wait(Instant{}, Instant::never());
        out.clear();
        mailbox.drain(out);
        for (const auto& [id, i] : out) EXPECT_EQ(i, expected[id]++);
    }
    for (std::thread& thread : producers) thread.join();
}

TEST(Poller, ReturnsAtTheDeadlineAndNotBefore) {
    auto poller = Poller::create();
    const Instant start = monotonic_now();
    const Instant deadline = start + Duration::micros(1500);
    EXPECT_TRUE(poller->wait(start, deadline).empty());
    EXPECT_GE(monotonic_now(), deadline);
}

TEST(Poller, RefusesABadDescriptorAndForgetsARemovedOne) {
    auto poller = Poller::create();
    EXPECT_FALSE(poller->add(-1));
    Mailbox<int> mailbox(1);
    ASSERT_TRUE(poller->add(mailbox.fd()));
    EXPECT_TRUE(mailbox.post(1));
    EXPECT_TRUE(is_readable(*poller));
    poller->remove(mailbox.fd());
    EXPECT_FALSE(is_readable(*poller));
}

}  // namespace
}  // namespace conclave::net
