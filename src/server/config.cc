#include "server/config.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <sstream>
#include <utility>

#include "account/email.h"
#include "account/oidc.h"
#include "base/text.h"
#include "meeting/names.h"
#include "net/ip_prefix.h"
#include "settings/toml.h"

namespace conclave::server {
namespace {

using settings::boolean;
using settings::Fault;
using settings::number;
using settings::Setter;
using settings::text;

struct Key {
    std::string_view section;  // empty: top level
    std::string_view name;
    Setter set;
};

template <class T>
Setter choice(T& target, std::vector<std::pair<std::string_view, T>> options) {
    return [&target, options = std::move(options)](const toml::node& node) -> Fault {
        std::string names;
        for (const auto& [name, value] : options) {
            if (node.value_exact<std::string>() == name) {
                target = value;
                return {};
            }
            names += (names.empty() ? "\"" : ", \"") + std::string(name) + "\"";
        }
        return "must be one of " + names;
    };
}

// One of the words that a meeting's records and messages use too.
template <class E>
Setter word(E& target) {
    std::vector<std::pair<std::string_view, E>> options;
    for (const std::string_view name : meeting::kNames<E>)
        options.emplace_back(name, *meeting::parse_name<E>(name));
    return choice(target, std::move(options));
}

// A value that `parse` makes of a string.
template <class T, class Parse>
Setter parsed(T& target, Parse parse, std::string_view what, bool may_be_empty) {
    return [&target, parse, what, may_be_empty](const toml::node& node) -> Fault {
        const auto value = node.value_exact<std::string>();
        if (value && value->empty() && may_be_empty) {
            target = T{};
            return {};
        }
        auto result = value ? parse(*value) : std::nullopt;
        if (!result) return "must be " + std::string(what);
        target = std::move(*result);
        return {};
    };
}

template <class T, class Parse>
Setter list(std::vector<T>& target, Parse parse, std::string_view what, size_t size_min) {
    return [&target, parse, what, size_min](const toml::node& node) -> Fault {
        const toml::array* array = node.as_array();
        if (!array) return "must be a list";
        std::vector<T> values;
        for (const toml::node& entry : *array) {
            const auto value = entry.value_exact<std::string>();
            auto result = value ? parse(*value) : std::nullopt;
            if (!result)
                return "entry " + std::to_string(values.size() + 1) + " must be " + std::string(what);
            values.push_back(std::move(*result));
        }
        if (values.size() < size_min) return "must not be empty";
        target = std::move(values);
        return {};
    };
}

// One that a packet can be sent to and that needs no zone.
std::optional<SocketAddress> parse_unicast(std::string_view text) {
    const std::optional<SocketAddress> address = SocketAddress::parse(text, 0);
    if (!address || address->is_unspecified()) return std::nullopt;
    const std::array<uint8_t, 16>& ip = address->ip;
    const bool is_link_local = !address->is_v4() && ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
    const bool is_multicast = address->is_v4() ? ip[12] >= 224 : ip[0] == 0xff;
    if (is_link_local || is_multicast || (address->is_v4() && ip[12] == 0)) return std::nullopt;
    return address;
}

std::optional<std::string> parse_url(std::string_view text) {
    const bool has_scheme = text.starts_with("https://") || text.starts_with("http://");
    if (!has_scheme || text.find_first_of(" \"'<>?#@\\") != std::string_view::npos) return std::nullopt;
    while (text.ends_with('/')) text.remove_suffix(1);
    const std::string_view host = text.substr(text.find("//") + 2);
    if (host.empty() || host.find('/') != std::string_view::npos) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> parse_webhook_url(std::string_view text) {
    const bool has_scheme = text.starts_with("https://") || text.starts_with("http://");
    // No credentials in it: they would show up in logs.
    if (!has_scheme || text.find_first_of(" \"'<>#@\\\r\n") != std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(text.find("//") + 2);
    if (rest.empty() || rest.starts_with('/')) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> parse_issuer(std::string_view text) {
    if (!account::oidc::is_safe_url(text) || text.find('?') != std::string_view::npos) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> parse_label(std::string_view text) {
    constexpr size_t kLabelCharactersMax = 40;
    const Result<std::string, TextFault> line = clean_line(text, kLabelCharactersMax);
    return line ? std::optional(*line) : std::nullopt;
}

// RFC 6749 3.3
std::optional<std::string> parse_scope(std::string_view text) {
    const bool is_token = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
    });
    return is_token ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> parse_mail_server(std::string_view text) {
    const bool has_scheme = text.starts_with("smtp://") || text.starts_with("smtps://");
    // No user or password in it: they have settings of their own.
    if (!has_scheme || text.find_first_of(" \"'<>?#@\\\r\n") != std::string_view::npos) return std::nullopt;
    const std::string_view host = text.substr(text.find("//") + 2);
    if (host.empty() || host.find('/') != std::string_view::npos) return std::nullopt;
    return std::string(text);
}

std::vector<Key> serving_keys(Config& c) {
    constexpr int64_t kTimeoutMax = 7 * 24 * 3600;
    constexpr std::string_view kWebhookUrl = "a URL such as \"https://host/path\"";
    const auto listen = [](std::string_view t) { return parse_listen_address(t); };
    const auto prefix = [](std::string_view t) {
        return net::IpPrefix::parse(t) ? std::optional<std::string>(t) : std::nullopt;
    };
    constexpr std::string_view kAddressAndPort = "an address and port such as \"[::]:8443\"";
    return {
        {"", "data_dir", text(c.data_dir)},
        {"http", "listen", list(c.http.listen, listen, kAddressAndPort, 1)},
        {"http", "certificate", text(c.http.certificate)},
        {"http", "key", text(c.http.key)},
        {"http", "plain_listen", parsed(c.http.plain_listen, listen, kAddressAndPort, true)},
        {"http", "plain_listen_anywhere", boolean(c.http.plain_listen_anywhere)},
        {"http", "trusted_proxies", list(c.http.trusted_proxies, prefix, "an address or prefix", 0)},
        {"http", "public_url", parsed(c.http.public_url, parse_url, "a URL such as \"https://host\"", true)},
        {"media", "port", number(c.media.port, 1, 65535)},
        {"media", "workers", number(c.media.workers, 0, kWorkersMax)},
        {"media", "pin_workers", boolean(c.media.pin_workers)},
        {"media", "spread_above", number(c.media.spread_above, 1, 100'000)},
        {"media", "public_addresses",
         list(c.media.public_addresses, parse_public_address, "an IP address, or \"public=private\"", 0)},
        {"media", "keep_private", boolean(c.media.keep_private)},
        {"media", "loopback", boolean(c.media.loopback)},
        {"media", "tcp", boolean(c.media.tcp)},
        {"media", "tcp_port", number(c.media.tcp_port, 0, 65535)},
        {"turn", "enabled", boolean(c.turn.enabled)},
        {"turn", "udp_port", number(c.turn.udp_port, 0, 65535)},
        {"overload", "busy", number(c.overload.busy, 10, 100)},
        {"overload", "calm", number(c.overload.calm, 1, 99)},
        {"overload", "turn", number(c.overload.turn, 10, 10'000)},
        {"overload", "retry_after", number(c.overload.retry_after, 1, 40)},
        {"rooms", "auto_create", boolean(c.rooms.auto_create)},
        {"rooms", "empty_timeout", number(c.rooms.empty_timeout, 1, kTimeoutMax)},
        {"rooms", "departure_timeout", number(c.rooms.departure_timeout, 1, kTimeoutMax)},
        {"rooms", "max_participants", number(c.rooms.max_participants, 1, 100'000)},
        {"rooms", "enable_remote_unmute", boolean(c.rooms.enable_remote_unmute)},
        {"webhooks", "urls", list(c.webhooks.urls, parse_webhook_url, kWebhookUrl, 0)},
        {"webhooks", "key", text(c.webhooks.key)},
        {"webhooks", "ca_file", text(c.webhooks.ca_file)},
        {"webhooks", "queue", number(c.webhooks.queue, 1, 100'000)},
        {"sessions", "idle_hours", number(c.sessions.idle_hours, 1, 24 * 365)},
        {"sessions", "age_days", number(c.sessions.age_days, 1, 365)},
        {"sessions", "sign_in_link_hours", number(c.sessions.sign_in_link_hours, 1, 24 * 30)},
    };
}

std::vector<Key> meeting_keys(Config& c) {
    constexpr int64_t kDay = 24 * 60;
    Config::Meetings& m = c.meetings;
    return {
        {"meetings", "length", number(m.length, 5, kDay)},
        {"meetings", "length_max", number(m.length_max, 5, kDay)},
        {"meetings", "extension_max", number(m.extension_max, 0, kDay)},
        {"meetings", "pause_max", number(m.pause_max, 0, kDay)},
        {"meetings", "grace", number(m.grace, 0, 10)},
        {"meetings", "rest", number(m.rest, 5, 10)},
        {"meetings", "rest_rule", word(m.rest_rule)},
        {"meetings", "guests", word(m.guests)},
        {"meetings", "guests_most", word(m.guests_most)},
        {"meetings", "lobby", word(m.lobby)},
        {"meetings", "lobby_least", word(m.lobby_least)},
        {"meetings", "floor_mode", word(m.floor_mode)},
        {"meetings", "floor_order", word(m.floor_order)},
        {"meetings", "turn_limit", number(m.turn_limit, 0, 30)},
        {"meetings", "history", boolean(m.history)},
    };
}

std::vector<Key> sign_in_keys(Config& c) {
    constexpr std::string_view kDomain = "a domain such as \"ville.fr\"";
    constexpr std::string_view kMailServer = "a URL such as \"smtp://host:587\" or \"smtps://host\"";
    return {
        {"sign_in", "passwords", boolean(c.sign_in.passwords)},
        {"sign_in", "email_codes", boolean(c.sign_in.email_codes)},
        {"sign_in", "email_domains", list(c.sign_in.email_domains, account::clean_domain, kDomain, 0)},
        {"sign_in", "create_accounts", boolean(c.sign_in.create_accounts)},
        {"oidc", "issuer",
         parsed(c.oidc.issuer, parse_issuer, "a URL such as \"https://op.ville.fr\"", true)},
        {"oidc", "client_id", text(c.oidc.client_id)},
        {"oidc", "client_secret_file", text(c.oidc.client_secret_file)},
        {"oidc", "label", parsed(c.oidc.label, parse_label, "a line of at most 40 characters", true)},
        {"oidc", "scopes", list(c.oidc.scopes, parse_scope, "a scope such as \"openid\"", 1)},
        {"oidc", "email_domains", list(c.oidc.email_domains, account::clean_domain, kDomain, 0)},
        {"oidc", "trust_email", boolean(c.oidc.trust_email)},
        {"oidc", "create_accounts", boolean(c.oidc.create_accounts)},
        {"oidc", "link_by_email", boolean(c.oidc.link_by_email)},
        {"oidc", "ca_file", text(c.oidc.ca_file)},
        {"mail", "server", parsed(c.mail.server, parse_mail_server, kMailServer, true)},
        {"mail", "user", text(c.mail.user)},
        {"mail", "password_file", text(c.mail.password_file)},
        {"mail", "from",
         parsed(c.mail.from, account::clean_email, "an address such as \"visio@ville.fr\"", true)},
        {"mail", "ca_file", text(c.mail.ca_file)},
    };
}

std::vector<Key> limit_keys(Config& c) {
    constexpr int64_t kPerMinuteMax = 1'000'000;
    using Level = Config::LogLevel;
    return {
        {"limits", "participants", number(c.limits.participants, 1, 1'000'000)},
        {"limits", "rooms", number(c.limits.rooms, 1, 1'000'000)},
        {"limits", "tracks_per_participant", number(c.limits.tracks_per_participant, 1, 1000)},
        {"limits", "subscriptions_per_participant", number(c.limits.subscriptions_per_participant, 1, 600)},
        {"limits", "name_bytes", number(c.limits.name_bytes, 16, livekit::kNameMax)},
        {"limits", "metadata_bytes", number(c.limits.metadata_bytes, 0, livekit::kMetadataMax)},
        {"limits", "attributes_bytes", number(c.limits.attributes_bytes, 0, livekit::kAttributesMax)},
        {"limits", "api_calls", number(c.limits.api_calls, 1, 100'000)},
        {"limits", "joins_per_minute_per_address",
         number(c.limits.joins_per_minute_per_address, 1, kPerMinuteMax)},
        {"limits", "joins_per_minute", number(c.limits.joins_per_minute, 1, kPerMinuteMax)},
        {"limits", "sign_ins_per_minute_per_address",
         number(c.limits.sign_ins_per_minute_per_address, 1, kPerMinuteMax)},
        {"limits", "sign_ins_per_minute", number(c.limits.sign_ins_per_minute, 1, kPerMinuteMax)},
        {"limits", "network_tests", number(c.limits.network_tests, 0, 1000)},
        {"limits", "mails_per_hour_per_account",
         number(c.limits.mails_per_hour_per_account, 1, kPerMinuteMax)},
        {"limits", "mails_per_hour", number(c.limits.mails_per_hour, 1, kPerMinuteMax)},
        {"livekit", "simulate", boolean(c.livekit.simulate)},
        {"log", "level",
         choice<Level>(c.log.level, {{"debug", Level::Debug},
                                     {"info", Level::Info},
                                     {"warning", Level::Warning},
                                     {"error", Level::Error}})},
        {"log", "format",
         choice<Config::LogFormat>(c.log.format,
                                   {{"text", Config::LogFormat::Text}, {"json", Config::LogFormat::Json}})},
        {"log", "pii", boolean(c.log.pii)},
        {"metrics", "token_file", text(c.metrics.token_file)},
    };
}

// In the order of the sample.
std::vector<Key> keys_of(Config& c) {
    std::vector<Key> all;
    for (auto keys : {serving_keys, meeting_keys, sign_in_keys, limit_keys}) {
        for (Key& key : keys(c)) all.push_back(std::move(key));
    }
    return all;
}

std::string full_name(std::string_view section, std::string_view name) {
    return section.empty() ? std::string(name) : std::string(section) + "." + std::string(name);
}

// One walk over the file: every key is known and fits, or becomes a line of `faults`.
class Walk {
 public:
    Walk(Config& config, std::string_view file) : config_(config), keys_(keys_of(config)), file_(file) {}

    void table(const toml::table& table, std::string_view section) {
        for (const auto& [key, node] : table) {
            const toml::table* inner = node.as_table();
            if (inner && section.empty() && !key.empty() && is_section(key.str())) {
                this->table(*inner, key.str());
            } else {
                value(section, key, node);
            }
        }
    }

    // Rules between keys, told at the line of the key that breaks them.
    void relations() {
        const Config::Http& http = config_.http;
        if (config_.data_dir.empty()) fault("", "data_dir", "must not be empty");
        if (http.certificate.empty() != http.key.empty())
            fault("http", http.key.empty() ? "certificate" : "key", "certificate and key come together");
        if (http.plain_listen.port != 0 && !http.plain_listen.is_loopback() && !http.plain_listen_anywhere)
            fault("http", "plain_listen", "must be a loopback address unless plain_listen_anywhere is true");
        const Config::Meetings& meetings = config_.meetings;
        if (meetings.length > meetings.length_max)
            fault("meetings", "length", "must not be above meetings.length_max");
        if (meetings.guests > meetings.guests_most)
            fault("meetings", "guests", "must not be wider than meetings.guests_most");
        if (meetings.lobby < meetings.lobby_least)
            fault("meetings", "lobby", "must not ask less than meetings.lobby_least");
        if (!config_.webhooks.urls.empty() && config_.webhooks.key.empty())
            fault("webhooks", "urls", "need webhooks.key, the id of the API key that signs");
        if (config_.sign_in.email_codes && config_.sign_in.email_domains.empty())
            fault("sign_in", "email_codes", "needs sign_in.email_domains: nobody else may ask for a code");
        if (config_.oidc.issuer.empty() != config_.oidc.client_id.empty())
            fault("oidc", config_.oidc.issuer.empty() ? "client_id" : "issuer",
                  "issuer and client_id come together");
        if (std::find(config_.oidc.scopes.begin(), config_.oidc.scopes.end(), "openid") ==
            config_.oidc.scopes.end())
            fault("oidc", "scopes", "need \"openid\"");
        if (!config_.mail.server.empty() && config_.mail.from.empty())
            fault("mail", "server", "needs mail.from, the address of the sender");
        if (config_.mail.user.empty() != config_.mail.password_file.empty())
            fault("mail", config_.mail.user.empty() ? "password_file" : "user",
                  "user and password_file come together");
        if (config_.overload.calm >= config_.overload.busy)
            fault("overload", "calm", "must be below overload.busy");
        if (config_.media.public_addresses.size() > kAnnouncedMax)
            fault("media", "public_addresses", "must be 16 at most");
        if (config_.media.keep_private && config_.media.public_addresses.empty())
            fault("media", "keep_private", "needs media.public_addresses");
        if (config_.media.port + (config_.media.workers > 0 ? config_.media.workers - 1 : 0) > 65535)
            fault("media", "workers", "media.port and one port for each further worker exceed 65535");
    }

    void fault(uint32_t line, std::string_view name, std::string_view what) {
        faults_ += std::string(file_) + ":" + std::to_string(line) + ": " + std::string(name) + ": " +
                   std::string(what) + "\n";
    }
    const std::string& faults() const { return faults_; }

 private:
    bool is_section(std::string_view name) const {
        return std::any_of(keys_.begin(), keys_.end(),
                           [name](const Key& key) { return key.section == name; });
    }

    void value(std::string_view section, const toml::key& key, const toml::node& node) {
        const uint32_t line = key.source().begin.line;
        const std::string name = full_name(section, key.str());
        const auto known = std::find_if(keys_.begin(), keys_.end(), [&](const Key& k) {
            return k.section == section && k.name == key.str();
        });
        if (known == keys_.end()) return fault(line, name, "there is no such key");
        lines_.emplace_back(name, line);
        if (const Fault wrong = known->set(node)) fault(line, name, *wrong);
    }

    void fault(std::string_view section, std::string_view key, std::string_view what) {
        const std::string name = full_name(section, key);
        for (const auto& [known, line] : lines_) {
            if (known == name) return fault(line, name, what);
        }
        fault(uint32_t{1}, name, what);
    }

    Config& config_;
    std::vector<Key> keys_;
    std::string_view file_;
    std::vector<std::pair<std::string, uint32_t>> lines_;
    std::string faults_;
};

}  // namespace

std::vector<std::string> config_keys() {
    Config config;
    std::vector<std::string> names;
    for (const Key& key : keys_of(config)) names.push_back(full_name(key.section, key.name));
    return names;
}

std::optional<Config::PublicAddress> parse_public_address(std::string_view text) {
    const size_t sign = text.find('=');
    const std::optional<SocketAddress> address = parse_unicast(text.substr(0, sign));
    if (!address) return std::nullopt;
    if (sign == std::string_view::npos) return Config::PublicAddress{*address, {}};
    const std::optional<SocketAddress> behind = parse_unicast(text.substr(sign + 1));
    if (!behind || behind->is_v4() != address->is_v4()) return std::nullopt;
    return Config::PublicAddress{*address, behind};
}

std::optional<SocketAddress> parse_listen_address(std::string_view text) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view digits = text.substr(colon + 1);
    uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
    std::string_view ip = text.substr(0, colon);
    if (ip.empty()) return SocketAddress{{}, port};
    const bool has_brackets = ip.starts_with('[') && ip.ends_with(']');
    if (has_brackets) ip = ip.substr(1, ip.size() - 2);
    const std::optional<SocketAddress> address = SocketAddress::parse(ip, port);
    if (address && has_brackets == address->is_v4()) return std::nullopt;
    return address;
}

std::string Config::url() const {
    if (!http.public_url.empty()) return http.public_url;
    return "https://localhost:" + std::to_string(http.listen.front().port);
}

std::string Config::public_host() const {
    const std::string whole = url();
    const std::string authority = whole.substr(whole.find("//") + 2);
    return authority.substr(0, authority.find(':', authority.starts_with('[') ? authority.find(']') : 0));
}

std::string Config::host() const {
    const std::string host = public_host();
    return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

uint16_t Config::public_port() const {
    const std::string whole = url();
    const size_t host_end = whole.find("//") + 2 + public_host().size();
    uint16_t port = whole.starts_with("http:") ? 80 : 443;
    if (host_end < whole.size())
        std::from_chars(whole.data() + host_end + 1, whole.data() + whole.size(), port);
    return port;
}

policy::Rules Config::rules() const {
    policy::Rules rules;
    policy::Terms& usual = rules.usual;
    usual.guests = meetings.guests;
    usual.lobby = meetings.lobby;
    usual.floor_mode = meetings.floor_mode;
    usual.floor_order = meetings.floor_order;
    usual.turn_limit = Duration::minutes(meetings.turn_limit);
    usual.length = Duration::minutes(meetings.length);
    usual.extension_max = Duration::minutes(meetings.extension_max);
    usual.pause_max = Duration::minutes(meetings.pause_max);
    usual.grace = Duration::minutes(meetings.grace);
    usual.rest = Duration::minutes(meetings.rest);
    usual.rest_rule = meetings.rest_rule;
    usual.has_history = meetings.history;
    rules.length_max = Duration::minutes(meetings.length_max);
    rules.guests_most = meetings.guests_most;
    rules.lobby_least = meetings.lobby_least;
    return rules;
}

Status enter_dev_mode(Config& config, bool anywhere) {
    const auto is_reachable = [](const SocketAddress& address) { return !address.is_loopback(); };
    if (!anywhere) {
        auto& listen = config.http.listen;
        if (listen == Config{}.http.listen) listen = {SocketAddress::v4(127, 0, 0, 1, listen[0].port)};
        const bool is_plain_reachable =
            config.http.plain_listen.port != 0 && is_reachable(config.http.plain_listen);
        if (is_plain_reachable || std::any_of(listen.begin(), listen.end(), is_reachable))
            return failure(
                "--dev gives everybody an API key: listen on loopback addresses only, or add --dev-anywhere");
    }
    config.dev = true;
    return Ok{};
}

Result<Config> parse_config(std::string_view toml_text, std::string_view file) {
    Config config;
    Walk walk(config, file);
    try {
        walk.table(toml::parse(toml_text), "");
        walk.relations();
    } catch (const toml::parse_error& error) {
        walk.fault(error.source().begin.line, "syntax", error.description());
    }
    if (!walk.faults().empty()) return failure(walk.faults());
    return config;
}

Result<Config> load_config(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream contents;
    contents << stream.rdbuf();
    if (!stream) return failure("cannot read " + path);
    return parse_config(contents.str(), path);
}

}  // namespace conclave::server
