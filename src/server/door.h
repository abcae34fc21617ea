// The LiveKit routes: who knocks at /rtc or /rtc/v1 is checked here, admitted, and handed to the media plane
// with the HTTP upgrade still unanswered, because LiveKit clients read refusals as HTTP answers.
#pragma once

#include <unordered_map>

#include "net/http_server.h"
#include "server/front.h"
#include "server/route_table.h"

namespace conclave::server {

class Door final : public Signalling {
 public:
    explicit Door(Front& front) : front_(front) {}

    void add_routes(RouteTable&);

    void accepted(uint64_t connection) override;
    void refused(uint64_t connection, int status, std::string body) override;
    void send(uint64_t connection, SharedBytes bytes, bool text) override;
    void close(uint64_t connection) override;

    size_t clients() const { return clients_.size(); }

 private:
    struct Client {
        std::shared_ptr<net::Upgrade> upgrade;   // until accepted
        std::shared_ptr<net::WebSocket> socket;  // from then on
    };
    struct Visitor;
    struct Verdict;

    void validate(const Call&, net::Respond);
    void join(const Call&, std::shared_ptr<net::Upgrade>);

    using Admit = std::function<void(Verdict)>;

    // Token, join request and admission; the same for a join and for its rehearsal (/validate).
    using Tell = std::function<void(int status, std::string body)>;
    void examine(const net::HttpRequest&, Admit then);
    void look_for_room(const std::string& room, Tell tell);
    void find_out(std::shared_ptr<Visitor>, std::string key_id);
    void find_place(const std::shared_ptr<Visitor>& visitor);
    void judge(Visitor&);
    void turn_away(Visitor&, int status, std::string_view body);

    Front& front_;
    uint64_t last_connection_ = 0;
    std::unordered_map<uint64_t, Client> clients_;  // bounded by HttpOptions::connections_max
};

}  // namespace conclave::server
