// What `conclave doctor` sees of the machine: plain values, read here and judged in doctor_checks.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/time.h"
#include "net/port_probe.h"
#include "server/config.h"
#include "store/database.h"

namespace conclave::server {

struct PortFacts {
    enum class Use : uint8_t { Https, Http, Media } use = Use::Https;
    SocketAddress address = {};
    net::PortState state = net::PortState::Free;
    bool is_ours = false;  // Https: what listens there answers as this server does
};
std::vector<PortFacts> read_ports(const Config&);

struct CertificateFacts {
    std::string host = {};         // what people type
    bool is_made_by_us = false;    // none is configured
    bool is_there = true;          // false: ours, before the first start
    std::string fault = {};        // why it cannot be used
    std::string exposed_key = {};  // a key file that other users can read
    WallTime not_before = {};
    WallTime not_after = {};
    bool covers_host = false;
    bool is_self_signed = false;
    int certificates = 0;  // in the file: the leaf and what leads to its authority
};
CertificateFacts read_certificate(const Config&);

struct AddressFacts {
    std::vector<SocketAddress> announced = {};
    std::vector<SocketAddress> interfaces = {};  // with loopback
    std::vector<Config::PublicAddress> configured = {};
    std::string host = {};  // of http.public_url; empty: none
    // From where the kernel sends to the Internet, for each family that has a route.
    std::vector<SocketAddress> sources = {};
};
AddressFacts read_addresses(const Config&);

struct ClockFacts {
    WallTime now = {};
    std::optional<bool> is_synchronised = {};  // as the kernel has it; nothing: it does not say
};
ClockFacts read_clock();

struct DiskFacts {
    std::string folder = {};
    bool is_there = true;
    std::string fault = {};  // of a write with fsync
    uint64_t free_bytes = 0;
    Duration write_time = {};
};
DiskFacts read_disk(const Config&);

struct DatabaseFacts {
    std::string path = {};
    bool is_there = true;
    bool is_exposed = false;  // other users can read it
    Result<store::Database::Inspection> inspection = store::Database::Inspection{};
};
DatabaseFacts read_database(const Config&);

struct MailFacts {
    std::string server = {};  // empty: none
    bool is_needed = false;
    std::string spool = {};
    std::string fault = {};  // of connecting, encrypting, signing in
};
MailFacts read_mail(const Config&);

struct SecretFacts {
    std::vector<std::pair<std::string, std::string>> faults = {};  // setting, what is wrong
    std::vector<std::string> exposed = {};                         // files that other users can read
    bool needs_public_url = false;                                 // single sign-on without it
    std::string url = {};
};
SecretFacts read_secrets(const Config&);

struct LimitFacts {
    uint64_t open_files = 0;
    uint64_t open_files_needed = 0;
    int receive_buffer = 0;  // bytes that a socket is granted
    int send_buffer = 0;
    bool gso = false;
};
LimitFacts read_limits(const Config&);

}  // namespace conclave::server
