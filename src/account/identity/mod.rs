//! The account's identity and its recovery: what is to be done is decided before a login changes
//! anything, and done when the bot is logged in.

mod choose;
mod explain;
mod plan;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use choose::{Decision, choose};
pub use explain::explain;
pub use plan::{Plan, Status};

use super::{
    options::{KeySource, Options, Recovery, Reset},
    recovery_key::{PendingKey, Standing, required_from_keyring},
};
use crate::{
    config::{Matrix, Secret},
    error::{Error, Kind, Result},
    homeserver::Account,
    session::{
        COST, Credentials, IdentitySecrets, RecoveryFailure, Remains, SecretStorage,
        latest_archives,
    },
    terminal::{Progress, Question},
};

/// The account's secret storage, or why it cannot be used.
type Storage = Result<Option<SecretStorage>, RecoveryFailure>;

/// What was said about the identity before anything is known of the account.
#[derive(Debug)]
pub struct Request {
    options: Options,
    key: Option<Secret>,
    /// The data directory, where a recovery key may wait.
    directory: PathBuf,
    /// Whether there will be a password, which a new identity takes.
    may_reset: bool,
}

/// What the device has of the account's secrets.
#[derive(Clone, Copy, Debug)]
pub enum Holdings<'a> {
    /// What its store says.
    Own,
    /// What it takes over from an earlier device, if anything: it is new, or not verified.
    New(Option<&'a IdentitySecrets>),
}

impl Request {
    /// Takes what the options say, and reads the recovery key.
    pub async fn read(options: &Options, directory: &Path) -> Result<Self> {
        if options.reset_identity == Reset::WhenConfirmed && !options.terminal.is_interactive() {
            return Err(
                Error::new(Kind::Usage, "--reset-identity needs a confirmation").hint(
                    "add --yes to confirm: everyone who verified the bot must verify it again",
                ),
            );
        }
        let key = match &options.recovery_key {
            Some(KeySource::Given(source)) => Some(source.read("recovery key").await?),
            _ => None,
        };
        Ok(Self {
            options: options.clone(),
            key,
            directory: directory.to_owned(),
            may_reset: !options.token_stdin,
        })
    }

    /// The same for a login that was there before: there is no password.
    pub fn without_password(self) -> Self {
        Self {
            may_reset: false,
            ..self
        }
    }

    /// Checks the given recovery key with the token from before this login, where there is one of
    /// this user that works, so that a wrong key costs nothing.
    pub async fn check_early(&self, before: &Matrix, is_user: impl Fn(&str) -> bool) -> Result<()> {
        let Some(key) = &self.key else {
            return Ok(());
        };
        let before = Credentials::new(before).ok();
        let Some(before) = before.filter(|before| is_user(&before.user_id)) else {
            return Ok(());
        };
        match SecretStorage::read(&before.account()?, &before.user_id).await {
            // The login will tell.
            Err(_) => Ok(()),
            storage => match check(storage, key) {
                Ok(()) => Ok(()),
                Err(failure) => {
                    Err(explain(failure, &before.account()?, &before, &self.directory).await)
                }
            },
        }
    }

    /// Decides what is to be done, asking where a person is there. Changes nothing.
    pub async fn decide(
        &self,
        account: &Account,
        device: &Credentials,
        holdings: Holdings<'_>,
        progress: &Progress,
    ) -> Result<Plan> {
        let options = &self.options;
        let user_id = &device.user_id;
        let pending = PendingKey::read(&self.directory, user_id)?;
        let is_asked = matches!(options.recovery, Recovery::Required | Recovery::IfMissing)
            || options.reset_identity != Reset::No
            || options.recovery_key.is_some()
            || pending.is_some();
        if !(options.guided || is_asked) {
            return Ok(Plan::default());
        }
        let storage = SecretStorage::read(account, user_id).await;
        if options.recovery_key.is_none() {
            let decided =
                self.decide_recovery(account, device, holdings, pending, storage, progress);
            return decided.await;
        }
        let key = match &self.key {
            Some(key) => key.clone(),
            None => required_from_keyring(user_id)?,
        };
        if let Err(failure) = check(storage, &key) {
            return Err(explain(failure, account, device, &self.directory).await);
        }
        Ok(Plan {
            recover: Some(key),
            ..Plan::default()
        })
    }

