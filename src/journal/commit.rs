//! Committing what came in.

use std::collections::BTreeSet;

use rusqlite::{
    Error::{FromSqlConversionFailure, ToSqlConversionFailure},
    OptionalExtension, Params, Transaction, params,
    types::Type,
};

use super::{
    Arrival, Batch, Changes, Durability, Entry, Journal, SENDER_MISMATCH, Undecryptable, run,
};
use crate::{error::Result, ipc::now};

/// Closed events kept per room, so that a gap can be recognised where it ends.
const ANCHORS_PER_ROOM: u32 = 500;
/// Events without their key kept per room, and in all: whoever keeps a key back must not fill
/// the disk.
const UNDECRYPTABLE_PER_ROOM: u32 = 500;
const UNDECRYPTABLE_IN_ALL: u32 = 5000;

impl Journal {
    /// Commits a batch, and returns what it changed. Events that are already known are left as
    /// they are.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written; then nothing of the batch is.
    pub async fn commit(&self, batch: Batch) -> Result<Changes> {
        let encrypted = batch.encrypted.clone();
        let is_new = |room: &String| !self.is_encrypted(room);
        let durability = if batch.comes_again_alike() && !encrypted.iter().any(is_new) {
            Durability::Eventual
        } else {
            Durability::Immediate
        };
        let changes = self.write(durability, |commit| commit.take_in(batch));
        let changes = changes.await?;
        self.remember_encrypted(encrypted);
        Ok(changes)
    }

    async fn write(
        &self,
        durability: Durability,
        work: impl FnOnce(&mut Commit<'_>) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<Changes> {
        self.transact_with(durability, |db| {
            let mut commit = Commit {
                db,
                at: now(),
                changes: Changes::default(),
            };
            work(&mut commit)?;
            Ok(commit.changes)
        })
        .await
    }

    /// Keeps these entries for the batch that will be [after them](Batch::after_staged). They are
    /// the oldest so far, and come newest first.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn stage(&self, newest_first: Vec<Entry>) -> Result<()> {
        self.transact(move |transaction| {
            for entry in &newest_first {
                let entry = serde_json::to_string(entry)
                    .map_err(|error| ToSqlConversionFailure(error.into()))?;
                transaction.execute("INSERT INTO staged (entry) VALUES (?1)", [entry])?;
            }
            Ok(())
        })
        .await
    }

    /// Forgets what was staged: the gap that it belongs to is read anew.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn forget_staged(&self) -> Result<()> {
        if self
            .field("SELECT EXISTS (SELECT 1 FROM staged)", [])
            .await?
        {
            self.execute("DELETE FROM staged", []).await?;
        }
        Ok(())
    }

    /// Records what an undecryptable event turned out to be, or another reason why it is one.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn looked_at_again(&self, event: Undecryptable, arrival: Arrival) -> Result<Changes> {
        self.write(Durability::Immediate, move |commit| {
            let sql = "UPDATE event SET state = 'seen', sender = NULL, session_id = NULL,
                         reason = NULL, payload = NULL
                       WHERE seq = ?1 AND state = 'undecryptable' RETURNING event_id";
            let event_id = commit.db.query_row(sql, [event.seq], |row| row.get(0));
            let event_id: Option<String> = event_id.optional()?;
            match event_id {
                Some(event_id) => commit.apply(event.seq, &event.room_id, &event_id, &arrival),
                // It was taken back meanwhile.
                None => Ok(()),
            }
        })
        .await
    }
}

/// A commit while it is written: where to, and what it has changed so far.
pub(super) struct Commit<'a> {
    pub db: &'a Transaction<'a>,
    /// When, in milliseconds since the Unix epoch.
    at: u64,
    pub changes: Changes,
}

