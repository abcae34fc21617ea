// Tells applications what happens in their rooms: signed HTTP requests to the URLs of the configuration.
#pragma once

#include <string>
#include <vector>

#include "livekit/room_service.h"
#include "net/http_client.h"
#include "server/front.h"
#include "server/webhook_queue.h"

namespace conclave::server {

class Webhooks {
 public:
    // Front thread, as everything here. `after` runs a function there, later.
    using After = std::function<void(Duration, std::function<void()>)>;

    Webhooks(Front& front, net::HttpClient& client, After after);

    void notify(std::vector<livekit::pb::WebhookEvent> events);
    // Prometheus text format.
    std::string metrics() const;

 private:
    void enqueue(std::vector<livekit::pb::WebhookEvent> events, WallTime now);
    void deliver();
    void deliver(size_t url);
    void tick();

    Front& front_;
    net::HttpClient& client_;
    const After after_;
    std::vector<uint8_t> secret_;       // of the key that signs; empty: it is not active
    std::vector<WebhookQueue> queues_;  // in the order of the URLs
    uint64_t unsigned_ = 0;
    bool is_ticking_ = false;
};

// The Authorization of a webhook: a token of this key that names the body.
std::string webhook_token(std::string_view key_id, ByteView secret, std::string_view body, WallTime now);

}  // namespace conclave::server
