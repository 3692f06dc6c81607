//! Where the journal stands: its positions, and which events it knows.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Inbox, Undecryptable};
use crate::error::Result;

/// Events read at a time.
const PAGE: u32 = 50;

impl Inbox {
    /// The sync position behind everything in the journal.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn position(&self) -> Result<Option<String>> {
        self.with(|db| db.query_row("SELECT position FROM account", [], |row| row.get(0)))
            .await
    }

    /// Sets the position without events, when the journal and the store start out differently.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn set_position(&self, position: Option<String>) -> Result<()> {
        self.with(move |db| {
            db.execute("UPDATE account SET position = ?1", params![position])
                .map(drop)
        })
        .await
    }

    /// The position of the device that this one replaces, as long as what came since is not taken
    /// in.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn predecessor(&self) -> Result<Option<String>> {
        self.with(|db| db.query_row("SELECT predecessor FROM account", [], |row| row.get(0)))
            .await
    }

    /// Everything that came since the predecessor's position is taken in.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn caught_up(&self) -> Result<()> {
        self.with(|db| {
            db.execute("UPDATE account SET predecessor = NULL", [])
                .map(drop)
        })
        .await
    }

    /// How often the gateway was started with this journal.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn generation(&self) -> Result<u64> {
        let generation: i64 = self
            .with(|db| db.query_row("SELECT generation FROM account", [], |row| row.get(0)))
            .await?;
        Ok(u64::try_from(generation).unwrap_or_default())
    }

    /// Counts one more start of the gateway after this many, and returns how many there were.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn next_generation(&self, after: u64) -> Result<u64> {
        let after = i64::try_from(after).unwrap_or(i64::MAX - 1);
        let generation: i64 = self
            .with(move |db| {
                db.query_row(
                    "UPDATE account SET generation = max(generation, ?1) + 1
                     RETURNING generation",
                    [after],
                    |row| row.get(0),
                )
            })
            .await?;
        Ok(u64::try_from(generation).unwrap_or_default())
    }

    /// A run of the gateway begins; whether the one before it died.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn begin_run(&self) -> Result<bool> {
        self.with(|db| {
            let transaction = db.transaction()?;
            let died =
                transaction.query_row("SELECT is_running FROM account", [], |row| row.get(0))?;
            transaction.execute("UPDATE account SET is_running = 1", [])?;
            transaction.commit()?;
            Ok(died)
        })
        .await
    }

    /// The run of the gateway ends as it should.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn end_run(&self) -> Result<()> {
        self.with(|db| {
            db.execute("UPDATE account SET is_running = 0", [])
                .map(drop)
        })
        .await
    }

    /// Which of these events of a room are known, and whether nothing before them is for the bot.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn known(
        &self,
        room_id: &str,
        event_ids: Vec<String>,
    ) -> Result<BTreeMap<String, bool>> {
        let room_id = room_id.to_owned();
        self.with(move |db| {
            let mut statement = db.prepare_cached(
                "SELECT is_floor FROM event WHERE room_id = ?1 AND event_id = ?2",
            )?;
            let mut known = BTreeMap::new();
            for event_id in event_ids {
                let found = statement
                    .query_row(params![room_id, event_id], |row| row.get(0))
                    .optional()?;
                if let Some(is_floor) = found {
                    known.insert(event_id, is_floor);
                }
            }
            Ok(known)
        })
        .await
    }

    /// Whether any event of this room is known.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn knows_room(&self, room_id: &str) -> Result<bool> {
        let room_id = room_id.to_owned();
        self.with(move |db| {
            db.query_row(
                "SELECT EXISTS (SELECT 1 FROM event WHERE room_id = ?1)",
                params![room_id],
                |row| row.get(0),
            )
        })
        .await
    }

    /// Rooms with events that are not done.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn open_rooms(&self) -> Result<Vec<String>> {
        self.with(|db| {
            db.prepare(
                "SELECT DISTINCT room_id FROM event
                 WHERE state IN ('waiting', 'parked', 'undecryptable')",
            )?
            .query_map([], |row| row.get(0))?
            .collect()
        })
        .await
    }

    /// Events behind this place in the journal that wait for a key: those of these Megolm
    /// sessions, or of any. A page of them; none means that there are no more.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn undecryptable(
        &self,
        sessions: Option<Vec<String>>,
        after: i64,
    ) -> Result<Vec<Undecryptable>> {
        // `json_each` makes a table of the list, however long it is.
        let sessions = sessions.map(|sessions| serde_json::json!(sessions).to_string());
        self.with(move |db| {
            db.prepare(
                "SELECT seq, room_id, reason, payload FROM event
                 WHERE state = 'undecryptable' AND seq > ?1
                   AND (?2 IS NULL OR session_id IN (SELECT value FROM json_each(?2)))
                 ORDER BY seq LIMIT ?3",
            )?
            .query_map(params![after, sessions, PAGE], |row| {
                Ok(Undecryptable {
                    seq: row.get(0)?,
                    room_id: row.get(1)?,
                    reason: row.get(2)?,
                    payload: row.get(3)?,
                })
            })?
            .collect()
        })
        .await
    }
}
