// What the tables of people are asked: account, sign_in_link, session.
#include "store/database.h"
#include "store/statement.h"

namespace conclave::store {
namespace {

// The columns that read_account() reads, in its order.
#define ACCOUNT_COLUMNS "account.id, account.name, account.role, account.email"
#define ENTRY_COLUMNS \
    ACCOUNT_COLUMNS   \
    ", account.created_at, account.disabled_at, account.password IS NOT NULL, account.subject IS NOT NULL"

#define SESSION_COLUMNS                                                                                 \
    "hash, account_id, created_at, seen_at, door, coalesce(sid, ''), coalesce(id_token, ''), browser, " \
    "system"

account::DoorKind parse_door(std::string_view text) {
    for (const auto door :
         {account::DoorKind::Password, account::DoorKind::Code, account::DoorKind::SingleSignOn}) {
        if (text_of(door) == text) return door;
    }
    return account::DoorKind::Link;
}

}  // namespace

Result<std::optional<account::Account>> Database::read_account(Statement& query) {
    if (!TRY(query.step())) return std::optional<account::Account>();
    account::Account account;
    account.id = query.text();
    account.name = query.text();
    const std::optional<account::Role> role = account::parse_role(query.text());
    if (!role) return failure("database: an account has an unknown role");
    account.role = *role;
    account.email = query.text();
    return std::optional(std::move(account));
}

Result<std::optional<AccountEntry>> Database::read_account_entry(Statement& query) {
    std::optional<account::Account> account = TRY(read_account(query));
    if (!account) return std::optional<AccountEntry>();
    AccountEntry entry{.account = std::move(*account), .created_at = query.time(), .disabled_at = {}};
    entry.disabled_at = query.optional_time();
    entry.has_password = query.number() != 0;
    entry.has_single_sign_on = query.number() != 0;
    return std::optional(std::move(entry));
}

Status Database::insert_account(const account::Account& account, WallTime now) {
    Statement insert(
        handle_,
        "INSERT INTO account (id, name, role, email, created_at) VALUES (?, ?, ?, nullif(?, ''), ?)");
    insert.bind(account.id).bind(account.name).bind(text_of(account.role)).bind(account.email);
    TRY(insert.bind(now).finish());
    return Ok{};
}

Result<std::optional<account::Account>> Database::account(std::string_view id) {
    Statement query(handle_, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id = ?");
    return read_account(query.bind(id));
}

Result<std::optional<account::Account>> Database::account_by_name(std::string_view name) {
    Statement query(handle_,
                    "SELECT " ACCOUNT_COLUMNS " FROM account WHERE name = ? ORDER BY created_at LIMIT 1");
    return read_account(query.bind(name));
}

Result<std::optional<account::Account>> Database::account_by_email(std::string_view email) {
    Statement query(handle_, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE email = ?");
    return read_account(query.bind(email));
}

// One who may sign in comes before one who may not.
Result<std::optional<account::Account>> Database::first_administrator() {
    Statement query(handle_, "SELECT " ACCOUNT_COLUMNS
                             " FROM account WHERE role = 'administrator' "
                             "ORDER BY disabled_at IS NOT NULL, created_at LIMIT 1");
    return read_account(query);
}

Result<std::vector<AccountEntry>> Database::accounts() {
    Statement query(handle_, "SELECT " ENTRY_COLUMNS " FROM account ORDER BY created_at, id");
    std::vector<AccountEntry> all;
    while (std::optional<AccountEntry> entry = TRY(read_account_entry(query)))
        all.push_back(std::move(*entry));
    return all;
}

Result<std::optional<AccountEntry>> Database::account_entry(std::string_view id) {
    Statement query(handle_, "SELECT " ENTRY_COLUMNS " FROM account WHERE id = ?");
    return read_account_entry(query.bind(id));
}

Status Database::set_email(std::string_view id, std::string_view email) {
    Statement update(handle_, "UPDATE account SET email = nullif(?, '') WHERE id = ?");
    TRY(update.bind(email).bind(id).finish());
    return Ok{};
}

// In this order: no session begins any more, then those there are end.
Result<bool> Database::disable_account(std::string_view id, WallTime now) {
    Statement update(handle_, "UPDATE account SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL");
    const bool is_changed = TRY(update.bind(now).bind(id).finish()) == 1;
    TRY(delete_sessions_of(id));
    return is_changed;
}

Result<bool> Database::enable_account(std::string_view id) {
    Statement update(handle_,
                     "UPDATE account SET disabled_at = NULL WHERE id = ? AND disabled_at IS NOT NULL");
    return TRY(update.bind(id).finish()) == 1;
}

Result<std::optional<Credentials>> Database::credentials(std::string_view email) {
    Statement query(handle_, "SELECT " ACCOUNT_COLUMNS
                             ", password FROM account "
                             "WHERE email = ? AND password IS NOT NULL AND disabled_at IS NULL");
    std::optional<account::Account> account = TRY(read_account(query.bind(email)));
    if (!account) return std::optional<Credentials>();
    return std::optional(Credentials{std::move(*account), query.text()});
}

Status Database::set_password(std::string_view id, std::string_view hash) {
    Statement update(handle_, "UPDATE account SET password = ? WHERE id = ?");
    TRY(update.bind(hash).bind(id).finish());
    return Ok{};
}

Result<std::optional<account::Account>> Database::account_of_subject(std::string_view issuer,
                                                                     std::string_view subject) {
    Statement query(handle_, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE issuer = ? AND subject = ?");
    return read_account(query.bind(issuer).bind(subject));
}

Status Database::set_subject(std::string_view id, std::string_view issuer, std::string_view subject) {
    Statement update(handle_, "UPDATE account SET issuer = ?, subject = ? WHERE id = ?");
    TRY(update.bind(issuer).bind(subject).bind(id).finish());
    return Ok{};
}

Status Database::insert_sign_in_link(const account::SignInLink& link) {
    Statement insert(handle_, "INSERT INTO sign_in_link (hash, account_id, expires_at) VALUES (?, ?, ?)");
    TRY(insert.bind(link.hash).bind(link.account_id).bind(link.expires_at).finish());
    return Ok{};
}

Result<std::optional<account::Account>> Database::redeem_sign_in_link(const account::SecretHash& hash,
                                                                      account::Session session,
                                                                      WallTime now) {
    Statement query(handle_, "SELECT account_id, expires_at, used_at FROM sign_in_link WHERE hash = ?");
    query.bind(hash);
    if (!TRY(query.step())) return std::optional<account::Account>();
    account::SignInLink link{.hash = hash, .account_id = query.text(), .expires_at = query.time()};
    link.used_at = query.optional_time();
    if (state_of(link, now) != account::LinkState::Usable) return std::optional<account::Account>();

    Statement use(handle_, "UPDATE sign_in_link SET used_at = ? WHERE hash = ? AND used_at IS NULL");
    if (TRY(use.bind(now).bind(hash).finish()) != 1) return std::optional<account::Account>();
    session.account_id = link.account_id;
    if (!TRY(start_session(session))) return std::optional<account::Account>();
    return account(link.account_id);
}

Result<bool> Database::start_session(const account::Session& session) {
    Statement insert(
        handle_,
        "INSERT INTO session (hash, account_id, created_at, seen_at, door, sid, id_token, browser, system) "
        "SELECT ?, id, ?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ? FROM account "
        "WHERE id = ? AND disabled_at IS NULL");
    insert.bind(session.hash).bind(session.created_at).bind(session.seen_at).bind(text_of(session.door));
    insert.bind(session.sid).bind(session.id_token).bind(session.browser).bind(session.system);
    return TRY(insert.bind(session.account_id).finish()) == 1;
}

Result<std::optional<account::Account>> Database::account_of_session(const account::SecretHash& hash,
                                                                     const account::SessionRules& rules,
                                                                     WallTime now) {
    Statement query(handle_, "SELECT " ACCOUNT_COLUMNS
                             ", session.created_at, seen_at FROM session "
                             "JOIN account ON account.id = account_id "
                             "WHERE hash = ? AND disabled_at IS NULL");
    std::optional<account::Account> account = TRY(read_account(query.bind(hash)));
    if (!account) return account;
    account::Session session{.hash = hash, .account_id = account->id};
    session.created_at = query.time();
    session.seen_at = query.time();
    if (!is_alive(session, rules, now)) return std::optional<account::Account>();
    if (is_due_for_touch(session, now)) {
        Statement touch(handle_, "UPDATE session SET seen_at = ? WHERE hash = ?");
        TRY(touch.bind(now).bind(hash).finish());
    }
    return account;
}

Status Database::delete_session(const account::SecretHash& hash) {
    Statement remove(handle_, "DELETE FROM session WHERE hash = ?");
    TRY(remove.bind(hash).finish());
    return Ok{};
}

Result<std::optional<account::Session>> Database::read_session(Statement& query) {
    if (!TRY(query.step())) return std::optional<account::Session>();
    account::Session session;
    const std::string hash = query.blob();
    std::copy(hash.begin(), hash.end(), session.hash.begin());  // 32 bytes: the table checks it
    session.account_id = query.text();
    session.created_at = query.time();
    session.seen_at = query.time();
    session.door = parse_door(query.text());
    session.sid = query.text();
    session.id_token = query.text();
    session.browser = query.text();
    session.system = query.text();
    return std::optional(std::move(session));
}

Result<std::optional<account::Session>> Database::session(const account::SecretHash& hash) {
    Statement query(handle_, "SELECT " SESSION_COLUMNS " FROM session WHERE hash = ?");
    return read_session(query.bind(hash));
}

Result<std::vector<account::Session>> Database::sessions_of(std::string_view account_id) {
    Statement query(handle_, "SELECT " SESSION_COLUMNS
                             " FROM session WHERE account_id = ? ORDER BY created_at DESC, hash");
    query.bind(account_id);
    std::vector<account::Session> all;
    while (std::optional<account::Session> session = TRY(read_session(query)))
        all.push_back(std::move(*session));
    return all;
}

Result<int> Database::delete_sessions_of(std::string_view account_id) {
    Statement links(handle_, "DELETE FROM sign_in_link WHERE account_id = ?");
    TRY(links.bind(account_id).finish());
    Statement sessions(handle_, "DELETE FROM session WHERE account_id = ?");
    return sessions.bind(account_id).finish();
}

Result<int> Database::delete_other_sessions(std::string_view account_id, const account::SecretHash& own) {
    Statement links(handle_, "DELETE FROM sign_in_link WHERE account_id = ?");
    TRY(links.bind(account_id).finish());
    Statement sessions(handle_, "DELETE FROM session WHERE account_id = ? AND hash <> ?");
    return sessions.bind(account_id).bind(own).finish();
}

// A session whose name the provider never told may be the one it means.
Result<int> Database::delete_sessions_of_subject(std::string_view issuer, std::string_view subject,
                                                 std::string_view sid) {
    Statement remove(
        handle_,
        "DELETE FROM session WHERE door = 'single_sign_on' "
        "AND (?3 = '' OR sid = ?3 OR (sid IS NULL AND ?2 <> '')) "
        "AND account_id IN (SELECT id FROM account WHERE issuer = ?1 AND (?2 = '' OR subject = ?2))");
    return remove.bind(issuer).bind(subject).bind(sid).finish();
}

Status Database::purge(const account::SessionRules& rules, WallTime now) {
    Statement links(handle_, "DELETE FROM sign_in_link WHERE expires_at <= ?");
    TRY(links.bind(now).finish());
    Statement sessions(handle_, "DELETE FROM session WHERE seen_at <= ? OR created_at <= ?");
    TRY(sessions.bind(now.us - rules.idle_max.us).bind(now.us - rules.age_max.us).finish());
    return Ok{};
}

}  // namespace conclave::store
