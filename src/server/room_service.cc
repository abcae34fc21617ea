#include "server/room_service.h"

#include <utility>

#include "net/clock.h"
#include "server/api_keys.h"
#include "server/log.h"

namespace conclave::server {
namespace {

using livekit::TwirpCode;
using livekit::TwirpError;
using net::HttpResponse;

constexpr std::string_view kService = "livekit.RoomService/";

HttpResponse answer(unsigned status, std::string_view type, std::string body) {
    HttpResponse response;
    response.status = status;
    // Exactly this: livekit-server-sdk compares before it parses.
    response.headers.add("Content-Type", std::string(type));
    response.headers.add("Cache-Control", "no-store");
    response.body = std::move(body);
    return response;
}

}  // namespace

// One call on its way.
struct RoomService::Caller {
    net::HttpRequest request;
    net::Respond respond;
    livekit::TwirpForm form = livekit::TwirpForm::Json;
};

// What is no call, by its method or its path, is answered in Twirp's form as well.
void RoomService::add_routes(RouteTable& table) {
    for (const std::string_view method : livekit::room_methods()) {
        table.add({kAnyMethod, std::string(kPrefix) + std::string(kService) + std::string(method),
                   Asker::ApiKey, on(this, &RoomService::handle)});
    }
    table.add({kAnyMethod, std::string(kPrefix) + "*", Asker::ApiKey, on(this, &RoomService::handle)});
}

void RoomService::handle(Call call, net::Respond respond) {
    ++front_.counters.api_calls;
    const auto caller = std::make_shared<Caller>(Caller{std::move(call.request), std::move(respond)});
    if (front_.is_stopping) return fail(*caller, {TwirpCode::Unavailable, "the server is stopping"});
    if (caller->request.method != "POST") return fail(*caller, {TwirpCode::BadRoute, "Twirp calls are POST"});
    const auto token = livekit::bearer_token(caller->request.headers.get("Authorization"));
    if (!token) {
        ++front_.counters.api_refused;
        return caller->respond(HttpResponse::text(401, std::string(token.error().text)));
    }
    authenticate(caller, std::string(*token));
}

void RoomService::authenticate(std::shared_ptr<Caller> caller, std::string token) {
    struct Found {
        Result<livekit::Claims, livekit::TokenError> claims;
    };
    const auto errand = [token = std::move(token), is_dev = front_.config.dev](
                            store::Database& database) -> Result<std::optional<Found>> {
        std::optional<std::vector<uint8_t>> secret;
        Status status = Ok{};
        const auto lookup = [&](std::string_view id) -> std::optional<ByteView> {
            auto found = find_key(database, is_dev, id);
            if (!found) {
                status = Unexpected<Error>{found.error()};
                return std::nullopt;
            }
            secret = std::move(*found);
            return secret ? std::optional<ByteView>(*secret) : std::nullopt;
        };
        Found found{livekit::verify_token(token, lookup, net::wall_now())};
        TRY(status);
        return std::optional(std::move(found));
    };
    const auto then = [this, caller = std::move(caller)](const Result<std::optional<Found>>& found) {
        if (!found) {
            ++front_.counters.store_failures;
            return fail(*caller, {TwirpCode::Unavailable, "the database does not answer"});
        }
        const auto& claims = (*found)->claims;
        if (claims) return examine(caller, *claims);
        ++front_.counters.api_refused;
        log_info(
            "api", "key_refused",
            {{"why", std::string(claims.error().text)}, {"client", front_.client(caller->request.remote)}});
        caller->respond(HttpResponse::text(401, std::string(claims.error().text)));
    };
    front_.store.run<std::optional<Found>>(errand, then);
}

void RoomService::examine(const std::shared_ptr<Caller>& caller, const livekit::Claims& claims) {
    std::string_view method = caller->request.path;
    method.remove_prefix(kPrefix.size());
    if (!method.starts_with(kService)) return fail(*caller, {TwirpCode::BadRoute, "no such service here"});
    method.remove_prefix(kService.size());
    const auto form = livekit::twirp_form(caller->request.headers.get("Content-Type"));
    if (!form)
        return fail(*caller,
                    {TwirpCode::BadRoute, "Content-Type must be application/json or application/protobuf"});
    caller->form = *form;
    auto call = livekit::parse_room_call(method, *form, caller->request.body);
    if (!call) return fail(*caller, call.error());
    if (const auto granted = livekit::check_room_grant(*call, claims.video); !granted) {
        ++front_.counters.api_refused;
        return fail(*caller, granted.error());
    }
    if (const auto fits = livekit::check_room_call(*call, front_.config.texts()); !fits)
        return fail(*caller, fits.error());
    if (std::holds_alternative<livekit::pb::CreateRoomRequest>(*call))
        return create_room(caller, std::move(*call));
    execute(caller, std::move(*call));
}

// The name of a meeting is taken, whether anybody is in it now or not.
void RoomService::create_room(const std::shared_ptr<Caller>& caller, livekit::RoomCall call) {
    const auto errand = [room = livekit::room_of(call)](store::Database& database) -> Result<bool> {
        return TRY(database.meeting(room)).has_value();
    };
    const auto then = [this, caller, call = std::move(call)](const Result<bool>& is_meeting) {
        if (!is_meeting) {
            ++front_.counters.store_failures;
            return fail(*caller, {TwirpCode::Unavailable, "the database does not answer"});
        }
        if (*is_meeting) return fail(*caller, {TwirpCode::PermissionDenied, "permissions denied"});
        execute(caller, call);
    };
    front_.store.run<bool>(errand, then);
}

void RoomService::execute(const std::shared_ptr<Caller>& caller, livekit::RoomCall call) {
    const auto reply = [this, caller](const PendingCommands::Outcome& outcome) {
        if (!outcome) return fail(*caller, outcome.error());
        caller->respond(answer(200, livekit::content_type(caller->form),
                               livekit::render_room_reply(*outcome, caller->form)));
    };
    front_.media->command(std::move(call), conference::Owner::Applications, reply);
}

void RoomService::fail(const Caller& caller, const TwirpError& error) {
    ++front_.counters.api_errors;
    caller.respond(answer(livekit::http_status(error.code), livekit::content_type(livekit::TwirpForm::Json),
                          livekit::twirp_error_json(error)));
}

}  // namespace conclave::server
