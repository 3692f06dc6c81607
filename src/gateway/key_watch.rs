//! Watching, beside the sync, what others see of the bot's device. A homeserver never says by
//! itself that another program has replaced the keys.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{NOTICE, health::Health};
use crate::{
    error::{Kind, Result},
    homeserver::{Account, Restraint},
    ipc::IdentityKeys,
    session::{Chain, Credentials, IdentityFix, KeyCheck, KeyProblem, latest_archives},
};

/// How often the homeserver is asked until all is well.
const WAITING: Duration = Duration::from_secs(10);
/// How often it is asked from then on.
const WATCHING: Duration = Duration::from_secs(30);
/// The least time between two questions, however much news there is.
const APART: Duration = Duration::from_secs(5);

/// The watch over the device's keys.
pub struct KeyWatch {
    account: Account,
    user_id: String,
    device_id: String,
    /// The keys that are here.
    ours: IdentityKeys,
    health: Health,
    /// Whether the last question had no answer.
    is_unanswered: bool,
    /// The data directory.
    directory: PathBuf,
    /// What was wrong when it was looked at last.
    seen: Option<KeyProblem>,
    /// What was wrong when a person was told last.
    told: Option<KeyProblem>,
    /// How far the device could be traced to its owner last.
    chain: Option<Chain>,
}

impl KeyWatch {
    pub fn new(
        account: Account,
        credentials: &Credentials,
        ours: IdentityKeys,
        health: Health,
        directory: &Path,
    ) -> Self {
        Self {
            account,
            user_id: credentials.user_id.clone(),
            device_id: credentials.device_id.clone(),
            ours,
            health,
            is_unanswered: false,
            directory: directory.to_owned(),
            seen: None,
            told: None,
            chain: None,
        }
    }

    /// Watches until the homeserver rejects the token. `ready` is called once, when others can
    /// encrypt to the device.
    pub async fn run(mut self, ready: impl Fn()) -> Result<Infallible> {
        let mut announced = false;
        loop {
            let asked = Instant::now();
            let well = self.look().await?;
            if well && !std::mem::replace(&mut announced, true) {
                ready();
            }
            self.pause(well, asked).await;
        }
    }

    /// Waits until it is time to look again.
    async fn pause(&self, well: bool, asked: Instant) {
        let pause = if well { WATCHING } else { WAITING };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.health.key_news.notified() => {
                tokio::time::sleep(APART.saturating_sub(asked.elapsed())).await;
            }
        }
    }

    /// Asks, and says what has changed. Whether others can encrypt to the device; not known to
    /// be where the homeserver is away.
    async fn look(&mut self) -> Result<bool> {
        let checked =
            KeyCheck::run(&self.account, &self.user_id, &self.device_id, &self.ours).await;
        match checked {
            Ok(checked) => {
                self.is_unanswered = false;
                self.health.one_time_keys(checked.one_time_keys);
                self.tell_of_keys(checked.problem);
                self.tell_of_owner(checked.chain).await;
                Ok(checked.problem.is_none())
            }
            // An account that is locked for now still has its token.
            Err(error)
                if error.kind() == Kind::NotLoggedIn && error.cause::<Restraint>().is_none() =>
            {
                Err(error)
            }
            Err(error) => {
                // The sync says it when the homeserver is away.
                let is_new = !std::mem::replace(&mut self.is_unanswered, true);
                if error.kind() == Kind::Failure && is_new {
                    tracing::warn!("cannot check the published keys: {error}");
                }
                Ok(false)
            }
        }
    }

    fn tell_of_keys(&mut self, trouble: Option<KeyProblem>) {
        let again = std::mem::replace(&mut self.seen, trouble) == trouble;
        // Many who begin a conversation at once use them up, until the next sync.
        if trouble == Some(KeyProblem::NoOneTimeKeys) && !again {
            return;
        }
        let error = trouble.map(KeyProblem::explain);
        self.health.encryption(error.as_ref());
        let before = std::mem::replace(&mut self.told, trouble);
        match error {
            Some(error) if before != trouble => {
                let hint = error.hint_text().unwrap_or_default();
                tracing::error!(
                    event = "encryption_broken",
                    "encryption does not work: {error}; {hint}"
                );
            }
            None if before.is_some() => {
                tracing::info!(target: NOTICE, event = "encryption_recovered", "encryption works again");
            }
            _ => {}
        }
    }

    /// Says aloud how it is at the start, and from then on what has changed.
    async fn tell_of_owner(&mut self, chain: Chain) {
        self.health.verified(chain == Chain::Whole);
        let before = self.chain.replace(chain);
        if before == Some(chain) {
            return;
        }
        let was_whole = before == Some(Chain::Whole);
        match chain {
            Chain::Whole if before.is_some() => {
                tracing::info!(target: NOTICE, event = "verified",
                    "this device is verified by its owner again");
            }
            // Another check tells of a device whose keys are not there or not its own.
            Chain::Whole | Chain::NoDeviceKeys | Chain::Device(_) if !was_whole => {}
            _ => self.warn_of_owner(chain, was_whole).await,
        }
    }

    async fn warn_of_owner(&mut self, chain: Chain, was_whole: bool) {
        let (user_id, device_id) = (&self.user_id, &self.device_id);
        let stores = latest_archives(&self.directory);
        let fix = IdentityFix::find(&self.account, user_id, device_id, chain, &stores).await;
        let fix = fix.unwrap_or_else(|error| {
            tracing::debug!("cannot find out how to verify the device: {error}");
            None
        });
        let advice = fix.map_or("see `nanobot doctor`".to_owned(), |fix| {
            format!("{}: `{}`", fix.action_beside_gateway(), fix.command())
        });
        let why = chain.describe();
        if was_whole {
            tracing::error!(
                event = "unverified",
                "this device is no longer verified by its owner: {why}; {advice}"
            );
        } else if chain == Chain::NoIdentity {
            tracing::warn!(
                event = "unverified",
                "{why}, so other people's clients warn about this device; {advice}"
            );
        } else {
            tracing::error!(
                event = "unverified",
                "this device is not verified by its owner, so other people's clients warn \
                 about it or refuse it: {why}; {advice}"
            );
        }
    }
}
