//! Committing what came in.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{
    Affected, Arrival, Batch, Changes, Entry, Inbox, Own, Received, Undecryptable, effects,
    invitations,
};
use crate::{error::Result, instance::now};

/// Closed events kept per room, so that a gap can be recognised where it ends.
const ANCHORS_PER_ROOM: u32 = 500;
/// Events without their key kept per room, and in all: whoever keeps a key back must not fill
/// the disk.
const UNDECRYPTABLE_PER_ROOM: u32 = 500;
const UNDECRYPTABLE_IN_ALL: u32 = 5000;

impl Inbox {
    /// Commits a batch, and returns what it changed. Events that are already known are left as
    /// they are.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written; then nothing of the batch is.
    pub async fn commit(&self, batch: Batch) -> Result<Changes> {
        let encrypted = batch.encrypted.clone();
        let changes = self
            .with(move |db| {
                let transaction = db.transaction()?;
                let changes = write(&transaction, batch)?;
                transaction.commit()?;
                Ok(changes)
            })
            .await?;
        self.remember_encrypted(encrypted);
        Ok(changes)
    }

    /// Keeps these entries for the batch that will be [after them](Batch::after_staged). They are
    /// the oldest so far, and come newest first.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn stage(&self, newest_first: Vec<Entry>) -> Result<()> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            for entry in &newest_first {
                let entry = serde_json::to_string(entry)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
                transaction.execute("INSERT INTO staged (entry) VALUES (?1)", [entry])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Forgets what was staged: the gap that it belongs to is read anew.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn forget_staged(&self) -> Result<()> {
        self.with(|db| db.execute("DELETE FROM staged", []).map(drop))
            .await
    }

    /// Records what an undecryptable event turned out to be, or another reason why it is one.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn looked_at_again(&self, event: Undecryptable, arrival: Arrival) -> Result<Changes> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            let mut changes = Changes::default();
            resolve(&transaction, &event, &arrival, &mut changes)?;
            transaction.commit()?;
            Ok(changes)
        })
        .await
    }
}

fn write(transaction: &Transaction<'_>, batch: Batch) -> rusqlite::Result<Changes> {
    let mut changes = Changes::default();
    // SQLite's range ends in 292 million years.
    let taken_at = i64::try_from(now()).unwrap_or(i64::MAX);
    let mut rooms = std::collections::BTreeSet::new();
    // Before the events: whoever is invited anew begins anew.
    for room in &batch.left {
        effects::leave(transaction, room, &mut changes)?;
    }
    for (room, inviter) in &batch.invited {
        effects::leave(transaction, room, &mut changes)?;
        invitations::add(transaction, room, inviter.as_deref())?;
    }
    for room in batch.joined.iter().chain(&batch.left) {
        invitations::settle(transaction, room)?;
    }
    for room in &batch.encrypted {
        transaction.execute(
            "INSERT OR IGNORE INTO encrypted_room (room_id) VALUES (?1)",
            [room],
        )?;
    }
    if batch.after_staged {
        take_staged(transaction, |entry| {
            take(transaction, &entry, taken_at, &mut changes)?;
            rooms.insert(entry.room_id);
            Ok(())
        })?;
    }
    for entry in batch.entries {
        take(transaction, &entry, taken_at, &mut changes)?;
        rooms.insert(entry.room_id);
    }
    for room in &rooms {
        trim(transaction, room)?;
    }
    if let Some(position) = batch.position {
        transaction.execute("UPDATE account SET position = ?1", [position])?;
    }
    Ok(changes)
}

/// Hands over what was staged, oldest first, and forgets it.
fn take_staged(
    transaction: &Transaction<'_>,
    mut take: impl FnMut(Entry) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare("SELECT entry FROM staged ORDER BY seq DESC")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let entry: String = row.get(0)?;
        let entry = serde_json::from_str(&entry).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
        })?;
        take(entry)?;
    }
    transaction.execute("DELETE FROM staged", []).map(drop)
}

/// Takes in one event, and does what it means for those before it.
fn take(
    transaction: &Transaction<'_>,
    entry: &Entry,
    taken_at: i64,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let row = Row::of(&entry.arrival);
    let added = transaction
        .prepare_cached(
            "INSERT INTO event (room_id, event_id, state, is_floor, conversation, sender,
               protection, trust, session_id, reason, payload, taken_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            entry.room_id,
            entry.event_id,
            row.state,
            entry.is_floor,
            row.conversation,
            row.sender,
            row.protection,
            row.trust,
            row.session_id,
            row.reason,
            row.payload,
            taken_at
        ])?;
    if let Arrival::Own(_) = &entry.arrival {
        changes.own.push(entry.event_id.clone());
    }
    if added == 0 {
        return Ok(());
    }
    changes.new_events += 1;
    changes.fresh.extend(row.conversation.map(str::to_owned));
    apply(
        transaction,
        &entry.room_id,
        &entry.event_id,
        &entry.arrival,
        changes,
    )
}

