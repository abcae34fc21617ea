#include "server/door.h"

#include <utility>
#include <vector>

#include "livekit/client_info.h"
#include "livekit/join.h"
#include "net/clock.h"
#include "server/api_keys.h"
#include "server/log.h"
#include "server/meeting_plane.h"
#include "server/network_tests.h"

namespace conclave::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

constexpr std::string_view kJoinPath = "/rtc/v1";
constexpr std::string_view kValidatePath = "/rtc/v1/validate";
// What is asked for stands in single parameters, for two peer connections, unless there is a join_request.
constexpr std::string_view kClassicPath = "/rtc";
constexpr std::string_view kClassicValidatePath = "/rtc/validate";

bool is_classic(const HttpRequest& request) {
    const bool is_path = request.path == kClassicPath || request.path == kClassicValidatePath;
    return is_path && !request.query.has("join_request");
}

Result<livekit::pb::JoinRequest, livekit::JoinError> join_of(const HttpRequest& request) {
    if (!is_classic(request)) return livekit::parse_join_request(request.query.get("join_request"));
    std::vector<livekit::QueryParameter> parameters;
    for (const auto& [name, value] : request.query) parameters.push_back({name, value});
    return livekit::join_request_from_query(parameters);
}

// Applications on other origins read why they were refused. Tokens authorise here, never cookies, so nothing
// is given away.
void allow_other_origins(HttpResponse& response) {
    response.headers.add("Access-Control-Allow-Origin", "*");
    response.headers.add("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    response.headers.add("Access-Control-Allow-Headers", "*");
    response.headers.add("Access-Control-Expose-Headers", "Retry-After");
    response.headers.add("Access-Control-Max-Age", "86400");
}

HttpResponse plain(unsigned status, std::string body) {
    HttpResponse response = HttpResponse::text(status, std::move(body));
    response.headers.add("Cache-Control", "no-store");
    return response;
}

// What LiveKit clients show, or recognise (reference/livekit: status codes before the upgrade).
std::string_view livekit_text(account::Refusal refusal) {
    switch (refusal) {
        case account::Refusal::TokenRequired:
            return "no permissions to access the room";
        case account::Refusal::JoinNotGranted:
        case account::Refusal::OwnMetadata:
        case account::Refusal::NotYourMeeting:
            return "permissions denied";
        case account::Refusal::MeetingNotFound:
        case account::Refusal::Banned:
            return "requested room does not exist";
        case account::Refusal::BadRoom:
            return "room is missing or too long";
        case account::Refusal::BadIdentity:
            return "identity is missing or too long";
        case account::Refusal::ServerOverloaded:
            return "the server is overloaded";
        case account::Refusal::ServerFull:
            return "the server is full";
        case account::Refusal::SignInRequired:
        case account::Refusal::NameRequired:
        case account::Refusal::NameTooLong:
        case account::Refusal::NameRefused:
        case account::Refusal::GuestsRefused:
        case account::Refusal::InvitationRefused:
        case account::Refusal::RestRequired:
            break;
    }
    return "refused";
}

// Header first, query second: browsers cannot set headers on a WebSocket. The query is never logged.
Result<std::string, livekit::TokenError> token_of(const HttpRequest& request) {
    if (request.headers.has("Authorization"))
        return std::string(TRY(livekit::bearer_token(request.headers.get("Authorization"))));
    return std::string(request.query.get("access_token"));
}

bool sets_metadata(const livekit::pb::JoinRequest& request) {
    if (!request.metadata().empty()) return true;
    for (const auto& [key, value] : request.participant_attributes()) {
        if (!value.empty()) return true;
    }
    return false;
}

}  // namespace

// How the examination ended: admitted with an order, or refused with an answer.
struct Door::Verdict {
    int status = 200;
    std::string body = "success";
    std::string retry_after = {};  // seconds; empty: not said
    JoinOrder order = {};

