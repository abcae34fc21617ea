// Row A7: every route, asked by everybody, from our own page, another site's and none, about their own,
// others', ended and unknown meetings; compared with what is written down here, apart from the code. A route
// that is not written down here fails, and so does one that proto/openapi.yaml does not know, or knows and is
// not there.
#include <cstdio>
#include <fstream>
#include <set>

#include "base/base64.h"
#include "livekit/room_service.h"
#include "meeting/id.h"
#include "net/http_client.h"
#include "server/oidc_provider.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

// Who asks, with all that they have.
struct Person {
    std::string name;
    std::string cookie = {};  // the session's secret
    std::string bearer = {};
    std::string rejoin = {};
    bool is_signed_in = false;
    bool is_host = false;  // is in the meeting by an account, or owns it
    int knocks = 401;      // with the bearer at the media's door
};
enum class Origin { OwnPage, AnotherSite, None };
enum class About { Mine, Another, Ended, Unknown, Malformed };
constexpr About kAll[] = {About::Mine, About::Another, About::Ended, About::Unknown, About::Malformed};

struct Rule {
    bool takes_own_page;  // refused when another site, or nobody, says to ask
    std::function<int(const Person&, About)> status;
    std::string body = "{}";
};
using Oracle = std::map<std::string, Rule>;

int agents(const Person& who, int status) {
    return who.is_signed_in ? status : 401;
}

// For what takes a host of the meeting: the status when it is one.
std::function<int(const Person&, About)> hosts(int status) {
    return [status](const Person& who, About about) {
        if (!who.is_signed_in) return 401;
        if (about == About::Mine) return who.is_host ? status : 403;
        return about == About::Another ? 403 : 404;
    };
}

std::function<int(const Person&, About)> everybody(int status) {
    return [status](const Person&, About) { return status; };
}
std::function<int(const Person&, About)> every_agent(int status) {
    return [status](const Person& who, About) { return agents(who, status); };
}

int join_status(const Person& who, About about) {
    if (about != About::Mine && about != About::Another) return 404;
    if (who.name == "banned" && about == About::Mine) return 403;
    const bool comes_back = !who.rejoin.empty() && about == About::Mine;
    return who.is_signed_in || comes_back ? 200 : 400;  // a name is missing
}

int end_status(const Person& who, About about) {
    if (!who.is_signed_in) return 401;
    if (who.name == "owner" && about != About::Another) {
        if (about == About::Mine || about == About::Ended) return 204;
    }
    return about == About::Mine || about == About::Another ? 403 : 404;
}

int plan_status(const Person& who, About about) {
    if (!who.is_signed_in) return 401;
    if (about != About::Mine && about != About::Another) return 404;
    return who.name == "owner" && about == About::Mine ? 400 : 403;
}

bool is_application(const Person& who) {
    return who.name.starts_with("application");
}

int knock_status(const Person& who, About) {
    return who.knocks;
}

