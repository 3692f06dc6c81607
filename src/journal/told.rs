//! What the bot said of its own accord, so that it is not said again after a restart.

use super::Journal;
use crate::{error::Result, ipc::now};

/// How long that is remembered, in milliseconds.
const REMEMBERED: u64 = 30 * 24 * 60 * 60 * 1000;
/// Messages without a key that are looked at together.
const MOST: u32 = 100;

/// A message that still waits for its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyless {
    /// The room it was sent to.
    pub room_id: String,
    /// Its event.
    pub event_id: String,
    /// Who sent it.
    pub sender: String,
    /// The Megolm session it was encrypted with, where it says so.
    pub session_id: Option<String>,
    /// Why it cannot be decrypted, in words.
    pub reason: Option<String>,
    /// Its encrypted JSON.
    pub payload: String,
}

impl Keyless {
    /// What is told of its sender's messages, as [`Journal::was_told`] knows it.
    pub fn subject(&self) -> String {
        format!("{KEYLESS}{}", self.sender)
    }
}

/// What such a subject begins with.
const KEYLESS: &str = "keyless ";

impl Journal {
    /// The first message of each sender in each room that came between these times and still waits
    /// for its key, unless its sender was told of such a message after the first of them. Times are in
    /// milliseconds since the Unix epoch.
    ///
    /// What only belongs to another event, such as an edit or a vote, is none: encryption does not
    /// hide that.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn keyless(&self, after: u64, before: u64) -> Result<Vec<Keyless>> {
        // With `min`, the other columns are those of its row.
        let sql =
            "SELECT min(seq), room_id, event_id, sender, session_id, reason, payload FROM event
             WHERE state = 'undecryptable' AND taken_at > ?1 AND taken_at <= ?2
               AND CASE WHEN json_valid(payload)
                   THEN ifnull(payload ->> '$.content.\"m.relates_to\".rel_type', '') ELSE '' END
                   NOT IN ('m.replace', 'm.reference', 'm.annotation')
               AND NOT EXISTS (SELECT 1 FROM told WHERE subject = ?3 || sender AND at > ?1)
             GROUP BY sender, room_id ORDER BY min(seq) LIMIT ?4";
        self.all(sql, (after, before, KEYLESS, MOST), |row| {
            Ok(Keyless {
                room_id: row.get("room_id")?,
                event_id: row.get("event_id")?,
                sender: row.get("sender")?,
                session_id: row.get("session_id")?,
                reason: row.get("reason")?,
                payload: row.get("payload")?,
            })
        })
        .await
    }

    /// Whether this was said in the last 30 days.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn was_told(&self, subject: String) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM told WHERE subject = ?1 AND at > ?2)";
        self.one(sql, (subject, now().saturating_sub(REMEMBERED)))
            .await
    }

    /// Records that this was said now.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn told(&self, subject: String) -> Result<()> {
        self.transact(move |db| {
            let at = now();
            db.execute(
                "DELETE FROM told WHERE at <= ?1",
                [at.saturating_sub(REMEMBERED)],
            )?;
            let sql = "INSERT OR REPLACE INTO told (subject, at) VALUES (?1, ?2)";
            db.execute(sql, (subject, at)).map(drop)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::journal::{Arrival, Batch, Entry};

    fn entry(room: &str, id: &str, sender: &str, relation: &str) -> Entry {
        let payload = json!({"content": {"m.relates_to": {"rel_type": relation}}});
        Entry {
            room_id: room.to_owned(),
            event_id: id.to_owned(),
            is_floor: false,
            arrival: Arrival::Undecryptable {
                sender: sender.to_owned(),
                session_id: Some("s".to_owned()),
                reason: "its key has not come".to_owned(),
                payload: payload.to_string(),
            },
        }
    }

    #[tokio::test]
    async fn of_each_sender_in_each_room_the_first_until_it_was_told() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path(), "@bot:h", "D")
            .await
            .unwrap();
        let entries = [
            entry("!a", "$edit", "@ann", "m.replace"),
            entry("!a", "$vote", "@ann", "m.reference"),
            entry("!a", "$1", "@ann", "m.thread"),
            entry("!a", "$2", "@ann", ""),
            entry("!b", "$3", "@ann", ""),
            entry("!a", "$4", "@ben", ""),
        ];
        let batch = Batch {
            entries: entries.into(),
            ..Batch::default()
        };
        journal.commit(batch).await.unwrap();
        let found = async |after, before| {
            let found = journal.keyless(after, before).await.unwrap();
            let ids = found.into_iter().map(|keyless| keyless.event_id);
            ids.collect::<Vec<_>>()
        };
        let ever = u64::from(u32::MAX) * 1000;
        assert_eq!(found(0, ever).await, ["$1", "$3", "$4"]);
        assert_eq!(found(ever - 1, ever).await, [""; 0]);
        assert_eq!(found(0, 1).await, [""; 0]);

        let subject = journal.keyless(0, ever).await.unwrap()[0].subject();
        assert!(!journal.was_told(subject.clone()).await.unwrap());
        journal.told(subject.clone()).await.unwrap();
        assert!(journal.was_told(subject).await.unwrap());
        assert_eq!(found(0, ever).await, ["$4"]);
        drop(journal);
        let journal = Journal::open(directory.path(), "@bot:h", "D")
            .await
            .unwrap();
        assert_eq!(journal.keyless(0, ever).await.unwrap().len(), 1);
    }
}
