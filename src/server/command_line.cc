#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "account/account.h"
#include "base/text.h"
#include "net/clock.h"
#include "net/system_rng.h"
#include "server/api_json.h"
#include "server/doctor.h"
#include "server/first_run.h"
#include "server/serve.h"
#include "server/user_command.h"

namespace conclave::server {
namespace {

constexpr size_t kKeyIdSize = 12;      // after "API", as LiveKit's own ids are
constexpr size_t kKeySecretSize = 43;  // 250 bits
constexpr size_t kKeyNameCharactersMax = 80;

int fail(std::string_view what) {
    std::fprintf(stderr, "conclave: %.*s\n", static_cast<int>(what.size()), what.data());
    return 1;
}

Result<std::unique_ptr<store::Database>> open_database(const Config& config) {
    TRY(make_data_dir(config));
    return store::Database::open(config.database_path());
}

Status print_sign_in_link(const Config& config, const std::string& name) {
    net::SystemRng rng;
    const auto database = TRY(open_database(config));
    std::optional<account::Account> account;
    std::optional<std::string> first;
    if (name.empty()) {
        first = TRY(first_administrator_link(*database, config, rng, net::wall_now()));
        account = TRY(database->first_administrator());
    } else {
        account = TRY(database->account_by_name(name));
    }
    if (!account) return failure("there is no account with this name");
    const std::string link =
        first ? *first : TRY(make_sign_in_link(*database, config, *account, rng, net::wall_now()));
    std::printf("%s\n", link.c_str());
    return Ok{};
}

Status create_key(const Config& config, const std::string& typed) {
    net::SystemRng rng;
    const Result<std::string, TextFault> name = clean_line(typed, kKeyNameCharactersMax);
    if (!name) return failure("the name must be a line of 1 to 80 printable characters");
    const auto database = TRY(open_database(config));
    const store::ApiKey key{
        "API" + random_id(rng, kKeyIdSize), random_id(rng, kKeySecretSize), *name, net::wall_now(), {}};
    TRY(database->insert_api_key(key));
    std::printf("key:    %s\nsecret: %s\nThe secret is not shown again.\n", key.id.c_str(),
                key.secret.c_str());
    return Ok{};
}

Status list_keys(const Config& config) {
    const auto database = TRY(open_database(config));
    for (const store::ApiKey& key : TRY(database->api_keys())) {
        std::printf("%s  %s  %-7s  %s\n", key.id.c_str(), rfc3339(key.created_at).c_str(),
                    key.revoked_at ? "revoked" : "active", key.name.c_str());
    }
    return Ok{};
}

Status revoke_key(const Config& config, const std::string& id) {
    const auto database = TRY(open_database(config));
    if (!TRY(database->revoke_api_key(id, net::wall_now())))
        return failure("there is no active key with this id");
    std::printf("%s is revoked: its tokens open nothing any more.\n", id.c_str());
    return Ok{};
}

// conclave doctor
struct DoctorCommandLine {
    explicit DoctorCommandLine(CLI::App& app)
        : command(app.add_subcommand("doctor",
                                     "check ports, certificate, addresses, time, disk, database, mail")) {
        command->add_flag("--json", is_json, "print JSON, for monitoring");
        command->add_option("--lang", lang, "language of what is said: fr or en")->envname("LANG");
        command->fallthrough();
    }
    int run(const Config& config) const {
        const Findings findings = examine(config);
        const Language language = language_of_terminal(lang);
        const std::string report =
            is_json ? report_json(findings, language) : report_text(findings, language);
        std::printf("%s", report.c_str());
        return is_well(findings) ? 0 : 1;
    }

    CLI::App* command;
    bool is_json = false;
    std::string lang;
};

// The first line of standard input: a password on the command line would be in the shell's history and in ps.
Result<std::string> read_password() {
    std::string line;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
        if (line.size() > crypto::kPasswordBytesMax) return failure("the password is too long");
        line += static_cast<char>(c);
    }
    if (line.empty()) return failure("no password came on standard input");
    return line;
}

// conclave user ...
class UserCommandLine {
 public:
    explicit UserCommandLine(CLI::App& app) : user_(app.add_subcommand("user", "accounts of agents")) {
        user_->require_subcommand(1);
        CLI::App* add =
            verb("add", "make an account", [this](UserCommand& command) { return this->add(command); });
        add->add_option("NAME", addition_.name, "as others see it")->required();
        add->add_option("--email", addition_.email, "what the person signs in with")->required();
        add->add_option("--role", role_, "agent or administrator")
            ->check(CLI::IsMember({"agent", "administrator"}));
        add->add_flag("--password-stdin", has_password_, "read a password from standard input");
        verb("list", "list all accounts", [](UserCommand& command) { return command.list(); });
        CLI::App* email = verb("email", "give an account an address", [this](UserCommand& command) {
            return command.set_email(who_, addition_.email);
        });
        CLI::App* password = verb("password", "give an account a password",
                                  [this](UserCommand& command) -> Result<std::string> {
                                      if (!has_password_)
                                          return failure("a password is read with --password-stdin only");
                                      return command.set_password(who_, TRY(read_password()));
                                  });
        password->add_flag("--password-stdin", has_password_, "read it from standard input");
        CLI::App* on_one[] = {
            email,
            password,
            verb("disable", "let an account in no more", [this](UserCommand& c) { return c.disable(who_); }),
            verb("enable", "let it in again", [this](UserCommand& c) { return c.enable(who_); }),
            verb("sessions", "list where it is signed in",
                 [this](UserCommand& c) { return c.sessions(who_); }),
            verb("revoke", "sign it out everywhere", [this](UserCommand& c) { return c.revoke(who_); }),
            verb("link", "print a one-time sign-in link", [this](UserCommand& c) { return c.link(who_); }),
        };
        for (CLI::App* one : on_one) one->add_option("WHO", who_, "address or id of the account")->required();
        email->add_option("EMAIL", addition_.email, "the address")->required();
    }

