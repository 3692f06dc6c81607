//! The account's identity, which vouches for the bot's device, and what it is recovered with.

use super::{
    Run,
    keepsakes::Keepsakes,
    ledger::{Status, Step},
    login::Start,
};
use crate::{
    commands::{
        login::{
            entrance::Entered,
            identity::{Holdings, IdentityWishes},
            plan::Settled,
        },
        recovery_key::PendingKey,
    },
    config::Secret,
    error::{Error, Result},
    instance::Lock,
    session::{Chain, Credentials, Cure, RecoveryFailure, SecretStorage},
    terminal::Progress,
};

/// How identity and recovery ended.
struct Ending {
    settled: Settled,
    /// Nothing was done now.
    was_idle: bool,
    /// The recovery key that the device was verified with.
    by_key: Option<Secret>,
    keepsakes: Keepsakes,
}

/// What the bot can be recovered with from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recoverable {
    /// The account's recovery key, which the device was verified with now.
    ByGivenKey,
    /// The account's recovery key, made now or long ago.
    ByKey,
    /// Nothing.
    No,
}

impl Run<'_> {
    /// Returns who the bot is, and what it can be recovered with.
    pub(super) async fn identity(&mut self, start: Start) -> Result<(Credentials, Recoverable)> {
        self.ledger.begin(Step::Identity);
        let (credentials, ending) = match start {
            Start::Made(entered, keepsakes) => {
                let ending = settle(&entered, keepsakes).await?;
                (entered.credentials().clone(), ending)
            }
            Start::Held(credentials) => {
                let ending = self.complete(&credentials).await?;
                (credentials, ending)
            }
        };
        let recoverable = self.tell(&credentials, ending).await?;
        Ok((credentials, recoverable))
    }

    /// Does what is missing for a login that was there.
    async fn complete(&self, credentials: &Credentials) -> Result<Ending> {
        let account = credentials.account()?;
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let progress = Progress::start("Looking at the account's identity");
        let settled = Settled::look(&account, credentials).await;
        let is_whole = matches!(settled.chain, Ok(Chain::Whole));
        let has_storage = has_storage(credentials).await?;
        let is_pending = PendingKey::read(self.paths.dir(), user_id)?.is_some();
        progress.pause();
        if is_whole && has_storage && !is_pending {
            return Ok(Ending {
                settled,
                was_idle: true,
                by_key: None,
                keepsakes: Keepsakes::default(),
            });
        }
        if is_whole && !is_pending {
            self.demand_recovery()?;
        }
        let keepsakes = self.reserve_keepsakes(!has_storage || is_pending)?;
        let wishes: IdentityWishes = self.identity_wishes().await?;
        // A device that nobody vouches for does not have the identity's keys.
        let holdings = if is_whole {
            Holdings::Own
        } else {
            Holdings::New(None)
        };
        let plan = wishes
            .decide(&account, (user_id, device_id), holdings, &progress)
            .await?;
        let _lock = if plan.is_idle() {
            None
        } else {
            Some(Lock::acquire(self.paths.dir())?)
        };
        let store = self.paths.store();
        let settled = Box::pin(plan.carry_out(credentials, &store, None, &progress)).await?;
        Ok(Ending {
            settled,
            was_idle: plan.is_idle(),
            by_key: plan.recovery_key().cloned(),
            keepsakes,
        })
    }

    async fn tell(&mut self, credentials: &Credentials, mut ending: Ending) -> Result<Recoverable> {
        let Settled {
            chain,
            cure,
            recovery_key,
            backup,
        } = ending.settled;
        // Before anything else can fail.
        let mut kept = None;
        if let Some(key) = recovery_key {
            self.ledger.reveal(&key.secret())?;
            let keeping = ending
                .keepsakes
                .keep_new(&credentials.user_id, &key.secret());
            kept = Some(keeping?);
            self.ledger.is_shown(key)?;
        }
        let is_verified = matches!(chain, Ok(Chain::Whole));
        let (status, detail) = judge(&chain, cure, &credentials.device_id, ending.was_idle);
        if ending.by_key.is_some() && !is_verified {
            return Err(Error::failure(format!("recovery did not help: {detail}"))
                .hint("see what is wrong with: nanobot doctor"));
        }
        self.ledger.end(status, &detail)?;

        self.ledger.begin(Step::Recovery);
        let (recoverable, status, detail) = if let Some(kept) = kept {
            (Recoverable::ByKey, Status::Done, kept)
        } else if let Some(backup) = backup {
            let kept = ending
                .keepsakes
                .keep_given(&credentials.user_id, ending.by_key.as_ref())?;
            (
                Recoverable::ByGivenKey,
                Status::Done,
                format!("{}{kept}", backup.describe()),
            )
        } else if has_storage(credentials).await? {
            let detail = "the account has a recovery key, shown once when it was made. If it is \
                          lost: `nanobot login --reset-identity --recovery`";
            (Recoverable::ByKey, Status::AlreadyDone, detail.to_owned())
        } else if is_verified {
            let detail = "not wanted: with this machine the bot's identity is lost. To have it \
                          later: `nanobot setup --recovery`";
            (Recoverable::No, Status::Skipped, detail.to_owned())
        } else {
            let detail = "cannot be set up by a device that nobody vouches for";
            (Recoverable::No, Status::Open, detail.to_owned())
        };
        self.ledger.end(status, &detail)?;
        Ok(recoverable)
    }
}

/// How the device stands with its owner, as the homeserver shows it to others.
fn judge(
    chain: &Result<Chain>,
    cure: Option<Cure>,
    device_id: &str,
    was_idle: bool,
) -> (Status, String) {
    match chain {
        Ok(Chain::Whole) => {
            let status = if was_idle {
                Status::AlreadyDone
            } else {
                Status::Done
            };
            let detail = format!("device {device_id} is verified by its owner, as others see it");
            (status, detail)
        }
        Ok(chain) => {
            let advice = cure.map(|cure| format!("; {}", cure.advice()));
            let detail = format!("{}{}", chain.describe(), advice.unwrap_or_default());
            (Status::Open, detail)
        }
        Err(error) => {
            let detail = format!("whether its owner verified the device is not known: {error}");
            (Status::Open, detail)
        }
    }
}

async fn settle(entered: &Entered, keepsakes: Keepsakes) -> Result<Ending> {
    Ok(Ending {
        settled: entered.settle().await?,
        was_idle: false,
        by_key: entered.recovery_key().cloned(),
        keepsakes,
    })
}

/// Whether the account keeps its secrets on the homeserver, under a recovery key.
async fn has_storage(credentials: &Credentials) -> Result<bool> {
    let account = credentials.account()?;
    match SecretStorage::read(&account, &credentials.user_id).await {
        Ok(storage) => Ok(storage.is_some()),
        Err(RecoveryFailure::Other(error)) => Err(error),
        // There is one, whatever is wrong with it.
        Err(_) => Ok(true),
    }
}
