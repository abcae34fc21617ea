#include "livekit/token.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "crypto/jws.h"
#include "livekit/json.h"

namespace conclave::livekit {
namespace {

using nlohmann::json;

static_assert(kTokenMax <= crypto::kJwsSizeMax);

Unexpected<TokenError> refuse(TokenRefusal refusal, int http_status, std::string_view text) {
    return Unexpected<TokenError>{TokenError{refusal, http_status, text}};
}

Unexpected<TokenError> malformed() {
    return refuse(TokenRefusal::Malformed, 401, "invalid authorization token");
}

// "screen_share" and SCREEN_SHARE: claims spell enum values in lower case.
std::string with_case(std::string_view name, char from, char to) {
    std::string out{name};
    for (char& c : out) {
        if (c >= from && c <= from + 25) c = static_cast<char>(c - from + to);
    }
    return out;
}
std::string upper(std::string_view name) {
    return with_case(name, 'a', 'A');
}
std::string lower(std::string_view name) {
    return with_case(name, 'A', 'a');
}

// RFC 7519 2, NumericDate: seconds since 1970, perhaps with a fraction. Dates beyond the year 287,396 do not
// exist.
bool read_date(const json& claims, const char* name, std::optional<WallTime>& out) {
    constexpr double kLatest = 9.0e12;
    const auto member = claims.find(name);
    if (member == claims.end() || member->is_null()) return true;
    if (!member->is_number()) return false;
    const double seconds = member->get<double>();
    if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatest) return false;
    out = WallTime::from_unix_seconds(static_cast<int64_t>(seconds));
    return true;
}

bool read_optional(const json& object, const char* name, std::optional<bool>& out) {
    const auto member = object.find(name);
    if (member == object.end() || member->is_null()) return true;
    if (!member->is_boolean()) return false;
    out = member->get<bool>();
    return true;
}

// An array of strings, empty when absent; nullopt when it is anything else.
std::optional<std::vector<std::string>> read_strings(const json& object, const char* name) {
    std::vector<std::string> out;
    const auto member = object.find(name);
    if (member == object.end() || member->is_null()) return out;
    if (!member->is_array()) return std::nullopt;
    for (const json& item : *member) {
        const auto* text = item.get_ptr<const std::string*>();
        if (!text) return std::nullopt;
        out.push_back(*text);
    }
    return out;
}

bool read_sources(const json& video, std::vector<pb::TrackSource>& out) {
    const auto names = read_strings(video, "canPublishSources");
    if (!names) return false;
    for (const std::string& name : *names) {
        pb::TrackSource source;
        // Skipping an unknown name could leave an empty list, which means every source.
        if (!pb::TrackSource_Parse(upper(name), &source)) return false;
        out.push_back(source);
    }
    return true;
}

bool read_video(const json& claims, VideoGrant& grant) {
    const auto video = claims.find("video");
    if (video == claims.end() || video->is_null()) return true;
    if (!video->is_object()) return false;
    return read_member(*video, "roomCreate", grant.room_create) &&
           read_member(*video, "roomList", grant.room_list) &&
           read_member(*video, "roomRecord", grant.room_record) &&
           read_member(*video, "roomAdmin", grant.room_admin) &&
           read_member(*video, "roomJoin", grant.room_join) &&
           read_member(*video, "ingressAdmin", grant.ingress_admin) &&
           read_member(*video, "hidden", grant.hidden) && read_member(*video, "recorder", grant.recorder) &&
           read_member(*video, "agent", grant.agent) && read_member(*video, "room", grant.room) &&
           read_member(*video, "destinationRoom", grant.destination_room) &&
           read_optional(*video, "canPublish", grant.can_publish) &&
           read_optional(*video, "canSubscribe", grant.can_subscribe) &&
           read_optional(*video, "canPublishData", grant.can_publish_data) &&
           read_optional(*video, "canUpdateOwnMetadata", grant.can_update_own_metadata) &&
           read_optional(*video, "canSubscribeMetrics", grant.can_subscribe_metrics) &&
           read_optional(*video, "canManageAgentSession", grant.can_manage_agent_session) &&
           read_sources(*video, grant.can_publish_sources);
}

bool read_attributes(const json& claims, std::map<std::string, std::string>& out) {
    const auto attributes = claims.find("attributes");
    if (attributes == claims.end() || attributes->is_null()) return true;
    if (!attributes->is_object()) return false;
    for (const auto& [key, value] : attributes->items()) {
        const auto* text = value.get_ptr<const std::string*>();
        if (!text) return false;
        out.emplace(key, *text);
    }
    return true;
}

// Kinds this server does not know read as standard participants, their details as none.
bool read_kind(const json& claims, Claims& out) {
    std::string kind;
    const auto details = read_strings(claims, "kindDetails");
    if (!details || !read_member(claims, "kind", kind)) return false;
    (void)pb::ParticipantInfo::Kind_Parse(upper(kind), &out.kind);
    for (const std::string& name : *details) {
        pb::ParticipantInfo::KindDetail detail;
        if (pb::ParticipantInfo::KindDetail_Parse(upper(name), &detail)) out.kind_details.push_back(detail);
    }
    return true;
}

bool read_identity(const json& claims, std::string& identity) {
    // Older tokens have the identity in `jti`.
    if (!read_member(claims, "sub", identity)) return false;
    return !identity.empty() || read_member(claims, "jti", identity);
}

bool read_room_config(const json& claims, std::string& out) {
    const auto config = claims.find("roomConfig");
    if (config == claims.end() || config->is_null()) return true;
    if (!config->is_object()) return false;
    out = json_text(*config);
    return true;
}

// All claims but `exp`; nullopt when one has the wrong type.
std::optional<Claims> read_claims(const json& object) {
    Claims claims;
    const bool ok = read_member(object, "iss", claims.issuer) && read_identity(object, claims.identity) &&
                    read_member(object, "name", claims.name) &&
                    read_member(object, "metadata", claims.metadata) &&
                    read_attributes(object, claims.attributes) && read_kind(object, claims) &&
                    read_member(object, "sha256", claims.sha256) &&
                    read_member(object, "roomPreset", claims.room_preset) &&
                    read_room_config(object, claims.room_config) && read_video(object, claims.video) &&
                    read_date(object, "iat", claims.issued_at) && read_date(object, "nbf", claims.not_before);
    if (!ok) return std::nullopt;
    return claims;
}

bool has_too_long_name(const Claims& claims) {
    return claims.identity.size() > kNameMax || claims.name.size() > kNameMax ||
           claims.video.room.size() > kNameMax || claims.video.destination_room.size() > kNameMax;
}

void put(json& object, const char* name, const std::string& value) {
    if (!value.empty()) object[name] = value;
}
void put(json& object, const char* name, bool value) {
    if (value) object[name] = true;
}
void put(json& object, const char* name, std::optional<bool> value) {
    if (value) object[name] = *value;
}

json video_claim(const VideoGrant& grant) {
    json video = json::object();
    put(video, "roomCreate", grant.room_create);
    put(video, "roomList", grant.room_list);
    put(video, "roomRecord", grant.room_record);
    put(video, "roomAdmin", grant.room_admin);
    put(video, "roomJoin", grant.room_join);
    put(video, "ingressAdmin", grant.ingress_admin);
    put(video, "hidden", grant.hidden);
    put(video, "recorder", grant.recorder);
    put(video, "agent", grant.agent);
    put(video, "room", grant.room);
    put(video, "destinationRoom", grant.destination_room);
    put(video, "canPublish", grant.can_publish);
    put(video, "canSubscribe", grant.can_subscribe);
    put(video, "canPublishData", grant.can_publish_data);
    put(video, "canUpdateOwnMetadata", grant.can_update_own_metadata);
    put(video, "canSubscribeMetrics", grant.can_subscribe_metrics);
    put(video, "canManageAgentSession", grant.can_manage_agent_session);
    for (const pb::TrackSource source : grant.can_publish_sources) {
        video["canPublishSources"].push_back(lower(pb::TrackSource_Name(source)));
    }
    return video;
}

json claims_json(const Claims& claims) {
    json out = json::object();
    put(out, "sub", claims.identity);
    put(out, "name", claims.name);
    put(out, "metadata", claims.metadata);
    for (const auto& [key, value] : claims.attributes) out["attributes"][key] = value;
    if (claims.kind != pb::ParticipantInfo::STANDARD) {
        out["kind"] = lower(pb::ParticipantInfo::Kind_Name(claims.kind));
    }
    for (const auto detail : claims.kind_details) {
        out["kindDetails"].push_back(lower(pb::ParticipantInfo::KindDetail_Name(detail)));
    }
    put(out, "sha256", claims.sha256);
    put(out, "roomPreset", claims.room_preset);
    if (auto config = parse_json_object(claims.room_config)) out["roomConfig"] = std::move(*config);
    json video = video_claim(claims.video);
    if (!video.empty()) out["video"] = std::move(video);
    return out;
}

}  // namespace

