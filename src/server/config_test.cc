#include "server/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace conclave::server {
namespace {

std::string read_sample() {
    std::ifstream stream(TESTDATA "/../deploy/config.sample.toml");
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::string error_of(std::string_view toml) {
    const Result<Config> config = parse_config(toml, "c.toml");
    return config ? "" : config.error().what;
}

TEST(Config, AnEmptyFileIsTheDefaults) {
    const Result<Config> config = parse_config("", "c.toml");
    ASSERT_TRUE(config);
    EXPECT_EQ(*config, Config{});
    EXPECT_EQ(config->http.listen[0].text(), "[::]:8443");
    EXPECT_EQ(config->url(), "https://localhost:8443");
}

TEST(Config, TheSampleNamesEveryKeyWithItsDefault) {
    const std::string sample = read_sample();
    const Result<Config> config = parse_config(sample, "sample");
    ASSERT_TRUE(config) << config.error().what;
    EXPECT_EQ(*config, Config{});

    // Each line of the sample that sets a key, in its section: exactly the keys there are.
    std::vector<std::string> named;
    std::istringstream lines(sample);
    std::string section;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('[')) section = line.substr(1, line.size() - 2) + ".";
        if (const size_t equals = line.find(" = "); equals != std::string::npos && line[0] != '#')
            named.push_back(section + line.substr(0, equals));
    }
    EXPECT_EQ(named, config_keys());
}

TEST(Config, TakesEveryKeyOfRooms) {
    const Result<Config> config = parse_config(R"(
[rooms]
auto_create = false
empty_timeout = 15
departure_timeout = 16
max_participants = 17
enable_remote_unmute = true
[webhooks]
urls = ["https://app.example.org/hook"]
key = "APIx"
ca_file = "ca.pem"
queue = 18
[limits]
rooms = 19
tracks_per_participant = 20
subscriptions_per_participant = 21
name_bytes = 22
metadata_bytes = 23
attributes_bytes = 24
api_calls = 25
)",
                                               "c.toml");
    ASSERT_TRUE(config) << config.error().what;
    EXPECT_EQ(config->rooms, (Config::Rooms{false, 15, 16, 17, true}));
    EXPECT_EQ(config->webhooks, (Config::Webhooks{{"https://app.example.org/hook"}, "APIx", "ca.pem", 18}));
    EXPECT_EQ(config->limits.rooms, 19);
    EXPECT_EQ(config->limits.tracks_per_participant, 20);
    EXPECT_EQ(config->limits.subscriptions_per_participant, 21);
    EXPECT_EQ(config->texts(), (livekit::TextLimits{22, 23, 24}));
    EXPECT_EQ(config->limits.api_calls, 25);
}

TEST(Config, TakesEveryKeyOfMeetings) {
    const Result<Config> config = parse_config(R"(
[meetings]
length = 30
length_max = 90
extension_max = 10
pause_max = 11
grace = 2
rest = 10
rest_rule = "block"
guests = "none"
guests_most = "invited"
lobby = "everyone"
lobby_least = "guests"
floor_mode = "strict"
floor_order = "least_airtime"
turn_limit = 3
history = false
)",
                                               "c.toml");
    ASSERT_TRUE(config) << config.error().what;
    const policy::Rules rules = config->rules();
    EXPECT_EQ(rules.usual, (policy::Terms{.guests = policy::Guests::None,
                                          .lobby = policy::Lobby::Everyone,
                                          .floor_mode = policy::FloorMode::Strict,
                                          .floor_order = policy::FloorOrder::LeastAirtime,
                                          .turn_limit = Duration::minutes(3),
                                          .length = Duration::minutes(30),
                                          .extension_max = Duration::minutes(10),
                                          .pause_max = Duration::minutes(11),
                                          .grace = Duration::minutes(2),
                                          .rest = Duration::minutes(10),
                                          .rest_rule = policy::RestRule::Block,
                                          .has_history = false}));
    EXPECT_EQ(rules.length_max, Duration::minutes(90));
    EXPECT_EQ(rules.guests_most, policy::Guests::Invited);
    EXPECT_EQ(rules.lobby_least, policy::Lobby::Guests);
}

