//! The journal's tables, and opening them.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use crate::error::{Error, Result};

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = 3;
/// The first version that keeps the events of unfinished answers.
pub(super) const KEEPS_DRAFTS: i64 = 3;

/// States of an event: `seen` is only an anchor for gap filling, `undecryptable` waits for its
/// key, `waiting` for its answer, `closed` is done. `taken_at` is in milliseconds since the Unix
/// epoch; `reason` says in words why an event is undecryptable.
const TABLES: &str = "
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    owner TEXT NOT NULL,
    position TEXT
) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('seen', 'undecryptable', 'waiting', 'closed')),
    conversation TEXT,
    session_id TEXT,
    payload TEXT,
    taken_at INTEGER,
    reason TEXT,
    UNIQUE (room_id, event_id)
) STRICT;
CREATE INDEX event_of_room ON event (room_id, seq);
CREATE INDEX event_waiting ON event (conversation, seq) WHERE state = 'waiting';
CREATE INDEX event_undecryptable ON event (session_id) WHERE state = 'undecryptable';
CREATE TABLE reply (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    content TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (seq, part)
) STRICT;
CREATE TABLE invitation (
    room_id TEXT PRIMARY KEY,
    inviter TEXT NOT NULL
) STRICT;
";

/// What is new in version 3.
const DRAFTS: &str = "
CREATE TABLE draft (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    event_id TEXT,
    content TEXT NOT NULL,
    PRIMARY KEY (seq, part)
) STRICT;
";

/// From version 1 to 2.
const ADD_TIME_AND_REASON: &str = "
ALTER TABLE event ADD COLUMN taken_at INTEGER;
ALTER TABLE event ADD COLUMN reason TEXT;
";

/// Opens the journal at this path for this account, creating or emptying it as needed.
pub(super) fn open(path: &Path, account: &str) -> Result<Connection> {
    let failed = |error| failure(path, error);
    let mut connection = Connection::open(path).map_err(failed)?;
    prepare(&mut connection).map_err(failed)?;
    let version = version(&connection).map_err(failed)?;
    if version > VERSION {
        return Err(
            Error::failure(format!("{} was written by a newer nanobot", path.display()))
                .hint("update this nanobot to the version that wrote it"),
        );
    }
    let missing: &[&str] = match version {
        0 => &[TABLES, DRAFTS],
        1 => &[ADD_TIME_AND_REASON, DRAFTS],
        2 => &[DRAFTS],
        _ => &[],
    };
    write_tables(&mut connection, missing).map_err(failed)?;
    claim(&mut connection, account).map_err(failed)?;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit is on the disk when it returns: it is what the sync position stands on.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Answered messages are not left behind in free pages, nor past a start in the log of writes.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// The version of the tables that are there; 0 where there are none.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the tables to this version, all of it or nothing.
fn write_tables(connection: &mut Connection, statements: &[&str]) -> rusqlite::Result<()> {
    if statements.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch(&statements.concat())?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

fn claim(connection: &mut Connection, account: &str) -> rusqlite::Result<()> {
    let owner: Option<String> = connection
        .query_row("SELECT owner FROM account", [], |row| row.get(0))
        .optional()?;
    if owner.as_deref() == Some(account) {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "DELETE FROM reply; DELETE FROM draft; DELETE FROM event; DELETE FROM invitation;
         DELETE FROM account;",
    )?;
    transaction.execute(
        "INSERT INTO account (id, owner) VALUES (1, ?1)",
        params![account],
    )?;
    transaction.commit()
}

/// A failure of the journal, in words.
pub(super) fn failure(path: &Path, error: rusqlite::Error) -> Error {
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "free some space on this disk, then start again",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "let this user write to that directory"
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "move the file away; the bot goes on from the encryption store's own position"
        }
        _ => "look at the disk this file is on",
    };
    Error::failure(format!("the journal {} failed", path.display()))
        .because(error)
        .hint(hint)
}
