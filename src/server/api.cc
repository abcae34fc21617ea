#include "server/api.h"

#include <utility>

#include "livekit/room_service.h"
#include "net/clock.h"
#include "server/api_json.h"
#include "server/log.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using account::Account;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;
using store::Database;

constexpr std::string_view kSessionPath = "/api/v1/session";
constexpr std::string_view kMeetingsPath = "/api/v1/meetings";

HttpResponse bad_request() {
    return problem(400, "bad_request");
}

bool changes_something(const HttpRequest& request) {
    return request.method != "GET";
}

HttpResponse title_refused(meeting::Refusal refusal) {
    switch (refusal) {
        case meeting::Refusal::TitleRequired:
            return problem(400, "title_required");
        case meeting::Refusal::TitleTooLong:
            return problem(400, "title_too_long");
        case meeting::Refusal::TitleRefused:
        case meeting::Refusal::BadId:
        case meeting::Refusal::AlreadyExists:
        case meeting::Refusal::NotOpen:
        case meeting::Refusal::NotOwner:
            break;
    }
    return bad_request();
}

account::MeetingState state_of(const std::optional<meeting::State>& meeting) {
    if (!meeting) return account::MeetingState::Unknown;
    return meeting->phase == meeting::State::Phase::Open ? account::MeetingState::Open
                                                         : account::MeetingState::Ended;
}

}  // namespace

template <class T>
void Api::ask(Respond respond, std::function<Result<T>(Database&)> work,
              std::function<HttpResponse(T)> answer) {
    server::ask<T>(front_, std::move(respond), std::move(work), std::move(answer));
}

void Api::as_agent(const HttpRequest& request, Respond respond,
                   std::function<void(const std::string& account)> then) {
    // The draw of an identity, which admit() might want, stays on this thread.
    const auto with_account = [this, respond = std::move(respond), then = std::move(then),
                               client = front_.client(request.remote)](Result<std::optional<Account>> found) {
        if (!found) return respond(store_failed(found.error()));
        const account::Admission admission =
            account::admit({.way = account::Way::Api, .account = std::move(*found)}, front_.rng);
        if (const auto* refusal = std::get_if<account::Refusal>(&admission))
            return respond(refused(*refusal, client));
        then(std::get<account::Allowed>(admission).account_id);
    };
    front_.store.run<std::optional<Account>>(caller(request), with_account);
}

HttpResponse Api::store_failed(const Error& error) {
    return server::store_failed(front_, error);
}

std::function<Result<std::optional<Account>>(Database&)> Api::caller(const HttpRequest& request) const {
    const std::optional<account::SecretHash> cookie = account::hash_of_secret(session_cookie(request));
    const account::SessionRules rules = front_.session_rules;
    const WallTime now = net::wall_now();
    return [cookie, rules, now](Database& database) -> Result<std::optional<Account>> {
        if (!cookie) return std::optional<Account>();
        return database.account_of_session(*cookie, rules, now);
    };
}

HttpResponse Api::refused(account::Refusal refusal, std::string_view client) {
    ++front_.counters.refusals[code(refusal)];
    log_info("api", "refused", {{"code", std::string(code(refusal))}, {"client", std::string(client)}});
    return problem(static_cast<unsigned>(http_status(refusal)), code(refusal));
}

HttpResponse Api::limited() {
    return server::limited(front_);
}

void Api::handle(HttpRequest request, Respond respond) {
    // The identity provider asks for a logout, and no page: what it sends is signed.
    if (changes_something(request) && request.path != OidcApi::kLogoutPath) {
        if (!is_own_page(request)) {
            ++front_.counters.cross_site_refused;
            return respond(problem(403, "bad_request"));
        }
        // A request without a body is told by its method and Origin alone.
        if ((request.method == "POST" || !request.body.empty()) && !is_json(request))
            return respond(problem(415, "bad_request"));
    }
    const std::string_view path = request.path;
    if (SignInApi::is_mine(path)) return sign_in_.handle(request, std::move(respond));
    if (path == kSessionPath) {
        if (request.method == "GET") return get_session(request, std::move(respond));
        if (request.method == "POST") return sign_in(request, std::move(respond));
        if (request.method == "DELETE") return sign_out(request, std::move(respond));
        return respond(method_not_allowed("GET, POST, DELETE"));
    }
    if (path == kMeetingsPath) {
        if (request.method == "GET") return list_meetings(request, std::move(respond));
        if (request.method == "POST") return create_meeting(request, std::move(respond));
        return respond(method_not_allowed("GET, POST"));
    }
    if (path.starts_with(kMeetingsPath) && path[kMeetingsPath.size()] == '/') {
        std::string_view id = path.substr(kMeetingsPath.size() + 1);
        const bool is_join = id.ends_with("/join");
        if (is_join) id.remove_suffix(5);
        if (id.find('/') == std::string_view::npos) {
            if (is_join && request.method == "POST")
                return join_meeting(std::string(id), request, std::move(respond));
            if (is_join) return respond(method_not_allowed("POST"));
            if (request.method == "GET") return get_meeting(std::string(id), std::move(respond));
            if (request.method == "DELETE") return end_meeting(std::string(id), request, std::move(respond));
            return respond(method_not_allowed("GET, DELETE"));
        }
    }
    respond(problem(404, "bad_request"));
}

