//! The journal's tables, and opening them.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::{migration, upkeep};
use crate::error::{Error, Result};

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = 4;

/// The log of writes is cut back to this many bytes once its pages are in the database.
const LOG_LIMIT: i64 = 4 << 20;

/// - `account`: whose journal it is; `position` is what this device has journaled, `predecessor`
///   what the device before it had, until the gap between them is filled; `generation` counts the
///   gateway's starts, and `is_running` lasts from one to its end.
/// - `event`: `seen` is only an anchor for gap filling, `undecryptable` waits for its key,
///   `waiting` for its answer, `parked` was given up and waits for a person, `closed` is done.
///   Nothing before an event that `is_floor` is for the bot. `protection` and `trust` say how a
///   message came, `reason` why it is undecryptable or parked. `revision` counts its edits.
///   `taken_at` and `failing_since` are in milliseconds since the Unix epoch.
/// - `reply`: the events of an answer; `event_id` is known of those that were sent.
/// - `draft`: events of an answer that is still being written.
/// - `edit`: the newest edit of a message that is undecryptable.
/// - `staged`: the part of a gap that was read so far, newest first; not there until all of it is.
/// - `encrypted_room`: rooms that were seen encrypted.
pub(super) const TABLES: &str = "
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    owner TEXT NOT NULL,
    position TEXT,
    predecessor TEXT,
    generation INTEGER NOT NULL DEFAULT 0,
    is_running INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('seen', 'undecryptable', 'waiting', 'parked', 'closed')),
    is_floor INTEGER NOT NULL DEFAULT 0,
    conversation TEXT,
    sender TEXT,
    protection TEXT,
    trust TEXT,
    session_id TEXT,
    payload TEXT,
    taken_at INTEGER,
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    revision INTEGER NOT NULL DEFAULT 0,
    UNIQUE (room_id, event_id)
) STRICT;
CREATE INDEX event_of_room ON event (room_id, seq);
CREATE INDEX event_waiting ON event (conversation, seq) WHERE state = 'waiting';
CREATE INDEX event_parked ON event (seq) WHERE state = 'parked';
CREATE INDEX event_undecryptable ON event (session_id) WHERE state = 'undecryptable';
CREATE TABLE reply (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    content TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    event_id TEXT,
    PRIMARY KEY (seq, part)
) STRICT;
CREATE INDEX reply_event ON reply (event_id) WHERE event_id IS NOT NULL;
CREATE TABLE draft (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    event_id TEXT,
    content TEXT NOT NULL,
    PRIMARY KEY (seq, part)
) STRICT;
CREATE TABLE edit (
    seq INTEGER PRIMARY KEY REFERENCES event (seq) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    protection TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL UNIQUE,
    inviter TEXT
) STRICT;
CREATE TABLE encrypted_room (room_id TEXT PRIMARY KEY) STRICT;
CREATE TABLE staged (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entry TEXT NOT NULL
) STRICT;
";

/// Opens the journal at this path for this account, creating or emptying it as needed.
pub(super) fn open(path: &Path, account: &str) -> Result<Connection> {
    let failed = |error| failure(path, error);
    let mut connection = Connection::open(path).map_err(failed)?;
    prepare(&connection).map_err(failed)?;
    let version = version(&connection).map_err(failed)?;
    if version > VERSION {
        return Err(
            Error::failure(format!("{} was written by a newer nanobot", path.display()))
                .hint("update this nanobot to the version that wrote it"),
        );
    }
    migration::to_this_version(&mut connection, version).map_err(failed)?;
    tighten(&connection).map_err(failed)?;
    claim(&mut connection, account).map_err(failed)?;
    Ok(connection)
}

/// Opens a database with what every connection to a journal needs.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // Works only while there is no table yet; an older database gets it when it is migrated.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
    // A commit is on the disk when it returns: it is what the sync position stands on.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Answered messages are not left behind in free pages, nor past a start in the log of writes.
    connection.pragma_update(None, "secure_delete", true)
}

fn tighten(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.execute("DELETE FROM staged", [])?;
    upkeep::give_back(connection, 0)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// The version of the tables that are there; 0 where there are none.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn claim(connection: &mut Connection, account: &str) -> rusqlite::Result<()> {
    let owner: Option<String> = connection
        .query_row("SELECT owner FROM account", [], |row| row.get(0))
        .optional()?;
    if owner.as_deref() == Some(account) {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    empty(&transaction)?;
    transaction.execute_batch("DELETE FROM invitation; DELETE FROM account;")?;
    transaction.execute(
        "INSERT INTO account (id, owner) VALUES (1, ?1)",
        params![account],
    )?;
    transaction.commit()
}

/// Removes everything that came of rooms the bot is in.
pub(super) fn empty(transaction: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "DELETE FROM reply; DELETE FROM draft; DELETE FROM edit; DELETE FROM staged;
         DELETE FROM event; DELETE FROM encrypted_room;",
    )
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
