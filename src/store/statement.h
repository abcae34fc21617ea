// A prepared statement for one use: binds in order, steps, reads columns in order.
#pragma once

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "store/database.h"

namespace conclave::store {

class Database::Statement {
 public:
    Statement(sqlite3* handle, const char* sql) : handle_(handle) {
        code_ = sqlite3_prepare_v2(handle, sql, -1, &statement_, nullptr);
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(std::string_view text) {
        return note(sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                                      SQLITE_TRANSIENT));
    }
    Statement& bind(ByteView bytes) {
        return note(sqlite3_bind_blob(statement_, ++bound_, bytes.data(), static_cast<int>(bytes.size()),
                                      SQLITE_TRANSIENT));
    }
    Statement& bind(WallTime time) { return bind(time.us); }
    Statement& bind(int64_t number) { return note(sqlite3_bind_int64(statement_, ++bound_, number)); }

    // True when there is a row, false at the end.
    Result<bool> step() {
        if (code_ == SQLITE_OK) code_ = sqlite3_step(statement_);
        column_ = 0;
        if (code_ == SQLITE_ROW) {
            code_ = SQLITE_OK;
            return true;
        }
        if (code_ == SQLITE_DONE) return false;
        // What SQLite says of a statement names tables and columns, never values.
        return failure(std::string("database: ") + sqlite3_errmsg(handle_));
    }
    // For statements that change: the number of rows changed.
    Result<int> finish() {
        TRY(step());
        return sqlite3_changes(handle_);
    }

    std::string text() {
        const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column_++));
        return data ? std::string(data, size) : std::string();
    }
    std::string blob() {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column_));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column_++));
        return data ? std::string(data, size) : std::string();
    }
    int64_t number() { return sqlite3_column_int64(statement_, column_++); }
    WallTime time() { return {number()}; }
    std::optional<WallTime> optional_time() {
        if (sqlite3_column_type(statement_, column_) != SQLITE_NULL) return time();
        ++column_;
        return std::nullopt;
    }

 private:
    Statement& note(int code) {
        if (code_ == SQLITE_OK) code_ = code;
        return *this;
    }

    sqlite3* handle_;
    sqlite3_stmt* statement_ = nullptr;
    int code_ = SQLITE_OK;
    int bound_ = 0;
    int column_ = 0;
};

}  // namespace conclave::store
