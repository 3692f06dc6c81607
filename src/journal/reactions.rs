//! Reactions and votes: what they are about is found out first; then they wait as messages do.

use super::{Conversation, Journal, answers::close_as};
use crate::error::Result;

/// How a reaction ends that is told together with a later one.
pub const TOLD_TOGETHER: &str = "told-together";

/// Reactions of one person that are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    /// The last of them, which stands for all.
    pub seq: i64,
    /// Those before it.
    pub earlier: Vec<i64>,
    /// Where they are answered.
    pub conversation: Conversation,
    /// What stands for all of them, as a message's JSON.
    pub payload: String,
}

impl Journal {
    /// Lets these wait in their conversations, each as one message, if all of them still wait.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn gathered(&self, all: Vec<Gathered>) -> Result<()> {
        self.transact(move |db| {
            let mut waits = db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1 AND state = 'waiting')",
            )?;
            for gathered in &all {
                let mut still_waits = true;
                for seq in gathered.earlier.iter().chain([&gathered.seq]) {
                    still_waits &= waits.query_row([seq], |row| row.get::<_, bool>(0))?;
                }
                // One was taken back: the others are gathered anew.
                if !still_waits {
                    continue;
                }
                for seq in &gathered.earlier {
                    close_as(db, *seq, TOLD_TOGETHER)?;
                }
                db.execute(
                    "UPDATE event SET conversation = ?2, payload = ?3 WHERE seq = ?1",
                    (gathered.seq, &gathered.conversation, &gathered.payload),
                )?;
            }
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ipc::FateState,
        journal::{
            Arrival, Lane,
            tests::{batch, message, open, thread},
        },
    };

    #[tokio::test]
    async fn reactions_become_one_message_unless_one_was_taken_back() {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let lane = Conversation::new("!room", None).lane(Lane::Reaction);
        let entries = ["$1", "$2", "$3"].map(|id| {
            let mut entry = message(id, "a");
            if let Arrival::Message { conversation, .. } = &mut entry.arrival {
                conversation.clone_from(&lane);
            }
            entry
        });
        journal.commit(batch("s1", entries.into())).await.unwrap();
        let waiting = async || {
            let waiting = journal.next_together(&lane, 9).await.unwrap();
            waiting.into_iter().map(|it| it.seq).collect::<Vec<_>>()
        };
        let seqs = waiting().await;
        let gathered = |seqs: &[i64]| Gathered {
            seq: seqs[seqs.len() - 1],
            earlier: seqs[..seqs.len() - 1].to_vec(),
            conversation: thread("a"),
            payload: "both".to_owned(),
        };
        let mut taken_back = message("$4", "a");
        let target = "$2".to_owned();
        taken_back.arrival = Arrival::Redaction { target };
        let changes = journal.commit(batch("s2", vec![taken_back])).await;
        assert_eq!(changes.unwrap().withdrawn[0].conversation, lane);
        journal.gathered(vec![gathered(&seqs)]).await.unwrap();
        let left = waiting().await;
        assert_eq!(left, [seqs[0], seqs[2]]);
        journal.gathered(vec![gathered(&left)]).await.unwrap();
        assert_eq!(waiting().await, [0; 0]);
        let next = journal.next(&thread("a")).await.unwrap().unwrap();
        assert_eq!((&*next.event_id, &*next.payload), ("$3", "both"));
        let fate = journal.fate("$1").await.unwrap();
        let together = (FateState::Refused, Some(TOLD_TOGETHER.to_owned()));
        assert_eq!((fate.state, fate.verdict), together);
    }
}
