// Token buckets: how often one address (or whatever else a key stands for), and everybody together, may do
// something that costs.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "base/address.h"
#include "base/time.h"

namespace conclave::server {

// What an address counts as: an IPv4 address or an IPv6 /64 is one (a /64 is one household's, RFC 6177).
using AddressKey = std::array<uint8_t, 16>;
AddressKey key_of(const SocketAddress&);

class RateLimiter {
 public:
    // Addresses remembered: 64 bytes each, 4 MiB. When that many are busy at the same time, further ones
    // share one bucket.
    static constexpr size_t kAddressesMax = 65'536;

    // As many as `each` or `all` allow in `period` may come at once; then they refill evenly.
    RateLimiter(int64_t each, int64_t all, Duration period = Duration::minutes(1));

    using Key = AddressKey;
    bool allow(Instant now, const Key&);
    bool allow(Instant now, const SocketAddress& address);

    // What was allowed did no harm, and shall not count.
    void give_back(const SocketAddress& address);

    size_t addresses() const { return buckets_.size(); }

 private:
    struct Bucket {
        double tokens = 0;
        Instant filled_at;
    };
    struct Rate {
        double capacity;
        double per_us;
        bool has_one(Bucket&, Instant now) const;
        bool is_full(const Bucket&, Instant now) const;
    };
    struct Hash {
        size_t operator()(const Key&) const noexcept;
    };

    Bucket& bucket_of(Instant now, const Key&);
    void forget_full(Instant now);

    Rate each_;
    Rate all_;
    std::unordered_map<Key, Bucket, Hash> buckets_;
    Bucket overflow_;
    Bucket everybody_;
    Instant swept_at_;
};

}  // namespace conclave::server
