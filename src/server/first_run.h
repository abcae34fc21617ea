// What a server needs before it can serve, made when it is missing: data directory, master key, certificate,
// first administrator.
#pragma once

#include <optional>
#include <string>

#include "base/rng.h"
#include "base/time.h"
#include "server/config.h"
#include "store/database.h"

namespace conclave::server {

// Readable by its owner only.
Status make_data_dir(const Config&);

// The master key of Keys, created once.
Result<std::string> master_key(store::Database&, Rng&);

// The URL of a fresh one-time sign-in link.
Result<std::string> make_sign_in_link(store::Database&, const Config&, const account::Account&, Rng&,
                                      WallTime now);

// Creates the administrator when there is none, and returns a link for it then.
Result<std::optional<std::string>> first_administrator_link(store::Database&, const Config&, Rng&,
                                                            WallTime now);

struct TlsFiles {
    std::string chain_pem;
    std::string key_pem;
    bool is_self_signed = false;
};
// The configured files, or a self-signed certificate kept in data_dir (key 0600), renewed when it has less
// than a month left.
Result<TlsFiles> tls_files(const Config&, WallTime now);

Result<std::string> read_file(const std::string& path);
// A secret in a file of its own, without the newline at its end; an empty one is an error.
Result<std::string> read_secret(const std::string& path);
// Readable by its owner only. Written beside and renamed, so that a crash leaves the old file or the new one.
Status write_private_file(const std::string& path, std::string_view contents);

}  // namespace conclave::server
