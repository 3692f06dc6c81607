//! What became of a message, as far as the journal remembers.

use rusqlite::Row;

use super::{Journal, all, answers::Ended, as_it_lies, excerpt_of};
use crate::{
    error::Result,
    ipc::{Fate, FateState},
    text::excerpt,
};

use std::path::Path;

const FIND: &str = "SELECT room_id, sender, taken_at, state, reason FROM event WHERE event_id = ?1";

impl Journal {
    /// What became of the message with this event ID.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn fate(&self, event_id: &str) -> Result<Fate> {
        let found = self.all(FIND, [event_id.to_owned()], read);
        Ok(told(event_id, found.await?.pop()))
    }

    /// The same from the journal in this directory, as it is, while no gateway runs.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub async fn stored_fate(directory: &Path, event_id: &str) -> Result<Fate> {
        let id = event_id.to_owned();
        let found = as_it_lies(directory, |db| all(db, FIND, [id], read));
        Ok(told(event_id, found.await?.pop()))
    }
}

fn told(event_id: &str, found: Option<Fate>) -> Fate {
    Fate {
        event_id: excerpt(event_id),
        ..found.unwrap_or_default()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Fate> {
    let text = |column| excerpt_of(row, column);
    let reason = text("reason")?;
    let state = match row.get_ref("state")?.as_str()? {
        "waiting" => FateState::Waiting,
        "parked" => FateState::Parked,
        "undecryptable" => FateState::Undecryptable,
        "seen" => FateState::Ignored,
        _ => Ended::state(reason.as_deref()),
    };
    let (verdict, reason) = match state {
        FateState::Refused => (reason, None),
        FateState::Waiting | FateState::Parked | FateState::Undecryptable => (None, reason),
        _ => (None, None),
    };
    Ok(Fate {
        event_id: String::new(),
        room_id: text("room_id")?,
        sender: text("sender")?,
        received_at: row.get("taken_at")?,
        state,
        verdict,
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::tests::{batch, message, open, thread};

    #[tokio::test]
    async fn how_a_message_ended_is_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let messages = ["$1", "$2", "$3", "$4"].map(|id| message(id, "a"));
        journal.commit(batch("s1", messages.into())).await.unwrap();
        let mut seqs = Vec::new();
        for waiting in journal.next_together(&thread("a"), 9).await.unwrap() {
            seqs.push(waiting.seq);
        }
        let refused = vec![(seqs[0], "not-mentioned")];
        journal.close_refused(refused).await.unwrap();
        journal.close_answered(vec![seqs[1]]).await.unwrap();
        journal.park(vec![seqs[2]], "no".into()).await.unwrap();
        let fate = async |id: &str| {
            let fate = journal.fate(id).await.unwrap();
            let stored = Journal::stored_fate(directory.path(), id).await.unwrap();
            assert_eq!(fate, stored);
            fate
        };
        let first = fate("$1").await;
        assert_eq!(first.state, FateState::Refused);
        assert_eq!(first.verdict.as_deref(), Some("not-mentioned"));
        assert_eq!(fate("$2").await.state, FateState::Answered);
        let parked = fate("$3").await;
        assert_eq!(
            (parked.state, parked.reason.as_deref()),
            (FateState::Parked, Some("no"))
        );
        assert_eq!(fate("$4").await.state, FateState::Waiting);
        journal.close_before(&thread("a"), i64::MAX).await.unwrap();
        assert_eq!(fate("$4").await.state, FateState::Stopped);
        assert_eq!(fate("$5").await.state, FateState::Unknown);
    }
}
