//! What goes out: the oldest message of each conversation, and its reply until it is sent or given
//! up.

use rusqlite::{Row, Transaction, params};

use super::{Conversation, Durability, Journal, Lane, Protection, all, run};
use crate::{
    error::Result,
    ipc::{FateState, now},
};

/// A message that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its place in the journal.
    pub seq: i64,
    /// The room it was sent to.
    pub room_id: String,
    /// Its id.
    pub event_id: String,
    /// Its JSON, decrypted.
    pub payload: String,
    /// How it was protected on its way.
    pub protection: Protection,
    /// How often answering it has failed, or may have.
    pub attempts: u32,
    /// How often it was edited.
    pub revision: i64,
}

/// Messages that are kept after they were given up. The oldest are closed for good.
const MOST_PARKED: u32 = 1000;

/// Parts from this number on are files. They go out before the words.
pub const FIRST_FILE: u32 = 1_000_000;
/// The part that is a poll, which comes after the words.
pub const POLL: u32 = 900_000;
/// The part that is a reaction to the message, which comes last.
pub const REACTION: u32 = 950_000;

/// One event of a reply, recorded before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which of the reply's events this is: those of its words from 0, those of its files from
    /// [`FIRST_FILE`], [`POLL`] or [`REACTION`].
    pub part: u32,
    /// The content to send, as JSON.
    pub content: String,
}

/// How often answering a message has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How often.
    pub count: u32,
    /// Since when, in milliseconds since the Unix epoch.
    pub since: u64,
}

/// How a message ended, beside that a rule refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was answered.
    Answered,
    /// Somebody stopped its answer.
    Stopped,
    /// It was taken back, or others answered it, or the bot left its room.
    Withdrawn,
    /// It was discarded.
    Dropped,
}

impl Ended {
    const NAMES: [(Self, &str, FateState); 4] = [
        (Self::Answered, "answered", FateState::Answered),
        (Self::Stopped, "stopped", FateState::Stopped),
        (Self::Withdrawn, "withdrawn", FateState::Withdrawn),
        (Self::Dropped, "dropped", FateState::Dropped),
    ];

    /// Its name in the column `reason`, which for others holds the rule that refused them.
    fn name(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    /// How a message ended of which the column `reason` says this.
    pub(super) fn state(reason: Option<&str>) -> FateState {
        let Some(reason) = reason else {
            return FateState::Done;
        };
        let mut names = Self::NAMES.into_iter();
        names
            .find(|(_, name, _)| *name == reason)
            .map_or(FateState::Refused, |(_, _, state)| state)
    }
}

impl Journal {
    /// Conversations with a message that waits for its answer.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn waiting_conversations(&self) -> Result<Vec<Conversation>> {
        let sql = "SELECT room_id, conversation FROM event
                   WHERE state = 'waiting' AND conversation IS NOT NULL
                   GROUP BY conversation ORDER BY min(seq)";
        let found = self.all(sql, [], Conversation::from_row).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The oldest messages of a conversation that may be answered with one reply, `most` of them
    /// at most: none while a command that came before them is not done, and one alone where its
    /// reply is recorded.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn next_together(
        &self,
        conversation: &Conversation,
        most: u32,
    ) -> Result<Vec<Waiting>> {
        let (conversation, commands) = (conversation.clone(), conversation.lane(Lane::Command));
        let sql = "SELECT seq, room_id, event_id, payload, protection, trust, session_id, attempts,
                     revision,
                     EXISTS (SELECT 1 FROM reply WHERE reply.seq = event.seq) AS has_reply
                   FROM event
                   WHERE state = 'waiting' AND conversation = ?1 AND NOT EXISTS
                     (SELECT 1 FROM event AS first WHERE first.state = 'waiting'
                      AND first.conversation = ?2 AND first.seq < event.seq)
                   ORDER BY seq LIMIT ?3";
        let read = |row: &Row<'_>| Ok((Waiting::from_row(row)?, row.get("has_reply")?));
        let mut found: Vec<(Waiting, bool)> =
            self.few(sql, (conversation, commands, most), read).await?;
        if let Some(recorded) = found.iter().position(|(_, has_reply)| *has_reply) {
            found.truncate(recorded.max(1));
        }
        Ok(found.into_iter().map(|(waiting, _)| waiting).collect())
    }

