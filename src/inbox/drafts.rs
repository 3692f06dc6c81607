//! Answers that are shown while they are being written: which events of theirs are in the room.

use rusqlite::params;

use super::{Inbox, Part, Protection, Waiting};
use crate::error::Result;

/// An event of an answer that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftEvent {
    /// Which of the answer's events this is, from 0.
    pub part: u32,
    /// Its id; `None` where it is not known whether the homeserver has it.
    pub event_id: Option<String>,
    /// The content, as JSON, that it shows; without an id, what it shows if it is there.
    pub content: String,
}

impl Inbox {
    /// Records that this event of an unfinished answer is about to be sent. Where that is recorded
    /// already nothing changes: what may be in the room is what was to be sent first.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn begin_draft(&self, seq: i64, part: Part) -> Result<()> {
        self.with(move |db| {
            db.execute(
                "INSERT OR IGNORE INTO draft (seq, part, content) VALUES (?1, ?2, ?3)",
                params![seq, part.part, part.content],
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
                "SELECT seq, room_id, event_id, protection FROM event
                 WHERE state = 'closed' AND seq IN (SELECT seq FROM draft) ORDER BY seq",
            )?
            .query_map([], |row| {
                let protection: Option<String> = row.get(3)?;
                Ok(Waiting {
                    seq: row.get(0)?,
                    room_id: row.get(1)?,
                    event_id: row.get(2)?,
                    payload: String::new(),
                    protection: Protection::of_columns(protection.as_deref(), None, None),
                    attempts: 0,
                    revision: 0,
                })
            })?
            .collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::{
        Part, inherit,
        tests::{batch, message, open},
    };

    const USER: &str = "@bot:example.org";

    fn draft(part: u32, event_id: Option<&str>) -> DraftEvent {
        DraftEvent {
            part,
            event_id: event_id.map(str::to_owned),
            content: event_id.map_or("first words", |_| "words").to_owned(),
        }
    }

    /// What an event of a draft shows first.
    fn first(part: u32) -> Part {
        Part {
            part,
            content: "first words".to_owned(),
        }
    }

    /// A journal with a message that waits, of whose answer one event is in the room, and another
    /// may be.
    async fn with_drafts(directory: &std::path::Path) -> (Inbox, i64) {
        let inbox = open(directory).await;
        let entries = batch("s1", vec![message("$1", "a")]);
        inbox.commit(entries).await.unwrap();
        let seq = inbox.next("a").await.unwrap().unwrap().seq;
        for part in [0, 1] {
            inbox.begin_draft(seq, first(part)).await.unwrap();
        }
        inbox
            .draft_shown(seq, draft(0, Some("$draft")))
            .await
            .unwrap();
        (inbox, seq)
    }

    #[tokio::test]
    async fn a_draft_lasts_until_its_part_is_sent_or_it_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let (inbox, seq) = with_drafts(directory.path()).await;
        for part in [0, 1] {
            let content = "later words".to_owned();
            let again = Part { part, content };
            inbox.begin_draft(seq, again).await.unwrap();
        }
        let all = [draft(0, Some("$draft")), draft(1, None)];
        assert_eq!(inbox.drafts(seq).await.unwrap(), all);
        inbox.part_sent(seq, 0, "$draft".into()).await.unwrap();
        assert_eq!(inbox.drafts(seq).await.unwrap(), all[1..]);
        assert!(inbox.abandoned_drafts().await.unwrap().is_empty());
        inbox.close(vec![seq]).await.unwrap();
        drop(inbox);

        let inbox = open(directory.path()).await;
        let abandoned = inbox.abandoned_drafts().await.unwrap();
        assert_eq!((abandoned.len(), &*abandoned[0].event_id), (1, "$1"));
        inbox.forget_drafts(seq).await.unwrap();
        assert!(inbox.abandoned_drafts().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_new_device_goes_on_in_the_same_draft() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (inbox, seq) = with_drafts(old.path()).await;
        let parts = [0, 1].map(|part| Part {
            part,
            content: "words".to_owned(),
        });
        let recorded = inbox.record_reply(seq, None, Vec::new(), parts.to_vec());
        assert!(recorded.await.unwrap());
        drop(inbox);
        let heir = Inbox::open(new.path(), USER, "NEW").await.unwrap();
        inherit(old.path(), new.path(), USER).await.unwrap();
        let seq = heir.next("a").await.unwrap().unwrap().seq;
        let drafts = [draft(0, Some("$draft")), draft(1, None)];
        assert_eq!(heir.drafts(seq).await.unwrap(), drafts);
        assert_eq!(heir.reply(seq).await.unwrap().unwrap(), parts);
    }
}