Oracle rules_of_people() {
    return {
        {"GET /api/v1/session", {false, everybody(200)}},
        {"POST /api/v1/session", {true, everybody(401), R"({"secret":"x"})"}},
        {"DELETE /api/v1/session", {true, everybody(204)}},
        {"GET /api/v1/account", {false, every_agent(200)}},
        {"GET /api/v1/account/sessions", {false, every_agent(200)}},
        {"DELETE /api/v1/account/sessions", {true, every_agent(204)}},
        {"DELETE /api/v1/account/sessions/{session}",
         {true,
          [](const Person& who, About about) { return agents(who, about == About::Mine ? 204 : 404); }}},
        {"PUT /api/v1/account/password", {true, every_agent(400), R"({"password":"weak"})"}},
        {"GET /api/v1/sign-in", {false, everybody(200)}},
        {"POST /api/v1/sign-in/password", {true, everybody(400)}},
        {"POST /api/v1/sign-in/code", {true, everybody(400)}},
        {"POST /api/v1/sign-in/code/verify", {true, everybody(400)}},
        {"GET /api/v1/sign-in/oidc", {false, everybody(303)}},
        {"GET /api/v1/sign-in/oidc/callback", {false, everybody(303)}},
        // The provider is away.
        {"POST /api/v1/sign-in/oidc/sign-out", {true, every_agent(503)}},
        {"POST /api/v1/network-test", {true, everybody(201)}},
        // Signed by nobody.
        {"POST /api/v1/sign-in/oidc/logout", {false, everybody(400)}},
        {"GET /api/v1/meetings", {false, every_agent(200)}},
        {"POST /api/v1/meetings", {true, every_agent(201), R"({"title":"x"})"}},
        {"GET /api/v1/meetings/{id}",
         {false, [](const Person&,
                    About about) { return about == About::Mine || about == About::Another ? 200 : 404; }}},
        {"DELETE /api/v1/meetings/{id}", {true, end_status}},
        {"POST /api/v1/meetings/{id}/join", {true, join_status}},
        // What it opens for is decided by the first message: MeetingPlaneTest.
        {"WebSocket /api/v1/meetings/{id}/live", {true, everybody(101)}},
        {"GET /api/v1/meetings/{id}/invitations", {false, hosts(200)}},
        {"POST /api/v1/meetings/{id}/invitations", {true, hosts(201)}},
        {"DELETE /api/v1/meetings/{id}/invitations/{invitation}", {true, hosts(400)}},
        // The times are past.
        {"PUT /api/v1/meetings/{id}/plan", {true, plan_status, R"({"begins_at":1,"zone":"UTC"})"}},
        {"GET /api/v1/meetings/{id}/calendar.ics", {false, everybody(404)}},  // none of them is planned
        {"GET /api/v1/slots", {false, every_agent(400)}},                     // of no time
        {"POST /api/v1/meetings/{id}/invitation-mails", {true, hosts(400)}},  // to nobody
        {"* /api/*", {false, everybody(404)}},
        {"* /twirp/*", {false, [](const Person& who, About) { return is_application(who) ? 404 : 401; }}},
        {"GET /healthz", {false, everybody(200)}},
        {"GET /metrics", {false, everybody(200)}},  // all are on this machine: RoutesTest has the others
        {"GET /*", {false, everybody(200)}},
    };
}

Oracle rules_of_media_and_applications() {
    Oracle rules;
    for (const char* path : {"/rtc", "/rtc/v1"}) {
        const std::string p = path;
        rules["GET " + p] = {false, everybody(404)};
        rules["OPTIONS " + p] = {false, everybody(204)};
        rules["OPTIONS " + p + "/validate"] = {false, everybody(204)};
        rules["GET " + p + "/validate"] = {false, knock_status};
        rules["WebSocket " + p] = {
            false, [](const Person& who, About) { return who.knocks == 200 ? 101 : who.knocks; }};
    }
    const std::map<std::string, std::string> calls = {
        {"CreateRoom", R"({"name":"room"})"},
        {"ListRooms", "{}"},
        {"DeleteRoom", R"({"room":"room"})"},
        {"ListParticipants", R"({"room":"room"})"},
        {"GetParticipant", R"({"room":"room","identity":"x"})"},
        {"RemoveParticipant", R"({"room":"room","identity":"x"})"},
        {"MutePublishedTrack", R"({"room":"room","identity":"x","trackSid":"t","muted":true})"},
        {"UpdateParticipant", R"({"room":"room","identity":"x"})"},
        {"UpdateSubscriptions", R"({"room":"room","identity":"x"})"},
        {"SendData", R"({"room":"room","data":"eA=="})"},
        {"UpdateRoomMetadata", R"({"room":"room","metadata":"x"})"},
        {"PerformRpc", R"({"room":"room","destinationIdentity":"x","method":"m"})"},
        {"ForwardParticipant", "{}"},
        {"MoveParticipant", "{}"}};
    for (const auto& [call, body] : calls) {
        const int done = call == "ForwardParticipant" || call == "MoveParticipant" ? 501 : 200;
        // Granted for the server, not for one room.
        const std::set<std::string> of_all = {"CreateRoom", "ListRooms", "DeleteRoom", "ForwardParticipant",
                                              "MoveParticipant"};
        const bool is_of_all = of_all.contains(call);
        rules["* /twirp/livekit.RoomService/" + call] = {
            false,
            [done, is_of_all](const Person& who, About) {
                const bool may = who.name == "application" || (is_of_all && is_application(who));
                return may ? done : 401;
            },
            body};
    }
    return rules;
}

