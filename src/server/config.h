// Everything that an operator can set, with its default. One file to read: deploy/config.sample.toml says the
// same in TOML, and a test holds the two equal. Secrets are never here: they are files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/time.h"
#include "livekit/protocol.h"
#include "policy/terms.h"

namespace conclave::server {

struct Config {
    // Database, first certificate and keys. Relative to the working directory.
    std::string data_dir = "data";

    struct Http {
        // HTTPS. "[::]" takes IPv4 too.
        std::vector<SocketAddress> listen = {{{}, 8443}};
        // PEM files, the chain leaf first; both empty: a self-signed certificate is made in data_dir.
        std::string certificate;
        std::string key;
        // Plain HTTP behind a proxy on this host, for instance "127.0.0.1:8080"; port 0: none.
        SocketAddress plain_listen;
        // Allows plain_listen on other than loopback addresses: a proxy on another host, a network you trust.
        bool plain_listen_anywhere = false;
        // Addresses or prefixes whose X-Forwarded-For is believed (plain_listen only).
        std::vector<std::string> trusted_proxies;  // each one parses as net::IpPrefix
        // What people type, for links: "https://visio.example.org". Empty: https://localhost and the first
        // port.
        std::string public_url;
        bool operator==(const Http&) const = default;
    } http;

    struct PublicAddress {
        SocketAddress address;                // port 0
        std::optional<SocketAddress> behind;  // the address of this machine that it leads to
        bool operator==(const PublicAddress&) const = default;
    };

    struct Media {
        // UDP. One port per worker: port, port + 1, ...
        uint16_t port = 7882;
        // Threads that forward media; 0: one per core.
        uint16_t workers = 0;
        // Each worker on a processor of its own, where there are enough.
        bool pin_workers = true;
        // People of one conference that a single worker holds before the others share in it.
        int64_t spread_above = 100;
        // What clients are told to send to, best first. Empty: the addresses of all interfaces.
        // "public=private" where a NAT stands between, one address for one.
        std::vector<PublicAddress> public_addresses;
        // Tells the private addresses as well, after the public ones: those behind the NAT, or, where none is
        // named, those of all interfaces.
        bool keep_private = false;
        // Offers loopback addresses too: for tests on one machine.
        bool loopback = false;
        // Media come over TCP, too, on the HTTPS port, where UDP does not get through (ICE-TCP).
        bool tcp = true;
        // What clients are told for it. 0: the port of public_url, or of http.listen.
        uint16_t tcp_port = 0;
        bool operator==(const Media&) const = default;
    } media;

    // The built-in TURN server, for clients that are to be sent to http.public_url.
    struct Turn {
        bool enabled = true;    // over TLS (and TCP), on the HTTPS port
        uint16_t udp_port = 0;  // 3478 is usual; 0: not over UDP
        bool operator==(const Turn&) const = default;
    } turn;

    // A worker that has more to do than time gives up the upper layers of cameras' videos, one after the
    // other, then further joins, and takes them back in the calm (sfu::LoadShedder).
    struct Overload {
        // Of the time of its thread, in percent. 100: never for that.
        int64_t busy = 85;
        int64_t calm = 60;
        // Above `calm`, one turn of its loop as long, in milliseconds, is too busy as well.
        int64_t turn = 100;
        // In seconds: those who are refused come back after that or, spread out, half as much again.
        int64_t retry_after = 30;
        bool operator==(const Overload&) const = default;
    } overload;

    struct LiveKit {
        // Clients in rooms of API keys may ask for accidents (SimulateScenario): for the tests of
        // applications.
        bool simulate = false;
        bool operator==(const LiveKit&) const = default;
    } livekit;

    // Rooms of applications (API keys). Timeouts in seconds.
    struct Rooms {
        bool auto_create = true;  // by the first join; otherwise CreateRoom alone makes rooms
        int64_t empty_timeout = 300;
        int64_t departure_timeout = 20;
        int64_t max_participants = 500;  // the largest that any room may have, a meeting too
        bool enable_remote_unmute = false;
        bool operator==(const Rooms&) const = default;
    } rooms;

    // What meetings are held under, whoever makes them: policy::Rules. In minutes.
    struct Meetings {
        int64_t length = 40;
        int64_t length_max = 40;
        int64_t extension_max = 20;  // all extensions of a sitting together
        int64_t pause_max = 20;      // all pauses together
        int64_t grace = 1;           // between the end and the end of the media
        int64_t rest = 5;            // before the same person, or the same meeting, meets again
        policy::RestRule rest_rule = policy::RestRule::Discourage;
        policy::Guests guests = policy::Guests::Link;
        policy::Guests guests_most = policy::Guests::Link;
        policy::Lobby lobby = policy::Lobby::Guests;
        policy::Lobby lobby_least = policy::Lobby::Nobody;
        policy::FloorMode floor_mode = policy::FloorMode::Open;
        policy::FloorOrder floor_order = policy::FloorOrder::FirstCome;
        int64_t turn_limit = 0;  // 0: none
        bool history = true;     // late joiners read what was written before they came
        bool operator==(const Meetings&) const = default;
    } meetings;

    struct Webhooks {
        std::vector<std::string> urls;
        std::string key;      // id of the API key that signs
        std::string ca_file;  // PEM; empty: the system's authorities
        int64_t queue = 1000;
        bool operator==(const Webhooks&) const = default;
    } webhooks;