    HttpResponse answer() const {
        HttpResponse response = plain(static_cast<unsigned>(status), body);
        if (!retry_after.empty()) response.headers.add("Retry-After", retry_after);
        return response;
    }
};

// Somebody under examination, while the database is asked.
struct Door::Visitor {
    std::string token;
    std::unique_ptr<livekit::pb::JoinRequest> request;  // or:
    std::optional<livekit::JoinError> join_fault = {};  // told only to whoever has a good token
    SocketAddress address;
    bool is_classic = false;
    Admit then;
    std::optional<livekit::Claims> claims = {};
    std::vector<uint8_t> secret = {};
    account::MeetingState meeting = account::MeetingState::Unknown;
    account::Place place = account::Place::None;
    std::string retry_after = {};
};

void Door::add_routes(RouteTable& table) {
    const auto preflight = [](const Call&, const net::Respond& respond) {
        HttpResponse response = plain(204, "");
        allow_other_origins(response);
        respond(std::move(response));
    };
    for (const std::string_view path : {kClassicPath, kJoinPath}) {
        table.add({kWebSocket, std::string(path), Asker::RoomToken, on(this, &Door::join)});
        // Without an upgrade there is nothing, as at LiveKit's own server.
        table.add({"GET", std::string(path), Asker::Anybody,
                   [](const Call&, const net::Respond& respond) { respond(plain(404, "")); }});
    }
    for (const std::string_view path : {kClassicValidatePath, kValidatePath})
        table.add({"GET", std::string(path), Asker::RoomToken, on(this, &Door::validate)});
    // A browser asks with OPTIONS on whichever path it is about to use.
    for (const std::string_view path : {kClassicPath, kJoinPath, kClassicValidatePath, kValidatePath})
        table.add({"OPTIONS", std::string(path), Asker::Anybody, preflight});
}

void Door::validate(const Call& call, net::Respond respond) {
    const auto answer = [respond = std::move(respond)](HttpResponse response) {
        allow_other_origins(response);
        respond(std::move(response));
    };
    examine(call.request, [this, answer](const Verdict& verdict) {
        const bool needs_room =
            !front_.config.rooms.auto_create && verdict.order.claims.issuer != kMeetingKeyId;
        if (verdict.status != 200 || !needs_room) return answer(verdict.answer());
        look_for_room(verdict.order.room, [answer](int status, std::string body) {
            answer(plain(static_cast<unsigned>(status), std::move(body)));
        });
    });
}

// Whether a join would find its room. By these words livekit-client knows that trying again is of no use.
void Door::look_for_room(const std::string& room, Tell tell) {
    livekit::pb::ListRoomsRequest question;
    question.add_names(room);
    const auto answer = [tell = std::move(tell)](const PendingCommands::Outcome& outcome) {
        if (!outcome) return tell(503, "the rooms cannot be listed now");
        const auto* list = std::get_if<livekit::pb::ListRoomsResponse>(&*outcome);
        if (list && list->rooms_size() > 0) return tell(200, "success");
        tell(404, "requested room does not exist");
    };
    front_.media->command(question, conference::Owner::Applications, answer);
}

void Door::join(const Call& call, std::shared_ptr<net::Upgrade> upgrade) {
    examine(call.request, [this, upgrade = std::move(upgrade)](Verdict verdict) {
        if (verdict.status != 200) return upgrade->refuse(verdict.answer());
        const uint64_t connection = ++last_connection_;
        clients_[connection].upgrade = upgrade;
        verdict.order.connection = connection;
        log_debug("door", "admitted",
                  {{"connection", std::to_string(connection)},
                   {"peer_connections", verdict.order.is_classic ? "2" : "1"}});
        front_.media->join(std::move(verdict.order));
    });
}

