#include "link_direction.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace conclave::sim {
namespace {

// 100 Mbit/s for half a second in flight; a link that holds more is asked for something else.
constexpr size_t kFlightsMax = 8'192;
// Less than a frame, and than what a NACK waits for reordering.
constexpr Duration kLate = Duration::millis(10);

class Json {
 public:
    void add(const char* name, uint64_t value) { text_ += name_of(name) + std::to_string(value); }
    void add(const char* name, const std::vector<Duration>& times) {
        text_ += name_of(name) + "[";
        for (const Duration& time : times) {
            std::array<char, 32> digits{};
            std::snprintf(digits.data(), digits.size(), "%.1f", static_cast<double>(time.us) / 1000);
            text_ += (text_.back() == '[' ? "" : ",") + std::string(digits.data());
        }
        text_ += "]";
    }
    std::string text() const { return text_ + "}"; }

 private:
    std::string name_of(const char* name) const {
        return std::string(text_.size() > 1 ? ",\"" : "\"") + name + "\":";
    }
    std::string text_ = "{";
};

void add(Json& json, const Channel::Counters& now, const Channel::Counters& before) {
    json.add("packets", now.packets - before.packets);
    json.add("offered_bytes", now.bytes - before.bytes);
    json.add("delivered_bytes", now.delivered_bytes - before.delivered_bytes);
    json.add("lost", now.lost - before.lost);
    json.add("overflowed", now.overflowed - before.overflowed);
    json.add("too_large", now.too_large - before.too_large);
    json.add("cut", now.cut - before.cut);
    json.add("duplicated", now.duplicated - before.duplicated);
}

uint64_t refused(const Channel::Counters& counters) {
    return counters.overflowed + counters.too_large + counters.cut;
}

}  // namespace

void Direction::take(Instant now, ByteView packet) {
    const Duration wait = channel_.queueing_delay(now);
    const uint64_t before = refused(channel_.counters());
    const Channel::Arrivals arrivals = channel_.send(now, packet.size());
    if (refused(channel_.counters()) == before) {
        waits_.push_back(wait);
        ++waited_[std::min(static_cast<size_t>(wait.ms()), kWaitMax)];
        queue_.emplace_back(now + channel_.queueing_delay(now), packet.size());
    }
    for (const Instant arrival : arrivals) {
        if (flights_.size() == kFlightsMax) {
            ++dropped_;
        } else {
            flights_.emplace(arrival, std::vector<uint8_t>(packet.begin(), packet.end()));
        }
    }
}

std::vector<uint8_t> Direction::arrived(Instant now) {
    if (next_arrival() > now) return {};
    auto flight = flights_.extract(flights_.begin());
    const Duration behind = now - flight.key();
    if (behind > kLate) ++late_;
    late_ms_max_ = std::max(late_ms_max_, behind.ms());
    return std::move(flight.mapped());
}

std::string Direction::sample(Instant now) {
    uint64_t sent = 0;
    for (; !queue_.empty() && queue_.front().first <= now; queue_.pop_front()) sent += queue_.front().second;
    const auto waiting = [](size_t sum, const auto& packet) { return sum + packet.second; };
    Json json;
    json.add("rate", static_cast<uint64_t>(channel_.link(now).bits_per_second));
    add(json, channel_.counters(), std::exchange(sampled_, channel_.counters()));
    json.add("sent_bytes", sent);
    json.add("queue_bytes", std::accumulate(queue_.begin(), queue_.end(), size_t{0}, waiting));
    json.add("queue_ms", std::exchange(waits_, {}));
    return json.text();
}

std::string Direction::totals() const {
    Json json;
    add(json, channel_.counters(), {});
    json.add("queue_ms_p50", wait_at(0.5));
    json.add("queue_ms_p95", wait_at(0.95));
    json.add("queue_ms_p99", wait_at(0.99));
    json.add("queue_ms_max", wait_at(1));
    json.add("dropped", dropped_);
    json.add("late", late_);
    json.add("late_ms_max", static_cast<uint64_t>(late_ms_max_));
    return json.text();
}

size_t Direction::wait_at(double share) const {
    const uint64_t all = std::accumulate(waited_.begin(), waited_.end(), uint64_t{0});
    uint64_t seen = 0;
    for (size_t ms = 0; ms < waited_.size(); ++ms) {
        seen += waited_[ms];
        if (seen > 0 && static_cast<double>(seen) >= share * static_cast<double>(all)) return ms;
    }
    return 0;
}

}  // namespace conclave::sim
