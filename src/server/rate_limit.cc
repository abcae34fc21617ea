#include "server/rate_limit.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "base/bytes.h"

namespace conclave::server {
namespace {

// A full table is swept at most this often, so that a flood of addresses cannot make every request a sweep.
constexpr Duration kSweepInterval = Duration::seconds(1);

}  // namespace

AddressKey key_of(const SocketAddress& address) {
    AddressKey key = address.ip;
    if (!address.is_v4()) std::fill(key.begin() + 8, key.end(), uint8_t{0});
    return key;
}

RateLimiter::RateLimiter(int64_t each, int64_t all, Duration period)
    : each_{static_cast<double>(each), static_cast<double>(each) / static_cast<double>(period.us)},
      all_{static_cast<double>(all), static_cast<double>(all) / static_cast<double>(period.us)},
      overflow_{each_.capacity, {}},
      everybody_{all_.capacity, {}} {}

bool RateLimiter::Rate::has_one(Bucket& bucket, Instant now) const {
    const Duration since = now - bucket.filled_at;
    bucket.tokens =
        std::min(capacity, bucket.tokens + static_cast<double>(std::max<int64_t>(since.us, 0)) * per_us);
    bucket.filled_at = std::max(bucket.filled_at, now);
    return bucket.tokens >= 1;
}

bool RateLimiter::Rate::is_full(const Bucket& bucket, Instant now) const {
    return bucket.tokens + static_cast<double>((now - bucket.filled_at).us) * per_us >= capacity;
}

size_t RateLimiter::Hash::operator()(const Key& key) const noexcept {
    return std::hash<std::string_view>()(as_text(key));
}

bool RateLimiter::allow(Instant now, const SocketAddress& address) {
    return allow(now, key_of(address));
}

void RateLimiter::give_back(const SocketAddress& address) {
    const auto found = buckets_.find(key_of(address));
    Bucket& own = found == buckets_.end() ? overflow_ : found->second;
    own.tokens = std::min(each_.capacity, own.tokens + 1);
    everybody_.tokens = std::min(all_.capacity, everybody_.tokens + 1);
}

bool RateLimiter::allow(Instant now, const Key& key) {
    Bucket& own = bucket_of(now, key);
    // A refused request takes nothing from the others.
    if (!each_.has_one(own, now) || !all_.has_one(everybody_, now)) return false;
    own.tokens -= 1;
    everybody_.tokens -= 1;
    return true;
}

RateLimiter::Bucket& RateLimiter::bucket_of(Instant now, const Key& key) {
    if (const auto found = buckets_.find(key); found != buckets_.end()) return found->second;
    if (buckets_.size() >= kAddressesMax) forget_full(now);
    if (buckets_.size() >= kAddressesMax) return overflow_;
    return buckets_.emplace(key, Bucket{each_.capacity, now}).first->second;
}

// A full bucket says no more than none.
void RateLimiter::forget_full(Instant now) {
    if (now - swept_at_ < kSweepInterval) return;
    swept_at_ = now;
    std::erase_if(buckets_, [&](const auto& entry) { return each_.is_full(entry.second, now); });
}

}  // namespace conclave::server
