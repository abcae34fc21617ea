// The one admission function: whatever the way in, the answer to "may they come in, and as whom?" is here.
//
// The caller has verified signatures and looked things up; admit() only decides. A holder of a wrong, ended
// or malformed meeting id learns the same from every way: MeetingNotFound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "account/account.h"
#include "base/rng.h"
#include "base/time.h"

namespace conclave::account {

enum class Way : uint8_t {
    PageJoin,       // somebody comes to the door of a meeting
    MeetingSocket,  // ... and opens the meeting socket with what the door gave them
    LiveKitJoin,    // a LiveKit client opens its signalling socket with a token
    LiveKitResume,  // the same client again, asking to resume its session
    NetworkTest,    // somebody asks for a room to test their connection in; then LiveKitJoin
    Api,            // an account acts through the REST API, in no particular meeting
};

enum class MeetingState : uint8_t {
    Unknown,  // includes malformed ids
    Open,     // or a connection test, whose two persons are inside from the beginning
    Ended,
};

// What the meeting knows of the person that comes.
enum class Place : uint8_t {
    None,  // never seen
    Waiting,
    Inside,
    Left,
    SentOut,  // refused or removed: may ask again
    Banned,
};

// What the meeting asks of its guests.
enum class GuestsBy : uint8_t { Nothing, Invitation, Link };

enum class Invitation : uint8_t {
    None,
    Good,  // unused, or used by this very person
    Bad,   // unknown, revoked, expired, or used by another device
};

// The break before the next meeting, of the person or of the room.
struct Rest {
    enum class Rule : uint8_t { Inform, Discourage, Block };
    Duration left;  // zero: none is due
    Rule rule = Rule::Inform;
    bool insists = false;       // was told, and comes in anyway
    bool is_emergency = false;  // gave a reason that is recorded
};

// A verified rejoin token: who the page was in this meeting before it was reloaded.
struct Rejoin {
    std::string meeting_id;
    std::string identity;
    std::string name;
    std::string account_id;  // empty for a guest
};

// A verified LiveKit token, as far as admission is concerned.
struct RoomToken {
    enum class Issuer : uint8_t {
        Meetings,  // minted by this server when it admitted somebody to a meeting
        ApiKey,    // minted by an application that holds an API key
    };
    Issuer issuer = Issuer::ApiKey;
    std::string identity;
    bool can_join = false;
    bool can_update_own_metadata = false;
};

struct Request {
    Way way = Way::PageJoin;
    std::string room = {};  // the meeting's id, or the room that the token names
    MeetingState meeting = MeetingState::Unknown;
    // What the server takes: nobody new to it (Full), or nobody new to a meeting while media would suffer.
    enum class Capacity : uint8_t { Free, Overloaded, Full } capacity = Capacity::Free;
    std::optional<Account> account = {};   // signed in on this browser
    std::optional<std::string> name = {};  // as typed
    std::optional<Rejoin> rejoin = {};     // PageJoin
    std::optional<RoomToken> token = {};   // LiveKit ways
    bool brings_own_metadata = false;      // LiveKit ways: the join request sets metadata or attributes
    // Ways into a meeting, of the person whom account, rejoin token or LiveKit token name:
    Place place = Place::None;
    std::string known_as = {};  // the identity under which the meeting knows this account; empty: it does not
    bool leads = false;         // may chair this meeting
    // PageJoin:
    GuestsBy guests_by = GuestsBy::Link;
    enum class Lobby : uint8_t { Nobody, Guests, Everyone } lobby = Lobby::Nobody;
    Invitation invitation = Invitation::None;
    Rest rest = {};
};

struct Allowed {
    std::string identity = {};  // empty for Way::Api
    std::string name = {};      // empty for LiveKit ways: the token says it
    Kind kind = Kind::Guest;
    std::string account_id = {};   // empty for a guest and for LiveKit ways
    bool needs_admission = false;  // by somebody who leads the meeting
    bool overrides_rest = false;
    bool can_publish = false;
    bool can_subscribe = false;
    bool can_publish_data = false;
    bool can_update_own_metadata = false;
};

enum class Refusal : uint8_t {
    SignInRequired,     // 401
    TokenRequired,      // 401
    JoinNotGranted,     // 401: the token has no permission to join
    OwnMetadata,        // 401: metadata without the permission for it
    NotYourMeeting,     // 403: an application's token for a meeting of this server
    GuestsRefused,      // 403: not without an account, or not without an invitation
    InvitationRefused,  // 403
    Banned,             // 403
    RestRequired,       // 409
    MeetingNotFound,    // 404
    NameRequired,       // 400
    NameTooLong,        // 400
    NameRefused,        // 400
    BadRoom,            // 400
    BadIdentity,        // 400
    ServerOverloaded,   // 503: later
    ServerFull,         // 503
};

int http_status(Refusal);
// The stable code of the REST API (proto/openapi.yaml, ProblemCode) or, for LiveKit ways, a word for the log.
std::string_view code(Refusal);

using Admission = std::variant<Allowed, Refusal>;

// What LiveKit's reference server accepts at most.
inline constexpr size_t kIdentityBytesMax = 256;
inline constexpr size_t kRoomBytesMax = 256;

// `rng` is drawn from only for a fresh identity.
Admission admit(const Request&, Rng& rng);

}  // namespace conclave::account
