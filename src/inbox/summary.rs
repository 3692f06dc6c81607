//! What the journal holds, for those who look after the bot.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use super::{
    FILE_NAME, Inbox, schema,
    soundness::{damage, is_damage, open_as_it_is},
};
use crate::{
    error::{Error, Result},
    homeserver::tame,
    instance::{Backlog, Parked, ParkedMessage, Undecryptable, UndecryptableEvent},
};

/// The version that writes down when events came and why they cannot be decrypted.
const KEEPS_REASONS: i64 = 2;
/// The version that keeps messages that were given up.
const KEEPS_PARKED: i64 = 4;

/// What the journal holds that is not done, and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The user id and the device id it belongs to, with a space between; `None` for a journal
    /// that was made and not used.
    pub owner: Option<String>,
    /// What waits.
    pub backlog: Backlog,
    /// How often the gateway was started with it.
    pub generation: u64,
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
    /// Reads the journal in this directory while no gateway runs; `None` where there is none.
    ///
    /// It is opened only for reading: it is not brought up to date, and not emptied for another
    /// account, as [`Inbox::open`] would. Its whole file is checked for damage.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be opened or read.
    pub async fn read(directory: &Path) -> Result<Option<Stored>> {
        let path = directory.join(FILE_NAME);
        tokio::task::spawn_blocking(move || read(&path))
            .await
            .map_err(|error| Error::failure("the journal's thread ended").because(error))?
    }
}

impl Inbox {
    /// What is in the journal.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub async fn summary(&self) -> Result<Summary> {
        self.with(|db| summarize(db, schema::VERSION)).await
    }
}

fn read(path: &Path) -> Result<Option<Stored>> {
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(error) => {
            return Err(Error::failure(format!("cannot look at {}", path.display())).because(error));
        }
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
    if version > schema::VERSION {
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
    let owner = db
        .query_row("SELECT owner FROM account", [], |row| row.get(0))
        .optional()?;
    let (waiting, oldest): (_, Option<i64>) = db.query_row(
        &format!("SELECT count(*), min({taken_at}) FROM event WHERE state = 'waiting'"),
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let count = db.query_row(
        "SELECT count(*) FROM event WHERE state = 'undecryptable'",
        [],
        |row| row.get(0),
    )?;
    let recent = db
        .prepare(&format!(
            "SELECT room_id, event_id, session_id, {taken_at}, {reason}, payload FROM event
             WHERE state = 'undecryptable' ORDER BY seq DESC LIMIT 5"
        ))?
        .query_map([], read_event)?
        .collect::<rusqlite::Result<_>>()?;
    let (parked, generation) = if version >= KEEPS_PARKED {
        let generation = db
            .query_row("SELECT generation FROM account", [], |row| row.get(0))
            .optional()?;
        (parked(db)?, generation.map_or(0, unsigned))
    } else {
        (Parked::default(), 0)
    };
    Ok(Summary {
        owner,
        generation,
        backlog: Backlog {
            parked,
            waiting: unsigned(waiting),
            oldest_waiting_at: oldest.map(unsigned),
            undecryptable: Undecryptable {
                count: unsigned(count),
                recent,
            },
        },
    })
}

fn parked(db: &Connection) -> rusqlite::Result<Parked> {
    let count = db.query_row(
        "SELECT count(*) FROM event WHERE state = 'parked'",
        [],
        |row| row.get(0),
    )?;
    let recent = db
        .prepare(
            "SELECT room_id, event_id, attempts, failing_since, reason FROM event
             WHERE state = 'parked' ORDER BY seq DESC LIMIT 5",
        )?
        .query_map([], |row| {
            let words = |index| row.get(index).map(|text: String| tame(&text, &[]));
            let since: Option<i64> = row.get(3)?;
            let reason: Option<String> = row.get(4)?;
            Ok(ParkedMessage {
                room_id: words(0)?,
                event_id: words(1)?,
                attempts: row.get(2)?,
                failing_since: since.map(unsigned),
                reason: tame(&reason.unwrap_or_default(), &[]),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Parked {
        count: unsigned(count),
        recent,
    })
}

/// Counts and times are never negative.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn read_event(row: &rusqlite::Row<'_>) -> rusqlite::Result<UndecryptableEvent> {
    let words = |index| row.get(index).map(|text: String| tame(&text, &[]));
    let maybe = |index| {
        let text: Option<String> = row.get(index)?;
        Ok::<_, rusqlite::Error>(text.map(|text| tame(&text, &[])))
    };
    let taken_at: Option<i64> = row.get(3)?;
    let payload: String = row.get(5)?;
    // What is not there is shown as not there: a homeserver may send anything as an event.
    let event: Value = serde_json::from_str(&payload).unwrap_or_default();
    Ok(UndecryptableEvent {
        room_id: words(0)?,
        event_id: words(1)?,
        sender: tame(event["sender"].as_str().unwrap_or_default(), &[]),
        session_id: maybe(2)?,
        at: taken_at
            .map(unsigned)
            .or(event["origin_server_ts"].as_u64()),
        reason: maybe(4)?,
    })
}

#[cfg(test)]
mod tests;
