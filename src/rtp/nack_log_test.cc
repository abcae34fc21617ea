#include "rtp/nack_log.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "base/rng.h"

namespace conclave::rtp {
namespace {

constexpr Duration kRtt = Duration::millis(50);

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

std::vector<uint16_t> due(NackLog& log, Instant now, Duration rtt = kRtt) {
    std::vector<uint16_t> seqs;
    for (const SeqNo seq : log.due(now, rtt)) seqs.push_back(seq.value);
    return seqs;
}

using Seqs = std::vector<uint16_t>;

TEST(NackLog, AsksForAHoleAfterTheReorderTolerance_Rfc4585_6_2_1) {
    NackLog log;
    log.handle_packet(at(0), {100});
    log.handle_packet(at(5), {103});
    EXPECT_EQ(log.next_due(), at(15));
    EXPECT_EQ(due(log, at(14)), Seqs{});
    EXPECT_EQ(due(log, at(15)), (Seqs{101, 102}));
    EXPECT_EQ(due(log, at(16)), Seqs{});
}

TEST(NackLog, ThreeLaterPacketsProveALossAtOnce) {
    NackLog log;
    log.handle_packet(at(0), {100});
    log.handle_packet(at(1), {102});
    log.handle_packet(at(1), {103});
    EXPECT_EQ(due(log, at(1)), Seqs{});
    log.handle_packet(at(1), {104});
    EXPECT_EQ(log.next_due(), at(1));
    EXPECT_EQ(due(log, at(1)), Seqs{101});
}

TEST(NackLog, AReorderedPacketIsNeverAskedFor) {
    NackLog log;
    log.handle_packet(at(0), {100});
    log.handle_packet(at(1), {102});
    log.handle_packet(at(2), {101});
    EXPECT_EQ(log.missing(), 0u);
    EXPECT_TRUE(log.next_due().is_never());
    EXPECT_EQ(due(log, at(50)), Seqs{});
}

TEST(NackLog, RepeatsWaitForARoundTripAndGrow) {
    NackLog log;
    log.handle_packet(at(0), {1});
    log.handle_packet(at(0), {3});
    std::vector<int64_t> times;
    for (int64_t ms = 0; ms <= 2000; ++ms) {
        if (!due(log, at(ms), Duration::millis(8)).empty()) times.push_back(ms);
    }
    ASSERT_EQ(times.size(), kNackTriesMax);
    EXPECT_EQ(times[0], 10);
    for (size_t i = 1; i < times.size(); ++i) {
        EXPECT_GE(times[i] - times[i - 1], kNackIntervalMin.ms());
        if (i > 1) {
            EXPECT_GE(times[i] - times[i - 1], times[i - 1] - times[i - 2]);
        }
    }
    EXPECT_LT(times.back(), kNackAgeMax.ms());
    EXPECT_EQ(log.missing(), 0u);
    EXPECT_EQ(log.given_up(), 1u);
    EXPECT_TRUE(log.next_due().is_never());
}

TEST(NackLog, LaterPacketsDoNotHastenARepeat) {
    NackLog log;
    log.handle_packet(at(0), {1});
    log.handle_packet(at(0), {5});
    EXPECT_EQ(due(log, at(0)), Seqs{2});
    EXPECT_EQ(due(log, at(10)), (Seqs{3, 4}));
    for (int64_t seq = 6; seq < 10; ++seq) {
        log.handle_packet(at(20), {seq});
        EXPECT_GT(log.next_due(), at(20));
    }
}

TEST(NackLog, GivesUpAfterASecondOnSlowPaths) {
    NackLog log;
    log.handle_packet(at(0), {1});
    log.handle_packet(at(0), {3});
    int tries = 0;
    for (int64_t ms = 0; ms <= 3000; ++ms) tries += !due(log, at(ms), Duration::millis(400)).empty();
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(log.given_up(), 1u);
}

TEST(NackLog, AHoleBeyondRepairNeedsAKeyframe) {
    NackLog log;
    log.handle_packet(at(0), {0});
    log.handle_packet(at(0), {static_cast<int64_t>(kMissingMax) + 1});
    EXPECT_FALSE(log.take_keyframe_needed());
    EXPECT_EQ(log.missing(), kMissingMax);
    log.handle_packet(at(1), {2000});
    EXPECT_TRUE(log.take_keyframe_needed());
    EXPECT_FALSE(log.take_keyframe_needed());
    EXPECT_EQ(log.missing(), 0u);
    log.handle_packet(at(2), {2002});
    EXPECT_EQ(due(log, at(12)), Seqs{2001});
}

TEST(NackLog, ManySmallHolesOverflowTowardsTheOldest) {
    NackLog log;
    for (int64_t i = 0; i <= 2 * static_cast<int64_t>(kMissingMax) + 2; i += 2) log.handle_packet(at(0), {i});
    EXPECT_EQ(log.missing(), kMissingMax);
    EXPECT_EQ(log.given_up(), 1u);
    EXPECT_TRUE(log.take_keyframe_needed());
    EXPECT_EQ(due(log, at(0))[0], 3);
}

TEST(NackLog, WrapsOnTheWire) {
    NackLog log;
    log.handle_packet(at(0), {65534});
    log.handle_packet(at(0), {65538});
    EXPECT_EQ(due(log, at(10)), (Seqs{65535, 0, 1}));
}

// Over a lossy, reordering path whose retransmissions are as lossy: whatever is asked for is missing,
// nothing is asked for twice within a round trip, and nearly everything arrives in the end.
TEST(NackLogProperty, AsksForExactlyWhatIsMissing) {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        SeededRng rng(seed);
        NackLog log;
        std::multimap<int64_t, int64_t> arriving;  // ms, seq
        std::set<int64_t> here;
        std::map<int64_t, int64_t> asked_at;
        const int64_t first = 65000;
        const int64_t count = 2000;
        for (int64_t ms = 0; ms < count + 1500; ++ms) {
            if (ms < count && (ms == 0 || rng.u32() % 100 >= 10)) {
                arriving.emplace(ms + 20 + rng.u32() % 8, first + ms);
            }
            for (auto it = arriving.begin(); it != arriving.end() && it->first <= ms;) {
                log.handle_packet(at(ms), {it->second});
                here.insert(it->second);
                it = arriving.erase(it);
            }
            for (const SeqNo wire : log.due(at(ms), kRtt)) {
                const int64_t newest = *here.rbegin();
                const int64_t seq =
                    newest +
                    static_cast<int16_t>(static_cast<uint16_t>(wire.value - static_cast<uint16_t>(newest)));
                EXPECT_FALSE(here.contains(seq));
                if (asked_at.contains(seq)) {
                    EXPECT_GE(ms - asked_at[seq], kRtt.ms());
                }
                asked_at[seq] = ms;
                if (rng.u32() % 100 >= 10) arriving.emplace(ms + 40 + rng.u32() % 8, seq);
            }
            if (log.missing() == 0) {
                EXPECT_TRUE(log.next_due().is_never());
            }
        }
        EXPECT_EQ(log.missing(), 0u);
        EXPECT_GE(here.size(), static_cast<size_t>(count) - 4);
    }
}

}  // namespace
}  // namespace conclave::rtp