Oracle oracle() {
    Oracle rules = rules_of_people();
    rules.merge(rules_of_media_and_applications());
    return rules;
}

std::string key_of(const Route& route) {
    return std::string(route.method) + " " + route.pattern;
}

class RouteMatrixTest : public SiteTest {
 protected:
    RouteMatrixTest() {
        config_.sign_in.email_codes = true;
        config_.sign_in.email_domains = {"ville.fr"};
        config_.oidc.issuer = "http://127.0.0.1:1";
        config_.oidc.client_id = "conclave";
        config_.limits.sign_ins_per_minute_per_address = config_.limits.sign_ins_per_minute = 1'000'000;
        config_.limits.joins_per_minute_per_address = config_.limits.joins_per_minute = 1'000'000;
        config_.limits.network_tests = 1000;
        start();
        on_front([this] {
            client_ = std::move(*net::HttpClient::create(
                {}, [this](std::function<void()> fn) { http_->post(std::move(fn)); }));
            provider_ = std::make_unique<OidcProvider>(config_, "", *client_);
            front_->oidc = provider_.get();
        });
        in_store([](store::Database& database) {
            return database.insert_api_key({"APIkey", "s3cret", "bot", net::wall_now(), {}});
        });
        people();
        meetings();
        places();
    }
    ~RouteMatrixTest() override {
        on_front([this] {
            front_->oidc = nullptr;
            provider_.reset();
            client_.reset();
        });
    }