void Door::examine(const HttpRequest& request, Admit then) {
    auto visitor = std::make_shared<Visitor>(
        Visitor{.token = {}, .request = {}, .address = request.remote, .then = std::move(then)});
    if (front_.is_stopping) return turn_away(*visitor, 503, "the server is stopping");
    Result<std::string, livekit::TokenError> token = token_of(request);
    if (!token) return turn_away(*visitor, token.error().http_status, token.error().text);
    visitor->token = std::move(*token);
    visitor->is_classic = is_classic(request);
    Result<livekit::pb::JoinRequest, livekit::JoinError> join = join_of(request);
    std::string key_id;
    const auto lookup = [&](std::string_view id) -> std::optional<ByteView> {
        if (id == kMeetingKeyId) return ByteView(front_.keys.meeting_secret());
        key_id = id;
        return std::nullopt;
    };
    Result<livekit::Claims, livekit::TokenError> claims =
        livekit::verify_token(visitor->token, lookup, net::wall_now());
    if (!claims && key_id.empty())
        return turn_away(*visitor, claims.error().http_status, claims.error().text);
    if (join) {
        visitor->request = std::make_unique<livekit::pb::JoinRequest>(std::move(*join));
        // livekit-client names neither browser nor system: what a browser cannot do hangs on both.
        livekit::apply_user_agent(*visitor->request->mutable_client_info(),
                                  request.headers.get("user-agent"));
    } else {
        visitor->join_fault = join.error();
    }
    if (claims) {
        visitor->claims = std::move(*claims);
        visitor->secret = front_.keys.meeting_secret();
    }
    find_out(std::move(visitor), std::move(key_id));
}

// The application's key, when the token names one, and then whether the token's room is a meeting. The room
// is only believed once the token was verified, hence two questions in one errand.
void Door::find_out(std::shared_ptr<Visitor> visitor, std::string key_id) {
    struct Found {
        Result<livekit::Claims, livekit::TokenError> claims;
        std::vector<uint8_t> secret;
        std::optional<meeting::State> meeting;
    };
    const auto errand = [visitor, key_id, is_dev = front_.config.dev](
                            store::Database& database) -> Result<std::optional<Found>> {
        Found found{livekit::Claims(), {}, {}};
        if (visitor->claims) {
            found.claims = *visitor->claims;
            found.secret = visitor->secret;
        } else {
            const auto secret = TRY(find_key(database, is_dev, key_id));
            if (secret) found.secret = *secret;
            const auto lookup = [&](std::string_view) {
                return secret ? std::optional<ByteView>(found.secret) : std::nullopt;
            };
            found.claims = livekit::verify_token(visitor->token, lookup, net::wall_now());
        }
        if (found.claims) found.meeting = TRY(database.meeting(found.claims->video.room));
        return std::optional(std::move(found));
    };
    const auto then = [this, visitor](Result<std::optional<Found>> answer) {
        if (!answer) {
            ++front_.counters.store_failures;
            log_error("door", "store_failed", {{"what", answer.error().what}});
            return turn_away(*visitor, 503, "the database does not answer");
        }
        Found& found = **answer;
        if (!found.claims)
            return turn_away(*visitor, found.claims.error().http_status, found.claims.error().text);
        visitor->claims = std::move(*found.claims);
        visitor->secret = std::move(found.secret);
        if (found.meeting) {
            visitor->meeting = found.meeting->phase == meeting::State::Phase::Open
                                   ? account::MeetingState::Open
                                   : account::MeetingState::Ended;
        }
        const livekit::Claims& claims = *visitor->claims;
        if (const auto place = front_.network_tests->place_of(claims.video.room, claims.identity)) {
            visitor->meeting = account::MeetingState::Open;
            visitor->place = *place;
            return judge(*visitor);
        }
        if (claims.issuer != kMeetingKeyId) return judge(*visitor);
        find_place(visitor);
    };
    front_.store.run<std::optional<Found>>(errand, then);
}

// Whether the meeting has a place for the one whom our own token names.
void Door::find_place(const std::shared_ptr<Visitor>& visitor) {
    front_.meetings->with(visitor->claims->video.room, [this, visitor](Result<live::Hall*> hall) {
        if (!hall) return turn_away(*visitor, 503, "the database does not answer");
        if (*hall) visitor->place = place_of((*hall)->state(), visitor->claims->identity);
        judge(*visitor);
    });
}