void Api::get_session(const HttpRequest& request, Respond respond) {
    ask<std::optional<Account>>(std::move(respond), caller(request), [](std::optional<Account> account) {
        return HttpResponse::json(200, session_json(account));
    });
}

void Api::sign_in(const HttpRequest& request, Respond respond) {
    if (!front_.sign_ins.allow(net::monotonic_now(), request.remote)) return respond(limited());
    const std::optional<std::string> secret = parse_sign_in(request.body);
    if (!secret) return respond(bad_request());

    const std::string client = front_.client(request.remote);
    const std::optional<account::SecretHash> link = account::hash_of_secret(*secret);
    const std::optional<account::SecretHash> previous = account::hash_of_secret(session_cookie(request));
    const account::Secret session = account::make_secret(front_.rng);
    const WallTime now = net::wall_now();
    const auto redeem = [link, previous, hash = session.hash,
                         now](Database& database) -> Result<std::optional<Account>> {
        if (!link) return std::optional<Account>();
        std::optional<Account> account = TRY(database.redeem_sign_in_link(*link, hash, now));
        // One browser, one session: the one it had before ends.
        if (account && previous) TRY(database.delete_session(*previous));
        return account;
    };
    const auto answer = [this, client, cookie = session.text](const std::optional<Account>& account) {
        log_info("api", "sign_in", {{"result", account ? "ok" : "refused"}, {"client", client}});
        if (!account) {
            ++front_.counters.sign_ins_refused;
            return problem(401, "sign_in_refused");
        }
        ++front_.counters.sign_ins;
        HttpResponse response = HttpResponse::json(200, session_json(account));
        response.headers.add("Set-Cookie", set_session_cookie(cookie, front_.session_rules.age_max));
        return response;
    };
    ask<std::optional<Account>>(std::move(respond), redeem, answer);
}

void Api::sign_out(const HttpRequest& request, Respond respond) {
    const std::optional<account::SecretHash> cookie = account::hash_of_secret(session_cookie(request));
    const auto forget = [cookie](Database& database) -> Status {
        return cookie ? database.delete_session(*cookie) : Status(Ok{});
    };
    ask<Ok>(std::move(respond), forget, [](Ok) {
        HttpResponse response;
        response.status = 204;
        response.headers.add("Set-Cookie", clear_session_cookie());
        return response;
    });
}

void Api::list_meetings(const HttpRequest& request, Respond respond) {
    using Found = std::pair<std::optional<Account>, std::vector<meeting::State>>;
    const auto find = [who = caller(request)](Database& database) -> Result<Found> {
        Found found{TRY(who(database)), {}};
        if (found.first) found.second = TRY(database.meetings_of(found.first->id));
        return found;
    };
    ask<Found>(std::move(respond), find, [this, client = front_.client(request.remote)](Found found) {
        const account::Admission admission =
            account::admit({.way = account::Way::Api, .account = std::move(found.first)}, front_.rng);
        if (const auto* refusal = std::get_if<account::Refusal>(&admission)) return refused(*refusal, client);
        return HttpResponse::json(200, meeting_list_json(found.second));
    });
}

void Api::create_meeting(const HttpRequest& request, Respond respond) {
    const std::optional<std::string> title = parse_create_meeting(request.body);
    as_agent(request, respond, [this, respond, title](const std::string& owner) {
        if (!title) return respond(bad_request());
        const auto events =
            decide({}, meeting::Create{meeting::make_id(front_.rng), *title, owner}, net::wall_now());
        if (!events) return respond(title_refused(events.error()));
        meeting::State created;
        for (const meeting::Event& event : *events) evolve(created, event);
        const auto record = [id = created.id, recorded = *events](Database& database) -> Status {
            for (const meeting::Event& event : recorded) TRY(database.apply(id, event));
            return Ok{};
        };
        ask<Ok>(respond, record, [this, created](Ok) {
            ++front_.counters.meetings_created;
            log_info("api", "meeting_created");
            return HttpResponse::json(201, meeting_json(created));
        });
    });
}

