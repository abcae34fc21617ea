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

Admission admit_page(const Request& request, Rng& rng) {
    if (request.meeting != MeetingState::Open) return Refusal::MeetingNotFound;
    Allowed allowed{.can_publish = true, .can_subscribe = true, .can_publish_data = true};
    const bool comes_back = request.rejoin && is_usable(*request.rejoin, request);
    if (request.account) {
        allowed.kind = Kind::Agent;
        allowed.account_id = request.account->id;
        allowed.name = request.account->name;
    } else if (comes_back && !request.name) {
        allowed.name = request.rejoin->name;
    } else {
        Result<std::string, Refusal> name = guest_name(request.name);
        if (!name) return name.error();
        allowed.name = std::move(*name);
    }
    // Whoever comes back takes up a place that is still theirs.
    if (comes_back) {
        allowed.identity = request.rejoin->identity;
        return allowed;
    }
    if (request.is_full) return Refusal::ServerFull;
    allowed.identity = std::string(text_of(allowed.kind)) + "-" + random_id(rng, kIdentityRandomSize);
    return allowed;
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
            if (request.meeting != MeetingState::Open) return Refusal::MeetingNotFound;
            break;
        case RoomToken::Issuer::ApiKey:
            // Applications have rooms of their own; a meeting is entered only through its own door.
            if (request.meeting != MeetingState::Unknown) return Refusal::NotYourMeeting;
            break;
    }
    if (request.is_full && request.way == Way::LiveKitJoin) return Refusal::ServerFull;
    return Allowed{.identity = token.identity, .can_update_own_metadata = token.can_update_own_metadata};
}

}  // namespace

Admission admit(const Request& request, Rng& rng) {
    switch (request.way) {
        case Way::PageJoin:
            return admit_page(request, rng);
        case Way::LiveKitJoin:
        case Way::LiveKitResume:
            return admit_livekit(request);
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
            return 403;
        case Refusal::MeetingNotFound:
            return 404;
        case Refusal::NameRequired:
        case Refusal::NameTooLong:
        case Refusal::NameRefused:
        case Refusal::BadRoom:
        case Refusal::BadIdentity:
            return 400;
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
        case Refusal::ServerFull:
            return "server_full";
    }
    return "bad_request";
}

}  // namespace conclave::account
