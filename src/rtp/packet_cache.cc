#include "rtp/packet_cache.h"

#include <algorithm>

#include "base/check.h"

namespace conclave::rtp {
namespace {

// Of 256. The last slots are for what is read next: checks, handshakes and reports come by the same socket.
constexpr int64_t kKeptBack = 1;

// What arrives counts for more than what somebody may ask for again: when less than a quarter of the pool is
// free, packets are kept for a shorter time, the shorter the less there is.
Duration age_max_at(int64_t free_share) {
    constexpr int64_t kEnough = 256 / 4;
    return kCacheAgeMax * std::min(free_share, kEnough) / kEnough;
}

}  // namespace

PacketCache::PacketCache(size_t capacity) : entries_(capacity) {
    CHECK(capacity > 0 && (capacity & (capacity - 1)) == 0);
}

void PacketCache::store(Instant now, ExtSeqNo seq, PacketRef packet) {
    const auto capacity = static_cast<int64_t>(entries_.size());
    if (!started_) {
        started_ = true;
        oldest_ = seq;
        newest_ = seq;
    }
    if (newest_ - seq >= capacity) return;
    if (seq > newest_) newest_ = seq;
    if (seq < oldest_) oldest_ = seq;
    // Below this every slot belongs to newer numbers now.
    if (newest_ - oldest_ >= capacity) {
        const ExtSeqNo lowest = newest_ + (1 - capacity);
        // Nothing but numbers out of reach: no walk over the hole.
        if (lowest - oldest_ >= capacity) {
            for (Entry& entry : entries_) release(entry);
            oldest_ = lowest;
        }
        for (; oldest_ < lowest; oldest_ = oldest_ + 1) release(entries_[index(oldest_)]);
    }
    Entry& entry = entries_[index(seq)];
    release(entry);
    const Duration age_max = packet ? age_max_at(packet.free_share()) : kCacheAgeMax;
    if (packet && packet.free_share() < kKeptBack) packet = {};
    entry = {std::move(packet), seq, now};
    if (entry.packet) ++held_;
    expire(now, age_max);
}

PacketRef PacketCache::find(Instant now, ExtSeqNo seq) const {
    const Entry& entry = entries_[index(seq)];
    if (!entry.packet || entry.seq != seq || now - entry.stored > kCacheAgeMax) return {};
    return entry.packet;
}

void PacketCache::expire(Instant now) {
    expire(now, kCacheAgeMax);
}

void PacketCache::expire(Instant now, Duration age_max) {
    // Late packets are younger than their neighbours; they leave a little later with those.
    while (held_ > 0 && oldest_ <= newest_) {
        Entry& entry = entries_[index(oldest_)];
        if (entry.packet && now - entry.stored <= age_max) break;
        release(entry);
        oldest_ = oldest_ + 1;
    }
}

void PacketCache::clear() {
    for (Entry& entry : entries_) release(entry);
    started_ = false;
}

void PacketCache::release(Entry& entry) {
    if (!entry.packet) return;
    entry.packet = {};
    --held_;
}

}  // namespace conclave::rtp