/// Does what an event means for those before it.
fn apply(
    transaction: &Transaction<'_>,
    room_id: &str,
    event_id: &str,
    arrival: &Arrival,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    match arrival {
        Arrival::Edit { target, received } => {
            effects::edit(transaction, room_id, target, received, changes)
        }
        Arrival::Redaction { target } => effects::redact(transaction, room_id, target, changes),
        Arrival::Own(own) => effects::own(transaction, room_id, event_id, own, changes),
        Arrival::Undecryptable { .. }
        | Arrival::Message { .. }
        | Arrival::Seen
        | Arrival::Broken { .. } => Ok(()),
    }
}

fn resolve(
    transaction: &Transaction<'_>,
    event: &Undecryptable,
    arrival: &Arrival,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let row = Row::of(arrival);
    let event_id: Option<String> = transaction
        .query_row(
            "UPDATE event SET state = ?2, conversation = ?3, sender = ?4, protection = ?5,
               trust = ?6, session_id = ?7, reason = ?8, payload = ?9
             WHERE seq = ?1 AND state = 'undecryptable' RETURNING event_id",
            params![
                event.seq,
                row.state,
                row.conversation,
                row.sender,
                row.protection,
                row.trust,
                row.session_id,
                row.reason,
                row.payload
            ],
            |row| row.get(0),
        )
        .optional()?;
    // It was taken back meanwhile.
    let Some(event_id) = event_id else {
        return Ok(());
    };
    if let Arrival::Message { conversation, .. } = arrival {
        changes.fresh.insert(conversation.clone());
        effects::apply_kept_edit(transaction, event.seq, changes)?;
    }
    apply(transaction, &event.room_id, &event_id, arrival, changes)
}

/// The columns that an arrival fills.
#[derive(Default)]
struct Row<'a> {
    state: &'static str,
    conversation: Option<&'a str>,
    sender: Option<&'a str>,
    protection: Option<&'static str>,
    trust: Option<&'a str>,
    session_id: Option<&'a str>,
    reason: Option<&'a str>,
    payload: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(arrival: &'a Arrival) -> Self {
        match arrival {
            Arrival::Seen
            | Arrival::Edit { .. }
            | Arrival::Redaction { .. }
            | Arrival::Own(Own { .. }) => Self {
                state: "seen",
                ..Self::default()
            },
            Arrival::Message {
                conversation,
                received,
            } => Self {
                state: "waiting",
                conversation: Some(conversation),
                ..Self::of_received(received)
            },
            Arrival::Undecryptable {
                sender,
                session_id,
                reason,
                payload,
            } => Self {
                state: "undecryptable",
                sender: Some(sender),
                session_id: session_id.as_deref(),
                reason: Some(reason),
                payload: Some(payload),
                ..Self::default()
            },
            Arrival::Broken { reason, payload } => Self {
                state: "parked",
                reason: Some(reason),
                payload: Some(payload),
                ..Self::default()
            },
        }
    }

    fn of_received(received: &'a Received) -> Self {
        let (protection, trust, session_id) = received.protection.columns();
        Self {
            sender: Some(&received.sender),
            protection: Some(protection),
            trust,
            session_id,
            payload: Some(&received.payload),
            ..Self::default()
        }
    }
}

fn trim(transaction: &Connection, room_id: &str) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM event WHERE room_id = ?1 AND state IN ('seen', 'closed') AND seq <=
               (SELECT seq FROM event WHERE room_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)
               AND seq NOT IN (SELECT seq FROM draft)",
        )?
        .execute(params![room_id, ANCHORS_PER_ROOM])?;
    transaction
        .prepare_cached(
            "DELETE FROM event WHERE room_id = ?1 AND state = 'undecryptable' AND seq <=
               (SELECT seq FROM event WHERE room_id = ?1 AND state = 'undecryptable'
                ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![room_id, UNDECRYPTABLE_PER_ROOM])?;
    transaction
        .prepare_cached(
            "DELETE FROM event WHERE state = 'undecryptable' AND seq <=
               (SELECT seq FROM event WHERE state = 'undecryptable'
                ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
        )?
        .execute(params![UNDECRYPTABLE_IN_ALL])
        .map(drop)
}

/// A message that something happened to, where it has a conversation.
pub(super) fn affected(seq: i64, conversation: Option<String>) -> Option<Affected> {
    conversation.map(|conversation| Affected { seq, conversation })
}
