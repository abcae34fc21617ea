// Any text as a key set, and any text as a token: the first line is the set, the rest the token. What is
// verified is text that was signed.
#include "base/check.h"
#include "crypto/jws_parts.h"
#include "crypto/key_set.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view token = text.substr(std::min(end + 1, text.size()));
    const auto parts = crypto::parse_jws(token, "logout+jwt");
    const auto keys = crypto::KeySet::parse(text.substr(0, end));
    if (!keys) return 0;
    const auto payload = keys->verify(token, "logout+jwt");
    if (payload) CHECK(parts && parts->payload == *payload);
    if (!parts) CHECK(!payload && payload.error() == crypto::KeySet::Fault::Malformed);
    return 0;
}
