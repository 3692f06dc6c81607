//! What comes in: batches of events with the sync position behind them.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Inbox;
use crate::{error::Result, instance::now};

/// Closed events kept per room, so that a gap can be recognised where it ends.
const ANCHORS_PER_ROOM: u32 = 500;
/// Events without their key kept per room, and in all: whoever keeps a key back must not fill
/// the disk.
const UNDECRYPTABLE_PER_ROOM: u32 = 500;
const UNDECRYPTABLE_IN_ALL: u32 = 5000;
/// Events read at a time.
const PAGE: u32 = 50;

/// One event of a room's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The room it was sent to.
    pub room_id: String,
    /// Its id.
    pub event_id: String,
    /// What it means to the bot.
    pub arrival: Arrival,
}

/// What an event means to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing to do; remembered so that it is recognised.
    Seen,
    /// A message to look at.
    Message {
        /// Messages of one conversation are answered in order.
        conversation: String,
        /// The event's JSON, decrypted.
        payload: String,
    },
    /// An event whose key has not come yet.
    Undecryptable {
        /// The Megolm session it was encrypted with, where it says so.
        session_id: Option<String>,
        /// Why it cannot be decrypted, in words.
        reason: String,
        /// The event's JSON, still encrypted.
        payload: String,
    },
}

/// An invitation to a room that the bot has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Invitation {
    /// The room.
    pub room_id: String,
    /// Who invited.
    pub inviter: String,
}

/// An event whose key has not come yet, as it was journaled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecryptable {
    /// Its place in the journal.
    pub seq: i64,
    /// The room it was sent to.
    pub room_id: String,
    /// Why it could not be decrypted; `None` where an older version journaled it.
    pub reason: Option<String>,
    /// Its encrypted JSON.
    pub payload: String,
}

/// Everything one sync response brings, committed at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The sync position behind these events (`next_batch`).
    pub position: String,
    /// Events in the order they are to be looked at.
    pub entries: Vec<Entry>,
    /// Invitations received.
    pub invitations: Vec<Invitation>,
    /// Rooms whose invitation is settled: joined, left, or withdrawn.
    pub settled: Vec<String>,
}

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

    /// Commits a batch, and returns the conversations that got something new to answer.
    ///
    /// Events that are already known are left as they are.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written; then nothing of the batch is.
    pub async fn commit(&self, batch: Batch) -> Result<BTreeSet<String>> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            let fresh = insert(&transaction, &batch)?;
            transaction.execute("UPDATE account SET position = ?1", params![batch.position])?;
            transaction.commit()?;
            Ok(fresh)
        })
        .await
    }

    /// Which of these events of a room are known.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn known(&self, room_id: &str, event_ids: Vec<String>) -> Result<BTreeSet<String>> {
        let room_id = room_id.to_owned();
        self.with(move |db| {
            let mut known = BTreeSet::new();
            for event_id in event_ids {
                if is_known(db, &room_id, &event_id)? {
                    known.insert(event_id);
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

    /// Invitations that are not settled.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn invitations(&self) -> Result<Vec<Invitation>> {
        self.with(|db| {
            db.prepare("SELECT room_id, inviter FROM invitation ORDER BY rowid")?
                .query_map([], |row| {
                    Ok(Invitation {
                        room_id: row.get(0)?,
                        inviter: row.get(1)?,
                    })
                })?
                .collect()
        })
        .await
    }

    /// Adds invitations that came before the journal did.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn add_invitations(&self, invitations: Vec<Invitation>) -> Result<()> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            for invitation in &invitations {
                add_invitation(&transaction, invitation)?;
            }
            transaction.commit()
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
            .query_map(params![after, sessions, PAGE], read_undecryptable)?
            .collect()
        })
        .await
    }

    /// Records what an undecryptable event turned out to be, or another reason why it is one.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn looked_at_again(&self, seq: i64, arrival: Arrival) -> Result<()> {
        self.with(move |db| {
            let row = Row::of(&arrival);
            db.execute(
                "UPDATE event SET state = ?2, conversation = ?3, session_id = ?4, reason = ?5,
                   payload = ?6
                 WHERE seq = ?1 AND state = 'undecryptable'",
                params![
                    seq,
                    row.state,
                    row.conversation,
                    row.session_id,
                    row.reason,
                    row.payload
                ],
            )
            .map(drop)
        })
        .await
    }
}

