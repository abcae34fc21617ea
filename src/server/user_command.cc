#include "server/user_command.h"

#include "account/email.h"
#include "account/password.h"
#include "base/text.h"
#include "server/api_json.h"
#include "server/first_run.h"

namespace conclave::server {
namespace {

std::string words_of(account::PasswordFault fault) {
    switch (fault) {
        case account::PasswordFault::TooWeak:
            return "the password is too weak: 12 characters with small letters, capitals, digits and others, "
                   "14 "
                   "without the others, or a phrase of several words; repeated characters and rows like 1234 "
                   "do not count";
        case account::PasswordFault::TooLong:
            return "the password is too long: " + std::to_string(crypto::kPasswordBytesMax) +
                   " bytes at most";
        case account::PasswordFault::NotText:
            return "the password must be one line of text in UTF-8";
        case account::PasswordFault::Personal:
            return "the password is made of the person's name or address";
    }
    return "the password is refused";
}

std::string ways_in(const store::AccountEntry& entry) {
    std::string ways;
    if (entry.disabled_at) return "disabled";
    if (entry.has_password) ways += " password";
    if (entry.has_single_sign_on) ways += " single-sign-on";
    return ways.empty() ? "-" : ways.substr(1);
}

Result<std::string> parse_email(const std::string& typed) {
    const std::optional<std::string> email = account::clean_email(typed);
    if (!email) return failure("this is no e-mail address such as name@example.org");
    return *email;
}

}  // namespace

Result<store::AccountEntry> UserCommand::find(const std::string& who) {
    const std::string email = account::clean_email(who).value_or("");
    const auto known = TRY(email.empty() ? database_.account(who) : database_.account_by_email(email));
    if (!known) return failure("there is no account with this address or id (conclave user list)");
    const auto entry = TRY(database_.account_entry(known->id));
    if (!entry) return failure("the account is gone");
    return *entry;
}

Result<std::string> UserCommand::hash(const std::string& password, const account::Account& account) {
    if (const auto fault = account::fault_of_password(password, account.name, account.email))
        return failure(words_of(*fault));
    return crypto::hash_password(password, cost_, rng_);
}

Result<std::string> UserCommand::add(const Addition& addition) {
    const Result<std::string, TextFault> name = clean_line(addition.name, account::kNameCharactersMax);
    if (!name) return failure("the name must be a line of 1 to 80 printable characters");
    const std::string email = TRY(parse_email(addition.email));
    if (TRY(database_.account_by_email(email)))
        return failure("there is an account with this address already");
    const account::Account account{random_id(rng_, account::kIdSize), *name, addition.role, email};
    std::string hashed;
    if (addition.password) hashed = TRY(hash(*addition.password, account));
    TRY(database_.insert_account(account, now_));
    if (addition.password) TRY(database_.set_password(account.id, hashed));
    return account.name + " <" + email + "> is " + std::string(text_of(account.role)) + " " + account.id +
           "\n";
}

Result<std::string> UserCommand::list() {
    std::string text;
    for (const store::AccountEntry& entry : TRY(database_.accounts())) {
        const account::Account& account = entry.account;
        text += account.id + "  " + rfc3339(entry.created_at) + "  " + std::string(text_of(account.role)) +
                "  " + ways_in(entry) + "  " + account.name +
                (account.email.empty() ? "" : " <" + account.email + ">") + "\n";
    }
    return text;
}

Result<std::string> UserCommand::set_email(const std::string& who, const std::string& typed) {
    const std::string email = TRY(parse_email(typed));
    const store::AccountEntry entry = TRY(find(who));
    const auto other = TRY(database_.account_by_email(email));
    if (other && other->id != entry.account.id) return failure("this address is another account's");
    TRY(database_.set_email(entry.account.id, email));
    return entry.account.name + " is <" + email + "> from now on\n";
}

Result<std::string> UserCommand::set_password(const std::string& who, const std::string& password) {
    const store::AccountEntry entry = TRY(find(who));
    const std::string hashed = TRY(hash(password, entry.account));
    TRY(database_.set_password(entry.account.id, hashed));
    // Whoever knew the old one may be signed in with it.
    const int ended = TRY(database_.delete_sessions_of(entry.account.id));
    return entry.account.name + " has a new password; sessions ended: " + std::to_string(ended) + "\n";
}

Result<std::string> UserCommand::disable(const std::string& who) {
    const store::AccountEntry entry = TRY(find(who));
    if (!TRY(database_.disable_account(entry.account.id, now_)))
        return failure("the account is disabled already");
    return entry.account.name + " cannot sign in any more, and is signed out everywhere\n";
}

Result<std::string> UserCommand::enable(const std::string& who) {
    const store::AccountEntry entry = TRY(find(who));
    if (!TRY(database_.enable_account(entry.account.id))) return failure("the account is not disabled");
    return entry.account.name + " may sign in again\n";
}

Result<std::string> UserCommand::sessions(const std::string& who) {
    std::string text;
    const store::AccountEntry entry = TRY(find(who));
    for (const account::Session& session : TRY(database_.sessions_of(entry.account.id))) {
        text +=
            rfc3339(session.created_at) + "  last seen " + rfc3339(session.seen_at) + "  by " +
            std::string(text_of(session.door)) +
            (is_alive(session, {config_.session_idle(), config_.session_age()}, now_) ? "" : "  expired") +
            "\n";
    }
    return text;
}

Result<std::string> UserCommand::revoke(const std::string& who) {
    const store::AccountEntry entry = TRY(find(who));
    const int ended = TRY(database_.delete_sessions_of(entry.account.id));
    return entry.account.name + " is signed out everywhere; sessions ended: " + std::to_string(ended) + "\n";
}

Result<std::string> UserCommand::link(const std::string& who) {
    const store::AccountEntry entry = TRY(find(who));
    if (entry.disabled_at) return failure("the account is disabled (conclave user enable)");
    return TRY(make_sign_in_link(database_, config_, entry.account, rng_, now_)) + "\n";
}

}  // namespace conclave::server