    static account::Account account_of(const std::string& name) {
        return {"acc-" + name, name, account::Role::Agent, name + "@ville.fr"};
    }
    // (Again) signed in with the same cookie.
    void start_session(const Person& who, Duration ago = {}) {
        in_store([&](store::Database& database) -> Status {
            const WallTime then = WallTime{net::wall_now().us - ago.us};
            account::Session session{.hash = *account::hash_of_secret(who.cookie),
                                     .account_id = account_of(who.name).id};
            session.created_at = session.seen_at = then;
            TRY(database.delete_session(session.hash));
            TRY(database.start_session(session));
            return Ok{};
        });
    }
    Person agent(const std::string& name) {
        in_store([&](store::Database& database) {
            return database.insert_account(account_of(name), net::wall_now());
        });
        Person who{.name = name, .cookie = account::make_secret(client_rng_).text};
        who.is_signed_in = true;
        return who;
    }
    void people() {
        for (const char* name : {"elsewhere", "participant", "chair", "owner", "banned", "stranger"})
            people_.push_back(agent(name));
        for (const Person& who : people_) start_session(who);
        for (const char* name : {"disabled", "expired", "revoked"}) {
            Person who = agent(name);
            who.is_signed_in = false;
            if (who.name != "revoked")
                start_session(who, who.name == "expired" ? Duration::minutes(60) * 13 : Duration{});
            people_.push_back(std::move(who));
        }
        in_store([](store::Database& database) -> Status {
            TRY(database.disable_account("acc-disabled", net::wall_now()));
            return Ok{};
        });
        for (const char* name : {"anonymous", "guest", "waiting", "application", "application for a meeting"})
            people_.push_back({.name = name});
    }
    Person& person(const std::string& name) {
        return *std::find_if(people_.begin(), people_.end(), [&](const auto& p) { return p.name == name; });
    }
    void meetings() {
        const auto create = [this](const std::string& owner) {
            return ask("POST", "/api/v1/meetings", own_page(cookie_of(person(owner))),
                       R"({"title":"Budget","lobby":"everyone"})")
                .member("id");
        };
        ids_ = {{About::Mine, create("owner")},
                {About::Another, create("stranger")},
                {About::Ended, create("owner")},
                {About::Unknown, meeting::make_id(client_rng_)},
                {About::Malformed, "no!id"}};
        EXPECT_EQ(
            ask("DELETE", "/api/v1/meetings/" + ids_[About::Ended], own_page(cookie_of(person("owner"))))
                .status,
            204);
        // The last of the people owns the other meeting and asks for nothing.
        std::erase_if(people_, [](const Person& who) { return who.name == "stranger"; });
    }
    // Who has been where in the meeting, and the tokens that they have from it.
    void places() {
        const std::string& id = ids_[About::Mine];
        record(id, meeting::Started{});
        for (const char* name : {"owner", "participant", "chair", "banned", "guest", "waiting"}) {
            Person& who = person(name);
            const std::string account = who.is_signed_in ? account_of(name).id : "";
            meeting::Arrived arrived{.person = name, .account = account, .name = name};
            arrived.kind = who.is_signed_in ? meeting::Kind::Agent : meeting::Kind::Guest;
            arrived.needs_admission = who.name == "waiting";
            arrived.is_let_in = !arrived.needs_admission;
            record(id, arrived);
            who.rejoin = front_->keys.sign_rejoin({id, name, name, account}, net::wall_now());
            who.bearer = front_->keys.join_token({.identity = name, .name = name}, id, net::wall_now());
            who.knocks = arrived.needs_admission ? 404 : 200;
            who.is_host = who.is_signed_in;
        }
        record(id, meeting::RoleChanged{"chair", meeting::Role::Chair});
        record(id, meeting::Gone{"banned", meeting::Presence::Banned});
        person("banned").knocks = 404;
        person("banned").is_host = false;
        livekit::Claims claims;
        claims.identity = "bot";
        claims.video.room_join = claims.video.room_create = claims.video.room_list = true;
        claims.video.room_admin = true;
        claims.video.room = "room";
        person("application").bearer = token(claims);
        person("application").knocks = 200;
        claims.video.room = id;
        person("application for a meeting").bearer = token(claims);
        person("application for a meeting").knocks = 403;
    }
    static std::string token(const livekit::Claims& claims) {
        return livekit::mint_token(claims, "APIkey", as_bytes("s3cret"), net::wall_now(),
                                   Duration::minutes(5));
    }
    static std::string cookie_of(const Person& who) { return "__Host-conclave=" + who.cookie; }

