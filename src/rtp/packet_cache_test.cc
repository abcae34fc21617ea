#include "rtp/packet_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/rng.h"

namespace conclave::rtp {
namespace {

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

PacketRef packet(PacketPool& pool, int64_t number) {
    uint8_t bytes[8];
    store_be64(bytes, static_cast<uint64_t>(number));
    return pool.copy(bytes);
}

int64_t number(const PacketRef& p) {
    return p ? static_cast<int64_t>(load_be64(p.bytes().data())) : -1;
}

TEST(PacketCache, FindsWhatWasStoredWithoutCopying) {
    PacketPool pool(8);
    PacketCache cache(4);
    const PacketRef p = packet(pool, 7);
    cache.store(at(0), {7}, p);
    EXPECT_EQ(cache.find(at(0), {7}).bytes().data(), p.bytes().data());
    EXPECT_FALSE(cache.find(at(0), {3}));
    EXPECT_FALSE(cache.find(at(0), {11}));
    EXPECT_EQ(pool.available(), 7u);
}

TEST(PacketCache, NewPacketsPushOutOldOnesAndGiveTheirSlotsBack) {
    PacketPool pool(8);
    PacketCache cache(4);
    for (int64_t i = 0; i < 6; ++i) cache.store(at(0), {i}, packet(pool, i));
    EXPECT_EQ(cache.size(), 4u);
    EXPECT_EQ(pool.available(), 4u);
    EXPECT_FALSE(cache.find(at(0), {1}));
    EXPECT_EQ(number(cache.find(at(0), {2})), 2);
    // A jump leaves nothing of the past behind.
    cache.store(at(0), {1'000'000}, packet(pool, 1'000'000));
    EXPECT_EQ(cache.size(), 1u);
    EXPECT_EQ(pool.available(), 7u);
    cache.clear();
    EXPECT_EQ(pool.available(), 8u);
}

// Otherwise busy caches would hold all slots: nothing could arrive any more, so nothing would push out what
// they hold.
TEST(PacketCache, GiveWayToWhatArrivesWhenThePoolRunsShort) {
    PacketPool pool(256);
    std::vector<PacketCache> caches;
    caches.reserve(4);
    while (caches.size() < 4) caches.emplace_back(256);
    for (int64_t i = 0; i < 1000; ++i) {
        for (PacketCache& cache : caches) {
            const PacketRef arrived = packet(pool, i);
            ASSERT_TRUE(arrived) << i;
            cache.store(at(i), {i}, arrived);
            ASSERT_EQ(number(cache.find(at(i), {i})), i);
        }
    }
    for (const PacketCache& cache : caches) EXPECT_GT(cache.size(), 48u) << "the three quarters are shared";
    for (PacketCache& cache : caches) cache.clear();
    EXPECT_EQ(pool.available(), 256u);
}

// A burst within one moment, over any number of streams: nothing is old enough to give way.
TEST(PacketCache, LeavesTheLastSlotsToWhatIsReadNext) {
    PacketPool pool(256);
    std::vector<PacketCache> caches(8, PacketCache(64));
    for (int64_t i = 0; i < 512; ++i) {
        PacketRef arrived = packet(pool, i);
        ASSERT_TRUE(arrived) << i;
        caches[static_cast<size_t>(i % 8)].store(at(0), {i / 8}, std::move(arrived));
    }
    EXPECT_EQ(pool.available(), 1u);
    caches[0].clear();
    caches[1].store(at(0), {64}, packet(pool, 64));
    EXPECT_TRUE(caches[1].find(at(0), {64}));
}

TEST(PacketCache, LatePacketsFitInUntilTheyAreTooFarBehind) {
    PacketPool pool(8);
    PacketCache cache(4);
    cache.store(at(0), {10}, packet(pool, 10));
    cache.store(at(0), {7}, packet(pool, 7));
    cache.store(at(0), {6}, packet(pool, 6));
    EXPECT_EQ(number(cache.find(at(0), {7})), 7);
    EXPECT_FALSE(cache.find(at(0), {6}));
    EXPECT_EQ(number(cache.find(at(0), {10})), 10);
}

TEST(PacketCache, OldPacketsLeaveByTime) {
    PacketPool pool(8);
    PacketCache cache(8);
    cache.store(at(0), {1}, packet(pool, 1));
    cache.store(at(500), {3}, packet(pool, 3));
    EXPECT_TRUE(cache.find(at(kCacheAgeMax.ms()), {1}));
    EXPECT_FALSE(cache.find(at(kCacheAgeMax.ms() + 1), {1}));
    cache.expire(at(kCacheAgeMax.ms() + 1));
    EXPECT_EQ(cache.size(), 1u);
    EXPECT_EQ(pool.available(), 7u);
    EXPECT_TRUE(cache.find(at(kCacheAgeMax.ms() + 1), {3}));
}

TEST(PacketCacheProperty, AgreesWithAPlainModel) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        SeededRng rng(seed);
        PacketPool pool(128);
        PacketCache cache(64);
        std::map<int64_t, int64_t> stored;  // seq, ms
        int64_t next = 1000;
        int64_t newest = 0;  // stored
        int64_t ms = 0;
        for (int step = 0; step < 5000; ++step) {
            ms += rng.u32() % 40;
            next += rng.u32() % 3;
            if (rng.u32() % 500 == 0) next += rng.u32() % 400;
            const int64_t seq = rng.u32() % 4 == 0 ? next - rng.u32() % 80 : next;
            newest = std::max(newest, seq);
            cache.store(at(ms), {seq}, packet(pool, seq));
            if (newest - seq < 64) stored[seq] = ms;
            for (int64_t s = newest - 80; s <= newest; ++s) {
                const auto model = stored.find(s);
                const bool expected =
                    model != stored.end() && newest - s < 64 && ms - model->second <= kCacheAgeMax.ms();
                EXPECT_EQ(number(cache.find(at(ms), {s})), expected ? s : -1);
            }
            EXPECT_LE(cache.size(), 64u);
            EXPECT_EQ(pool.available(), 128 - cache.size());
        }
    }
}

}  // namespace
}  // namespace conclave::rtp
