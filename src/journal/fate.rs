//! What became of a message, as far as the journal remembers.

use rusqlite::Row;

use super::{Journal, answers::Ended, schema, soundness::open_as_it_is};
use crate::{
    error::Result,
    ipc::{Fate, FateState},
    text::excerpt,
    threads::aside,
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
        let (path, id) = (directory.join(super::FILE_NAME), event_id.to_owned());
        let found = aside(move || {
            if !path.exists() {
                return Ok(None);
            }
            let found = open_as_it_is(&path).and_then(|db| super::all(&db, FIND, [id], read));
            found
                .map(|mut found| found.pop())
                .map_err(|error| schema::failure(&path, error))
        });
        Ok(told(event_id, found.await?))
    }
}

fn told(event_id: &str, found: Option<Fate>) -> Fate {
    Fate {
        event_id: excerpt(event_id),
        ..found.unwrap_or_default()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Fate> {
    let text = |column| -> rusqlite::Result<Option<String>> {
        let text: Option<String> = row.get(column)?;
        Ok(text.map(|text| excerpt(&text)))
    };
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