// What an operator who sets nothing gets is what the policy itself says.
TEST(Config, MeetingsAreUsuallyAsThePolicyHasThem) {
    EXPECT_EQ(Config{}.rules().usual, policy::Terms{});
    EXPECT_EQ(Config{}.rules().length_max, policy::Rules{}.length_max);
}

TEST(Config, TakesEveryKey) {
    const Result<Config> config = parse_config(R"(
data_dir = "/var/lib/conclave"
[http]
listen = ["0.0.0.0:443", "[::1]:444", ":445"]
certificate = "chain.pem"
key = "key.pem"
plain_listen = "127.0.0.1:8080"
trusted_proxies = ["10.0.0.0/8", "::1"]
public_url = "https://visio.example.org/"
[media]
port = 50000
workers = 4
public_addresses = ["192.0.2.1=10.0.0.5", "2001:db8::1"]
keep_private = true
loopback = true
[sessions]
idle_hours = 1
age_days = 2
sign_in_link_hours = 3
[limits]
participants = 10
joins_per_minute_per_address = 11
joins_per_minute = 12
sign_ins_per_minute_per_address = 13
sign_ins_per_minute = 14
[log]
level = "debug"
format = "json"
pii = true
[metrics]
token_file = "token"
)",
                                               "c.toml");
    ASSERT_TRUE(config) << config.error().what;
    EXPECT_EQ(config->data_dir, "/var/lib/conclave");
    ASSERT_EQ(config->http.listen.size(), 3u);
    EXPECT_EQ(config->http.listen[0].text(), "0.0.0.0:443");
    EXPECT_EQ(config->http.listen[2].text(), "[::]:445");
    EXPECT_EQ(config->http.plain_listen.text(), "127.0.0.1:8080");
    EXPECT_EQ(config->http.trusted_proxies.size(), 2u);
    EXPECT_EQ(config->url(), "https://visio.example.org");
    EXPECT_EQ(config->media.port, 50000);
    EXPECT_EQ(config->media.public_addresses[0].address.ip_text(), "192.0.2.1");
    EXPECT_EQ(config->media.public_addresses[0].behind->ip_text(), "10.0.0.5");
    EXPECT_EQ(config->media.public_addresses[1].address.ip_text(), "2001:db8::1");
    EXPECT_FALSE(config->media.public_addresses[1].behind);
    EXPECT_TRUE(config->media.keep_private);
    EXPECT_TRUE(config->media.loopback);
    EXPECT_EQ(config->session_idle(), Duration::minutes(60));
    EXPECT_EQ(config->session_age(), Duration::minutes(48 * 60));
    EXPECT_EQ(config->sign_in_link_lifetime(), Duration::minutes(180));
    EXPECT_EQ(config->limits.sign_ins_per_minute, 14);
    EXPECT_EQ(config->log.level, Config::LogLevel::Debug);
    EXPECT_EQ(config->log.format, Config::LogFormat::Json);
    EXPECT_TRUE(config->log.pii);
    EXPECT_EQ(config->metrics.token_file, "token");
}

