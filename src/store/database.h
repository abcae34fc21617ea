// The tables, and everything that is asked of them, synchronously. One thread at a time; no exception leaves.
//
// Durability: SQLite in WAL mode with synchronous=FULL, so that a commit returns after the log is on the
// disk. Times are kept as microseconds since 1970.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/account.h"
#include "account/sign_in.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "meeting/state.h"
#include "policy/planning.h"

struct sqlite3;

namespace conclave::store {

// A LiveKit API key. Its secret signs tokens (HMAC), so it cannot be kept as a hash.
struct ApiKey {
    std::string id;
    std::string secret;
    std::string name;
    WallTime created_at;
    std::optional<WallTime> revoked_at;
};

// An account as an administrator sees it.
struct AccountEntry {
    account::Account account;
    WallTime created_at;
    std::optional<WallTime> disabled_at;
    bool has_password = false;
    bool has_single_sign_on = false;
};

struct Credentials {
    account::Account account;
    std::string password;  // PHC text
};

inline constexpr size_t kMeetingsListedMax = 500;  // newest first; one answer stays under 200 kB

class Database {
 public:
    // Creates the file (readable by its owner only) and brings its tables to the current version. Refuses a
    // file of a newer program or of another application.
    static Result<std::unique_ptr<Database>> open(const std::string& path);
    // Looks at a file that is there, and changes nothing in it. Its tables may be of an older version than
    // ours (the next open() brings them up) or of a newer one. Fails when the file cannot be read or is not
    // sound.
    struct Inspection {
        int version = 0;
        int newest = 0;  // of this program
        bool is_ours = false;
        bool has_administrator = false;  // false as well where `version` has no accounts yet
    };
    static Result<Inspection> inspect(const std::string& path);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Status begin();
    Status commit();
    void rollback();
    // One request among several of a transaction: what a failed one did is undone, the others stay.
    Status begin_step();
    Status end_step();
    Status undo_step();

    // Accounts, links and sessions (accounts.cc). A second account of the same address or the same subject of
    // an issuer is an error.
    Status insert_account(const account::Account&, WallTime now);
    // Disabled ones included.
    Result<std::optional<account::Account>> account(std::string_view id);
    Result<std::optional<account::Account>> account_by_name(std::string_view name);
    Result<std::optional<account::Account>> account_by_email(std::string_view email);
    Result<std::optional<account::Account>> first_administrator();
    // Oldest first.
    Result<std::vector<AccountEntry>> accounts();
    Result<std::optional<AccountEntry>> account_entry(std::string_view id);
    Status set_email(std::string_view id, std::string_view email);
    // Whether anything changed. Disabling ends all sessions and links.
    Result<bool> disable_account(std::string_view id, WallTime now);
    Result<bool> enable_account(std::string_view id);

    // The PHC text; nothing when there is none, or the account is disabled.
    Result<std::optional<Credentials>> credentials(std::string_view email);
    Status set_password(std::string_view id, std::string_view hash);
    Result<std::optional<account::Account>> account_of_subject(std::string_view issuer,
                                                               std::string_view subject);
    Status set_subject(std::string_view id, std::string_view issuer, std::string_view subject);

    Status insert_sign_in_link(const account::SignInLink&);
    // Marks the link as used and starts the session, or does neither: nothing for a link that is unknown,
    // used or expired, or for a disabled account. Whose session it is says the link.
    Result<std::optional<account::Account>> redeem_sign_in_link(const account::SecretHash& link,
                                                                account::Session session, WallTime now);
    // False for an account that is not there or disabled.
    Result<bool> start_session(const account::Session&);
    // Who is signed in with this cookie; renews the session's idle time.
    Result<std::optional<account::Account>> account_of_session(const account::SecretHash&,
                                                               const account::SessionRules&, WallTime now);
    Status delete_session(const account::SecretHash&);
    Result<std::optional<account::Session>> session(const account::SecretHash&);
    // Newest first.
    Result<std::vector<account::Session>> sessions_of(std::string_view account_id);
    // With the account's unused links. The number of sessions.
    Result<int> delete_sessions_of(std::string_view account_id);
    // The same, but for the session `own`.
    Result<int> delete_other_sessions(std::string_view account_id, const account::SecretHash& own);
    // Sessions by single sign-on of this subject (empty: whoever's it is); with a `sid` only the one of that
    // name, and those of the subject that have none.
    Result<int> delete_sessions_of_subject(std::string_view issuer, std::string_view subject,
                                           std::string_view sid);
    // Links and sessions that can never be used again.
    Status purge(const account::SessionRules&, WallTime now);

    // Records what meeting::decide() decided, in the order of the events' numbers, each chained to the one
    // before by its hash (meeting_log.cc). What an event erases is erased.
    Status append(std::string_view meeting_id, const meeting::Events&);
    // The meeting as the sum of its events; nothing when there is no such meeting.
    Result<std::optional<meeting::State>> replay(std::string_view id);
    // Whether each event still is what was recorded: the number of the first that is not, or nothing.
    Result<std::optional<int64_t>> verify(std::string_view meeting_id);
    // As lists show it: id, title, owner, phase, times, plan (without its sequence).
    Result<std::optional<meeting::State>> meeting(std::string_view id);
    // One's own, and those to which one is invited.
    Result<std::vector<meeting::State>> meetings_of(std::string_view account_id);

    // What else is planned (planning.cc) for this account and all agents invited to this meeting (empty:
    // none), without the meeting `except`, from `from` on, in the order of their beginnings.
    struct Concerned {
        std::string account_id;
        std::string meeting_id = {};
        std::string except = {};
    };
    Result<std::vector<policy::Span>> busy(const Concerned&, WallTime from);
    // How many meetings of the owner are planned and not past.
    Result<size_t> plans_of(std::string_view owner, WallTime now);

    struct Rest {
        WallTime until;
        std::string meeting_id;  // after which it is due
    };
    Status set_rest(std::string_view account_id, const Rest&);
    Result<std::optional<Rest>> rest(std::string_view account_id);

    Result<std::optional<std::string>> secret(std::string_view name);
    Status set_secret(std::string_view name, std::string_view value);

    Status insert_api_key(const ApiKey&);
    // Revoked ones included.
    Result<std::vector<ApiKey>> api_keys();
    // Nothing when there is none or it was revoked.
    Result<std::optional<ApiKey>> api_key(std::string_view id);
    // False when there was none.
    Result<bool> revoke_api_key(std::string_view id, WallTime now);

 private:
    class Statement;
    explicit Database(sqlite3* handle) : handle_(handle) {}
    Status execute(const char* sql);
    Status migrate();
    Unexpected<Error> fault() const;
    Status append_one(std::string_view meeting_id, const meeting::Event&);
    Status reflect(std::string_view meeting_id, const meeting::Event&);
    Result<std::optional<account::Account>> read_account(Statement&);
    Result<std::optional<AccountEntry>> read_account_entry(Statement&);
    Result<std::optional<account::Session>> read_session(Statement&);
    Result<std::optional<meeting::State>> read_meeting(Statement&);
    Result<std::optional<ApiKey>> read_api_key(Statement&);

    sqlite3* handle_;
    bool has_erased_ = false;  // in the transaction that is open
};

}  // namespace conclave::store