    Fields fields(const Person& who, Origin origin) const {
        Fields fields{{"Content-Type", "application/json"}};
        if (origin == Origin::OwnPage) fields.emplace_back("Origin", "http://" + host());
        if (origin == Origin::AnotherSite) fields.emplace_back("Origin", "https://evil.example");
        if (!who.cookie.empty()) fields.emplace_back("Cookie", cookie_of(who));
        if (!who.bearer.empty()) fields.emplace_back("Authorization", "Bearer " + who.bearer);
        return fields;
    }
    static std::string join_parameters(const std::string& path) {
        if (!path.starts_with("/rtc")) return "";
        livekit::pb::JoinRequest request;
        request.mutable_client_info()->set_protocol(16);
        livekit::pb::WrappedJoinRequest outer;
        outer.set_join_request(request.SerializeAsString());
        const bool is_classic = path == "/rtc" || path == "/rtc/validate";
        return is_classic ? "?protocol=16&sdk=js"
                          : "?join_request=" + base64url_encode(as_bytes(outer.SerializeAsString()));
    }
    std::string path_of(const Route& route, const Person& who, About about) {
        std::string path = route.pattern;
        const auto put = [&](const std::string& name, const std::string& value) {
            if (const size_t at = path.find(name); at != std::string::npos)
                path.replace(at, name.size(), value);
        };
        put("{id}", ids_.at(about));
        put("{invitation}", "none");
        if (path.find("{session}") != std::string::npos) put("{session}", session_for(who, about));
        if (path == "/*") return "/sign-in";
        put("*", "nothing");
        return path + join_parameters(path);
    }
    // A session of theirs, of somebody else, or of nobody.
    std::string session_for(const Person& who, About about) {
        if (about != About::Mine && about != About::Another) return std::string(32, '0');
        Person owner = about == About::Mine && who.is_signed_in ? who : person("owner");
        if (about == About::Another && who.name == "owner") owner = person("chair");
        owner.cookie = account::make_secret(client_rng_).text;
        start_session(owner);
        return session_id({.hash = *account::hash_of_secret(owner.cookie)});
    }
    int open_socket(const std::string& path, const Fields& more) {
        Connection connection(address_);
        std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + host() +
                              "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        for (const auto& [name, value] : more) request += name + ": " + value + "\r\n";
        connection.send(request + "\r\n");
        return connection.read_answer(false).status;
    }
    // What this would end for all later cells is done to something that is made for this one.
    std::string spared(const std::string& path, const std::string& key, const Person& who, About about,
                       Origin origin) {
        const bool ends = key == "DELETE /api/v1/meetings/{id}" && who.name == "owner" &&
                          about == About::Mine && origin == Origin::OwnPage;
        if (!ends) return path;
        return "/api/v1/meetings/" + create_meeting(cookie_of(who));
    }
    void check(const Route& route, const Rule& rule, const Person& who, About about, Origin origin) {
        const std::string key = key_of(route);
        const std::string path = spared(path_of(route, who, about), key, who, about, origin);
        int status = 0;
        if (route.method == kWebSocket) {
            status = open_socket(path, fields(who, origin));
        } else {
            const bool is_any = route.method == kAnyMethod;
            const std::string method = is_any ? "POST" : std::string(route.method);
            const bool joins = key == "POST /api/v1/meetings/{id}/join" && !who.rejoin.empty();
            const std::string body = joins             ? R"({"rejoin":")" + who.rejoin + "\"}"
                                     : method == "GET" ? ""
                                                       : rule.body;
            status = ask(method, path, fields(who, origin), body).status;
        }
        const bool is_foreign = rule.takes_own_page && origin != Origin::OwnPage;
        const int expected = is_foreign ? 403 : rule.status(who, about);
        EXPECT_EQ(status, expected) << key << " by " << who.name << " about " << static_cast<int>(about)
                                    << " from " << static_cast<int>(origin);
        ++cells_;
        if (who.is_signed_in && route.method == "DELETE") start_session(who);
    }

    std::vector<Person> people_;
    std::map<About, std::string> ids_;
    std::unique_ptr<net::HttpClient> client_;
    std::unique_ptr<OidcProvider> provider_;
    int cells_ = 0;
};

TEST_F(RouteMatrixTest, A7_EveryRouteAnswersEverybodyAsIsWrittenHere) {
    const Oracle rules = oracle();
    for (const Route& route : site_->table().routes()) {
        const auto rule = rules.find(key_of(route));
        ASSERT_NE(rule, rules.end()) << key_of(route) << " is a route that nobody thought about";
        const bool has_object = route.pattern.find('{') != std::string::npos;
        for (const About about : kAll) {
            if (!has_object && about != About::Mine) continue;
            for (const Person& who : people_) {
                for (const Origin origin : {Origin::OwnPage, Origin::AnotherSite, Origin::None})
                    check(route, rule->second, who, about, origin);
            }
        }
    }
    EXPECT_EQ(rules.size(), site_->table().routes().size()) << "one that is written here is gone";
    std::printf("route matrix: cells=%d routes=%zu\n", cells_, rules.size());
}

// Methods that a path does not have, whoever asks; nothing but the status tells of the path.
TEST_F(RouteMatrixTest, A7_OtherMethodsDoNothing) {
    std::map<std::string, std::set<std::string>> methods;
    for (const Route& route : site_->table().routes())
        methods[route.pattern].insert(std::string(route.method));
    int cells = 0;
    for (const Route& route : site_->table().routes()) {
        const std::set<std::string>& there = methods[route.pattern];
        if (there.contains(std::string(kAnyMethod))) continue;
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
            if (there.contains(method)) continue;
            const bool is_socket_alone = there.size() == 1 && there.contains(std::string(kWebSocket));
            for (const Person& who : people_) {
                const Answer answer =
                    ask(method, path_of(route, who, About::Mine), fields(who, Origin::OwnPage),
                        method == std::string("GET") ? "" : "{}");
                EXPECT_EQ(answer.status, is_socket_alone ? 404 : 405) << method << " " << route.pattern;
                ++cells;
            }
        }
    }
    std::printf("route matrix: cells of wrong methods=%d\n", cells);
}

