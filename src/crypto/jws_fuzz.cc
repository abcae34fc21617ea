// Any text as a token: never accepted under a key that nobody signs with, and what carries a right signature
// comes back as it was.
#include <string>

#include "base/base64.h"
#include "base/check.h"
#include "crypto/hmac.h"
#include "crypto/jws.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text = as_text({data, size});
    const ByteView key = as_bytes("fuzz key that signs some of this");
    const auto peeked = crypto::peek_unverified_payload(text);
    const auto verified = crypto::verify_hs256(text, key);
    if (verified) CHECK(peeked && *peeked == *verified);
    CHECK(!crypto::verify_hs256(text, {}));

    // The same bytes as header and payload of a token that is rightly signed.
    const size_t cut = text.find('\n');
    if (cut == std::string_view::npos) return 0;
    std::string token = base64url_encode(as_bytes(text.substr(0, cut))) + "." +
                        base64url_encode(as_bytes(text.substr(cut + 1)));
    token += "." + base64url_encode(crypto::hmac_sha256(key, as_bytes(token)));
    const auto payload = crypto::verify_hs256(token, key);
    if (payload) CHECK(*payload == text.substr(cut + 1));
    return 0;
}