    /// The next messages of a conversation that wait and come after this place in the journal, `most`
    /// of them at most.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn waiting_after(
        &self,
        conversation: &Conversation,
        seq: i64,
        most: u32,
    ) -> Result<Vec<Waiting>> {
        let sql = "SELECT seq, room_id, event_id, payload, protection, trust, session_id, attempts,
                     revision
                   FROM event WHERE state = 'waiting' AND conversation = ?1 AND seq > ?2
                   ORDER BY seq LIMIT ?3";
        self.all(sql, (conversation.clone(), seq, most), Waiting::from_row)
            .await
    }

    /// Whether a message still waits for its answer.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn waits(&self, seq: i64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1 AND state = 'waiting')";
        self.field(sql, [seq]).await
    }

    /// The recorded reply to a message, without the parts that were sent; `None` where no reply
    /// is recorded yet.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn reply(&self, seq: i64) -> Result<Option<Vec<Part>>> {
        let sql = "SELECT part, content, sent FROM reply WHERE seq = ?1 ORDER BY part < ?2, part";
        let read = |row: &Row<'_>| {
            let (part, content) = (row.get("part")?, row.get("content")?);
            Ok((Part { part, content }, row.get("sent")?))
        };
        let parts: Vec<(Part, bool)> = self.few(sql, (seq, FIRST_FILE), read).await?;
        let is_recorded = !parts.is_empty();
        let left = parts.into_iter().filter(|(_, sent)| !sent);
        Ok(is_recorded.then(|| left.map(|(part, _)| part).collect()))
    }

    /// Records a whole reply before any of it is sent: after a crash the same words go out. It
    /// also answers these earlier messages, which are closed with it.
    ///
    /// Returns whether the message still waited, and in this revision where one is given; where it
    /// was closed or edited meanwhile, nothing is recorded.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn record_reply(
        &self,
        seq: i64,
        revision: Option<i64>,
        earlier: Vec<i64>,
        parts: Vec<Part>,
    ) -> Result<bool> {
        self.transact(move |transaction| {
            let sql = "SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1 AND state = 'waiting'
                         AND (?2 IS NULL OR revision = ?2))";
            let mut query = transaction.prepare_cached(sql)?;
            if !query.query_row((seq, revision), |row| row.get(0))? {
                return Ok(false);
            }
            for part in &parts {
                run(
                    transaction,
                    "INSERT INTO reply (seq, part, content) VALUES (?1, ?2, ?3)",
                    params![seq, part.part, part.content],
                )?;
            }
            close(transaction, &earlier, Ended::Answered)?;
            Ok(true)
        })
        .await
    }

    /// Records that the homeserver has taken one part of a reply as this event; its draft is no
    /// draft any more.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn part_sent(&self, seq: i64, part: u32, event_id: String) -> Result<()> {
        // Sent again, it is the same event.
        self.transact_with(Durability::Eventual, move |transaction| {
            run(
                transaction,
                "UPDATE reply SET sent = 1, event_id = ?3 WHERE seq = ?1 AND part = ?2",
                params![seq, part, event_id],
            )?;
            forget_draft(transaction, seq, part)
        })
        .await
    }

    /// Closes messages: there is nothing left to do for them. Their words are removed.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn close(&self, seqs: Vec<i64>) -> Result<()> {
        self.transact(move |transaction| close(transaction, &seqs, Ended::Answered))
            .await
    }

    /// Closes messages that are not answered, each by the rule of this name.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn close_refused(&self, refused: Vec<(i64, &'static str)>) -> Result<()> {
        self.transact(move |transaction| {
            let mut refused = refused.into_iter();
            refused.try_for_each(|(seq, rule)| close_as(transaction, seq, rule))
        })
        .await
    }

    /// The same for messages whose recorded reply is in the room: sent again, it is the same.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn close_answered(&self, seqs: Vec<i64>) -> Result<()> {
        let closing =
            move |transaction: &Transaction<'_>| close(transaction, &seqs, Ended::Answered);
        self.transact_with(Durability::Eventual, closing).await
    }

    /// Closes the messages of a conversation that came before this place in the journal: those
    /// that wait or were given up, unless their reply is on its way without any trouble. Returns
    /// their places.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn close_before(&self, conversation: &Conversation, seq: i64) -> Result<Vec<i64>> {
        let conversation = conversation.clone();
        self.transact(move |transaction| {
            let sql = "SELECT seq FROM event
                       WHERE conversation = ?1 AND seq < ?2 AND (state = 'parked' OR
                         (state = 'waiting' AND (attempts > 0 OR
                          NOT EXISTS (SELECT 1 FROM reply WHERE reply.seq = event.seq))))";
            let seqs = all(transaction, sql, params![conversation, seq], |row| {
                row.get(0)
            })?;
            close(transaction, &seqs, Ended::Stopped)?;
            Ok(seqs)
        })
        .await
    }

    /// Counts one more failed attempt to answer a message, or one more that may be, and why it
    /// failed, where that is known. One that is not there any more has none.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn attempt_failed(&self, seq: i64, reason: Option<String>) -> Result<Attempts> {
        let sql = "UPDATE event SET attempts = attempts + 1,
                     failing_since = coalesce(failing_since, ?2), reason = coalesce(?3, reason)
                   WHERE seq = ?1 RETURNING attempts, failing_since";
        let counted = self.all(sql, (seq, now(), reason), |row| {
            Ok(Attempts {
                count: row.get("attempts")?,
                since: row.get("failing_since")?,
            })
        });
        let none = Attempts {
            count: 0,
            since: now(),
        };
        Ok(counted.await?.pop().unwrap_or(none))
    }

    /// Gives messages up that wait: they and what is recorded of their answers are kept for a
    /// person, and those behind them do not wait for them any more.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn park(&self, seqs: Vec<i64>, reason: String) -> Result<()> {
        self.transact(move |transaction| {
            for seq in &seqs {
                run(
                    transaction,
                    "UPDATE event SET state = 'parked', reason = ?2
                     WHERE seq = ?1 AND state = 'waiting'",
                    params![seq, reason],
                )?;
            }
            let sql = "SELECT seq FROM event WHERE state = 'parked'
                       ORDER BY seq DESC LIMIT -1 OFFSET ?1";
            let oldest = all(transaction, sql, [MOST_PARKED], |row| row.get(0))?;
            close(transaction, &oldest, Ended::Dropped)
        })
        .await
    }
}

