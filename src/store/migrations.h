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
    // 2: the doors by which accounts sign in. An address is clean_email()'s; a password is its hash; issuer
    // and
    // subject are who an identity provider says it is. sid is the provider's name of the session.
    R"(
ALTER TABLE account ADD COLUMN email TEXT;
ALTER TABLE account ADD COLUMN password TEXT;
ALTER TABLE account ADD COLUMN issuer TEXT;
ALTER TABLE account ADD COLUMN subject TEXT;
ALTER TABLE account ADD COLUMN disabled_at INTEGER;
CREATE UNIQUE INDEX account_by_email ON account (email);
CREATE UNIQUE INDEX account_by_subject ON account (issuer, subject);
ALTER TABLE session ADD COLUMN door TEXT NOT NULL DEFAULT 'link';
ALTER TABLE session ADD COLUMN sid TEXT;
CREATE INDEX session_by_account ON session (account_id);
)",
    // 3: what happened in each meeting, and whose break lasts until when
    R"(
CREATE TABLE meeting_event (
  meeting_id TEXT NOT NULL REFERENCES meeting (id),
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  personal TEXT,
  salt BLOB,
  personal_digest BLOB CHECK (personal_digest IS NULL OR length(personal_digest) = 32),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (meeting_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE rest (
  account_id TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  until INTEGER NOT NULL,
  meeting_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)",
    // 4: by what people recognise a session of theirs, and by what a provider recognises it when it ends
    R"(
ALTER TABLE session ADD COLUMN id_token TEXT;
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN system TEXT NOT NULL DEFAULT '';
)",
    // 5: when meetings are planned, and which agents are invited to them. Lengths and offsets are
    // microseconds.
    R"(
ALTER TABLE meeting ADD COLUMN begins_at INTEGER;
ALTER TABLE meeting ADD COLUMN length INTEGER;
ALTER TABLE meeting ADD COLUMN utc_offset INTEGER;
ALTER TABLE meeting ADD COLUMN zone TEXT;
CREATE INDEX meeting_by_begin ON meeting (begins_at) WHERE begins_at IS NOT NULL AND ended_at IS NULL;
CREATE TABLE invited_agent (
  meeting_id TEXT NOT NULL REFERENCES meeting (id),
  invitation TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  PRIMARY KEY (meeting_id, invitation)
) STRICT, WITHOUT ROWID;
CREATE INDEX invited_agent_by_account ON invited_agent (account_id);
)",
};

}  // namespace conclave::store
