//! Reactions and votes: what they are about is found out first; then they wait as messages do.

use super::{Conversation, Journal, answers::close_as};
use crate::error::Result;

/// How a reaction ends that is told together with a later one.
const TOLD_TOGETHER: &str = "told-together";

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
