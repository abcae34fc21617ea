// Access tokens: a JWT (RFC 7519) signed with HS256 by an API secret, with LiveKit's claims. Issued by our
// own REST API or by any LiveKit server SDK that holds an API key.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "livekit/protocol.h"

namespace conclave::livekit {

// A token travels in a header or a query, so it shares the request line with everything else. Metadata and
// attributes inside it are therefore far below their own limits.
constexpr size_t kTokenMax = 16 * 1024;
static_assert(kTokenMax < kMetadataMax && kTokenMax < kAttributesMax);
// Clocks of issuers differ from ours by up to this much.
constexpr Duration kTokenLeeway = Duration::seconds(60);

// Claim `video`. An absent optional differs from false; the may_… functions below know the defaults.
struct VideoGrant {
    bool room_create = false;
    bool room_list = false;
    bool room_record = false;
    bool room_admin = false;
    bool room_join = false;
    bool ingress_admin = false;
    bool hidden = false;
    bool recorder = false;
    bool agent = false;
    std::string room;
    std::string destination_room;
    std::optional<bool> can_publish;
    std::optional<bool> can_subscribe;
    std::optional<bool> can_publish_data;
    std::optional<bool> can_update_own_metadata;
    std::optional<bool> can_subscribe_metrics;
    std::optional<bool> can_manage_agent_session;
    std::vector<pb::TrackSource> can_publish_sources;  // empty: every source

    bool operator==(const VideoGrant&) const = default;
};

struct Claims {
    std::string issuer;    // API key id
    std::string identity;  // empty in tokens for the server API
    std::string name;
    std::string metadata;
    std::map<std::string, std::string> attributes;
    pb::ParticipantInfo::Kind kind = pb::ParticipantInfo::STANDARD;
    std::vector<pb::ParticipantInfo::KindDetail> kind_details;
    std::string sha256;       // of a webhook's body
    std::string room_preset;  // name of a preset of room settings
    std::string room_config;  // proto3 JSON of RoomConfiguration; empty when absent
    VideoGrant video;         // no claim `video` reads as no rights
    std::optional<WallTime> issued_at;
    std::optional<WallTime> not_before;
    WallTime expires;

    bool operator==(const Claims&) const = default;
};

enum class TokenRefusal : uint8_t {
    Missing,
    TooLong,
    Malformed,   // not a JWS with HS256 (RFC 7515), or a claim of the wrong type
    UnknownKey,  // no `iss`, or nobody has that API key
    BadSignature,
    NoExpiry,
    Expired,
    NotYetValid,
    TooLongName,       // identity, name, room or destination room above kNameMax
    PermissionDenied,  // no `video`, or no `roomJoin`
    NoIdentity,
    NoRoom,
};

// The answer to an HTTP request that came with such a token: `text` is the body, as plain text.
struct TokenError {
    TokenRefusal refusal;
    int http_status;
    std::string_view text;
};

// The secret of an API key; nullopt when there is none. The view need only live until the call returns.
using KeyLookup = std::function<std::optional<ByteView>(std::string_view key_id)>;

// The token of an `Authorization: Bearer …` header.
Result<std::string_view, TokenError> bearer_token(std::string_view authorization);

// Checks form, algorithm, key, signature and times, in this order. Says nothing about what the token allows.
Result<Claims, TokenError> verify_token(std::string_view token, const KeyLookup& keys, WallTime now);

// May the holder join a room at all? (Whether it is *this* room, is the caller's to compare.)
StatusOf<TokenError> check_join(const Claims& claims);

// `claims.issuer`, `expires`, `issued_at` and `not_before` are taken from the other arguments instead. Empty
// when the token would be longer than kTokenMax, which a client could not use: it then keeps the one it has.
std::string mint_token(const Claims& claims, std::string_view key_id, ByteView secret, WallTime now,
                       Duration lifetime);

bool may_publish(const VideoGrant& grant);
bool may_publish(const VideoGrant& grant, pb::TrackSource source);
bool may_publish_data(const VideoGrant& grant);
bool may_subscribe(const VideoGrant& grant);
bool may_update_own_metadata(const VideoGrant& grant);

pb::ParticipantPermission permission_from(const VideoGrant& grant);
// Replaces all rights that a ParticipantPermission knows; the rest of the grant stays. False, and nothing
// changed, when it names a source that does not exist.
[[nodiscard]] bool apply_permission(VideoGrant& grant, const pb::ParticipantPermission& permission);

}  // namespace conclave::livekit