void Door::judge(Visitor& visitor) {
    using Issuer = account::RoomToken::Issuer;
    if (visitor.join_fault)
        return turn_away(visitor, visitor.join_fault->http_status, visitor.join_fault->text);
    const livekit::Claims& claims = *visitor.claims;
    account::Request wish;
    wish.way = visitor.request->reconnect() ? account::Way::LiveKitResume : account::Way::LiveKitJoin;
    wish.room = claims.video.room;
    wish.meeting = visitor.meeting;
    wish.place = visitor.place;
    wish.capacity = front_.capacity(wish.room, claims.identity);
    wish.token =
        account::RoomToken{.issuer = claims.issuer == kMeetingKeyId ? Issuer::Meetings : Issuer::ApiKey,
                           .identity = claims.identity,
                           .can_join = claims.video.room_join,
                           .can_update_own_metadata = livekit::may_update_own_metadata(claims.video)};
    wish.brings_own_metadata = sets_metadata(*visitor.request);
    const account::Admission admission = admit(wish, front_.rng);
    if (const auto* refusal = std::get_if<account::Refusal>(&admission)) {
        ++front_.counters.refusals[code(*refusal)];
        if (*refusal == account::Refusal::ServerOverloaded) visitor.retry_after = front_.retry_after();
        return turn_away(visitor, http_status(*refusal), livekit_text(*refusal));
    }
    ++front_.counters.admissions;
    Verdict verdict;
    verdict.order.room = claims.video.room;
    verdict.order.claims = std::move(*visitor.claims);
    verdict.order.request = std::move(visitor.request);
    verdict.order.is_classic = visitor.is_classic;
    verdict.order.client_address_hash = front_.keys.address_hash(visitor.address);
    verdict.order.signing_secret = std::move(visitor.secret);
    visitor.then(std::move(verdict));
}

void Door::turn_away(Visitor& visitor, int status, std::string_view body) {
    ++front_.counters.tokens_refused;
    log_info("door", "turned_away",
             {{"status", std::to_string(status)},
              {"why", std::string(body)},
              {"client", front_.client(visitor.address)}});
    visitor.then({.status = status, .body = std::string(body), .retry_after = visitor.retry_after});
}

void Door::accepted(uint64_t connection) {
    const auto client = clients_.find(connection);
    if (client == clients_.end() || !client->second.upgrade) return;
    const std::shared_ptr<net::Upgrade> upgrade = std::exchange(client->second.upgrade, nullptr);
    net::WebSocketCallbacks callbacks;
    callbacks.on_message = [this, connection](ByteView bytes, bool is_text) {
        front_.media->message(connection, std::string(as_text(bytes)), is_text);
    };
    callbacks.on_closed = [this, connection](uint16_t code) {
        log_debug("door", "closed",
                  {{"connection", std::to_string(connection)}, {"code", std::to_string(code)}});
        clients_.erase(connection);
        front_.media->closed(connection);
    };
    // on_closed never comes from inside accept(), so the entry is still there.
    client->second.socket = upgrade->accept(std::move(callbacks));
}

void Door::refused(uint64_t connection, int status, std::string body) {
    const auto client = clients_.find(connection);
    if (client == clients_.end() || !client->second.upgrade) return;
    client->second.upgrade->refuse(plain(static_cast<unsigned>(status), std::move(body)));
    clients_.erase(client);
}

void Door::send(uint64_t connection, SharedBytes bytes, bool text) {
    const auto client = clients_.find(connection);
    if (client == clients_.end() || !client->second.socket) return;
    // A full queue drops the connection; on_closed tells the media plane.
    (void)client->second.socket->send(std::move(bytes), !text);
}

void Door::close(uint64_t connection) {
    const auto client = clients_.find(connection);
    if (client == clients_.end() || !client->second.socket) return;
    client->second.socket->close(net::close_code::kNormal);
}

}  // namespace conclave::server
