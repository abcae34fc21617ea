// The tables, version by version. A released step is never edited: a change is a further step.
#pragma once

#include <array>

namespace conclave::store {

// PRAGMA application_id: tells our file from any other SQLite database ("Conc").
inline constexpr int kApplicationId = 0x436f6e63;

// Step i brings PRAGMA user_version from i to i + 1. Times are microseconds since 1970, hashes 32 bytes.
inline constexpr std::array kMigrations = {
    // 1: people, the ways in, meetings
    R"(
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('administrator', 'agent')),
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sign_in_link (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE meeting (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  owner TEXT NOT NULL REFERENCES account (id),
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX meeting_by_owner ON meeting (owner, created_at);
CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;
CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
)",
};

}  // namespace conclave::store