Result<std::string_view, TokenError> bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    if (authorization.empty()) return refuse(TokenRefusal::Missing, 401, "no access token");
    if (!authorization.starts_with(kScheme)) return malformed();
    return authorization.substr(kScheme.size());
}

Result<Claims, TokenError> verify_token(std::string_view token, const KeyLookup& keys, WallTime now) {
    if (token.empty()) return refuse(TokenRefusal::Missing, 401, "no access token");
    if (token.size() > kTokenMax) return refuse(TokenRefusal::TooLong, 401, "access token is too long");

    const auto unproven = crypto::peek_unverified_payload(token);
    const auto unproven_claims = unproven ? parse_json_object(*unproven) : std::nullopt;
    std::string issuer;
    if (!unproven_claims || !read_member(*unproven_claims, "iss", issuer)) return malformed();
    const auto secret = issuer.empty() ? std::nullopt : keys(issuer);
    // One text for both: who has no secret must not learn which keys exist.
    constexpr std::string_view kUnproven = "invalid API key or signature";
    if (!secret || secret->empty()) return refuse(TokenRefusal::UnknownKey, 401, kUnproven);
    if (!crypto::verify_hs256(token, *secret)) {
        return refuse(TokenRefusal::BadSignature, 401, kUnproven);
    }

    // From here on the payload is proven: it is the text that was parsed above.
    auto claims = read_claims(*unproven_claims);
    std::optional<WallTime> expires;
    if (!claims || !read_date(*unproven_claims, "exp", expires)) return malformed();
    if (!expires) return refuse(TokenRefusal::NoExpiry, 401, "access token has no expiry");
    claims->expires = *expires;
    if (now >= *expires + kTokenLeeway) return refuse(TokenRefusal::Expired, 401, "access token has expired");
    if (claims->not_before && now + kTokenLeeway < *claims->not_before) {
        return refuse(TokenRefusal::NotYetValid, 401, "access token is not valid yet");
    }
    if (has_too_long_name(*claims)) {
        return refuse(TokenRefusal::TooLongName, 400, "identity, name or room is too long");
    }
    return std::move(*claims);
}

