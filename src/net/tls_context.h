// Server-side TLS settings as OpenSSL wants them. Internal.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string_view>

#include "base/result.h"

namespace conclave::net {

struct SslContextFree {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// TLS 1.3, and 1.2 with forward secrecy and AEAD only (RFC 9325 4.2); ALPN http/1.1 (RFC 7301) or stun.turn
// (RFC 7443), where a client that offers only other protocols is refused. Fails when the texts hold no
// certificate or key, or do not belong together.
Result<SslContext> create_tls_context(std::string_view chain_pem, std::string_view key_pem);

}  // namespace conclave::net