impl Commit<'_> {
    /// Runs a statement; returns how many rows it changed.
    pub fn run(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        run(self.db, sql, params)
    }

    fn take_in(&mut self, batch: Batch) -> rusqlite::Result<()> {
        let mut rooms = BTreeSet::new();
        // Before the events: whoever is invited anew begins anew.
        for room in &batch.left {
            self.leave(room)?;
        }
        for (room, inviter) in &batch.invited {
            self.leave(room)?;
            // It gets a number of its own, whatever was there for this room.
            let sql = "INSERT OR REPLACE INTO invitation (room_id, inviter) VALUES (?1, ?2)";
            self.run(sql, (room, inviter))?;
        }
        for room in batch.joined.iter().chain(&batch.left) {
            self.run("DELETE FROM invitation WHERE room_id = ?1", [room])?;
        }
        for room in &batch.encrypted {
            let sql = "INSERT OR IGNORE INTO encrypted_room (room_id) VALUES (?1)";
            self.run(sql, [room])?;
        }
        if batch.after_staged {
            self.take_staged(&mut rooms)?;
        }
        for entry in batch.entries {
            self.take(&entry)?;
            rooms.insert(entry.room_id);
        }
        for room in &rooms {
            self.trim(room)?;
        }
        if let Some(position) = batch.position {
            self.run("UPDATE account SET position = ?1", [position])?;
        }
        Ok(())
    }

    /// Takes in what was staged, oldest first, and forgets it.
    fn take_staged(&mut self, rooms: &mut BTreeSet<String>) -> rusqlite::Result<()> {
        let mut statement = self
            .db
            .prepare("SELECT entry FROM staged ORDER BY seq DESC")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let entry: String = row.get(0)?;
            let entry: Entry = serde_json::from_str(&entry)
                .map_err(|error| FromSqlConversionFailure(0, Type::Text, error.into()))?;
            self.take(&entry)?;
            rooms.insert(entry.room_id);
        }
        self.run("DELETE FROM staged WHERE true", []).map(drop)
    }

    /// Takes in one event, if it is not known.
    fn take(&mut self, entry: &Entry) -> rusqlite::Result<()> {
        let (room_id, event_id) = (&entry.room_id, &entry.event_id);
        if let Arrival::Own(_) = &entry.arrival {
            self.changes.own.push(event_id.clone());
        }
        let sql = "INSERT INTO event (room_id, event_id, state, is_floor, taken_at)
                   VALUES (?1, ?2, 'seen', ?3, ?4) ON CONFLICT DO NOTHING RETURNING seq";
        let seq = self
            .db
            .prepare_cached(sql)?
            .query_row((room_id, event_id, entry.is_floor, self.at), |row| {
                row.get(0)
            });
        let Some(seq) = seq.optional()? else {
            return Ok(());
        };
        self.changes.new_events += 1;
        if let Arrival::Undecryptable { .. } = entry.arrival {
            self.changes.undecryptable += 1;
        }
        self.apply(seq, room_id, event_id, &entry.arrival)
    }

    /// Makes an event that was only seen what it turned out to be, and does what that means for
    /// those before it.
    fn apply(
        &mut self,
        seq: i64,
        room_id: &str,
        event_id: &str,
        arrival: &Arrival,
    ) -> rusqlite::Result<()> {
        match arrival {
            Arrival::Seen => Ok(()),
            Arrival::Edit { target, received } => self.edit(room_id, target, received),
            Arrival::Redaction { target } => self.redact(room_id, target),
            Arrival::Own(own) => self.own(room_id, event_id, own),
            Arrival::Message {
                conversation,
                received,
            } => {
                let (protection, trust, session_id) = received.protection.columns();
                let (sender, payload) = (&received.sender, &received.payload);
                self.run(
                    "UPDATE event SET state = 'waiting', conversation = ?2, sender = ?3,
                       protection = ?4, trust = ?5, session_id = ?6, payload = ?7 WHERE seq = ?1",
                    params![
                        seq,
                        conversation,
                        sender,
                        protection,
                        trust,
                        session_id,
                        payload
                    ],
                )?;
                self.changes.fresh.insert(conversation.clone());
                self.apply_kept_edit(seq)
            }
            Arrival::Undecryptable {
                sender,
                session_id,
                reason,
                payload,
            } => {
                let sql = "UPDATE event SET state = 'undecryptable', sender = ?2, session_id = ?3,
                             reason = ?4, payload = ?5 WHERE seq = ?1";
                self.run(sql, (seq, sender, session_id, reason, payload))
                    .map(drop)
            }
            Arrival::Forged { sender } => {
                let sql = "UPDATE event SET state = 'closed', sender = ?2, reason = ?3
                           WHERE seq = ?1";
                self.run(sql, (seq, sender, SENDER_MISMATCH)).map(drop)
            }
            Arrival::Broken { reason, payload } => {
                let sql = "UPDATE event SET state = 'parked', reason = ?2, payload = ?3
                           WHERE seq = ?1";
                self.run(sql, (seq, reason, payload)).map(drop)
            }
        }
    }

    /// Forgets what is older than the anchors that are kept, and undecryptable events beyond the
    /// most.
    fn trim(&self, room_id: &str) -> rusqlite::Result<()> {
        self.run(
            "DELETE FROM event WHERE room_id = ?1 AND state IN ('seen', 'closed') AND seq <=
               (SELECT seq FROM event WHERE room_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)
               AND seq NOT IN (SELECT seq FROM draft)",
            (room_id, ANCHORS_PER_ROOM),
        )?;
        for (room_id, most) in [
            (Some(room_id), UNDECRYPTABLE_PER_ROOM),
            (None, UNDECRYPTABLE_IN_ALL),
        ] {
            self.run(
                "DELETE FROM event
                 WHERE state = 'undecryptable' AND (?1 IS NULL OR room_id = ?1) AND seq <=
                   (SELECT seq FROM event
                    WHERE state = 'undecryptable' AND (?1 IS NULL OR room_id = ?1)
                    ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
                (room_id, most),
            )?;
        }
        Ok(())
    }
}
