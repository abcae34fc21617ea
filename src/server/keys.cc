#include "server/keys.h"

#include "base/base64.h"
#include "crypto/hmac.h"
#include "crypto/jws.h"
#include "livekit/token.h"
#include "server/api_json.h"

namespace conclave::server {

Keys::Keys(std::string_view master, Rng& rng) {
    CHECK(master.size() == kMasterKeyBytes);
    const auto derive = [&](std::string_view purpose) {
        return crypto::hmac_sha256(as_bytes(master), as_bytes(purpose));
    };
    const crypto::Sha256Digest meeting = derive("conclave livekit token 1");
    meeting_secret_.assign(meeting.begin(), meeting.end());
    rejoin_key_ = derive("conclave rejoin token 1");
    flow_key_ = derive("conclave single sign-on 1");
    invitation_key_ = derive("conclave mailed invitation 1");
    rng.fill(address_key_);
}

std::string Keys::join_token(const account::Allowed& allowed, std::string_view meeting_id,
                             WallTime now) const {
    livekit::Claims claims;
    claims.identity = allowed.identity;
    claims.name = allowed.name;
    claims.attributes.emplace(account::kKindAttribute, text_of(allowed.kind));
    claims.video.room_join = true;
    claims.video.room = meeting_id;
    claims.video.can_publish = allowed.can_publish;
    claims.video.can_subscribe = allowed.can_subscribe;
    claims.video.can_publish_data = allowed.can_publish_data;
    claims.video.can_update_own_metadata = allowed.can_update_own_metadata;
    return livekit::mint_token(claims, kMeetingKeyId, meeting_secret_, now, kJoinTokenLifetime);
}

std::string Keys::sign_rejoin(const account::Rejoin& rejoin, WallTime now) const {
    return crypto::sign_hs256(rejoin_claims_json(rejoin, now + kRejoinLifetime), rejoin_key_);
}

std::optional<account::Rejoin> Keys::verify_rejoin(std::string_view token, WallTime now) const {
    const Result<std::string> claims = crypto::verify_hs256(token, rejoin_key_);
    if (!claims) return std::nullopt;
    return parse_rejoin_claims(*claims, now);
}

std::string Keys::sign_flow(const account::oidc::Flow& flow, WallTime now) const {
    return crypto::sign_hs256(flow_claims_json(flow, now + account::oidc::kFlowLifetime), flow_key_);
}

std::optional<account::oidc::Flow> Keys::verify_flow(std::string_view token, WallTime now) const {
    const Result<std::string> claims = crypto::verify_hs256(token, flow_key_);
    if (!claims) return std::nullopt;
    return parse_flow_claims(*claims, now);
}

account::Secret Keys::invitation_secret(std::string_view meeting_id, std::string_view invitation) const {
    const std::string which = std::string(meeting_id) + "/" + std::string(invitation);
    account::Secret secret{base64url_encode(crypto::hmac_sha256(invitation_key_, as_bytes(which))), {}};
    secret.hash = *account::hash_of_secret(secret.text);
    return secret;
}

std::string Keys::address_hash(const SocketAddress& address) const {
    const crypto::Sha256Digest hash = crypto::hmac_sha256(address_key_, address.ip);
    return base64url_encode(ByteView(hash).first(9));  // 72 bits: no two addresses alike in one log
}

}  // namespace conclave::server
