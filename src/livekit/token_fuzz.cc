// As a token, and as a payload that is signed here. What verifies must survive being minted and verified
// again.
#include "base/check.h"
#include "crypto/jws.h"
#include "livekit/token.h"

namespace {

using namespace conclave;
using namespace conclave::livekit;

constexpr std::string_view kSecret = "secret-of-key-1";
constexpr WallTime kNow = WallTime::from_unix_seconds(1'750'000'000);

std::optional<ByteView> secret_of(std::string_view key_id) {
    if (key_id == "APIkey1") return as_bytes(kSecret);
    return std::nullopt;
}

void check(const Result<Claims, TokenError>& result) {
    if (!result) {
        CHECK(result.error().http_status == 401 || result.error().http_status == 400);
        CHECK(!result.error().text.empty());
        return;
    }
    CHECK(result->identity.size() <= kNameMax && result->issuer == "APIkey1");
    const auto joined = check_join(*result);
    CHECK(!joined || result->video.room_join);

    const Duration lifetime = Duration::minutes(5);
    const std::string token = mint_token(*result, "APIkey1", as_bytes(kSecret), kNow, lifetime);
    if (token.empty()) return;  // claims near kTokenMax grow by `iat`
    const auto again = verify_token(token, secret_of, kNow);
    CHECK(again);
    Claims expected = *result;
    expected.issued_at = kNow;
    expected.not_before = kNow;
    expected.expires = kNow + lifetime;
    CHECK(*again == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView input{data, size};
    check(verify_token(as_text(input), secret_of, kNow));
    check(verify_token(crypto::sign_hs256(as_text(input), as_bytes(kSecret)), secret_of, kNow));
    return 0;
}
