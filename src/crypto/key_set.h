// The public keys of an issuer (JSON Web Key Set, RFC 7517) and the tokens signed with them: RS256, PS256 and
// ES256 (RFC 7518 3.1), nothing else. The algorithm has to fit the key; no key comes from the token.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace conclave::crypto {

class KeySet {
 public:
    static constexpr size_t kTextMax = 64 << 10;
    // Issuers have a few at a time; more is a mistake.
    static constexpr size_t kKeysMax = 32;

    // Keys that are not for these signatures are passed over: other types and curves, `use` or `key_ops` for
    // something else, RSA outside 2048 to 8192 bits (RFC 8725 3.5). Fails when the text is no key set, or has
    // no key for us.
    static Result<KeySet> parse(std::string_view text);

    enum class Fault : uint8_t {
        Malformed,       // as parse_jws() has it, or another algorithm
        UnknownKey,      // there is no key of the token's id and type: there may be a newer set
        WrongSignature,  // there is one, and it did not sign this
    };
    // The payload (text of a JSON object). `type`: accepted as `typ`, beside "JWT" and none. Claims are the
    // caller's to judge.
    Result<std::string, Fault> verify(std::string_view token, std::string_view type = "JWT") const;

    KeySet(KeySet&&) noexcept;
    KeySet& operator=(KeySet&&) noexcept;
    ~KeySet();

 private:
    struct Key;
    explicit KeySet(std::vector<Key> keys);
    std::vector<Key> keys_;
};

}  // namespace conclave::crypto
