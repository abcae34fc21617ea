#include "account/admission.h"

#include "base/check.h"
#include "base/text.h"

namespace conclave::account {
namespace {

// 12 characters of 5.83 bits: unique among all participants there will ever be.
constexpr size_t kIdentityRandomSize = 12;

Result<std::string, Refusal> guest_name(const std::optional<std::string>& typed) {
    Result<std::string, TextFault> name = clean_line(typed ? *typed : "", kNameCharactersMax);
    if (name) return std::move(*name);
    switch (name.error()) {
        case TextFault::Empty:
            return Unexpected{Refusal::NameRequired};
        case TextFault::TooLong:
            return Unexpected{Refusal::NameTooLong};
        case TextFault::Refused:
            break;
    }
    return Unexpected{Refusal::NameRefused};
}

// A rejoin token gives an identity back only in its own meeting and to the same account, or to nobody's:
// whoever signed out or in between is somebody else.
bool is_usable(const Rejoin& rejoin, const Request& request) {
    const std::string account_id = request.account ? request.account->id : "";
    return rejoin.meeting_id == request.room && rejoin.account_id == account_id;
}

// Who comes back takes up a place that is still theirs, and is asked neither for an invitation nor to wait.
bool is_at_home(Place place) {
    return place == Place::Waiting || place == Place::Inside || place == Place::Left;
}

bool rest_is_due(const Rest& rest) {
    if (rest.left <= Duration{} || rest.is_emergency) return false;
    return rest.rule == Rest::Rule::Block || !rest.insists;
}

// How a guest is let to the door at all.
std::optional<Refusal> check_guest(const Request& request) {
    if (request.invitation == Invitation::Bad) return Refusal::InvitationRefused;
    if (is_at_home(request.place)) return std::nullopt;
    const bool is_invited = request.invitation == Invitation::Good;
    if (request.guests_by == GuestsBy::Nothing) return Refusal::GuestsRefused;
    if (request.guests_by == GuestsBy::Invitation && !is_invited) return Refusal::GuestsRefused;
    return std::nullopt;
}

bool must_wait(const Request& request) {
    if (request.place == Place::SentOut) return true;
    if (request.leads) return false;
    if (is_at_home(request.place)) return false;
    if (request.lobby == Request::Lobby::Everyone) return true;
    return request.lobby == Request::Lobby::Guests && !request.account;
}

std::optional<Refusal> over_capacity(const Request& request) {
    switch (request.capacity) {
        case Request::Capacity::Full:
            return Refusal::ServerFull;
        case Request::Capacity::Overloaded:
            return Refusal::ServerOverloaded;
        case Request::Capacity::Free:
            break;
    }
    return std::nullopt;
}

Admission admit_page(const Request& request, Rng& rng) {
    if (request.meeting != MeetingState::Open) return Refusal::MeetingNotFound;
    if (request.place == Place::Banned) return Refusal::Banned;
    Allowed allowed{.can_publish = true, .can_subscribe = true};
    const bool comes_back = request.rejoin && is_usable(*request.rejoin, request);
    if (request.account) {
        if (request.invitation == Invitation::Bad) return Refusal::InvitationRefused;
        allowed.kind = Kind::Agent;
        allowed.account_id = request.account->id;
        allowed.name = request.account->name;
        // One person, whatever the device.
        allowed.identity = request.known_as;
    } else {
        if (const auto refusal = check_guest(request)) return *refusal;
        if (comes_back && !request.name) {
            allowed.name = request.rejoin->name;
        } else {
            Result<std::string, Refusal> name = guest_name(request.name);
            if (!name) return name.error();
            allowed.name = std::move(*name);
        }
    }
    if (comes_back && allowed.identity.empty()) allowed.identity = request.rejoin->identity;
    const bool is_seated = request.place == Place::Inside || request.place == Place::Waiting;
    if (!is_seated && rest_is_due(request.rest)) return Refusal::RestRequired;
    allowed.overrides_rest = !is_seated && request.rest.left > Duration{};
    if (const auto refusal = over_capacity(request); refusal && !is_seated && !comes_back) return *refusal;
    allowed.needs_admission = must_wait(request);
    if (allowed.identity.empty())
        allowed.identity = std::string(text_of(allowed.kind)) + "-" + random_id(rng, kIdentityRandomSize);
    return allowed;
}

// The token says who; the meeting says whether they have a place. Whoever signed out, or in as somebody else,
// is not that person any more.
Admission admit_socket(const Request& request) {
    if (!request.rejoin) return Refusal::TokenRequired;
    if (request.meeting != MeetingState::Open || !is_usable(*request.rejoin, request))
        return Refusal::MeetingNotFound;
    if (request.place == Place::Banned) return Refusal::Banned;
    if (request.place != Place::Inside && request.place != Place::Waiting) return Refusal::MeetingNotFound;
    return Allowed{.identity = request.rejoin->identity,
                   .name = request.rejoin->name,
                   .kind = request.rejoin->account_id.empty() ? Kind::Guest : Kind::Agent,
                   .account_id = request.rejoin->account_id};
}

// A room that holds nobody but whoever asks: there is nothing to be kept from them but the server's time.
Admission admit_test(const Request& request, Rng& rng) {
    if (const auto refusal = over_capacity(request)) return *refusal;
    return Allowed{.identity = "test-" + random_id(rng, kIdentityRandomSize),
                   .name = request.name.value_or(""),
                   .can_publish = true,
                   .can_subscribe = true};
}

Admission admit_livekit(const Request& request) {
    if (!request.token) return Refusal::TokenRequired;
    const RoomToken& token = *request.token;
    if (!token.can_join) return Refusal::JoinNotGranted;
    if (token.identity.empty() || token.identity.size() > kIdentityBytesMax) return Refusal::BadIdentity;
    if (request.room.empty() || request.room.size() > kRoomBytesMax) return Refusal::BadRoom;
    if (request.brings_own_metadata && !token.can_update_own_metadata) return Refusal::OwnMetadata;
    switch (token.issuer) {
        case RoomToken::Issuer::Meetings:
            // A token outlives a seat: who waits, left, or was sent out has no media.
            if (request.meeting != MeetingState::Open || request.place != Place::Inside)
                return Refusal::MeetingNotFound;
            break;
        case RoomToken::Issuer::ApiKey:
            // Applications have rooms of their own; a meeting is entered only through its own door.
            if (request.meeting != MeetingState::Unknown) return Refusal::NotYourMeeting;
            break;
    }
    if (request.way == Way::LiveKitJoin) {
        const auto refusal = over_capacity(request);
        // Who is in a meeting was let in at its door: half in helps nobody.
        if (refusal == Refusal::ServerFull || (refusal && token.issuer == RoomToken::Issuer::ApiKey))
            return *refusal;
    }
    return Allowed{.identity = token.identity, .can_update_own_metadata = token.can_update_own_metadata};
}

}  // namespace

Admission admit(const Request& request, Rng& rng) {
    switch (request.way) {
        case Way::PageJoin:
            return admit_page(request, rng);
        case Way::MeetingSocket:
            return admit_socket(request);
        case Way::LiveKitJoin:
        case Way::LiveKitResume:
            return admit_livekit(request);
        case Way::NetworkTest:
            return admit_test(request, rng);
        case Way::Api:
            break;
    }
    if (!request.account) return Refusal::SignInRequired;
    return Allowed{.name = request.account->name, .kind = Kind::Agent, .account_id = request.account->id};
}

int http_status(Refusal refusal) {
    switch (refusal) {
        case Refusal::SignInRequired:
        case Refusal::TokenRequired:
        case Refusal::JoinNotGranted:
        case Refusal::OwnMetadata:
            return 401;
        case Refusal::NotYourMeeting:
        case Refusal::GuestsRefused:
        case Refusal::InvitationRefused:
        case Refusal::Banned:
            return 403;
        case Refusal::RestRequired:
            return 409;
        case Refusal::MeetingNotFound:
            return 404;
        case Refusal::NameRequired:
        case Refusal::NameTooLong:
        case Refusal::NameRefused:
        case Refusal::BadRoom:
        case Refusal::BadIdentity:
            return 400;
        case Refusal::ServerOverloaded:
        case Refusal::ServerFull:
            return 503;
    }
    return 500;
}

std::string_view code(Refusal refusal) {
    switch (refusal) {
        case Refusal::SignInRequired:
            return "sign_in_required";
        case Refusal::TokenRequired:
            return "token_required";
        case Refusal::JoinNotGranted:
            return "join_not_granted";
        case Refusal::OwnMetadata:
            return "own_metadata";
        case Refusal::NotYourMeeting:
            return "not_your_meeting";
        case Refusal::GuestsRefused:
            return "guests_refused";
        case Refusal::InvitationRefused:
            return "invitation_refused";
        case Refusal::Banned:
            return "banned";
        case Refusal::RestRequired:
            return "rest_required";
        case Refusal::MeetingNotFound:
            return "meeting_not_found";
        case Refusal::NameRequired:
            return "name_required";
        case Refusal::NameTooLong:
            return "name_too_long";
        case Refusal::NameRefused:
        case Refusal::BadRoom:
        case Refusal::BadIdentity:
            return "bad_request";
        case Refusal::ServerOverloaded:
            return "server_overloaded";
        case Refusal::ServerFull:
            return "server_full";
    }
    return "bad_request";
}

}  // namespace conclave::account
