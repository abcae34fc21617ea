#include "store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "store/migrations.h"
#include "store/statement.h"

namespace conclave::store {
namespace {

// Another process (the command line beside a running server) holds the lock for milliseconds only.
constexpr int kBusyTimeoutMs = 5000;

// SQLite gives its journal the permissions of the database, so creating the file privately is enough.
Status create_private_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return failure("cannot open " + path + ": " + std::strerror(errno));
    ::close(fd);
    return Ok{};
}

Result<int> read_pragma(sqlite3* handle, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const bool ok = sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW;
    const int value = ok ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);
    if (!ok) return failure(std::string("database: ") + sqlite3_errmsg(handle));
    return value;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
    TRY(create_private_file(path));
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    std::unique_ptr<Database> database(new Database(handle));
    if (code != SQLITE_OK) return database->fault();
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
    // secure_delete: what is deleted is overwritten, not only unlinked.
    TRY(
        database->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                          "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;"));
    TRY(database->migrate());
    return database;
}

Result<Database::Inspection> Database::inspect(const std::string& path) {
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<Database> database(new Database(handle));
    if (code != SQLITE_OK) return database->fault();
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
    Statement check(handle, "PRAGMA quick_check(1)");
    if (!TRY(check.step())) return failure("database: no answer to quick_check");
    if (const std::string verdict = check.text(); verdict != "ok") return failure("database: " + verdict);
    const int application = TRY(read_pragma(handle, "PRAGMA application_id"));
    Inspection found{.version = TRY(read_pragma(handle, "PRAGMA user_version")),
                     .newest = static_cast<int>(kMigrations.size()),
                     .is_ours = application == kApplicationId};
    if (found.is_ours) {
        const Result<int> administrators =
            read_pragma(handle, "SELECT count(*) FROM account WHERE role = 'administrator'");
        found.has_administrator = administrators && *administrators > 0;
    }
    return found;
}

Database::~Database() {
    sqlite3_close(handle_);
}

Unexpected<Error> Database::fault() const {
    return failure(std::string("database: ") + sqlite3_errmsg(handle_));
}

Status Database::execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fault();
    return Ok{};
}

Status Database::migrate() {
    TRY(execute("BEGIN IMMEDIATE"));
    const auto steps = [this]() -> Status {
        const int application = TRY(read_pragma(handle_, "PRAGMA application_id"));
        const int version = TRY(read_pragma(handle_, "PRAGMA user_version"));
        const int tables = TRY(read_pragma(handle_, "SELECT count(*) FROM sqlite_schema"));
        const int newest = static_cast<int>(kMigrations.size());
        if (application != kApplicationId && tables > 0)
            return failure("this is another application's database");
        if (version > newest) return failure("the database was written by a newer version of Conclave");
        for (int step = version; step < newest; ++step) TRY(execute(kMigrations[static_cast<size_t>(step)]));
        TRY(execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()));
        return execute(("PRAGMA user_version = " + std::to_string(newest)).c_str());
    };
    if (Status done = steps(); !done) {
        rollback();
        return done;
    }
    return execute("COMMIT");
}

Status Database::begin() {
    return execute("BEGIN IMMEDIATE");
}
Status Database::commit() {
    TRY(execute("COMMIT"));
    // What was erased still stands in the write-ahead log until that is emptied.
    if (std::exchange(has_erased_, false)) (void)execute("PRAGMA wal_checkpoint(TRUNCATE)");
    return Ok{};
}
void Database::rollback() {
    (void)execute("ROLLBACK");
}
Status Database::begin_step() {
    return execute("SAVEPOINT step");
}
Status Database::end_step() {
    return execute("RELEASE step");
}
Status Database::undo_step() {
    return execute("ROLLBACK TO step; RELEASE step");
}

}  // namespace conclave::store
