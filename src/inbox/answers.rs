//! What goes out: the oldest message of each conversation, and its reply until it is sent.

use rusqlite::{OptionalExtension, params};

use super::Inbox;
use crate::error::Result;

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
}

/// One event of a reply, recorded before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which of the reply's events this is, from 0.
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

    /// The oldest message of a conversation that waits for its answer.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn next(&self, conversation: &str) -> Result<Option<Waiting>> {
        let conversation = conversation.to_owned();
        self.with(move |db| {
            db.prepare_cached(
                "SELECT seq, room_id, event_id, payload FROM event
                 WHERE state = 'waiting' AND conversation = ?1 ORDER BY seq LIMIT 1",
            )?
            .query_row(params![conversation], |row| {
                Ok(Waiting {
                    seq: row.get(0)?,
                    room_id: row.get(1)?,
                    event_id: row.get(2)?,
                    payload: row.get(3)?,
                })
            })
            .optional()
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
                "SELECT part, content FROM reply WHERE seq = ?1 AND sent = 0 ORDER BY part",
            )?
            .query_map(params![seq], |row| {
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

    /// Records a whole reply before any of it is sent: after a crash the same words go out.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn record_reply(&self, seq: i64, parts: Vec<Part>) -> Result<()> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            for part in &parts {
                transaction.execute(
                    "INSERT INTO reply (seq, part, content) VALUES (?1, ?2, ?3)",
                    params![seq, part.part, part.content],
                )?;
            }
            transaction.commit()
        })
        .await
    }

    /// Records that the homeserver has taken one part of a reply.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn part_sent(&self, seq: i64, part: u32) -> Result<()> {
        self.with(move |db| {
            db.execute(
                "UPDATE reply SET sent = 1 WHERE seq = ?1 AND part = ?2",
                params![seq, part],
            )
            .map(drop)
        })
        .await
    }

    /// Closes a message: there is nothing left to do for it. Its words are removed.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn close(&self, seq: i64) -> Result<()> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            transaction.execute("DELETE FROM reply WHERE seq = ?1", params![seq])?;
            transaction.execute("DELETE FROM draft WHERE seq = ?1", params![seq])?;
            transaction.execute(
                "UPDATE event SET state = 'closed', conversation = NULL, payload = NULL
                 WHERE seq = ?1",
                params![seq],
            )?;
            transaction.commit()
        })
        .await
    }
}
