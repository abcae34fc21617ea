// A sender and a receiver at both ends of one link, in steps of a millisecond, for the tests of this module.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "bwe/estimator.h"

namespace conclave::bwe {

struct LinkForTest {
    uint64_t capacity_bps = 1'000'000;
    Duration delay = Duration::millis(40);  // one way
    Duration queue_max = Duration::seconds(2);
    double loss = 0;
    Duration jitter{};
};

class CallForTest {
 public:
    explicit CallForTest(const LinkForTest& at_first, uint64_t seed = 1) : link(at_first), rng_(seed) {
        link_free_at_ = now;
    }

    // Sends what the estimate allows, `source_bps` at most, in frames, and probes for the rest.
    void run(Duration span) {
        for (const Instant end = now + span; now < end; now = now + Duration::millis(1)) step();
    }
    DataRate estimate() const { return estimator.estimate(now).value_or(DataRate{}); }
    // Since the last call: of what was sent, how long it waited, the share `at` of it no longer.
    Duration waited(double at) {
        std::sort(waits_.begin(), waits_.end());
        const Duration wait = waits_.empty()
                                  ? Duration{}
                                  : waits_[static_cast<size_t>(at * static_cast<double>(waits_.size() - 1))];
        waits_.clear();
        return wait;
    }
    // Likewise: bits a second that arrived.
    uint64_t arrived_bps(Duration in) {
        return std::exchange(arrived_bytes_, 0) * 8'000'000 / static_cast<uint64_t>(in.us);
    }

    LinkForTest link;
    uint64_t source_bps = 10'000'000;
    uint64_t wanted_bps = 10'000'000;
    bool is_heard = true;  // feedback comes back
    Instant now = Instant::from_ms(10'000);
    Estimator estimator;

 private:
    static constexpr size_t kPacket = 1200;
    static constexpr size_t kPadding = 290;

    void step() {
        estimator.want({wanted_bps});
        while (!returning_.empty() && returning_.front().at <= now) {
            const auto body = ByteView{returning_.front().bytes}.subspan(4);
            if (const auto feedback = wire::parse_transport_feedback(body))
                estimator.handle_feedback(now, *feedback);
            returning_.pop_front();
        }
        // 30 frames a second.
        if ((now - Instant{}).ms() % 33 == 0) {
            budget_ += static_cast<double>(std::min(source_bps, estimate().bps)) * 0.033 / 8;
            for (; budget_ >= kPacket; budget_ -= kPacket) send(kPacket);
        }
        if (estimator.next_probe() <= now) {
            while (estimator.probe_due(now) > 0) send(kPadding);
        }
        if ((now - Instant{}).ms() % 50 == 0) send_feedback();
    }
    void send(size_t size) {
        const uint16_t number = estimator.next_number();
        estimator.handle_sent(now, size);
        const Instant start = std::max(now, link_free_at_);
        if (start - now > link.queue_max) return;
        link_free_at_ = start + Duration{static_cast<int64_t>(size * 8'000'000 / link.capacity_bps)};
        if (static_cast<double>(rng_.u32()) / 4294967296.0 < link.loss) return;
        waits_.push_back(start - now);
        const Duration jitter{static_cast<int64_t>(static_cast<uint64_t>(link.jitter.us) * rng_.u32() >> 32)};
        arriving_.push_back({{static_cast<int64_t>(number)}, link_free_at_ + link.delay + jitter});
        arrived_bytes_ += size;
    }
    void send_feedback() {
        std::vector<wire::PacketArrival> arrivals;
        while (!arriving_.empty() && arriving_.front().at <= now) {
            wire::PacketArrival arrival = arriving_.front();
            arrival.sequence = ExtSeqNo{unwrapper_.extend(static_cast<uint16_t>(arrival.sequence.value))};
            arrivals.push_back(arrival);
            arriving_.pop_front();
        }
        if (arrivals.empty()) return;
        std::array<uint8_t, 1200> buffer;
        ByteWriter out(buffer);
        const size_t told = wire::write_transport_feedback(out, 1, 2, count_++, next_, arrivals);
        CHECK(told == arrivals.size());
        next_ = arrivals.back().sequence + 1;
        if (is_heard) returning_.push_back({now + link.delay, {out.written().begin(), out.written().end()}});
    }

    struct Returning {
        Instant at;
        std::vector<uint8_t> bytes;
    };
    SeededRng rng_;
    double budget_ = 0;
    Instant link_free_at_;
    std::deque<wire::PacketArrival> arriving_;
    std::deque<Returning> returning_;
    std::vector<Duration> waits_;
    uint64_t arrived_bytes_ = 0;
    SeqUnwrapper unwrapper_;
    ExtSeqNo next_;
    uint8_t count_ = 0;
};

}  // namespace conclave::bwe
