// Everything that answers on the HTTP ports, by path: API, LiveKit signalling, health, metrics, the web
// client.
#pragma once

#include "net/http_server.h"
#include "server/api.h"
#include "server/door.h"
#include "server/front.h"
#include "server/network_tests.h"
#include "server/room_service.h"
#include "server/route_table.h"

namespace conclave::server {

class Site {
 public:
    // `metrics_token`: allows GET /metrics from elsewhere than loopback; empty: nobody.
    Site(Front& front, std::string metrics_token);

    void handle(net::HttpRequest request, net::Respond respond);
    void upgrade(net::HttpRequest request, std::shared_ptr<net::Upgrade> upgrade);

    Door& door() { return door_; }
    const RouteTable& table() const { return table_; }
    void watch(const net::HttpServer& http) { http_ = &http; }

 private:
    void health(const Call&, net::Respond respond);
    void metrics(const Call&, const net::Respond& respond);
    std::string metrics_text() const;

    Front& front_;
    Api api_;
    NetworkTests network_tests_;
    Door door_;
    RoomService room_service_;
    RouteTable table_;
    std::string metrics_token_;
    const net::HttpServer* http_ = nullptr;
};

}  // namespace conclave::server