    bool is_parsed() const { return user_->parsed(); }

    Status run(const Config& config) {
        net::SystemRng rng;
        const auto database = TRY(open_database(config));
        UserCommand command(*database, config, rng, net::wall_now());
        for (const auto& [app, action] : verbs_) {
            if (app->parsed()) std::printf("%s", TRY(action(command)).c_str());
        }
        return Ok{};
    }

 private:
    using Action = std::function<Result<std::string>(UserCommand&)>;

    CLI::App* verb(const char* name, const char* what, Action action) {
        CLI::App* app = user_->add_subcommand(name, what);
        app->fallthrough();
        verbs_.emplace_back(app, std::move(action));
        return app;
    }
    Result<std::string> add(UserCommand& command) {
        addition_.role = account::parse_role(role_).value_or(account::Role::Agent);
        if (has_password_) addition_.password = TRY(read_password());
        return command.add(addition_);
    }

    CLI::App* user_;
    std::vector<std::pair<CLI::App*, Action>> verbs_;
    UserCommand::Addition addition_;
    std::string role_ = "agent";
    std::string who_;
    bool has_password_ = false;
};

int run(int argc, char** argv) {
    CLI::App app("Conclave: a self-hosted videoconference server");
    app.require_subcommand(0, 1);
    std::string config_path;
    app.add_option("--config", config_path,
                   "configuration file (TOML); without it every setting has its default");
    app.fallthrough();  // --config may stand behind the command

    CLI::App* serving = app.add_subcommand("serve", "run the server (also without any command)");
    bool is_dev = false;
    bool is_dev_anywhere = false;
    serving->add_flag("--dev", is_dev, "accept the API key devkey with the secret \"secret\"; loopback only");
    serving->add_flag("--dev-anywhere", is_dev_anywhere,
                      "with --dev: even on addresses that others can reach. They may then do everything");
    CLI::App* link = app.add_subcommand("sign-in-link", "print a fresh one-time sign-in link");
    std::string account_name;
    link->add_option("--account", account_name, "name of the account; default: the first administrator");
    CLI::App* key = app.add_subcommand("key", "API keys for LiveKit server SDKs");
    key->require_subcommand(1);
    key->fallthrough();
    CLI::App* create = key->add_subcommand("create", "make a key and print its secret, once");
    std::string key_name;
    create->add_option("NAME", key_name, "what the key is for")->required();
    CLI::App* list = key->add_subcommand("list", "list all keys");
    CLI::App* revoke = key->add_subcommand("revoke", "make a key useless");
    std::string key_id;
    revoke->add_option("ID", key_id, "the key, API...")->required();
    UserCommandLine user(app);
    DoctorCommandLine doctor(app);
    // Taken by main() before we see it; here for the list of commands alone.
    app.add_subcommand("load", "put a LiveKit server under load: conclave load --help");
    CLI::App* version = app.add_subcommand("version", "print the version");
    for (CLI::App* command : {serving, create, list, revoke}) command->fallthrough();

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (version->parsed()) {
        std::printf("conclave %s\n", CONCLAVE_VERSION);
        return 0;
    }
    Result<Config> config = config_path.empty() ? Result<Config>(Config{}) : load_config(config_path);
    if (!config) {
        std::fprintf(stderr, "%s\n", config.error().what.c_str());
        return 2;
    }
    if (is_dev) {
        if (const Status allowed = enter_dev_mode(*config, is_dev_anywhere); !allowed)
            return fail(allowed.error().what);
    }
    if (doctor.command->parsed()) return doctor.run(*config);
    const auto report = [](const Status& status) { return status ? 0 : fail(status.error().what); };
    if (user.is_parsed()) return report(user.run(*config));
    if (link->parsed()) return report(print_sign_in_link(*config, account_name));
    if (create->parsed()) return report(create_key(*config, key_name));
    if (list->parsed()) return report(list_keys(*config));
    if (revoke->parsed()) return report(revoke_key(*config, key_id));
    return serve(*config);
}

}  // namespace

int run_command_line(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}

}  // namespace conclave::server
