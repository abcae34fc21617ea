// The publisher's recent packets, decrypted, once for all subscribers: retransmissions are made from
// them. Holds references into the worker's pool, never copies.
#pragma once

#include <cstdint>
#include <vector>

#include "base/packet_pool.h"
#include "base/seq.h"
#include "base/time.h"

namespace conclave::rtp {

// 1,024 packets are 2 s of 5 Mbit/s video; 256 are 5 s of audio at 20 ms.
constexpr size_t kVideoCachePackets = 1024;
constexpr size_t kAudioCachePackets = 256;
// Nobody asks later: kNackAgeMax plus a slow round trip. Older slots go back to the pool.
constexpr Duration kCacheAgeMax = Duration::millis(2000);

class PacketCache {
 public:
    // `capacity` is a power of two; the only allocation.
    explicit PacketCache(size_t capacity);

    // Packets older than `capacity` numbers behind the newest are not kept, and while the pool has few slots
    // left those of kCacheAgeMax neither; nothing takes its last slots.
    void store(Instant now, ExtSeqNo, PacketRef);
    // Null when it was never here, is too old, or gave way to a newer one.
    PacketRef find(Instant now, ExtSeqNo) const;
    // Gives packets older than kCacheAgeMax back to the pool. store() does it too, but a stream may have
    // stopped.
    void expire(Instant now);
    void clear();
    size_t size() const { return held_; }

 private:
    struct Entry {
        PacketRef packet;
        ExtSeqNo seq;
        Instant stored;
    };

    size_t index(ExtSeqNo seq) const { return static_cast<size_t>(seq.value) & (entries_.size() - 1); }
    void release(Entry&);
    void expire(Instant now, Duration age_max);

    std::vector<Entry> entries_;
    size_t held_ = 0;
    bool started_ = false;
    ExtSeqNo oldest_;  // nothing is held below it
    ExtSeqNo newest_;
};

}  // namespace conclave::rtp
