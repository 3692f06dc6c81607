//! Answers that are shown while they are being written: which events of theirs are in the room.

use rusqlite::params;

use super::{Inbox, Waiting};
use crate::error::Result;

/// An event of an answer that is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftEvent {
    /// Which of the answer's events this is, from 0.
    pub part: u32,
    /// Its id; `None` where it is not known whether the homeserver has it.
    pub event_id: Option<String>,
    /// The content, as JSON, that it is known to show; empty where that is not known.
    pub content: String,
}

impl Inbox {
    /// Records that an event of an unfinished answer is about to be sent. Where that is recorded
    /// already nothing changes.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn begin_draft(&self, seq: i64, part: u32) -> Result<()> {
        self.with(move |db| {
            db.execute(
                "INSERT OR IGNORE INTO draft (seq, part, content) VALUES (?1, ?2, '')",
                params![seq, part],
            )
            .map(drop)
        })
        .await
    }

    /// Records which event it became, and what it shows now.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn draft_shown(&self, seq: i64, draft: DraftEvent) -> Result<()> {
        self.with(move |db| {
            db.execute(
                "UPDATE draft SET event_id = ?3, content = ?4 WHERE seq = ?1 AND part = ?2",
                params![seq, draft.part, draft.event_id, draft.content],
            )
            .map(drop)
        })
        .await
    }

    /// The events of an unfinished answer to a message, in their order.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn drafts(&self, seq: i64) -> Result<Vec<DraftEvent>> {
        self.with(move |db| {
            db.prepare_cached(
                "SELECT part, event_id, content FROM draft WHERE seq = ?1 ORDER BY part",
            )?
            .query_map(params![seq], |row| {
                Ok(DraftEvent {
                    part: row.get(0)?,
                    event_id: row.get(1)?,
                    content: row.get(2)?,
                })
            })?
            .collect()
        })
        .await
    }

    /// Forgets the events of an unfinished answer: nothing more becomes of them.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn forget_drafts(&self, seq: i64) -> Result<()> {
        self.with(move |db| {
            db.execute("DELETE FROM draft WHERE seq = ?1", params![seq])
                .map(drop)
        })
        .await
    }

    /// The messages whose answer was begun and will not come: they are closed, and events of an
    /// unfinished answer are left. Their words are not kept.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn abandoned_drafts(&self) -> Result<Vec<Waiting>> {
        self.with(|db| {
            db.prepare(
                "SELECT seq, room_id, event_id FROM event
                 WHERE state = 'closed' AND seq IN (SELECT seq FROM draft) ORDER BY seq",
            )?
            .query_map([], |row| {
                Ok(Waiting {
                    seq: row.get(0)?,
                    room_id: row.get(1)?,
                    event_id: row.get(2)?,
                    payload: String::new(),
                })
            })?
            .collect()
        })
        .await
    }
}
