//! What the journal holds, for those who look after the bot.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;

use super::{
    FILE_NAME, Journal, all, schema,
    soundness::{damage, is_damage, open_as_it_is},
    tables::VERSION,
};
use crate::{
    error::{Error, Result},
    files::changed_at,
    ipc::{Backlog, Newest, ParkedMessage, UndecryptableEvent},
    text::excerpt,
    threads::aside,
};

/// The version that writes down when events came and why they cannot be decrypted.
const KEEPS_REASONS: i64 = 2;
/// The version that keeps messages that were given up.
const KEEPS_PARKED: i64 = 4;

/// What the journal holds that is not done, and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The user ID and the device ID it belongs to, with a space between; `None` for a journal
    /// that was made and not used.
    pub owner: Option<String>,
    /// What waits.
    pub backlog: Backlog,
    /// How often the gateway was started with it.
    pub generation: u64,
    /// When the last message came in, in milliseconds since the Unix epoch, where that is known.
    pub last_received_at: Option<u64>,
}

/// A journal as it lies on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It can be read.
    Sound {
        /// The version of its tables; one older than this program's is brought up to date when
        /// the gateway starts.
        version: i64,
        /// What it holds.
        summary: Summary,
    },
    /// Its file is damaged.
    Damaged {
        /// What `SQLite` says about it.
        why: String,
    },
    /// A newer nanobot wrote it, so nothing more is known of it.
    Newer {
        /// The version of its tables.
        version: i64,
    },
}

impl Summary {
    /// When the journal in this directory was last written, in milliseconds since the Unix epoch;
    /// `None` where there is none.
    pub fn written_at(directory: &Path) -> Option<u64> {
        let written = ["", "-wal"]
            .into_iter()
            .filter_map(|end| changed_at(&directory.join(format!("{FILE_NAME}{end}"))));
        written.max()
    }

    /// Reads the journal in this directory while no gateway runs; `None` where there is none.
    ///
    /// It is opened only for reading: it is not brought up to date, and not emptied for another
    /// account, as [`Journal::open`] would. Its whole file is checked for damage.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be opened or read.
    pub async fn read(directory: &Path) -> Result<Option<Stored>> {
        let path = directory.join(FILE_NAME);
        aside(move || read(&path)).await
    }
}

impl Journal {
    /// What is in the journal.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub async fn summary(&self) -> Result<Summary> {
        self.with(|db| summarize(db, VERSION)).await
    }
}

fn read(path: &Path) -> Result<Option<Stored>> {
    let exists = path.try_exists().map_err(|error| {
        Error::failure(format!("cannot look at {}", path.display())).because(error)
    })?;
    if !exists {
        return Ok(None);
    }
    match examine(path) {
        Err(error) if is_damage(&error) => Ok(Some(Stored::Damaged {
            why: error.to_string(),
        })),
        outcome => outcome.map_err(|error| schema::failure(path, error)),
    }
}

fn examine(path: &Path) -> rusqlite::Result<Option<Stored>> {
    let db = open_as_it_is(path)?;
    let version = schema::version(&db)?;
    if version == 0 {
        return Ok(None);
    }
    if version > VERSION {
        return Ok(Some(Stored::Newer { version }));
    }
    if let Some(why) = damage(&db)? {
        return Ok(Some(Stored::Damaged { why }));
    }
    let summary = summarize(&db, version)?;
    Ok(Some(Stored::Sound { version, summary }))
}

fn summarize(db: &Connection, version: i64) -> rusqlite::Result<Summary> {
    let (taken_at, reason) = if version >= KEEPS_REASONS {
        ("taken_at", "reason")
    } else {
        ("NULL", "NULL")
    };
    let mut summary = Summary::default();
    let sql = "SELECT owner FROM account";
    summary.owner = db.query_row(sql, [], |row| row.get(0)).optional()?;
    let backlog = &mut summary.backlog;
    (backlog.waiting, backlog.oldest_waiting_at) = db.query_row(
        &format!("SELECT count(*), min({taken_at}) FROM event WHERE state = 'waiting'"),
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    summary.last_received_at = db.query_row(
        &format!("SELECT max({taken_at}) FROM event WHERE state NOT IN ('seen', 'undecryptable')"),
        [],
        |row| row.get(0),
    )?;
    let columns = format!("{taken_at} AS taken_at, {reason} AS reason, session_id, payload");
    let (count, recent) = listed(db, "undecryptable", &columns, undecryptable)?;
    backlog.undecryptable = Newest { count, recent };
    if version >= KEEPS_PARKED {
        let columns = "attempts, failing_since, reason";
        let (count, recent) = listed(db, "parked", columns, parked)?;
        backlog.parked = Newest { count, recent };
        let sql = "SELECT generation FROM account";
        let generation = db.query_row(sql, [], |row| row.get(0)).optional()?;
        summary.generation = generation.unwrap_or_default();
    }
    Ok(summary)
}

/// How many events are in this state, and the newest of them.
fn listed<T>(
    db: &Connection,
    state: &str,
    columns: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<(u64, Vec<T>)> {
    let sql = "SELECT count(*) FROM event WHERE state = ?1";
    let count = db.query_row(sql, [state], |row| row.get(0))?;
    let sql = format!(
        "SELECT room_id, event_id, {columns} FROM event WHERE state = ?1 ORDER BY seq DESC LIMIT 5"
    );
    Ok((count, all(db, &sql, [state], read)?))
}

fn parked(row: &Row<'_>) -> rusqlite::Result<ParkedMessage> {
    Ok(ParkedMessage {
        room_id: words(row, "room_id")?.unwrap_or_default(),
        event_id: words(row, "event_id")?.unwrap_or_default(),
        attempts: row.get("attempts")?,
        failing_since: row.get("failing_since")?,
        reason: words(row, "reason")?.unwrap_or_default(),
    })
}

fn undecryptable(row: &Row<'_>) -> rusqlite::Result<UndecryptableEvent> {
    let payload: String = row.get("payload")?;
    // What is not there is shown as not there: a homeserver may send anything as an event.
    let event: Value = serde_json::from_str(&payload).unwrap_or_default();
    let taken_at: Option<u64> = row.get("taken_at")?;
    Ok(UndecryptableEvent {
        room_id: words(row, "room_id")?.unwrap_or_default(),
        event_id: words(row, "event_id")?.unwrap_or_default(),
        sender: excerpt(event["sender"].as_str().unwrap_or_default()),
        session_id: words(row, "session_id")?,
        at: taken_at.or(event["origin_server_ts"].as_u64()),
        reason: words(row, "reason")?,
    })
}

/// A text that came from outside, made harmless.
fn words(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| excerpt(&text)))
}

#[cfg(test)]
mod tests;
