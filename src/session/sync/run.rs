//! A run of the gateway, which the account remembers, so that no other runs with a copy of the
//! same store.

use std::time::{Duration, Instant};

use matrix_sdk::sync::SyncResponse;
use serde_json::Value;
use tokio::time::timeout;

use super::session::Session;
use crate::{
    error::{Error, Result},
    session::device::{
        generation::{GENERATION, Run, older_copy, remembered_generation},
        store_account::new_device_id,
    },
};

/// How often a run that goes on is counted, as long as there is something new: a copy of the store
/// that was made before is known to be older.
const COUNTED: Duration = Duration::from_mins(10);
/// How long the account may take to remember that.
const LIMIT: Duration = Duration::from_secs(2);

impl Session {
    /// Refuses an older copy of the store, and has the account remember that it is started now.
    ///
    /// # Errors
    ///
    /// When it is an older copy, the journal fails, or the homeserver cannot be reached or
    /// refuses.
    pub async fn begin_run(&self) -> Result<Run> {
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        let remembered = remembered_generation(&self.account, user_id, device_id).await?;
        if let Some(error) = older_copy(self.journal.generation().await?, remembered) {
            return Err(error);
        }
        let run = Run {
            id: new_device_id(),
            // First here: what the homeserver remembers must never be ahead of us by our own doing.
            generation: self.journal.next_generation(remembered).await?,
            counted: Instant::now(),
            is_doubtful: false,
        };
        self.remember(&run, false).await?;
        Ok(run)
    }

    /// The run ends as it should: copies of the store that were made until now are older.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn end_run(&mut self) -> Result<()> {
        self.count_on().await?;
        self.journal.end_run().await
    }

    /// Counts on where that was long ago.
    pub(crate) async fn keep_counting(&mut self) -> Result<()> {
        match &self.run {
            Some(run) if run.counted.elapsed() >= COUNTED => self.count_on().await,
            _ => Ok(()),
        }
    }

    async fn count_on(&mut self) -> Result<()> {
        let Some(mut run) = self.run.take() else {
            return Ok(());
        };
        run.generation = self.journal.next_generation(run.generation).await?;
        run.counted = Instant::now();
        self.try_to_remember(&run, false).await;
        self.run = Some(run);
        Ok(())
    }

    /// Whether another run has a copy of the store, of which this response of a sync may show a
    /// sign.
    ///
    /// # Errors
    ///
    /// That it has: then both stop, since each of them may have what the other lacks.
    pub(crate) async fn check_for_rival(&mut self, response: &SyncResponse) -> Result<()> {
        let Some(run) = &mut self.run else {
            return Ok(());
        };
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        run.is_doubtful |= response.account_data.iter().any(|event| {
            let event: Value = serde_json::from_str(event.json().get()).unwrap_or_default();
            event["type"] == GENERATION && run.rival(&event["content"], device_id).is_some()
        });
        if !run.is_doubtful {
            return Ok(());
        }
        // A homeserver may answer a sync with what was true a while ago. Where it does not answer,
        // it is asked after the next.
        let asking = self.account.account_data(user_id, GENERATION);
        let Ok(Ok(data)) = timeout(LIMIT, asking).await else {
            return Ok(());
        };
        run.is_doubtful = false;
        let Some(rival) = run.rival(&data.unwrap_or_default(), device_id) else {
            return Ok(());
        };
        match self.run.take() {
            // Level with the other, so that either of them may be the one that goes on.
            Some(_) if rival.has_stopped => {
                let before = rival.generation.saturating_sub(1);
                self.journal.next_generation(before).await?;
            }
            Some(mut run) => {
                run.generation = self.journal.next_generation(rival.generation).await?;
                self.try_to_remember(&run, true).await;
            }
            None => {}
        }
        Err(Error::failure(
            "another gateway runs with this device, from a copy of matrix-store; which of the two \
             is the newer cannot be told, so both stop",
        )
        .hint("start only one of them again, and give the other a device of its own there")
        .command("nanobot store reset"))
    }

    async fn remember(&self, run: &Run, has_stopped: bool) -> Result<()> {
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        let data = run.data(device_id, has_stopped);
        self.account
            .set_account_data(user_id, GENERATION, data)
            .await?;
        Ok(())
    }

    /// What the account misses now it learns with the next start.
    async fn try_to_remember(&self, run: &Run, has_stopped: bool) {
        match timeout(LIMIT, self.remember(run, has_stopped)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the account does not know of this run"),
            Err(_) => tracing::debug!("the account may not know of this run"),
        }
    }
}
