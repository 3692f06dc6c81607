//! Watching, beside the sync, what others see of the bot's device. A homeserver never says by
//! itself that another program has replaced the keys.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::health::Health;
use crate::{
    error::{Kind, Result},
    homeserver::{Account, Restraint},
    session::{Chain, Credentials, Cure, DeviceKeyPair, KeyTrouble, Shown},
};

/// How often the homeserver is asked until all is well.
const WAITING: Duration = Duration::from_secs(10);
/// How often it is asked from then on.
const WATCHING: Duration = Duration::from_secs(30);
/// The least time between two questions, however much news there is.
const APART: Duration = Duration::from_secs(5);

/// Tells a [`KeyWatch`] that there is news of keys.
#[derive(Debug)]
pub(super) struct Nudge(mpsc::Sender<()>);

impl Nudge {
    /// Has the keys looked at soon.
    pub(super) fn look(&self) {
        // Where one waits already, that is enough; where nobody watches, nobody looks.
        let _ = self.0.try_send(());
    }
}

/// The watch over the device's keys.
#[derive(Debug)]
pub(super) struct KeyWatch {
    account: Account,
    user_id: String,
    device_id: String,
    /// The keys that are here.
    ours: DeviceKeyPair,
    health: Health,
    nudges: mpsc::Receiver<()>,
    /// What was wrong when it was looked at last.
    seen: Option<KeyTrouble>,
    /// What was wrong when a person was told last.
    told: Option<KeyTrouble>,
    /// How far the device could be traced to its owner last.
    chain: Option<Chain>,
}

impl KeyWatch {
    pub(super) fn new(
        account: Account,
        credentials: &Credentials,
        ours: DeviceKeyPair,
        health: Health,
    ) -> (Self, Nudge) {
        let (nudge, nudges) = mpsc::channel(1);
        let watch = Self {
            account,
            user_id: credentials.user_id.clone(),
            device_id: credentials.device_id.clone(),
            ours,
            health,
            nudges,
            seen: None,
            told: None,
            chain: None,
        };
        (watch, Nudge(nudge))
    }

    /// Watches until the homeserver rejects the token. `ready` is called once, when others can
    /// encrypt to the device.
    pub(super) async fn run(mut self, ready: impl Fn()) -> Result<Infallible> {
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
    async fn pause(&mut self, well: bool, asked: Instant) {
        let pause = if well { WATCHING } else { WAITING };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            Some(()) = self.nudges.recv() => {
                tokio::time::sleep(APART.saturating_sub(asked.elapsed())).await;
            }
        }
    }

    /// Asks, and says what has changed. Whether others can encrypt to the device; not known to
    /// be where the homeserver is away.
    async fn look(&mut self) -> Result<bool> {
        let shown = Shown::ask(&self.account, &self.user_id, &self.device_id, &self.ours).await;
        match shown {
            Ok(shown) => {
                self.tell_of_keys(shown.trouble);
                self.tell_of_owner(shown.chain).await;
                Ok(shown.trouble.is_none())
            }
            // An account that is locked for now still has its token.
            Err(error)
                if error.kind() == Kind::NotLoggedIn && error.cause::<Restraint>().is_none() =>
            {
                Err(error)
            }
            Err(error) if error.kind() == Kind::Failure => {
                tracing::warn!(%error, "cannot ask about encryption");
                Ok(false)
            }
            // The sync says it when the homeserver is away.
            Err(error) => {
                tracing::debug!(%error, "cannot ask about encryption");
                Ok(false)
            }
        }
    }

    fn tell_of_keys(&mut self, trouble: Option<KeyTrouble>) {
        let again = std::mem::replace(&mut self.seen, trouble) == trouble;
        // Many who begin a conversation at once use them up, until the next sync.
        if trouble == Some(KeyTrouble::NoOneTimeKeys) && !again {
            return;
        }
        let error = trouble.map(KeyTrouble::explain);
        self.health.encryption(error.as_ref());
        let before = std::mem::replace(&mut self.told, trouble);
        match error {
            Some(error) if before != trouble => {
                let hint = error.hint_text().unwrap_or_default();
                tracing::error!("encryption does not work: {error}; {hint}");
            }
            None if before.is_some() => tracing::info!("encryption works again"),
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
                tracing::info!("the bot's device is verified by its owner again");
            }
            // Another check tells of a device whose keys are not there or not its own.
            Chain::Whole | Chain::NoDeviceKeys | Chain::Device(_) if !was_whole => {}
            _ => self.warn_of_owner(chain, was_whole).await,
        }
    }

    async fn warn_of_owner(&mut self, chain: Chain, was_whole: bool) {
        let cure = Cure::find(&self.account, &self.user_id, &self.device_id, chain).await;
        let cure = cure.unwrap_or_else(|error| {
            tracing::debug!(%error, "cannot tell what verifies the device");
            None
        });
        let advice = cure.map_or("see `nanobot doctor`".to_owned(), |cure| {
            format!("{}: `{}`", cure.action_beside_gateway(), cure.command())
        });
        let why = chain.describe();
        if was_whole {
            tracing::error!("the bot's device is no longer verified by its owner: {why}; {advice}");
        } else if chain == Chain::NoIdentity {
            tracing::warn!("{why}, so people's clients warn of the bot's device; {advice}");
        } else {
            tracing::error!(
                "the bot's device is not verified by its owner, so people's clients warn of it or \
                 refuse it: {why}; {advice}"
            );
        }
    }
}
