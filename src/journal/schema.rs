//! Opening the journal, and keeping its files small.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension, config::DbConfig, params};

use super::{
    Journal, SYNCHRONOUS,
    tables::{VERSION, to_this_version},
};
use crate::error::{Error, Result};

/// The log of writes is cut back to this many bytes once its pages are in the database.
const LOG_LIMIT: i64 = 4 << 20;
/// How a commit waits until it is on the disk.
pub const IMMEDIATE: &str = "FULL";
/// What is kept of the file in memory, in KiB.
const CACHE: i64 = 256;
/// Free pages that are left for what comes next.
const SPARE: i64 = 256;
/// Pages given back at a time, so that nobody waits long for the journal.
const AT_ONCE: i64 = 4096;

impl Journal {
    /// Gives the disk back what the journal does not need any more, a part of it at a time.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn shrink(&self) -> Result<()> {
        self.with(|db| {
            let free: i64 = db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
            if free <= SPARE {
                return Ok(());
            }
            let pages = (free - SPARE).min(AT_ONCE);
            give_back(db, pages)?;
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
        .await
    }
}

/// Opens the journal at this path for this account, creating or emptying it as needed; without one,
/// for the account it belongs to.
pub(super) fn open(path: &Path, account: Option<&str>) -> Result<Connection> {
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
    to_this_version(&mut connection, version).map_err(failed)?;
    tighten(&connection).map_err(failed)?;
    if let Some(account) = account {
        claim(&mut connection, account).map_err(failed)?;
    }
    Ok(connection)
}

/// Opens a database with what every connection to a journal needs.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // A statement that is kept ready is not planned anew for each value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Works only while there is no table yet; an older database gets it when it is migrated.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
    connection.pragma_update(None, "cache_size", -CACHE)?;
    // A commit is on the disk when it returns: it is what the sync position stands on.
    connection.pragma_update(None, SYNCHRONOUS, IMMEDIATE)?;
    // Answered messages are not left behind in free pages, nor past a start in the log of writes.
    connection.pragma_update(None, "secure_delete", true)
}

fn tighten(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.execute("DELETE FROM staged WHERE true", [])?;
    give_back(connection, 0)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Gives back this many free pages, or all for 0.
fn give_back(db: &Connection, pages: i64) -> rusqlite::Result<()> {
    // Every step gives back one page.
    let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut steps = statement.query([])?;
    while steps.next()?.is_some() {}
    Ok(())
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
    transaction.execute_batch(
        "DELETE FROM invitation; DELETE FROM told; DELETE FROM account;
         DELETE FROM room; DELETE FROM alias; DELETE FROM avatar;",
    )?;
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
