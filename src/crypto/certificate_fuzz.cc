// PEM text from an administrator's file and fingerprints from a peer's SDP.
#include "base/check.h"
#include "crypto/certificate.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text = as_text({data, size});
    if (const auto certificate = crypto::Certificate::from_pem(text, text)) {
        const auto again =
            crypto::Certificate::from_pem(certificate->certificate_pem(), certificate->private_key_pem());
        CHECK(again && again->fingerprint_sha256() == certificate->fingerprint_sha256());
        (void)certificate->not_after();
    }
    const size_t cut = std::min(text.find(' '), text.size());
    (void)crypto::fingerprint_matches(as_bytes("x"), text.substr(0, cut),
                                      cut < text.size() ? text.substr(cut + 1) : "");
    return 0;
}