/// The columns that an arrival fills.
struct Row<'a> {
    state: &'static str,
    conversation: Option<&'a str>,
    session_id: Option<&'a str>,
    reason: Option<&'a str>,
    payload: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(arrival: &'a Arrival) -> Self {
        match arrival {
            Arrival::Seen => Self {
                state: "seen",
                conversation: None,
                session_id: None,
                reason: None,
                payload: None,
            },
            Arrival::Message {
                conversation,
                payload,
            } => Self {
                state: "waiting",
                conversation: Some(conversation),
                session_id: None,
                reason: None,
                payload: Some(payload),
            },
            Arrival::Undecryptable {
                session_id,
                reason,
                payload,
            } => Self {
                state: "undecryptable",
                conversation: None,
                session_id: session_id.as_deref(),
                reason: Some(reason),
                payload: Some(payload),
            },
        }
    }
}

fn insert(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<BTreeSet<String>> {
    let mut fresh = BTreeSet::new();
    let mut rooms = BTreeSet::new();
    {
        let mut statement = transaction.prepare(
            "INSERT INTO event
               (room_id, event_id, state, conversation, session_id, reason, payload, taken_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?;
        // SQLite's range ends in 292 million years.
        let taken_at = i64::try_from(now()).unwrap_or(i64::MAX);
        for entry in &batch.entries {
            let row = Row::of(&entry.arrival);
            let added = statement.execute(params![
                entry.room_id,
                entry.event_id,
                row.state,
                row.conversation,
                row.session_id,
                row.reason,
                row.payload,
                taken_at
            ])?;
            if added == 1 {
                rooms.insert(&entry.room_id);
                fresh.extend(row.conversation.map(str::to_owned));
            }
        }
    }
    for room in rooms {
        trim(transaction, room)?;
    }
    for invitation in &batch.invitations {
        add_invitation(transaction, invitation)?;
    }
    for room in &batch.settled {
        transaction.execute("DELETE FROM invitation WHERE room_id = ?1", params![room])?;
    }
    Ok(fresh)
}

fn trim(transaction: &Transaction<'_>, room_id: &str) -> rusqlite::Result<()> {
    transaction.execute(
        "DELETE FROM event WHERE room_id = ?1 AND state IN ('seen', 'closed') AND seq <=
           (SELECT seq FROM event WHERE room_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        params![room_id, ANCHORS_PER_ROOM],
    )?;
    transaction.execute(
        "DELETE FROM event WHERE room_id = ?1 AND state = 'undecryptable' AND seq <=
           (SELECT seq FROM event WHERE room_id = ?1 AND state = 'undecryptable'
            ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        params![room_id, UNDECRYPTABLE_PER_ROOM],
    )?;
    transaction
        .execute(
            "DELETE FROM event WHERE state = 'undecryptable' AND seq <=
               (SELECT seq FROM event WHERE state = 'undecryptable'
                ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
            params![UNDECRYPTABLE_IN_ALL],
        )
        .map(drop)
}

fn add_invitation(transaction: &Transaction<'_>, invitation: &Invitation) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO invitation (room_id, inviter) VALUES (?1, ?2)
             ON CONFLICT (room_id) DO UPDATE SET inviter = excluded.inviter",
            params![invitation.room_id, invitation.inviter],
        )
        .map(drop)
}

fn is_known(db: &Connection, room_id: &str, event_id: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM event WHERE room_id = ?1 AND event_id = ?2")?
        .query_row(params![room_id, event_id], |_| Ok(()))
        .optional()
        .map(|found| found.is_some())
}

fn read_undecryptable(row: &rusqlite::Row<'_>) -> rusqlite::Result<Undecryptable> {
    Ok(Undecryptable {
        seq: row.get(0)?,
        room_id: row.get(1)?,
        reason: row.get(2)?,
        payload: row.get(3)?,
    })
}