StatusOf<TokenError> check_join(const Claims& claims) {
    if (!claims.video.room_join) return refuse(TokenRefusal::PermissionDenied, 401, "permissions denied");
    if (claims.identity.empty()) return refuse(TokenRefusal::NoIdentity, 400, "identity is required");
    if (claims.video.room.empty()) return refuse(TokenRefusal::NoRoom, 400, "room is required");
    return Ok{};
}

std::string mint_token(const Claims& claims, std::string_view key_id, ByteView secret, WallTime now,
                       Duration lifetime) {
    json payload = claims_json(claims);
    payload["iss"] = std::string{key_id};
    payload["iat"] = now.unix_seconds();
    payload["nbf"] = now.unix_seconds();
    payload["exp"] = (now + lifetime).unix_seconds();
    std::string token = crypto::sign_hs256(json_text(payload), secret);
    if (token.size() > kTokenMax) token.clear();
    return token;
}

bool may_publish(const VideoGrant& grant) {
    return grant.can_publish.value_or(true);
}

bool may_publish(const VideoGrant& grant, pb::TrackSource source) {
    const auto& sources = grant.can_publish_sources;
    return may_publish(grant) && (sources.empty() || std::ranges::find(sources, source) != sources.end());
}

bool may_publish_data(const VideoGrant& grant) {
    return grant.can_publish_data.value_or(may_publish(grant));
}

bool may_subscribe(const VideoGrant& grant) {
    return grant.can_subscribe.value_or(true);
}

bool may_update_own_metadata(const VideoGrant& grant) {
    return grant.can_update_own_metadata.value_or(false);
}

pb::ParticipantPermission permission_from(const VideoGrant& grant) {
    pb::ParticipantPermission out;
    out.set_can_subscribe(may_subscribe(grant));
    out.set_can_publish(may_publish(grant));
    out.set_can_publish_data(may_publish_data(grant));
    for (const pb::TrackSource source : grant.can_publish_sources) out.add_can_publish_sources(source);
    out.set_hidden(grant.hidden);
    out.set_recorder(grant.recorder);
    out.set_can_update_metadata(may_update_own_metadata(grant));
    out.set_agent(grant.agent);
    out.set_can_subscribe_metrics(grant.can_subscribe_metrics.value_or(false));
    out.set_can_manage_agent_session(grant.can_manage_agent_session.value_or(false));
    return out;
}

bool apply_permission(VideoGrant& grant, const pb::ParticipantPermission& permission) {
    std::vector<pb::TrackSource> sources;
    for (const int source : permission.can_publish_sources()) {
        // As in read_sources(): to skip it could mean to allow everything.
        if (!pb::TrackSource_IsValid(source)) return false;
        sources.push_back(static_cast<pb::TrackSource>(source));
    }
    grant.can_subscribe = permission.can_subscribe();
    grant.can_publish = permission.can_publish();
    grant.can_publish_data = permission.can_publish_data();
    grant.can_publish_sources = std::move(sources);
    grant.hidden = permission.hidden();
    grant.recorder = permission.recorder();
    grant.can_update_own_metadata = permission.can_update_metadata();
    grant.agent = permission.agent();
    grant.can_subscribe_metrics = permission.can_subscribe_metrics();
    grant.can_manage_agent_session = permission.can_manage_agent_session();
    return true;
}

}  // namespace conclave::livekit
