// Connection tests: two persons of one browser page in a room of their own, who are thrown out after a
// minute. Nothing of it is kept, nobody else gets in, and no application is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/admission.h"
#include "base/time.h"
#include "server/rate_limit.h"
#include "server/route_table.h"

namespace conclave::server {

// Which tests go on. A table: no clock, no socket.
class OpenTests {
 public:
    static constexpr Duration kLasts = Duration::seconds(60);
    struct Test {
        std::string room;
        std::string sender;  // identities
        std::string receiver;
        AddressKey address = {};
        Instant ends_at = {};
    };

    explicit OpenTests(size_t limit) : limit_(limit) {}

    // One address, behind which there may be a whole office, gets a quarter of what there is, and one at
    // least.
    bool has_room_for(Instant now, const SocketAddress& address);
    void add(Instant now, const SocketAddress& address, Test test);
    // Of somebody who comes with a token; nothing when no such test goes on.
    std::optional<account::Place> place_of(Instant now, const std::string& room,
                                           const std::string& identity) const;

 private:
    void forget_ended(Instant now);

    const size_t limit_;
    std::vector<Test> tests_;
};

class NetworkTests {
 public:
    explicit NetworkTests(Front& front);
    // None where limits.network_tests is 0.
    void add_routes(RouteTable&);
    std::optional<account::Place> place_of(const std::string& room, const std::string& identity) const;

 private:
    void begin(const Call&, const net::Respond&);

    Front& front_;
    OpenTests open_;
};

}  // namespace conclave::server