// "/path:" and, below it, "method:", as in the whole file.
std::set<std::string> routes_of_the_contract() {
    std::ifstream file(TESTDATA "/../proto/openapi.yaml");
    std::set<std::string> routes;
    std::string path;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("components:")) break;
        if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
        for (const std::string method : {"get", "post", "put", "delete"}) {
            if (line == "    " + method + ":") routes.insert(method + " " + path);
        }
    }
    return routes;
}

TEST_F(RouteMatrixTest, TheContractKnowsEveryRouteOfTheApiAndNoOther) {
    std::set<std::string> there;
    for (const Route& route : site_->table().routes()) {
        if (!route.pattern.starts_with("/api/") || route.takes_rest()) continue;
        std::string method = route.method == kWebSocket ? "get" : std::string(route.method);
        std::transform(method.begin(), method.end(), method.begin(),
                       [](char c) { return static_cast<char>(std::tolower(c)); });
        there.insert(method + " " + route.pattern);
    }
    EXPECT_EQ(there, routes_of_the_contract());
}

// Row A2: the places that HostileTokensTest.A2_EverySecretOpensItsOwnDoorOnly has not.
TEST_F(RouteMatrixTest, A2_EverySecretOpensItsOwnPlaceOnly) {
    const std::string meeting = "/api/v1/meetings/" + ids_[About::Mine];
    const Answer asked = ask("POST", "/api/v1/sign-in/code", own_page(), R"({"email":"owner@ville.fr"})");
    const std::string code = asked.header("set-cookie").substr(0, asked.header("set-cookie").find(';'));
    const Fields owner = own_page(cookie_of(person("owner")));
    const std::map<std::string, std::string> secrets = {
        {"session", person("owner").cookie},
        {"link", link_for(account_of("elsewhere"))},
        {"code", code.substr(code.find('=') + 1)},
        {"flow", front_->keys.sign_flow(account::oidc::make_flow(client_rng_, "/"), net::wall_now())},
        {"rejoin", person("guest").rejoin},
        {"media", person("guest").bearer},
        {"application", person("application").bearer},
        {"invitation", ask("POST", meeting + "/invitations", owner, "{}").member("secret")},
        {"metrics", "metrics-token"}};
    const auto opens = [&](const std::string& place, const std::string& secret) {
        if (place ==
            "code") {  // a wrong code on the right browser may be mended; on another one there is none
            return ask("POST", "/api/v1/sign-in/code/verify", own_page("__Host-conclave-code=" + secret),
                       R"({"code":"00000000"})")
                       .member("code") == "wrong_code";
        }
        if (place == "flow") {
            return ask("GET", "/api/v1/sign-in/oidc/callback", {{"Cookie", "__Host-conclave-sso=" + secret}})
                       .header("location")
                       .find("sso_expired") == std::string::npos;
        }
        if (place == "application") {
            return ask("POST", "/twirp/livekit.RoomService/ListRooms",
                       {{"Authorization", "Bearer " + secret}, {"Content-Type", "application/json"}}, "{}")
                       .status == 200;
        }
        return ask("POST", meeting + "/join", own_page(), R"({"name":"Zoe","invitation":")" + secret + "\"}")
                   .status == 200;
    };
    for (const char* place : {"code", "flow", "application", "invitation"}) {
        for (const auto& [kind, secret] : secrets) {
            ASSERT_FALSE(secret.empty()) << kind;
            EXPECT_EQ(opens(place, secret), kind == place) << kind << " at " << place;
        }
    }
}

}  // namespace
}  // namespace conclave::server