    /// The same where no recovery key was given.
    async fn decide_recovery(
        &self,
        account: &Account,
        device: &Credentials,
        holdings: Holdings<'_>,
        pending: Option<PendingKey>,
        storage: Storage,
        progress: &Progress,
    ) -> Result<Plan> {
        let options = &self.options;
        let user_id = &device.user_id;
        let keys = account.published_keys(user_id, &device.device_id).await?;
        let master = keys.master.as_ref().map(|master| master.public.as_str());
        let possible = recovery_possible(account, master, &storage, holdings).await?;
        let wants_reset = options.reset_identity != Reset::No;
        let found = pending.as_ref().map(|key| match &storage {
            Ok(storage) => key.standing_in(storage.as_ref()),
            Err(_) => Standing::Strange,
        });
        let supersedes = pending.as_ref().is_some_and(|key| key.has_replaced(master));
        // With a new identity any key can be the account's.
        let is_usable = supersedes
            || wants_reset
            || found == Some(Standing::InUse)
            || (found == Some(Standing::Unused) && possible.is_ok());
        if let (Some(key), Some(found), false) = (&pending, found, is_usable) {
            self.note(&key.describe_unused(found), progress);
        }
        let pending = pending.filter(|_| is_usable);
        let mut reset = wants_reset && master.is_some() && !supersedes;
        let mut enable = match options.recovery {
            Recovery::Required => true,
            Recovery::IfMissing => pending.is_some() || possible.is_ok(),
            Recovery::Ask => pending.is_some(),
            Recovery::Declined => found == Some(Standing::InUse),
        };
        let mut recover = None;
        if matches!(holdings, Holdings::New(None))
            && master.is_some()
            && !reset
            && pending.is_none()
        {
            match self.choose(account, device, &storage, progress).await? {
                Decision::Recover(key) => recover = Some(key),
                Decision::Replace => reset = true,
                Decision::Leave => {}
            }
        }
        if reset {
            self.confirm_reset(user_id, progress).await?;
        }
        if options.guided && !enable && (reset || possible.is_ok()) {
            progress.pause();
            enable = options.recovery == Recovery::Ask && self.ask_whether_to_enable().await?;
        }
        let is_required = options.recovery == Recovery::Required;
        let is_settled = reset || recover.is_some() || pending.is_some();
        if let (true, false, Err(failure)) = (is_required, is_settled, possible) {
            return Err(explain(failure, account, device, &self.directory).await);
        }
        enable &= recover.is_none();
        let generate = || PendingKey::generate(&self.directory, user_id);
        Ok(Plan {
            recover,
            reset,
            enable: enable.then(|| Arc::new(pending.unwrap_or_else(generate))),
            supersedes: supersedes || reset,
        })
    }

    /// Has a person choose what is done about an identity whose private keys are not here.
    async fn choose(
        &self,
        account: &Account,
        device: &Credentials,
        storage: &Storage,
        progress: &Progress,
    ) -> Result<Decision> {
        if !self.options.guided {
            return Ok(Decision::Leave);
        }
        let (user_id, device_id) = (&device.user_id, &device.device_id);
        let stores = latest_archives(&self.directory);
        let remains = Remains::find(account, user_id, device_id, &stores).await?;
        if remains.on_machine {
            return Ok(Decision::Leave);
        }
        let storage = storage.as_ref().ok().and_then(Option::as_ref);
        progress.pause();
        choose(
            self.options.terminal,
            user_id,
            storage,
            remains,
            self.may_reset,
        )
        .await
    }

    fn note(&self, words: &str, progress: &Progress) {
        progress.pause();
        self.options.terminal.note(words);
    }

    async fn confirm_reset(&self, user_id: &str, progress: &Progress) -> Result<()> {
        if self.options.reset_identity == Reset::Yes {
            return Ok(());
        }
        let words = format!("The cross-signing identity of {user_id} will be replaced: {COST}.");
        self.note(&words, progress);
        let words = "Type the bot's user ID to continue";
        self.options.terminal.confirm(words, "--yes", user_id).await
    }

    async fn ask_whether_to_enable(&self) -> Result<bool> {
        let words = "Set up a recovery key, to get the bot back if this machine is lost?";
        let question = Question {
            default: Some("yes"),
            why: "It restores the bot's verified identity and its message history. It is shown \
                  only once.",
            ..Question::new(words, "--recovery")
        };
        self.options.terminal.ask_yes_or_no(question).await
    }
}

/// Whether this device can set up recovery, as far as can be told by now.
async fn recovery_possible(
    account: &Account,
    master: Option<&str>,
    storage: &Storage,
    holdings: Holdings<'_>,
) -> Result<Result<(), RecoveryFailure>> {
    let backup = account.backup().await?;
    let has_backup_key = match holdings {
        Holdings::Own => true,
        Holdings::New(secrets) => backup.is_none_or(|backup| {
            secrets.and_then(IdentitySecrets::backup_version) == Some(&backup.version)
        }),
    };
    Ok(if !matches!(storage, Ok(None)) {
        Err(RecoveryFailure::AlreadySetUp)
    } else if matches!(holdings, Holdings::New(None)) && master.is_some() {
        Err(RecoveryFailure::NoIdentityKeys)
    } else if has_backup_key {
        Ok(())
    } else {
        Err(RecoveryFailure::BackupExistsOnServer)
    })
}

fn check(storage: Storage, key: &Secret) -> Result<(), RecoveryFailure> {
    let storage = storage?.ok_or(RecoveryFailure::NotSetUp)?;
    storage.check(key)
}
