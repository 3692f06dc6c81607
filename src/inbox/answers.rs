//! What goes out: the oldest message of each conversation, and its reply until it is sent.

use rusqlite::{Transaction, params};

use super::{Inbox, Protection};
use crate::error::Result;

/// What the name of a conversation's urgent part begins with. Room ids begin with `!`.
const URGENT: &str = "urgent ";

/// The part of a conversation whose messages do not wait for those before them, while those
/// behind them wait for it. It is a conversation of its own.
#[must_use]
pub fn urgent(conversation: &str) -> String {
    format!("{URGENT}{conversation}")
}

/// The conversation that this is the [`urgent`] part of; `None` where it is no such part.
#[must_use]
pub fn behind(urgent: &str) -> Option<&str> {
    urgent.strip_prefix(URGENT)
}

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

/// Parts from this number on are files. They go out before the words.
pub const FIRST_FILE: u32 = 1_000_000;

/// One event of a reply, recorded before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which of the reply's events this is: those of its words from 0, those of its files from
    /// [`FIRST_FILE`].
    pub part: u32,
    /// The content to send, as JSON.
    pub content: String,
}

impl Inbox {
    /// Conversations with a message that waits for its answer.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn waiting_conversations(&self) -> Result<Vec<String>> {
        self.with(|db| {
            db.prepare(
                "SELECT conversation FROM event WHERE state = 'waiting'
                 GROUP BY conversation ORDER BY min(seq)",
            )?
            .query_map([], |row| row.get(0))?
            .collect()
        })
        .await
    }

    /// The oldest message of a conversation that waits for its answer; none while an [`urgent`]
    /// one that came before it is not done.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn next(&self, conversation: &str) -> Result<Option<Waiting>> {
        Ok(self.next_together(conversation, 1).await?.pop())
    }

    /// The oldest messages of a conversation that may be answered with one reply, `most` of them
    /// at most: those of [`Inbox::next`], and one alone where its reply is recorded.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn next_together(&self, conversation: &str, most: u32) -> Result<Vec<Waiting>> {
        let conversation = conversation.to_owned();
        let urgent = urgent(&conversation);
        self.with(move |db| {
            let mut statement = db.prepare_cached(
                "SELECT seq, room_id, event_id, payload, protection, trust, session_id, attempts,
                   revision,
                   EXISTS (SELECT 1 FROM reply WHERE reply.seq = event.seq) AS has_reply
                 FROM event
                 WHERE state = 'waiting' AND conversation = ?1 AND NOT EXISTS
                   (SELECT 1 FROM event AS first WHERE first.state = 'waiting'
                    AND first.conversation = ?2 AND first.seq < event.seq)
                 ORDER BY seq LIMIT ?3",
            )?;
            let mut rows = statement.query(params![conversation, urgent, most])?;
            let mut together = Vec::new();
            while let Some(row) = rows.next()? {
                let has_reply: bool = row.get("has_reply")?;
                if has_reply && !together.is_empty() {
                    break;
                }
                together.push(read_waiting(row)?);
                if has_reply {
                    break;
                }
            }
            Ok(together)
        })
        .await
    }

    /// Whether a message still waits for its answer.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn waits(&self, seq: i64) -> Result<bool> {
        self.with(move |db| {
            db.query_row(
                "SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1 AND state = 'waiting')",
                params![seq],
                |row| row.get(0),
            )
        })
        .await
    }

    /// The recorded reply to a message, without the parts that were sent; `None` where no reply
    /// is recorded yet.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn reply(&self, seq: i64) -> Result<Option<Vec<Part>>> {
        self.with(move |db| {
            let recorded: bool = db.query_row(
                "SELECT EXISTS (SELECT 1 FROM reply WHERE seq = ?1)",
                params![seq],
                |row| row.get(0),
            )?;
            if !recorded {
                return Ok(None);
            }
            db.prepare_cached(
                "SELECT part, content FROM reply WHERE seq = ?1 AND sent = 0
                 ORDER BY part < ?2, part",
            )?
            .query_map(params![seq, FIRST_FILE], |row| {
                Ok(Part {
                    part: row.get(0)?,
                    content: row.get(1)?,
                })
            })?
            .collect::<rusqlite::Result<Vec<_>>>()
            .map(Some)
        })
        .await
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
        self.with(move |db| {
            let transaction = db.transaction()?;
            let waits: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1 AND state = 'waiting'
                   AND (?2 IS NULL OR revision = ?2))",
                params![seq, revision],
                |row| row.get(0),
            )?;
            if !waits {
                return Ok(false);
            }
            for part in &parts {
                transaction.execute(
                    "INSERT INTO reply (seq, part, content) VALUES (?1, ?2, ?3)",
                    params![seq, part.part, part.content],
                )?;
            }
            close(&transaction, &earlier)?;
            transaction.commit()?;
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
        self.with(move |db| {
            let transaction = db.transaction()?;
            transaction.execute(
                "UPDATE reply SET sent = 1, event_id = ?3 WHERE seq = ?1 AND part = ?2",
                params![seq, part, event_id],
            )?;
            transaction.execute(
                "DELETE FROM draft WHERE seq = ?1 AND part = ?2",
                params![seq, part],
            )?;
            transaction.commit()
        })
        .await
    }

    /// Closes messages: there is nothing left to do for them. Their words are removed.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn close(&self, seqs: Vec<i64>) -> Result<()> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            close(&transaction, &seqs)?;
            transaction.commit()
        })
        .await
    }

    /// Closes the messages of a conversation that came before this place in the journal: those
    /// that wait or were given up, unless their reply is on its way without any trouble. Returns
    /// how many.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn close_before(&self, conversation: &str, seq: i64) -> Result<usize> {
        let conversation = conversation.to_owned();
        self.with(move |db| {
            let transaction = db.transaction()?;
            let seqs = transaction
                .prepare(
                    "SELECT seq FROM event
                     WHERE conversation = ?1 AND seq < ?2 AND (state = 'parked' OR
                       (state = 'waiting' AND (attempts > 0 OR
                        NOT EXISTS (SELECT 1 FROM reply WHERE reply.seq = event.seq))))",
                )?
                .query_map(params![conversation, seq], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
            close(&transaction, &seqs)?;
            transaction.commit()?;
            Ok(seqs.len())
        })
        .await
    }
}

pub(super) fn close(transaction: &Transaction<'_>, seqs: &[i64]) -> rusqlite::Result<()> {
    for seq in seqs {
        transaction.execute("DELETE FROM reply WHERE seq = ?1", [seq])?;
        transaction.execute("DELETE FROM edit WHERE seq = ?1", [seq])?;
        transaction.execute(
            "UPDATE event SET state = 'closed', conversation = NULL, payload = NULL, reason = NULL
             WHERE seq = ?1",
            [seq],
        )?;
    }
    Ok(())
}

fn read_waiting(row: &rusqlite::Row<'_>) -> rusqlite::Result<Waiting> {
    let protection: Option<String> = row.get("protection")?;
    Ok(Waiting {
        seq: row.get("seq")?,
        room_id: row.get("room_id")?,
        event_id: row.get("event_id")?,
        payload: row.get("payload")?,
        protection: Protection::of_columns(
            protection.as_deref(),
            row.get("trust")?,
            row.get("session_id")?,
        ),
        attempts: row.get("attempts")?,
        revision: row.get("revision")?,
    })
}
