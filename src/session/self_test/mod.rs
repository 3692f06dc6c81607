//! The self test: does the device work for others, and not only in its own eyes?
//!
//! A device can always decrypt what it encrypted, and never doubts its own keys. So the keys are
//! tried as a stranger would, and what others would see is asked from the homeserver over plain
//! HTTPS. What stays behind: one room, made once, and every time a file of a few hundred bytes,
//! since no call deletes files.

mod deadline;
mod media;
mod one_time_key;
mod room;
mod round_trip;

use std::{path::PathBuf, sync::Arc, time::Duration};

use matrix_sdk::{Client, ruma::OwnedRoomId};
use tokio::{
    sync::Mutex,
    time::{sleep, timeout_at},
};
use tokio_util::sync::CancellationToken;

use self::deadline::Deadline;
use crate::session::sync::session::Session;
use crate::{
    error::{Kind, Result},
    homeserver::Account,
    ipc::{SelfTest, TestOutcome},
};

/// How long a sync of a test waits for something to happen.
const POLL: Duration = Duration::from_secs(1);

/// Tests the device while somebody else takes its sync steps. Clones share the device, and take
/// turns in its room.
#[derive(Clone, Debug)]
pub struct SelfTester {
    client: Client,
    account: Account,
    store: PathBuf,
    e2ee_enabled: bool,
    /// Held by whoever uses the room. The id of one that was made here, until a sync shows it.
    new_room: Arc<Mutex<Option<OwnedRoomId>>>,
}

impl SelfTester {
    /// Runs the whole test, which takes no longer than `limit`. It may be dropped at any moment.
    ///
    /// Without encryption no one-time key is claimed, and message and file travel in the clear:
    /// then that is how the bot works.
    pub async fn run(&self, limit: Duration) -> SelfTest {
        let deadline = Deadline::new(limit);
        self.run_with(self.round_trip(deadline), deadline).await
    }

    /// Runs all parts at once, boxed because together they are large.
    async fn run_with(
        &self,
        round_trip: impl Future<Output = Result<TestOutcome>>,
        deadline: Deadline,
    ) -> SelfTest {
        let (one_time_key, round_trip, media) = tokio::join!(
            Box::pin(self.one_time_key(deadline)),
            Box::pin(round_trip),
            Box::pin(media::test(&self.account, self.e2ee_enabled, deadline))
        );
        SelfTest {
            one_time_key: outcome(one_time_key),
            round_trip: outcome(round_trip),
            media: outcome(media),
        }
    }

    async fn round_trip(&self, deadline: Deadline) -> Result<TestOutcome> {
        let heard = self.hear_itself(deadline).await?;
        self.take_back(heard, deadline).await
    }
}

impl Session {
    /// What tests this device while this session is stepped.
    pub fn self_tester(&self, e2ee_enabled: bool) -> SelfTester {
        SelfTester {
            client: self.client.clone(),
            account: self.account.clone(),
            store: self.store.clone(),
            e2ee_enabled,
            new_room: Arc::default(),
        }
    }

    /// Runs the whole test in a process that does nothing else, as [`SelfTester::run`] does.
    ///
    /// What comes in meanwhile is journaled, for the next gateway to answer. At the deadline a
    /// step may be dropped half-way, so the session ends with the test.
    pub async fn self_test(mut self, e2ee_enabled: bool, limit: Duration) -> SelfTest {
        let tester = self.self_tester(e2ee_enabled);
        let deadline = Deadline::new(limit);
        let round_trip = self.round_trip(&tester, deadline);
        let test = tester.run_with(round_trip, deadline).await;
        // What has not settled by then ends with the process.
        let _ = timeout_at(deadline.at(), self.settle()).await;
        test
    }

    async fn round_trip(&mut self, tester: &SelfTester, deadline: Deadline) -> Result<TestOutcome> {
        // A room of an earlier test is known only once the store is up to date.
        self.catch_up(deadline).await?;
        let heard = CancellationToken::new();
        let test = async {
            let message = tester.hear_itself(deadline).await?;
            // The step that is under way then is the last, and taking the message back ends it.
            heard.cancel();
            tester.take_back(message, deadline).await
        };
        let (outcome, ()) = tokio::try_join!(test, self.step_until(&heard, deadline))?;
        Ok(outcome)
    }

    async fn catch_up(&mut self, deadline: Deadline) -> Result<()> {
        let step = self.patient_step(Duration::ZERO);
        deadline.within("sync with the homeserver", step).await
    }

    /// Steps as long as the test goes on, and time is left: who waits for something says so.
    async fn step_until(&mut self, over: &CancellationToken, deadline: Deadline) -> Result<()> {
        let steps = async {
            while !over.is_cancelled() {
                self.patient_step(POLL).await?;
            }
            Ok(())
        };
        timeout_at(deadline.at(), steps).await.unwrap_or(Ok(()))
    }

    /// A step, tried again while the homeserver is there and only keeps what a sync left out.
    async fn patient_step(&mut self, poll: Duration) -> Result<()> {
        loop {
            match self.step(poll).await {
                Err(error) if error.kind() == Kind::Unreachable && self.holds_response() => {
                    tracing::debug!(%error, "trying again");
                    sleep(POLL).await;
                }
                settled => return settled.map(drop),
            }
        }
    }
}

fn outcome(result: Result<TestOutcome>) -> TestOutcome {
    result.unwrap_or_else(TestOutcome::from)
}

fn passed(detail: &str, warning: Option<String>, took: Duration) -> TestOutcome {
    TestOutcome::Passed {
        detail: detail.to_owned(),
        warning,
        // No test takes that long.
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    }
}
