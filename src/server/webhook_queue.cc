#include "server/webhook_queue.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace conclave::server {

void WebhookQueue::push(std::string room, std::string body) {
    if (items_.size() >= max_) {
        ++counters_.dropped;
        const auto oldest =
            std::find_if(items_.begin(), items_.end(), [](const Item& item) { return !item.is_in_flight; });
        if (oldest == items_.end()) return;
        items_.erase(oldest);
    }
    items_.push_back({++last_id_, std::move(room), std::move(body), 0, {}, false});
}

std::optional<WebhookQueue::Delivery> WebhookQueue::next(Instant now) {
    if (in_flight_ >= kInFlightMax) return std::nullopt;
    std::set<std::string_view> waiting;  // rooms that have something older
    for (Item& item : items_) {
        if (!waiting.insert(item.room).second) continue;
        if (item.is_in_flight || now < item.not_before) continue;
        item.is_in_flight = true;
        ++item.attempts;
        ++in_flight_;
        return Delivery{item.id, item.body};
    }
    return std::nullopt;
}

void WebhookQueue::done(uint64_t id, Outcome outcome, Instant now) {
    const auto item = std::find_if(items_.begin(), items_.end(),
                                   [id](const Item& candidate) { return candidate.id == id; });
    if (item == items_.end() || !item->is_in_flight) return;
    item->is_in_flight = false;
    --in_flight_;
    if (outcome == Outcome::Failed && item->attempts < kAttemptsMax) {
        ++counters_.retried;
        item->not_before = now + kFirstDelay * (int64_t{1} << (item->attempts - 1));
        return;
    }
    ++(outcome == Outcome::Delivered ? counters_.delivered : counters_.failed);
    items_.erase(item);
}

}  // namespace conclave::server
