//! A device that is opened through the library.

use std::path::PathBuf;
use std::time::Duration;

use nanobot::testing::config::Secret;
use nanobot::testing::error::{Error, Kind};
use nanobot::testing::homeserver::Options;
use nanobot::testing::ipc::TestOutcome;
use nanobot::testing::session::{Credentials, Session};

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::synapse::Synapse;

/// How long a test may take on a slow and busy machine.
pub const LIMIT: Duration = PATIENCE;

/// A device and its account.
pub struct Device {
    home: Home,
    store: PathBuf,
    pub person: HttpPerson,
    base_url: String,
}

impl Device {
    /// A device of a new account, its keys published.
    pub async fn new(synapse: &Synapse) -> Self {
        let device = Self::unused(synapse).await;
        let mut session = device.open().await;
        device.step_until_keys(&mut session, 50).await;
        session.settle().await;
        device
    }

    /// A device of a new account that was never opened.
    pub async fn unused(synapse: &Synapse) -> Self {
        let home = Home::new();
        Self {
            store: home.path().join("matrix-store"),
            home,
            person: http_person(synapse, "bot").await,
            base_url: synapse.base_url(),
        }
    }

    /// The device that the program uses.
    pub async fn of_bot(synapse: &Synapse, bot: &Bot) -> Self {
        Self {
            home: Home::new(),
            store: bot.home.path().join("matrix-store"),
            person: bot.account().await,
            base_url: synapse.base_url(),
        }
    }

    pub fn store(&self) -> PathBuf {
        self.store.clone()
    }

    /// A place of this test for copies of the store.
    pub fn aside(&self) -> PathBuf {
        self.home.user_dir().join("aside")
    }

    fn credentials(&self) -> Credentials {
        Credentials {
            homeserver: self.base_url.parse().unwrap(),
            user_id: self.person.user_id().to_owned(),
            device_id: self.person.device_id().to_owned(),
            access_token: Secret::new(self.person.access_token().to_owned()),
            options: Options::default(),
        }
    }

    pub async fn open(&self) -> Session {
        Session::open(&self.credentials(), &self.store)
            .await
            .unwrap()
    }

    /// Syncs until the homeserver holds this many one-time keys.
    pub async fn step_until_keys(&self, session: &mut Session, count: u64) {
        for _ in 0..20 {
            session.step(Duration::ZERO).await.unwrap();
            if self.person.one_time_key_count().await == count {
                return;
            }
        }
        let there = self.person.one_time_key_count().await;
        panic!("{there} one-time keys");
    }
}

/// Asserts that this passed, without a warning.
pub fn assert_passed(outcome: &TestOutcome) {
    let clean = matches!(outcome, TestOutcome::Passed { warning: None, .. });
    assert!(clean, "{outcome:?}");
}

/// What sort of failure it is, and its words with the hint.
pub fn failure(outcome: &TestOutcome) -> (Kind, String) {
    let TestOutcome::Failed(failed) = outcome else {
        panic!("this should have failed: {outcome:?}");
    };
    let error = Error::from(failed.clone());
    (failed.kind, format!("{error}; {}", error.remedy()))
}
