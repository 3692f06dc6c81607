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
                })
            })?
            .collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::inbox::{
        FILE_NAME, FIRST_FILE, Part, begun, inherit,
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
        inbox.part_sent(seq, 0).await.unwrap();
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
    async fn a_journal_of_version_2_gets_a_place_for_drafts() {
        let directory = tempfile::tempdir().unwrap();
        let (inbox, _) = with_drafts(directory.path()).await;
        drop(inbox);
        let db = Connection::open(directory.path().join(FILE_NAME)).unwrap();
        db.execute_batch("DROP TABLE draft; PRAGMA user_version = 2;")
            .unwrap();
        drop(db);

        let inbox = open(directory.path()).await;
        let seq = inbox.next("a").await.unwrap().unwrap().seq;
        assert!(inbox.drafts(seq).await.unwrap().is_empty());
        inbox.begin_draft(seq, first(0)).await.unwrap();
        assert_eq!(inbox.drafts(seq).await.unwrap(), [draft(0, None)]);
    }

    #[tokio::test]
    async fn a_new_device_goes_on_in_the_same_draft() {
        for has_answer in [false, true] {
            let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let (inbox, seq) = with_drafts(old.path()).await;
            let part = |part| Part {
                part,
                content: "words".to_owned(),
            };
            if has_answer {
                let parts = vec![part(0), part(1)];
                assert!(inbox.record_reply(seq, Vec::new(), parts).await.unwrap());
            }
            drop(inbox);
            let mut looked_up = begun(old.path(), USER).await.unwrap();
            // The draft is counted as an event of the answer: it is a reply as well.
            for answer in &mut looked_up {
                answer.said = 1;
            }
            let heir = Inbox::open(new.path(), USER, "NEW").await.unwrap();
            inherit(old.path(), new.path(), USER, looked_up)
                .await
                .unwrap();
            let seq = heir.next("a").await.unwrap().unwrap().seq;
            assert_eq!(heir.drafts(seq).await.unwrap(), [draft(0, Some("$draft"))]);
            let left = has_answer.then(|| vec![part(0), part(1)]);
            assert_eq!(heir.reply(seq).await.unwrap(), left);
        }
    }

    #[tokio::test]
    async fn a_new_device_sends_the_files_that_are_not_there_beside_a_draft() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (inbox, seq) = with_drafts(old.path()).await;
        let part = |part| Part {
            part,
            content: "a part".to_owned(),
        };
        let parts = [0, FIRST_FILE, FIRST_FILE + 1].map(part);
        let recorded = inbox.record_reply(seq, Vec::new(), parts.to_vec()).await;
        assert!(recorded.unwrap());
        drop(inbox);
        let mut looked_up = begun(old.path(), USER).await.unwrap();
        // The draft, what may be another, and the first file.
        for answer in &mut looked_up {
            answer.said = 3;
        }
        let heir = Inbox::open(new.path(), USER, "NEW").await.unwrap();
        inherit(old.path(), new.path(), USER, looked_up)
            .await
            .unwrap();
        let seq = heir.next("a").await.unwrap().unwrap().seq;
        let left = heir.reply(seq).await.unwrap().unwrap();
        assert_eq!(left, [FIRST_FILE + 1, 0].map(part));
    }

    /// A draft that may be in the room, unknown, is not taken for what else the answer is.
    #[tokio::test]
    async fn a_new_device_rather_says_twice_what_may_be_only_a_draft() {
        let part = |part| Part {
            part,
            content: "a part".to_owned(),
        };
        let all = [FIRST_FILE, 0].map(part);
        for (said, is_recorded, left) in [
            (1, false, &all[..]),
            (2, false, &all[1..]),
            (1, true, &all[1..]),
        ] {
            let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let inbox = open(old.path()).await;
            let entries = batch("s1", vec![message("$1", "a")]);
            inbox.commit(entries).await.unwrap();
            let seq = inbox.next("a").await.unwrap().unwrap().seq;
            inbox.begin_draft(seq, first(0)).await.unwrap();
            let recorded = inbox.record_reply(seq, Vec::new(), all.to_vec()).await;
            assert!(recorded.unwrap());
            if is_recorded {
                inbox.part_sent(seq, FIRST_FILE).await.unwrap();
            }
            drop(inbox);
            let mut looked_up = begun(old.path(), USER).await.unwrap();
            looked_up[0].said = said;
            let heir = Inbox::open(new.path(), USER, "NEW").await.unwrap();
            inherit(old.path(), new.path(), USER, looked_up)
                .await
                .unwrap();
            let seq = heir.next("a").await.unwrap().unwrap().seq;
            assert!(heir.drafts(seq).await.unwrap().is_empty());
            assert_eq!(heir.reply(seq).await.unwrap().unwrap(), left);
        }
    }
}
