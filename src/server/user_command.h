// conclave user ...: accounts from the command line, while the server runs or not.
#pragma once

#include <optional>
#include <string>

#include "base/rng.h"
#include "base/time.h"
#include "crypto/password_hash.h"
#include "server/config.h"
#include "store/database.h"

namespace conclave::server {

// Each of them does one thing and returns the text to print, or why not. `who` is an address or an account's
// id.
class UserCommand {
 public:
    UserCommand(store::Database& database, const Config& config, Rng& rng, WallTime now,
                crypto::PasswordCost cost = {})
        : database_(database), config_(config), rng_(rng), now_(now), cost_(cost) {}

    struct Addition {
        std::string name;
        std::string email;
        account::Role role = account::Role::Agent;
        std::optional<std::string> password;
    };
    Result<std::string> add(const Addition&);
    Result<std::string> list();
    Result<std::string> set_email(const std::string& who, const std::string& email);
    Result<std::string> set_password(const std::string& who, const std::string& password);
    // Also ends the account's sessions.
    Result<std::string> disable(const std::string& who);
    Result<std::string> enable(const std::string& who);
    Result<std::string> sessions(const std::string& who);
    Result<std::string> revoke(const std::string& who);
    Result<std::string> link(const std::string& who);

 private:
    Result<store::AccountEntry> find(const std::string& who);
    Result<std::string> hash(const std::string& password, const account::Account&);

    store::Database& database_;
    const Config& config_;
    Rng& rng_;
    const WallTime now_;
    const crypto::PasswordCost cost_;
};

}  // namespace conclave::server