// Over for all: first its link opens nothing any more, then those who are in it are sent away. Whoever is
// told that this failed ends it once more.
void Api::end_meeting(std::string id, const HttpRequest& request, Respond respond) {
    as_agent(request, respond, [this, respond, id = std::move(id)](const std::string& account) {
        using Refused = std::optional<meeting::Refusal>;
        const auto end = [id, account, now = net::wall_now()](Database& database) -> Result<Refused> {
            const meeting::State meeting = TRY(database.meeting(id)).value_or(meeting::State{});
            const auto events = decide(meeting, meeting::End{account}, now);
            if (!events) return Refused(events.error());
            for (const meeting::Event& event : *events) TRY(database.apply(id, event));
            return Refused();
        };
        const auto send_away = [this, respond, id](const Result<Refused>& refused) {
            if (!refused) return respond(store_failed(refused.error()));
            if (*refused == meeting::Refusal::NotOwner) return respond(problem(403, "not_owner"));
            if (*refused) return respond(problem(404, code(account::Refusal::MeetingNotFound)));
            log_info("api", "meeting_ended");
            livekit::pb::DeleteRoomRequest room;
            room.set_room(id);
            const auto answer = [respond](const PendingCommands::Outcome& outcome) {
                const bool is_over = outcome || outcome.error().code == livekit::TwirpCode::NotFound;
                if (!is_over) return respond(problem(503, "server_full"));
                HttpResponse response;
                response.status = 204;
                respond(std::move(response));
            };
            front_.media->command(room, conference::Owner::Meetings, answer);
        };
        front_.store.run<Refused>(end, send_away);
    });
}

// Unknown, ended and malformed ids take the same way and get the same answer.
void Api::get_meeting(std::string id, Respond respond) {
    const auto find = [id = std::move(id)](Database& database) { return database.meeting(id); };
    ask<std::optional<meeting::State>>(std::move(respond), find,
                                       [](const std::optional<meeting::State>& meeting) {
                                           if (state_of(meeting) != account::MeetingState::Open)
                                               return problem(404, code(account::Refusal::MeetingNotFound));
                                           return HttpResponse::json(200, meeting_summary_json(*meeting));
                                       });
}

void Api::join_meeting(std::string id, const HttpRequest& request, Respond respond) {
    if (!front_.joins.allow(net::monotonic_now(), request.remote)) return respond(limited());
    std::optional<JoinBody> body = parse_join(request.body);
    if (!body) return respond(bad_request());

    using Found = std::pair<std::optional<Account>, std::optional<meeting::State>>;
    const auto find = [id, who = caller(request)](Database& database) -> Result<Found> {
        std::optional<Account> account = TRY(who(database));
        return Found{std::move(account), TRY(database.meeting(id))};
    };
    const auto answer = [this, id, body = std::move(*body),
                         client = front_.client(request.remote)](Found found) {
        const WallTime now = net::wall_now();
        account::Request wish{.way = account::Way::PageJoin, .room = id, .meeting = state_of(found.second)};
        wish.is_full = front_.is_full();
        wish.account = std::move(found.first);
        wish.name = body.name;
        if (body.rejoin) wish.rejoin = front_.keys.verify_rejoin(*body.rejoin, now);
        const account::Admission admission = account::admit(wish, front_.rng);
        if (const auto* refusal = std::get_if<account::Refusal>(&admission)) return refused(*refusal, client);

        const auto& allowed = std::get<account::Allowed>(admission);
        ++front_.counters.admissions;
        log_info("api", "admitted", {{"kind", std::string(text_of(allowed.kind))}, {"client", client}});
        // Until meetings have rules of their own: everybody may do everything.
        front_.media->govern({id, conference::MediaRights::all(), {}});
        AdmissionBody admitted;
        admitted.token = front_.keys.join_token(allowed, id, now);
        admitted.identity = allowed.identity;
        admitted.name = allowed.name;
        admitted.rejoin =
            front_.keys.sign_rejoin({id, allowed.identity, allowed.name, allowed.account_id}, now);
        return HttpResponse::json(200, admission_json(admitted));
    };
    ask<Found>(std::move(respond), find, answer);
}

}  // namespace conclave::server
