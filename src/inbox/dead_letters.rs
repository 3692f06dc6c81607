//! Messages whose answering fails again and again, and those that were given up.

use rusqlite::{OptionalExtension, params};

use super::Inbox;
use crate::{error::Result, instance::now};

/// Messages that are kept after they were given up. The oldest are closed for good.
const MOST: u32 = 1000;

/// How often answering a message has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How often.
    pub count: u32,
    /// Since when, in milliseconds since the Unix epoch.
    pub since: u64,
}

impl Inbox {
    /// Counts one more failed attempt to answer a message, or one more that may be. One that is
    /// not there any more has none.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn attempt_failed(&self, seq: i64) -> Result<Attempts> {
        let at = i64::try_from(now()).unwrap_or(i64::MAX);
        self.with(move |db| {
            db.query_row(
                "UPDATE event SET attempts = attempts + 1,
                   failing_since = coalesce(failing_since, ?2)
                 WHERE seq = ?1 RETURNING attempts, failing_since",
                params![seq, at],
                |row| {
                    let since: i64 = row.get(1)?;
                    Ok(Attempts {
                        count: row.get(0)?,
                        since: u64::try_from(since).unwrap_or_default(),
                    })
                },
            )
            .optional()
            .map(|attempts| {
                attempts.unwrap_or(Attempts {
                    count: 0,
                    since: now(),
                })
            })
        })
        .await
    }

    /// Gives messages up that wait: they and what is recorded of their answers are kept for a
    /// person, and those behind them do not wait for them any more.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn park(&self, seqs: Vec<i64>, reason: String) -> Result<()> {
        self.with(move |db| {
            let transaction = db.transaction()?;
            for seq in &seqs {
                transaction.execute(
                    "UPDATE event SET state = 'parked', reason = ?2
                     WHERE seq = ?1 AND state = 'waiting'",
                    params![seq, reason],
                )?;
            }
            let oldest = transaction
                .prepare(
                    "SELECT seq FROM event WHERE state = 'parked'
                     ORDER BY seq DESC LIMIT -1 OFFSET ?1",
                )?
                .query_map([MOST], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
            super::answers::close(&transaction, &oldest)?;
            transaction.commit()
        })
        .await
    }

    /// The place in the journal behind the newest event.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn newest(&self) -> Result<i64> {
        self.with(|db| {
            db.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| {
                row.get(0)
            })
        })
        .await
    }
}