pub(super) fn close(
    transaction: &Transaction<'_>,
    seqs: &[i64],
    ended: Ended,
) -> rusqlite::Result<()> {
    let mut seqs = seqs.iter();
    seqs.try_for_each(|seq| close_as(transaction, *seq, ended.name()))
}

/// Closes a message; the reason is how it [`Ended`], or what it was refused for.
pub(super) fn close_as(
    transaction: &Transaction<'_>,
    seq: i64,
    reason: &str,
) -> rusqlite::Result<()> {
    run(transaction, "DELETE FROM reply WHERE seq = ?1", [seq])?;
    run(transaction, "DELETE FROM edit WHERE seq = ?1", [seq])?;
    let sql = "UPDATE event SET state = 'closed', conversation = NULL, payload = NULL, reason = ?2
               WHERE seq = ?1";
    run(transaction, sql, (seq, reason)).map(drop)
}

/// A part that is in the room is no draft any more, or it would be taken back.
pub(super) fn forget_draft(
    transaction: &Transaction<'_>,
    seq: i64,
    part: u32,
) -> rusqlite::Result<()> {
    let sql = "DELETE FROM draft WHERE seq = ?1 AND part = ?2";
    run(transaction, sql, (seq, part)).map(drop)
}

impl Waiting {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get("seq")?,
            room_id: row.get("room_id")?,
            event_id: row.get("event_id")?,
            payload: row.get("payload")?,
            protection: Protection::from_row(row)?,
            attempts: row.get("attempts")?,
            revision: row.get("revision")?,
        })
    }
}
