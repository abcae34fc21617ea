// Everything that answers on the HTTP ports, by path: API, LiveKit signalling, health, metrics, the web
// client.
#pragma once

#include "net/http_server.h"
#include "server/api.h"
#include "server/door.h"
#include "server/front.h"
#include "server/room_service.h"

namespace conclave::server {

class Site {
 public:
    // `metrics_token`: allows GET /metrics from elsewhere than loopback; empty: nobody.
    Site(Front& front, std::string metrics_token)
        : front_(front),
          api_(front),
          door_(front),
          room_service_(front),
          metrics_token_(std::move(metrics_token)) {}

    void handle(net::HttpRequest request, net::Respond respond);
    void upgrade(net::HttpRequest request, std::shared_ptr<net::Upgrade> upgrade);

    Door& door() { return door_; }
    void watch(const net::HttpServer& http) { http_ = &http; }

 private:
    void health(net::Respond respond);
    void metrics(const net::HttpRequest&, net::Respond respond);
    std::string metrics_text() const;

    Front& front_;
    Api api_;
    Door door_;
    RoomService room_service_;
    std::string metrics_token_;
    const net::HttpServer* http_ = nullptr;
};

}  // namespace conclave::server