// Each mistake, with the line that has it.
TEST(Config, EveryMistakeIsToldWithItsLine) {
    const std::pair<const char*, const char*> mistakes[] = {
        {"\nnonsense = 1", "c.toml:2: nonsense: there is no such key"},
        {"[meetings]\nrest = 4", "c.toml:2: meetings.rest: must be between 5 and 10"},
        {"[meetings]\nrest = 11", "c.toml:2: meetings.rest: must be between 5 and 10"},
        {"[meetings]\nlength = 4", "c.toml:2: meetings.length: must be between 5 and 1440"},
        {"[meetings]\nlength = 41", "c.toml:2: meetings.length: must not be above meetings.length_max"},
        {"[meetings]\nrest_rule = \"hope\"",
         "c.toml:2: meetings.rest_rule: must be one of \"inform\", \"discourage\", \"block\""},
        {"[meetings]\nguests_most = \"none\"",
         "c.toml:1: meetings.guests: must not be wider than meetings.guests_most"},
        {"[meetings]\nlobby = \"nobody\"\nlobby_least = \"guests\"",
         "c.toml:2: meetings.lobby: must not ask less than meetings.lobby_least"},
        {"[http]\n\nlisten_on = 1", "c.toml:3: http.listen_on: there is no such key"},
        {"[nowhere]\na = 1", "c.toml:1: nowhere: there is no such key"},
        {"[overload]\ncalm = 85", "c.toml:2: overload.calm: must be below overload.busy"},
        {"[overload]\nretry_after = 41", "c.toml:2: overload.retry_after: must be between 1 and 40"},
        {"[http.listen]\na = 1", "c.toml:1: http.listen: must be a list"},
        {"[\"\"]\ndata_dir = \"x\"", "c.toml:1: : there is no such key"},
        {"http = 1", "c.toml:1: http: there is no such key"},
        {"data_dir = 1", "c.toml:1: data_dir: must be a string"},
        {"data_dir = \"\"", "c.toml:1: data_dir: must not be empty"},
        {"[http]\nlisten = \"[::]:1\"", "c.toml:2: http.listen: must be a list"},
        {"[http]\nlisten = []", "c.toml:2: http.listen: must not be empty"},
        {"[http]\nlisten = [\"[::]:1\", \"::1:2\"]",
         "c.toml:2: http.listen: entry 2 must be an address and port"},
        {"[http]\nlisten = [3]", "c.toml:2: http.listen: entry 1 must be an address and port"},
        {"[http]\nlisten = [\"localhost:1\"]", "c.toml:2: http.listen: entry 1"},
        {"[http]\nlisten = [\"1.2.3.4\"]", "c.toml:2: http.listen: entry 1"},
        {"[http]\nlisten = [\"1.2.3.4:0\"]", "c.toml:2: http.listen: entry 1"},
        {"[http]\nlisten = [\"1.2.3.4:65536\"]", "c.toml:2: http.listen: entry 1"},
        {"[http]\nlisten = [\"[1.2.3.4]:5\"]", "c.toml:2: http.listen: entry 1"},
        {"[http]\n\ncertificate = \"c\"", "c.toml:3: http.certificate: certificate and key come together"},
        {"[http]\n\nkey = \"k\"", "c.toml:3: http.key: certificate and key come together"},
        {"[http]\nplain_listen = \"0.0.0.0:80\"",
         "c.toml:2: http.plain_listen: must be a loopback address unless"},
        {"[http]\nplain_listen = \"x\"", "c.toml:2: http.plain_listen: must be an address and port"},
        {"[http]\nplain_listen_anywhere = \"yes\"",
         "c.toml:2: http.plain_listen_anywhere: must be true or false"},
        {"[http]\ntrusted_proxies = [\"10.0.0.0/33\"]",
         "c.toml:2: http.trusted_proxies: entry 1 must be an address or"},
        {"[http]\npublic_url = \"visio.example.org\"", "c.toml:2: http.public_url: must be a URL"},
        {"[http]\npublic_url = \"https://host/path\"", "c.toml:2: http.public_url: must be a URL"},
        {"[media]\nport = 0", "c.toml:2: media.port: must be between 1 and 65535"},
        {"[media]\nport = 1.5", "c.toml:2: media.port: must be a whole number"},
        {"[media]\nport = \"7882\"", "c.toml:2: media.port: must be a whole number"},
        {"[media]\nworkers = 257", "c.toml:2: media.workers: must be between 0 and 256"},
        {"[media]\nport = 65535\nworkers = 2", "c.toml:3: media.workers: media.port and one port for each"},
        {"[media]\npublic_addresses = [\"host\"]",
         "c.toml:2: media.public_addresses: entry 1 must be an IP address, or \"public=private\""},
        {"[media]\nloopback = 1", "c.toml:2: media.loopback: must be true or false"},
        {"[sessions]\nidle_hours = 0", "c.toml:2: sessions.idle_hours: must be between"},
        {"[sessions]\nage_days = 366", "c.toml:2: sessions.age_days: must be between"},
        {"[sessions]\nsign_in_link_hours = -1", "c.toml:2: sessions.sign_in_link_hours: must be between"},
        {"[limits]\nparticipants = 0", "c.toml:2: limits.participants: must be between"},
        {"[limits]\njoins_per_minute = 0", "c.toml:2: limits.joins_per_minute: must be between"},
        {"[log]\nlevel = \"loud\"",
         "c.toml:2: log.level: must be one of \"debug\", \"info\", \"warning\", \"error\""},
        {"[log]\nlevel = 1", "c.toml:2: log.level: must be one of"},
        {"[log]\nformat = \"xml\"", "c.toml:2: log.format: must be one of \"text\", \"json\""},
        {"[log]\npii = \"no\"", "c.toml:2: log.pii: must be true or false"},
        {"[metrics]\ntoken_file = false", "c.toml:2: metrics.token_file: must be a string"},
        {"a = 1\na = 2", "c.toml:2: syntax: "},
        {"[http\n", "c.toml:1: syntax: "},
        {"data_dir = \"\xff\"", "c.toml:1: syntax: "},
    };
    for (const auto& [toml, expected] : mistakes) {
        EXPECT_NE(error_of(toml).find(expected), std::string::npos) << toml << "\n-> " << error_of(toml);
    }
}

