#include "server/network_tests.h"

#include <algorithm>
#include <utility>

#include "net/clock.h"
#include "server/api_json.h"
#include "server/log.h"
#include "server/meeting_plane.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

// Not of the form of a meeting's id.
constexpr std::string_view kRoomPrefix = "network-test-";
constexpr size_t kRoomRandomSize = 20;
constexpr std::string_view kName = "Network test";

}  // namespace

bool OpenTests::has_room_for(Instant now, const SocketAddress& address) {
    forget_ended(now);
    const auto of_address = std::count_if(
        tests_.begin(), tests_.end(), [key = key_of(address)](const Test& t) { return t.address == key; });
    return tests_.size() < limit_ && static_cast<size_t>(of_address) < std::max<size_t>(limit_ / 4, 1);
}

void OpenTests::add(Instant now, const SocketAddress& address, Test test) {
    test.address = key_of(address);
    test.ends_at = now + kLasts;
    tests_.push_back(std::move(test));
}

std::optional<account::Place> OpenTests::place_of(Instant now, const std::string& room,
                                                  const std::string& identity) const {
    for (const Test& test : tests_) {
        if (test.room != room || test.ends_at <= now) continue;
        const bool is_expected = identity == test.sender || identity == test.receiver;
        return is_expected ? account::Place::Inside : account::Place::None;
    }
    return std::nullopt;
}

void OpenTests::forget_ended(Instant now) {
    std::erase_if(tests_, [now](const Test& test) { return test.ends_at <= now; });
}

NetworkTests::NetworkTests(Front& front)
    : front_(front), open_(static_cast<size_t>(front.config.limits.network_tests)) {}

void NetworkTests::add_routes(RouteTable& table) {
    if (front_.config.limits.network_tests == 0) return;
    table.add({"POST", "/api/v1/network-test", Asker::OwnPage, on(this, &NetworkTests::begin)});
}

std::optional<account::Place> NetworkTests::place_of(const std::string& room,
                                                     const std::string& identity) const {
    return open_.place_of(net::monotonic_now(), room, identity);
}

void NetworkTests::begin(const Call& call, const net::Respond& respond) {
    const HttpRequest& request = call.request;
    const Instant now = net::monotonic_now();
    if (!front_.joins.allow(now, request.remote)) return respond(limited(front_));
    const std::string client = front_.client(request.remote);
    account::Request wish{.way = account::Way::NetworkTest,
                          .room = std::string(kRoomPrefix) + random_id(front_.rng, kRoomRandomSize)};
    wish.capacity = front_.capacity(wish.room, "");
    if (!open_.has_room_for(now, request.remote)) wish.capacity = account::Request::Capacity::Overloaded;
    wish.name = kName;
    const account::Admission sends = account::admit(wish, front_.rng);
    const account::Admission receives = account::admit(wish, front_.rng);
    for (const account::Admission& admission : {sends, receives}) {
        if (const auto* refusal = std::get_if<account::Refusal>(&admission))
            return respond(refused(front_, *refusal, client));
    }
    const auto& sender = std::get<account::Allowed>(sends);
    const auto& receiver = std::get<account::Allowed>(receives);
    open_.add(now, request.remote,
              {.room = wish.room, .sender = sender.identity, .receiver = receiver.identity});
    ++front_.counters.network_tests;
    log_info("api", "network_test", {{"client", client}});
    const conference::MediaRights rights{.may_publish = true, .microphone = true, .camera = true};
    front_.media->govern({wish.room, rights, {}});
    front_.run_after(OpenTests::kLasts, [this, room = wish.room] { front_.meetings->end_media(room); });
    const WallTime wall = net::wall_now();
    respond(HttpResponse::json(
        201, network_test_json(front_.keys.join_token(sender, wish.room, wall),
                               front_.keys.join_token(receiver, wish.room, wall), OpenTests::kLasts)));
}

}  // namespace conclave::server