    struct Sessions {
        int64_t idle_hours = 12;
        int64_t age_days = 7;
        int64_t sign_in_link_hours = 24;
        bool operator==(const Sessions&) const = default;
    } sessions;

    // The doors by which agents come in, beside one-time links.
    struct SignIn {
        bool passwords = true;  // of accounts that have one
        // A code by e-mail, for addresses of these domains alone.
        bool email_codes = false;
        std::vector<std::string> email_domains;
        bool create_accounts = false;  // at the first sign-in by code; otherwise there must be one
        bool operator==(const SignIn&) const = default;
    } sign_in;

    // Single sign-on by OpenID Connect.
    struct Oidc {
        std::string issuer;  // empty: none
        std::string client_id;
        std::string client_secret_file;  // empty: a public client, by PKCE alone
        std::string label;               // on the button; empty: the issuer's host
        std::vector<std::string> scopes = {"openid", "profile", "email"};
        std::vector<std::string> email_domains;  // empty: everybody whom the provider knows
        bool trust_email = false;                // addresses without `email_verified` too
        bool create_accounts = true;  // at the first sign-in; otherwise link_by_email alone lets in
        bool link_by_email = false;   // an account with the person's address becomes theirs
        std::string ca_file;          // PEM; empty: the system's authorities
        bool operator==(const Oidc&) const = default;
    } oidc;

    struct Mail {
        // "smtp://host:587" (STARTTLS) or "smtps://host". Empty: mail is put into a folder, for development.
        std::string server;
        std::string user;
        std::string password_file;
        std::string from;     // address of the sender
        std::string ca_file;  // PEM; empty: the system's authorities
        bool operator==(const Mail&) const = default;
    } mail;

    struct Limits {
        int64_t participants = 1000;  // in all rooms
        int64_t rooms = 1000;         // of applications
        int64_t tracks_per_participant = 16;
        int64_t subscriptions_per_participant = 600;
        // Bytes: identity, name and room; metadata; attributes with their names.
        int64_t name_bytes = 256;
        int64_t metadata_bytes = 512 << 10;
        int64_t attributes_bytes = 64 << 10;
        int64_t api_calls = 256;  // of the server API, waiting for an answer
        // Per IPv4 address or IPv6 /64, and for everybody together; as many may come at once.
        int64_t joins_per_minute_per_address = 120;
        int64_t joins_per_minute = 3000;
        int64_t sign_ins_per_minute_per_address = 60;  // that did not succeed
        int64_t sign_ins_per_minute = 3000;
        int64_t network_tests = 20;  // of connections, at once; 0: none
        // Invitations by e-mail.
        int64_t mails_per_hour_per_account = 200;
        int64_t mails_per_hour = 5000;
        bool operator==(const Limits&) const = default;
    } limits;

    enum class LogLevel : uint8_t { Debug, Info, Warning, Error };
    enum class LogFormat : uint8_t { Text, Json };
    struct Log {
        LogLevel level = LogLevel::Info;
        LogFormat format = LogFormat::Text;
        // Writes client addresses instead of their keyed hashes.
        bool pii = false;
        bool operator==(const Log&) const = default;
    } log;

    struct Metrics {
        // A file with a bearer token for GET /metrics; empty: loopback only.
        std::string token_file;
        bool operator==(const Metrics&) const = default;
    } metrics;

    // `conclave serve --dev`: an API key that everybody knows. No key of the file, on purpose.
    bool dev = false;

    bool operator==(const Config&) const = default;

    policy::Rules rules() const;
    livekit::TextLimits texts() const {
        return {static_cast<size_t>(limits.name_bytes), static_cast<size_t>(limits.metadata_bytes),
                static_cast<size_t>(limits.attributes_bytes)};
    }
    Duration session_idle() const { return Duration::minutes(60) * sessions.idle_hours; }
    Duration session_age() const { return Duration::minutes(60 * 24) * sessions.age_days; }
    Duration sign_in_link_lifetime() const { return Duration::minutes(60) * sessions.sign_in_link_hours; }
    std::string url() const;  // public_url or its default, without a slash at the end
    // Where the HTTPS port is to be reached: of url(), with brackets around an IPv6 address.
    std::string public_host() const;
    std::string host() const;  // the same without brackets
    uint16_t public_port() const;
    uint16_t tcp_port() const { return media.tcp_port != 0 ? media.tcp_port : public_port(); }
    std::string database_path() const { return data_dir + "/conclave.db"; }
    std::string spool_path() const { return data_dir + "/spool"; }
};

// More workers than any machine has cores; also bounds the UDP ports taken.
inline constexpr int64_t kWorkersMax = 256;

// A client tries each address that it is told.
inline constexpr size_t kAnnouncedMax = 16;

// The error holds one line per mistake: "config.toml:12: http.listen: ...". `file` is for these messages.
Result<Config> parse_config(std::string_view toml, std::string_view file);
Result<Config> load_config(const std::string& path);

// Every key as "section.name", in the order of the sample.
std::vector<std::string> config_keys();

// Sets `dev`. Without `anywhere` all HTTP listeners must be loopback addresses; the default one becomes so.
Status enter_dev_mode(Config&, bool anywhere);

// "203.0.113.7", "2001:db8::7", "203.0.113.7=10.0.0.5": of one family, and addresses that one can send to.
std::optional<Config::PublicAddress> parse_public_address(std::string_view text);

// "1.2.3.4:5", "[::1]:5", ":5" (every address).
std::optional<SocketAddress> parse_listen_address(std::string_view text);

}  // namespace conclave::server
