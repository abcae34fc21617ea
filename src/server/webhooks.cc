#include "server/webhooks.h"

#include "base/base64.h"
#include "crypto/hash.h"
#include "net/clock.h"
#include "server/api_keys.h"
#include "server/log.h"

namespace conclave::server {
namespace {

constexpr Duration kTokenLifetime = Duration::minutes(5);
constexpr Duration kTick = Duration::seconds(1);
constexpr size_t kEventIdSize = 12;

// 408 and 429 ask for patience; any other 4xx will not change its mind.
WebhookQueue::Outcome judge(unsigned status) {
    if (status >= 200 && status < 300) return WebhookQueue::Outcome::Delivered;
    const bool is_final = status >= 300 && status < 500 && status != 408 && status != 429;
    return is_final ? WebhookQueue::Outcome::Refused : WebhookQueue::Outcome::Failed;
}

}  // namespace

std::string webhook_token(std::string_view key_id, ByteView secret, std::string_view body, WallTime now) {
    livekit::Claims claims;
    claims.sha256 = base64_encode(crypto::sha256(as_bytes(body)));
    return livekit::mint_token(claims, key_id, secret, now, kTokenLifetime);
}

Webhooks::Webhooks(Front& front, net::HttpClient& client, After after)
    : front_(front), client_(client), after_(std::move(after)) {
    for (size_t i = 0; i < front.config.webhooks.urls.size(); ++i)
        queues_.emplace_back(static_cast<size_t>(front.config.webhooks.queue));
}

// The key is looked up each time: a revoked one signs nothing any more.
void Webhooks::notify(std::vector<livekit::pb::WebhookEvent> events) {
    using Secret = std::optional<std::vector<uint8_t>>;
    const WallTime now = net::wall_now();
    front_.store.run<Secret>([id = front_.config.webhooks.key, is_dev = front_.config.dev](
                                 store::Database& database) { return find_key(database, is_dev, id); },
                             [this, now, events = std::move(events)](const Result<Secret>& secret) {
                                 secret_ = secret && *secret ? **secret : std::vector<uint8_t>();
                                 if (!secret_.empty()) return enqueue(events, now);
                                 unsigned_ += events.size();
                                 log_error("webhooks", "no_key", {{"key", front_.config.webhooks.key}});
                             });
}

void Webhooks::enqueue(std::vector<livekit::pb::WebhookEvent> events, WallTime now) {
    for (livekit::pb::WebhookEvent& event : events) {
        event.set_id("EV_" + random_id(front_.rng, kEventIdSize));
        event.set_created_at(now.unix_seconds());
        const std::string body = livekit::webhook_json(event);
        for (WebhookQueue& queue : queues_) queue.push(event.room().name(), body);
    }
    deliver();
}

void Webhooks::deliver() {
    bool is_waiting = false;
    for (size_t url = 0; url < queues_.size(); ++url) {
        deliver(url);
        is_waiting = is_waiting || queues_[url].size() > 0;
    }
    if (!is_waiting || is_ticking_) return;
    is_ticking_ = true;
    after_(kTick, [this] { tick(); });
}

void Webhooks::tick() {
    is_ticking_ = false;
    deliver();
}

void Webhooks::deliver(size_t url) {
    if (secret_.empty()) return;
    while (auto delivery = queues_[url].next(net::monotonic_now())) {
        net::HttpClient::Request request;
        request.url = front_.config.webhooks.urls[url];
        request.headers = {{"Content-Type", "application/webhook+json"},
                           {"User-Agent", "Conclave"},
                           {"Authorization", webhook_token(front_.config.webhooks.key, secret_,
                                                           delivery->body, net::wall_now())}};
        request.body = std::move(delivery->body);
        client_.send(std::move(request),
                     [this, url, id = delivery->id](const net::HttpClient::Outcome& outcome) {
                         const auto judgement = judge(outcome.status);
                         if (judgement != WebhookQueue::Outcome::Delivered) {
                             log_warning("webhooks", "not_delivered",
                                         {{"url", std::to_string(url + 1)},
                                          {"status", std::to_string(outcome.status)},
                                          {"why", outcome.error}});
                         }
                         queues_[url].done(id, judgement, net::monotonic_now());
                         deliver();
                     });
    }
}

std::string Webhooks::metrics() const {
    std::string text;
    const auto add = [&](const char* name, const char* type, const char* help, auto value) {
        const std::string full = std::string("conclave_webhook_") + name;
        text += "# HELP " + full + " " + help + "\n# TYPE " + full + " " + type + "\n";
        for (size_t i = 0; i < queues_.size(); ++i)
            text +=
                full + "{url=\"" + std::to_string(i + 1) + "\"} " + std::to_string(value(queues_[i])) + "\n";
    };
    add("queued", "gauge", "Events that wait for a URL.", [](const auto& q) { return q.size(); });
    add("delivered_total", "counter", "Events delivered.",
        [](const auto& q) { return q.counters().delivered; });
    add("retried_total", "counter", "Attempts that failed and are repeated.",
        [](const auto& q) { return q.counters().retried; });
    add("failed_total", "counter", "Events given up.", [](const auto& q) { return q.counters().failed; });
    add("dropped_total", "counter", "Events dropped because the queue was full.",
        [](const auto& q) { return q.counters().dropped; });
    text +=
        "# HELP conclave_webhook_unsigned_total Events without a key to sign them.\n"
        "# TYPE conclave_webhook_unsigned_total counter\nconclave_webhook_unsigned_total " +
        std::to_string(unsigned_) + "\n";
    return text;
}

}  // namespace conclave::server