TEST(Config, AllMistakesAreToldAtOnce) {
    const std::string error = error_of("x = 1\n[media]\nport = 0\n[log]\npii = 3\n");
    EXPECT_NE(error.find("c.toml:1: x"), std::string::npos) << error;
    EXPECT_NE(error.find("c.toml:3: media.port"), std::string::npos) << error;
    EXPECT_NE(error.find("c.toml:5: log.pii"), std::string::npos) << error;
}

TEST(Config, PlainHttpElsewhereMustBeAskedFor) {
    EXPECT_EQ(error_of("[http]\nplain_listen = \"0.0.0.0:80\"\nplain_listen_anywhere = true"), "");
    EXPECT_EQ(error_of("[http]\nplain_listen = \"[::1]:80\""), "");
}

TEST(Config, AMissingFileIsAnError) {
    EXPECT_EQ(load_config("/nonexistent/conclave.toml").error().what,
              "cannot read /nonexistent/conclave.toml");
}

TEST(DevMode, StaysOnLoopbackUnlessForced) {
    Config standard;
    EXPECT_TRUE(enter_dev_mode(standard, false));
    EXPECT_TRUE(standard.dev);
    EXPECT_EQ(standard.http.listen[0].text(), "127.0.0.1:8443");
    for (const char* toml :
         {"[http]\nlisten = [\"0.0.0.0:8443\"]", "[http]\nlisten = [\"127.0.0.1:1\", \":2\"]",
          "[http]\nlisten = [\"[::1]:1\"]\nplain_listen = \"10.0.0.1:2\"\n"
          "plain_listen_anywhere = true"}) {
        Config config = *parse_config(toml, "c.toml");
        EXPECT_FALSE(enter_dev_mode(config, false)) << toml;
        EXPECT_FALSE(config.dev);
        EXPECT_TRUE(enter_dev_mode(config, true));
        EXPECT_TRUE(config.dev);
    }
}

TEST(DevMode, IsNoKeyOfTheFile) {
    EXPECT_NE(error_of("dev = true"), "");
    EXPECT_NE(error_of("[rooms]\ndev = true"), "");
}

TEST(Config, WebhooksNeedAKeyAndPlainUrls) {
    EXPECT_NE(error_of("[webhooks]\nurls = [\"https://a/b\"]").find("webhooks.key"), std::string::npos);
    EXPECT_EQ(error_of("[webhooks]\nurls = [\"https://a/b?c=d\", \"http://10.0.0.1:99/x\"]\nkey = \"APIx\""),
              "");
    for (const char* url : {"ftp://a", "https://", "https:///x", "https://user:word@a/", "a/b"})
        EXPECT_NE(error_of("[webhooks]\nkey = \"k\"\nurls = [\"" + std::string(url) + "\"]"), "") << url;
}

