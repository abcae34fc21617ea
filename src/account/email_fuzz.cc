// Whatever comes in: an address that was accepted is safe in a header and in a command of SMTP, and accepted
// again unchanged.
#include "account/email.h"
#include "base/check.h"
#include "base/text.h"

using namespace conclave::account;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)clean_domain(text);
    const auto email = clean_email(text);
    if (!email) return 0;
    CHECK(email->size() <= kEmailBytesMax);
    CHECK(email->find_first_of(" \t\r\n<>\"(),:;\\[]") == std::string::npos);
    CHECK(email->find('@') == email->rfind('@') && clean_email(*email) == email);
    const std::string domain = email->substr(email->find('@') + 1);
    CHECK(is_of_domain(*email, {domain}) && !is_of_domain(*email, {domain + "x"}));
    CHECK(conclave::is_utf8(name_of_email(*email)));
    return 0;
}
