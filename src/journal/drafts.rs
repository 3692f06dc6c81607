//! Answers that are shown while they are being written: which events of theirs are in the room.

use super::{Journal, Part, Waiting};
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

impl Journal {
    /// Records that this event of an unfinished answer is about to be sent. Where that is recorded
    /// already nothing changes: what may be in the room is what was to be sent first.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn begin_draft(&self, seq: i64, part: Part) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO draft (seq, part, content) VALUES (?1, ?2, ?3)";
        self.execute(sql, (seq, part.part, part.content)).await
    }

    /// Records which event it became, and what it shows now.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn draft_shown(&self, seq: i64, draft: DraftEvent) -> Result<()> {
        let sql = "UPDATE draft SET event_id = ?3, content = ?4 WHERE seq = ?1 AND part = ?2";
        self.execute(sql, (seq, draft.part, draft.event_id, draft.content))
            .await
    }

    /// The events of an unfinished answer to a message, in their order.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn drafts(&self, seq: i64) -> Result<Vec<DraftEvent>> {
        let sql = "SELECT part, event_id, content FROM draft WHERE seq = ?1 ORDER BY part";
        self.few(sql, [seq], |row| {
            Ok(DraftEvent {
                part: row.get("part")?,
                event_id: row.get("event_id")?,
                content: row.get("content")?,
            })
        })
        .await
    }

    /// Forgets the events of an unfinished answer: nothing more becomes of them.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn forget_drafts(&self, seq: i64) -> Result<()> {
        self.execute("DELETE FROM draft WHERE seq = ?1", [seq])
            .await
    }

    /// The messages whose answer was begun and will not come: they are closed, and events of an
    /// unfinished answer are left. Their words are not kept.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn abandoned_drafts(&self) -> Result<Vec<Waiting>> {
        let sql = "SELECT seq, room_id, event_id, '' AS payload, protection, NULL AS trust,
                     NULL AS session_id, 0 AS attempts, 0 AS revision FROM event
                   WHERE state = 'closed' AND seq IN (SELECT seq FROM draft) ORDER BY seq";
        self.all(sql, [], Waiting::from_row).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{
        Part, inherit,
        tests::{batch, message, open, thread},
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
    async fn with_drafts(directory: &std::path::Path) -> (Journal, i64) {
        let journal = open(directory).await;
        let entries = batch("s1", vec![message("$1", "a")]);
        journal.commit(entries).await.unwrap();
        let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
        for part in [0, 1] {
            journal.begin_draft(seq, first(part)).await.unwrap();
        }
        journal
            .draft_shown(seq, draft(0, Some("$draft")))
            .await
            .unwrap();
        (journal, seq)
    }

    #[tokio::test]
    async fn a_draft_lasts_until_its_part_is_sent_or_it_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let (journal, seq) = with_drafts(directory.path()).await;
        for part in [0, 1] {
            let content = "later words".to_owned();
            let again = Part { part, content };
            journal.begin_draft(seq, again).await.unwrap();
        }
        let all = [draft(0, Some("$draft")), draft(1, None)];
        assert_eq!(journal.drafts(seq).await.unwrap(), all);
        journal.part_sent(seq, 0, "$draft".into()).await.unwrap();
        assert_eq!(journal.drafts(seq).await.unwrap(), all[1..]);
        assert!(journal.abandoned_drafts().await.unwrap().is_empty());
        journal.close(vec![seq]).await.unwrap();
        drop(journal);

        let journal = open(directory.path()).await;
        let abandoned = journal.abandoned_drafts().await.unwrap();
        assert_eq!((abandoned.len(), &*abandoned[0].event_id), (1, "$1"));
        journal.forget_drafts(seq).await.unwrap();
        assert!(journal.abandoned_drafts().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_new_device_goes_on_in_the_same_draft() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (journal, seq) = with_drafts(old.path()).await;
        let parts = [0, 1].map(|part| Part {
            part,
            content: "words".to_owned(),
        });
        let recorded = journal.record_reply(seq, None, Vec::new(), parts.to_vec());
        assert!(recorded.await.unwrap());
        drop(journal);
        let heir = Journal::open(new.path(), USER, "NEW").await.unwrap();
        inherit(old.path(), new.path(), USER).await.unwrap();
        let seq = heir.next(&thread("a")).await.unwrap().unwrap().seq;
        let drafts = [draft(0, Some("$draft")), draft(1, None)];
        assert_eq!(heir.drafts(seq).await.unwrap(), drafts);
        assert_eq!(heir.reply(seq).await.unwrap().unwrap(), parts);
    }
}
