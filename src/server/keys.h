// What this server signs with. One random master key in the database; one derived key for each purpose, so
// that no token of one kind can ever pass for another kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "account/admission.h"
#include "account/oidc.h"
#include "account/secret.h"
#include "base/address.h"
#include "base/rng.h"
#include "base/time.h"
#include "crypto/hash.h"

namespace conclave::server {

// `iss` of the LiveKit tokens that lead into meetings. Not of the form of API key ids, so never one of them.
inline constexpr std::string_view kMeetingKeyId = "conclave";
// A join token is used at once; the session then gets fresh ones over its socket.
inline constexpr Duration kJoinTokenLifetime = Duration::minutes(10);
// A page that is reloaded within half a working day is the same participant.
inline constexpr Duration kRejoinLifetime = Duration::minutes(12 * 60);

inline constexpr size_t kMasterKeyBytes = 32;

class Keys {
 public:
    // `master` has kMasterKeyBytes; the key for address hashes is fresh for each process.
    Keys(std::string_view master, Rng& rng);

    const std::vector<uint8_t>& meeting_secret() const { return meeting_secret_; }

    // The LiveKit token for somebody who was admitted to a meeting.
    std::string join_token(const account::Allowed&, std::string_view meeting_id, WallTime now) const;

    std::string sign_rejoin(const account::Rejoin&, WallTime now) const;
    std::optional<account::Rejoin> verify_rejoin(std::string_view token, WallTime now) const;

    // What the browser keeps while it is at the identity provider.
    std::string sign_flow(const account::oidc::Flow&, WallTime now) const;
    std::optional<account::oidc::Flow> verify_flow(std::string_view token, WallTime now) const;

    // The secret of an invitation that is mailed: the same whenever its meeting is written about again, and
    // kept nowhere. The number is random.
    account::Secret invitation_secret(std::string_view meeting_id, std::string_view invitation) const;

    // Tells addresses apart without telling them; another hash after each start.
    std::string address_hash(const SocketAddress&) const;

 private:
    std::vector<uint8_t> meeting_secret_;
    crypto::Sha256Digest rejoin_key_;
    crypto::Sha256Digest flow_key_;
    crypto::Sha256Digest invitation_key_;
    crypto::Sha256Digest address_key_;
};

}  // namespace conclave::server
