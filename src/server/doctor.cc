#include "server/doctor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "crypto/certificate.h"
#include "net/clock.h"
#include "net/http_server.h"
#include "net/udp_socket.h"
#include "server/first_run.h"
#include "server/interfaces.h"
#include "store/database.h"

namespace conclave::server {
namespace {

using Grade = Finding::Grade;
using Findings = std::vector<Finding>;
constexpr Duration kSoon = Duration::minutes(60 * 24 * 14);

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

bool others_can_read(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0;
}

void examine_data(const Config& config, Findings& out) {
    if (!exists(config.data_dir)) {
        out.push_back({Grade::Note, "The data directory " + config.data_dir +
                                        " does not exist yet; the first start makes it."});
        return;
    }
    if (::access(config.data_dir.c_str(), R_OK | W_OK | X_OK) != 0) {
        out.push_back(
            {Grade::Bad, "The data directory " + config.data_dir + " cannot be written by this user."});
        return;
    }
    const std::string path = config.database_path();
    if (!exists(path)) {
        out.push_back({Grade::Note, "There is no database yet; the first start makes it."});
        return;
    }
    if (others_can_read(path))
        out.push_back({Grade::Bad, "Other users can read " + path + "; chmod 600 it."});
    Result<std::unique_ptr<store::Database>> database = store::Database::open(path);
    const Status sound = database ? (*database)->check() : Status(Unexpected<Error>{database.error()});
    if (!sound) {
        out.push_back({Grade::Bad, "The database cannot be used: " + sound.error().what + "."});
        return;
    }
    out.push_back({Grade::Good, "The database is sound."});
    const auto administrator = (*database)->first_administrator();
    if (administrator && !*administrator)
        out.push_back({Grade::Note, "There is no administrator yet; the first start makes one."});
}

void examine_certificate(const Config& config, Findings& out) {
    const bool own = !config.http.certificate.empty();
    const std::string chain_path = own ? config.http.certificate : config.data_dir + "/certificate.pem";
    const std::string key_path = own ? config.http.key : config.data_dir + "/key.pem";
    if (!own && !exists(chain_path)) {
        out.push_back({Grade::Note,
                       "There is no certificate yet; the first start makes a self-signed one, which browsers "
                       "warn about."});
        return;
    }
    const Result<std::string> chain = read_file(chain_path);
    const Result<std::string> key = read_file(key_path);
    if (!chain || !key) {
        out.push_back(
            {Grade::Bad, "The certificate cannot be used: " + (chain ? key : chain).error().what + "."});
        return;
    }
    const Result<crypto::Certificate> certificate = crypto::Certificate::from_pem(*chain, *key);
    if (!certificate) {
        out.push_back({Grade::Bad, "The certificate cannot be used: " + certificate.error().what + "."});
        return;
    }
    if (others_can_read(key_path))
        out.push_back({Grade::Bad, "Other users can read the private key " + key_path + "; chmod 600 it."});
    const Duration left = certificate->not_after() - net::wall_now();
    const int64_t days = left.us / Duration::minutes(60 * 24).us;
    if (left <= Duration{}) {
        out.push_back({Grade::Bad, "The certificate has expired."});
    } else if (own && left < kSoon) {
        out.push_back({Grade::Note, "The certificate expires in " + std::to_string(days) + " days."});
    } else {
        out.push_back({Grade::Good, "The certificate is valid for " + std::to_string(days) + " more days."});
    }
    if (!own)
        out.push_back({Grade::Note,
                       "The certificate is self-signed: browsers warn, and phones may refuse. Set "
                       "http.certificate and http.key."});
}

// Files that the doors of agents need.
void examine_sign_in(const Config& config, Findings& out) {
    const std::pair<const char*, const std::string*> kSecrets[] = {
        {"oidc.client_secret_file", &config.oidc.client_secret_file},
        {"mail.password_file", &config.mail.password_file}};
    for (const auto& [name, path] : kSecrets) {
        if (path->empty()) continue;
        const Result<std::string> secret = read_secret(*path);
        if (!secret)
            out.push_back({Grade::Bad, std::string(name) + " cannot be used: " + secret.error().what + "."});
        if (secret && others_can_read(*path))
            out.push_back({Grade::Bad, "Other users can read " + *path + "; chmod 600 it."});
    }
    if (config.sign_in.email_codes && config.mail.server.empty())
        out.push_back({Grade::Note, "Codes by e-mail reach nobody without mail.server: they are put into " +
                                        config.spool_path() + "."});
    if (!config.oidc.issuer.empty() && config.http.public_url.empty())
        out.push_back({Grade::Note, "The provider sends browsers back to " + config.url() +
                                        "; set http.public_url to what people type."});
}

void examine_http(const Config& config, Findings& out) {
    // No certificate is loaded: binding is what is tried, and nothing is accepted.
    std::vector<SocketAddress> addresses = config.http.listen;
    if (config.http.plain_listen.port != 0) addresses.push_back(config.http.plain_listen);
    for (const SocketAddress& address : addresses) {
        net::HttpServer probe({}, {}, {});
        const Result<SocketAddress> bound = probe.listen_plain(address);
        if (bound) {
            out.push_back({Grade::Good, "TCP " + address.text() + " is free."});
        } else {
            out.push_back({Grade::Bad, "TCP " + address.text() + " cannot be used (" + bound.error().what +
                                           "). Is the server running already?"});
        }
    }
}

void examine_media(const Config& config, Findings& out) {
    const size_t workers =
        config.media.workers != 0 ? config.media.workers : std::max(1U, std::thread::hardware_concurrency());
    std::string taken;
    int buffer = 0;
    for (size_t i = 0; i < workers; ++i) {
        const auto port = static_cast<uint16_t>(config.media.port + i);
        const auto socket = net::UdpSocket::bind({{}, port}, {});
        if (!socket) taken += " " + std::to_string(port);
        if (socket) buffer = socket->receive_buffer_bytes();
    }
    const std::string range =
        std::to_string(config.media.port) + " to " + std::to_string(config.media.port + workers - 1);
    if (taken.empty()) {
        out.push_back({Grade::Good, "UDP " + range + " is free; let it through the firewall."});
    } else {
        out.push_back(
            {Grade::Bad, "UDP cannot be used on port" + taken + ". Is the server running already?"});
    }
    // The kernel reports twice what it grants; below a megabyte a burst of video key frames is lost.
    if (taken.empty() && buffer < (2 << 20))
        out.push_back(
            {Grade::Note,
             "The kernel grants small UDP buffers; raise net.core.rmem_max and wmem_max to 4194304."});

    std::vector<SocketAddress> addresses = config.media.public_addresses;
    if (addresses.empty()) addresses = interface_addresses(config.media.loopback);
    std::string list;
    for (const SocketAddress& address : addresses) list += " " + address.ip_text();
    out.push_back({addresses.empty() ? Grade::Bad : Grade::Good,
                   "Clients are told to send media to:" + (list.empty() ? " nowhere" : list) + "."});
    const bool only_loopback =
        std::all_of(addresses.begin(), addresses.end(), [](const auto& a) { return a.is_loopback(); });
    if (!addresses.empty() && only_loopback)
        out.push_back({Grade::Note, "Only this machine can take part: set media.public_addresses."});
}

}  // namespace

std::vector<Finding> examine(const Config& config) {
    Findings out;
    examine_data(config, out);
    examine_certificate(config, out);
    examine_sign_in(config, out);
    examine_http(config, out);
    examine_media(config, out);
    return out;
}

}  // namespace conclave::server
