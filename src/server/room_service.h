// The server API on HTTP: POST /twirp/livekit.RoomService/<Method>, for holders of an API key.
#pragma once

#include "livekit/room_service.h"
#include "net/http_server.h"
#include "server/front.h"
#include "server/route_table.h"

namespace conclave::server {

class RoomService {
 public:
    static constexpr std::string_view kPrefix = "/twirp/";

    explicit RoomService(Front& front) : front_(front) {}

    void add_routes(RouteTable&);

 private:
    void handle(Call call, net::Respond respond);
    struct Caller;
    void authenticate(std::shared_ptr<Caller>, std::string token);
    void examine(const std::shared_ptr<Caller>&, const livekit::Claims&);
    void create_room(const std::shared_ptr<Caller>&, livekit::RoomCall);
    void execute(const std::shared_ptr<Caller>&, livekit::RoomCall);
    void fail(const Caller&, const livekit::TwirpError&);

    Front& front_;
};

}  // namespace conclave::server
