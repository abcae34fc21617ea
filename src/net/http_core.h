// What the connections of one HttpServer share. Internal; front thread only.
#pragma once

#include <map>
#include <memory>
#include <unordered_set>

#include "net/http_server.h"

namespace conclave::net {

class HttpSession;

struct HttpCore {
    HttpOptions options;
    HttpHandler on_request;
    UpgradeHandler on_upgrade;
    DatagramStreamHandler on_datagram_stream;  // may be empty
    HttpCounters counters;
    std::unordered_set<HttpSession*> sessions;  // bounded by connections_max
    std::map<std::array<uint8_t, 16>, size_t> connections_by_address;
    std::function<void()> on_empty;  // the last connection went away
    std::function<void(std::function<void()>)> post;
    bool is_stopping = false;
    bool is_gone = false;  // the loop is being destroyed: nothing may be started any more
};

}  // namespace conclave::net