TEST(Config, CodesByEmailNeedDomainsAndAServerItsSender) {
    const Result<Config> config = parse_config(R"(
[sign_in]
email_codes = true
email_domains = ["Ville.fr", "region.example"]
[mail]
server = "smtps://mail.ville.fr"
user = "visio"
password_file = "mail.secret"
from = "Visio@Ville.fr"
)",
                                               "c.toml");
    ASSERT_TRUE(config) << config.error().what;
    EXPECT_EQ(config->sign_in.email_domains, (std::vector<std::string>{"ville.fr", "region.example"}));
    EXPECT_EQ(config->mail.from, "visio@ville.fr");
    const auto is_refused_for = [](const char* toml, const char* key) {
        EXPECT_NE(error_of(toml).find(key), std::string::npos) << toml << error_of(toml);
    };
    is_refused_for("[sign_in]\nemail_codes = true", "sign_in.email_codes");
    is_refused_for("[sign_in]\nemail_domains = [\"fr\"]", "sign_in.email_domains");
    is_refused_for("[sign_in]\nemail_domains = [\"*.ville.fr\"]", "sign_in.email_domains");
    is_refused_for("[mail]\nserver = \"smtp://mail.ville.fr\"", "mail.server");
    for (const char* server : {"mail.ville.fr", "http://mail.ville.fr", "smtp://",
                               "smtp://user:pw@mail.ville.fr", "smtp://mail.ville.fr/x", "smtp://mail .fr"}) {
        is_refused_for((std::string("[mail]\nfrom = \"a@b.fr\"\nserver = \"") + server + "\"").c_str(),
                       "mail.server");
    }
    is_refused_for("[mail]\nuser = \"x\"", "mail.user");
    is_refused_for("[mail]\npassword_file = \"x\"", "mail.password_file");
    is_refused_for("[mail]\nfrom = \"Conclave <a@b.fr>\"", "mail.from");
}

TEST(Config, SingleSignOnNamesItsIssuerExactly) {
    const Result<Config> config = parse_config(R"(
[oidc]
issuer = "https://op.ville.fr/realms/agents"
client_id = "visio"
client_secret_file = "oidc.secret"
label = " ProConnect "
scopes = ["openid", "given_name"]
email_domains = ["Ville.fr"]
trust_email = true
create_accounts = false
link_by_email = true
ca_file = "ca.pem"
)",
                                               "c.toml");
    ASSERT_TRUE(config) << config.error().what;
    EXPECT_EQ(config->oidc.issuer, "https://op.ville.fr/realms/agents");
    EXPECT_EQ(config->oidc.label, "ProConnect");
    EXPECT_EQ(config->oidc.email_domains, std::vector<std::string>{"ville.fr"});
    const auto is_refused_for = [](const std::string& toml, const char* key) {
        EXPECT_NE(error_of(toml).find(key), std::string::npos) << toml << error_of(toml);
    };
    is_refused_for("[oidc]\nissuer = \"https://op.fr\"", "oidc.issuer");
    is_refused_for("[oidc]\nclient_id = \"x\"", "oidc.client_id");
    is_refused_for("[oidc]\nscopes = [\"email\"]", "oidc.scopes");
    is_refused_for("[oidc]\nscopes = [\"open id\"]", "oidc.scopes");
    is_refused_for("[oidc]\nlabel = \"a\\u202eb\"", "oidc.label");
    for (const char* issuer :
         {"http://op.fr", "op.fr", "https://op.fr?x=y", "https://op.fr#x", "https://me@op.fr"}) {
        is_refused_for(std::string("[oidc]\nclient_id = \"x\"\nissuer = \"") + issuer + "\"", "oidc.issuer");
    }
    EXPECT_EQ(error_of("[oidc]\nclient_id = \"x\"\nissuer = \"http://localhost:9000\""), "");
}

}  // namespace
}  // namespace conclave::server
