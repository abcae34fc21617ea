#include "server/doctor_facts.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "crypto/certificate.h"
#include "net/clock.h"
#include "net/udp_socket.h"
#include "server/first_run.h"
#include "server/interfaces.h"
#include "server/mailer.h"

namespace conclave::server {
namespace {

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

bool others_can_read(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0;
}

// Addresses for documentation (RFC 5737, RFC 3849): beyond every router, and nothing is sent to them.
const SocketAddress kFarAway[] = {SocketAddress::v4(192, 0, 2, 1, 9),
                                  SocketAddress::parse("2001:db8::1", 9).value_or(SocketAddress{})};

// As serve() writes it into /healthz.
bool answers_as_we_do(const SocketAddress& local) {
    const Result<std::string> answer = net::ask_https(local, "/healthz");
    return answer && answer->starts_with("ok\n");
}

size_t workers_of(const Config& config) {
    return config.media.workers != 0 ? config.media.workers
                                     : std::max(1U, std::thread::hardware_concurrency());
}

int count(std::string_view text, std::string_view what) {
    int found = 0;
    for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

}  // namespace

std::vector<PortFacts> read_ports(const Config& config) {
    std::vector<PortFacts> ports;
    for (const SocketAddress& address : config.http.listen) {
        PortFacts port{PortFacts::Use::Https, address, net::probe_tcp(address)};
        port.is_ours = port.state == net::PortState::Taken && answers_as_we_do(address);
        ports.push_back(port);
    }
    const SocketAddress& plain = config.http.plain_listen;
    if (plain.port != 0) ports.push_back({PortFacts::Use::Http, plain, net::probe_tcp(plain)});
    for (size_t i = 0; i < workers_of(config); ++i) {
        const SocketAddress address{{}, static_cast<uint16_t>(config.media.port + i)};
        ports.push_back({PortFacts::Use::Media, address, net::probe_udp(address)});
    }
    return ports;
}

CertificateFacts read_certificate(const Config& config) {
    CertificateFacts out{.host = config.host(), .is_made_by_us = config.http.certificate.empty()};
    const std::string chain_path =
        out.is_made_by_us ? config.data_dir + "/certificate.pem" : config.http.certificate;
    const std::string key_path = out.is_made_by_us ? config.data_dir + "/key.pem" : config.http.key;
    out.is_there = !out.is_made_by_us || exists(chain_path);
    if (!out.is_there) return out;
    const Result<std::string> chain = read_file(chain_path);
    const Result<std::string> key = read_file(key_path);
    if (!chain || !key) {
        out.fault = (chain ? key : chain).error().what;
        return out;
    }
    const Result<crypto::Certificate> certificate = crypto::Certificate::from_pem(*chain, *key);
    if (!certificate) {
        out.fault = certificate.error().what;
        return out;
    }
    if (others_can_read(key_path)) out.exposed_key = key_path;
    out.not_before = certificate->not_before();
    out.not_after = certificate->not_after();
    out.covers_host = certificate->covers(out.host);
    out.is_self_signed = certificate->is_self_signed();
    out.certificates = count(*chain, "-----BEGIN CERTIFICATE-----");
    return out;
}

AddressFacts read_addresses(const Config& config) {
    AddressFacts out;
    out.announced = announced_addresses(config.media, interface_addresses(config.media.loopback));
    out.interfaces = interface_addresses(true);
    out.configured = config.media.public_addresses;
    if (!config.http.public_url.empty()) out.host = config.host();
    for (const SocketAddress& remote : kFarAway) {
        if (const Result<SocketAddress> source = net::source_towards(remote)) out.sources.push_back(*source);
    }
    return out;
}

ClockFacts read_clock() {
    ClockFacts out{.now = net::wall_now()};
    timex state{};  // no mode: nothing is set
    const int answer = adjtimex(&state);
    if (answer >= 0) out.is_synchronised = answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    return out;
}

DiskFacts read_disk(const Config& config) {
    DiskFacts out{.folder = config.data_dir, .is_there = exists(config.data_dir)};
    if (!out.is_there) return out;
    struct statvfs volume {};
    if (::statvfs(out.folder.c_str(), &volume) == 0)
        out.free_bytes = static_cast<uint64_t>(volume.f_bavail) * volume.f_frsize;
    const Instant begin = net::monotonic_now();
    std::string path = out.folder + "/doctor-XXXXXX";
    const int fd = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(path.c_str());
    const bool is_written = fd >= 0 && ::write(fd, path.data(), path.size()) > 0 && ::fsync(fd) == 0;
    if (!is_written) out.fault = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    out.write_time = net::monotonic_now() - begin;
    return out;
}

DatabaseFacts read_database(const Config& config) {
    DatabaseFacts out{.path = config.database_path()};
    out.is_there = exists(out.path);
    if (!out.is_there) return out;
    out.is_exposed = others_can_read(out.path);
    out.inspection = store::Database::inspect(out.path);
    return out;
}

MailFacts read_mail(const Config& config) {
    MailFacts out{.server = config.mail.server, .is_needed = config.sign_in.email_codes};
    out.spool = config.spool_path();
    if (out.server.empty()) return out;
    const Result<net::SmtpClient::Options> options = smtp_options(config);
    const Status greeted = options ? net::SmtpClient::greet(*options) : Unexpected<Error>{options.error()};
    if (!greeted) out.fault = greeted.error().what;
    return out;
}

SecretFacts read_secrets(const Config& config) {
    SecretFacts out{.url = config.url()};
    const std::pair<const char*, const std::string*> kSecrets[] = {
        {"oidc.client_secret_file", &config.oidc.client_secret_file},
        {"mail.password_file", &config.mail.password_file},
        {"metrics.token_file", &config.metrics.token_file}};
    for (const auto& [setting, path] : kSecrets) {
        if (path->empty()) continue;
        const Result<std::string> secret = read_secret(*path);
        if (!secret) out.faults.emplace_back(setting, secret.error().what);
        if (secret && others_can_read(*path)) out.exposed.push_back(*path);
    }
    out.needs_public_url = !config.oidc.issuer.empty() && config.http.public_url.empty();
    return out;
}

LimitFacts read_limits(const Config& config) {
    // Two sockets a person, a few files and descriptors of the system, and room for those who only look.
    constexpr uint64_t kBesides = 512;
    LimitFacts out;
    out.open_files_needed = 2 * static_cast<uint64_t>(config.limits.participants) + kBesides;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) out.open_files = files.rlim_cur;
    if (const auto socket = net::UdpSocket::bind(SocketAddress::v4(127, 0, 0, 1, 0), {})) {
        out.receive_buffer = socket->receive_buffer_bytes();
        out.send_buffer = socket->send_buffer_bytes();
        out.gso = socket->gso();
    }
    return out;
}

}  // namespace conclave::server
