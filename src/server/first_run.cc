#include "server/first_run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "account/secret.h"
#include "crypto/certificate.h"
#include "server/interfaces.h"
#include "server/keys.h"

namespace conclave::server {
namespace {

constexpr std::string_view kMasterKeyName = "master_key";
constexpr const char* kAdministratorName = "Administrator";
// Browsers refuse server certificates that are valid for longer (CA/Browser Forum: 398 days).
constexpr Duration kCertificateLifetime = Duration::minutes(60 * 24 * 397);
constexpr Duration kRenewBefore = Duration::minutes(60 * 24 * 30);
// The chain of a CA is below 20 KB; more is no certificate.
constexpr std::streamsize kFileBytesMax = 1 << 20;

std::string system_error() {
    return std::strerror(errno);
}

// What browsers on this machine and in its network may call it.
std::vector<std::string> certificate_names(const Config& config) {
    std::vector<std::string> names{"localhost"};
    const auto add = [&names](std::string name) {
        const bool known = std::find(names.begin(), names.end(), name) != names.end();
        if (!name.empty() && !known && names.size() < crypto::Certificate::kNamesMax)
            names.push_back(std::move(name));
    };
    add(config.host());
    char own_name[256] = {};
    if (::gethostname(own_name, sizeof own_name - 1) == 0) add(own_name);
    for (const SocketAddress& address : interface_addresses(true)) add(address.ip_text());
    add("127.0.0.1");
    add("::1");
    return names;
}

}  // namespace

Status write_private_file(const std::string& path, std::string_view contents) {
    const std::string next = path + ".new";
    ::unlink(next.c_str());
    const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return failure("cannot create " + next + ": " + system_error());
    const ssize_t written = ::write(fd, contents.data(), contents.size());
    const bool ok = written == static_cast<ssize_t>(contents.size()) && ::fsync(fd) == 0;
    ::close(fd);
    if (!ok || ::rename(next.c_str(), path.c_str()) != 0)
        return failure("cannot write " + path + ": " + system_error());
    return Ok{};
}

Result<std::string> read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string contents(static_cast<size_t>(kFileBytesMax), '\0');
    stream.read(contents.data(), kFileBytesMax);
    if (!stream.eof() || stream.bad()) return failure("cannot read " + path);
    contents.resize(static_cast<size_t>(stream.gcount()));
    return contents;
}

Result<std::string> read_secret(const std::string& path) {
    std::string secret = TRY(read_file(path));
    while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
    if (secret.empty()) return failure(path + " is empty");
    return secret;
}

Status make_data_dir(const Config& config) {
    if (::mkdir(config.data_dir.c_str(), 0700) != 0 && errno != EEXIST)
        return failure("cannot create " + config.data_dir + ": " + system_error());
    struct stat status {};
    if (::stat(config.data_dir.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return failure(config.data_dir + " is no directory");
    return Ok{};
}

Result<std::string> master_key(store::Database& database, Rng& rng) {
    if (std::optional<std::string> key = TRY(database.secret(kMasterKeyName))) {
        if (key->size() != kMasterKeyBytes) return failure("the master key in the database is damaged");
        return std::move(*key);
    }
    std::array<uint8_t, kMasterKeyBytes> random;
    rng.fill(random);
    TRY(database.set_secret(kMasterKeyName, as_text(random)));
    return std::string(as_text(random));
}

Result<std::string> make_sign_in_link(store::Database& database, const Config& config,
                                      const account::Account& account, Rng& rng, WallTime now) {
    const account::Secret secret = account::make_secret(rng);
    TRY(database.insert_sign_in_link(
        {.hash = secret.hash, .account_id = account.id, .expires_at = now + config.sign_in_link_lifetime()}));
    // In the fragment, which browsers send to no server: it reaches no log.
    return config.url() + "/sign-in#" + secret.text;
}

Result<std::optional<std::string>> first_administrator_link(store::Database& database, const Config& config,
                                                            Rng& rng, WallTime now) {
    if (TRY(database.first_administrator())) return std::optional<std::string>();
    const account::Account account{random_id(rng, account::kIdSize), kAdministratorName,
                                   account::Role::Administrator};
    TRY(database.insert_account(account, now));
    return std::optional(TRY(make_sign_in_link(database, config, account, rng, now)));
}

Result<TlsFiles> tls_files(const Config& config, WallTime now) {
    TlsFiles files;
    if (!config.http.certificate.empty()) {
        files.chain_pem = TRY(read_file(config.http.certificate));
        files.key_pem = TRY(read_file(config.http.key));
        return files;
    }
    files.is_self_signed = true;
    const std::string chain_path = config.data_dir + "/certificate.pem";
    const std::string key_path = config.data_dir + "/key.pem";
    Result<std::string> chain = read_file(chain_path);
    Result<std::string> key = read_file(key_path);
    if (chain && key) {
        const Result<crypto::Certificate> kept = crypto::Certificate::from_pem(*chain, *key);
        if (kept && now + kRenewBefore < kept->not_after()) {
            files.chain_pem = std::move(*chain);
            files.key_pem = std::move(*key);
            return files;
        }
    }
    const crypto::Certificate fresh = TRY(crypto::Certificate::create_for_https(
        {now + Duration::minutes(-60), now + kCertificateLifetime}, certificate_names(config)));
    files.chain_pem = fresh.certificate_pem();
    files.key_pem = fresh.private_key_pem();
    TRY(write_private_file(key_path, files.key_pem));
    TRY(write_private_file(chain_path, files.chain_pem));
    return files;
}

}  // namespace conclave::server
