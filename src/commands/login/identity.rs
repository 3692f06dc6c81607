//! The account's identity and its recovery: what is wished, decided before the login changes
//! anything, and done when the bot is logged in.

use std::path::{Path, PathBuf};

use super::{
    plan::Plan,
    situation::{Resumed, Situation},
};
use crate::{
    cli::Entry as Arguments,
    commands::{
        recovery_key::{self, PendingKey},
        secret_input::{ask_recovery_key, secret_file, secret_stdin},
    },
    config::{Matrix, Secret},
    error::{Error, Kind, Result},
    homeserver::Account,
    session::{Chain, Credentials, IdentitySecrets, RecoveryFailure, SecretStorage, verify_chain},
    terminal::{Progress, Question, Terminal},
};

/// What was said about the identity before anything is known of the account.
#[derive(Debug)]
pub(in crate::commands) struct IdentityWishes {
    key: Option<Secret>,
    /// The key is the one in the keyring.
    in_keyring: bool,
    reset: Reset,
    recovery: Recovery,
    terminal: Terminal,
    guided: bool,
    /// The data directory, where a recovery key may wait.
    directory: PathBuf,
}

/// What the device has of the account's secrets.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands) enum Holdings<'a> {
    /// What its store says.
    Own,
    /// What it takes over from an earlier device, if anything: it is new.
    New(Option<&'a IdentitySecrets>),
}

/// Whether the identity is to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Reset {
    No,
    /// When the person in front of the terminal has typed the user id.
    WhenConfirmed,
    /// Without a question.
    Yes,
}

/// Whether a recovery key is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Recovery {
    /// As a person says, where one is there.
    Open,
    /// Yes, or the command fails.
    Demanded,
    /// Yes, where recovery is not set up already and this device can do it.
    IfMissing,
    /// No.
    Declined,
}

impl IdentityWishes {
    pub(in crate::commands) async fn collect(
        args: &Arguments,
        reset: Reset,
        recovery: Recovery,
        terminal: Terminal,
        guided: bool,
        directory: &Path,
    ) -> Result<Self> {
        if reset == Reset::WhenConfirmed && !terminal.is_interactive() {
            return Err(
                Error::new(Kind::Usage, "--reset-identity has to be confirmed").hint(
                    "everyone who verified the bot is told of it; give --yes if that is meant",
                ),
            );
        }
        let key = if args.identity.recovery_key_stdin {
            Some(secret_stdin().await?)
        } else if let Some(path) = &args.identity.recovery_key_file {
            Some(secret_file("recovery key", path).await?)
        } else {
            None
        };
        Ok(Self {
            key,
            in_keyring: args.identity.recovery_key_keyring,
            reset,
            recovery,
            terminal,
            guided,
            directory: directory.to_owned(),
        })
    }

    /// The device that is configured by now, where a recovery key is to be checked with it.
    pub(super) fn current_device(&self, matrix: &Matrix) -> Option<Credentials> {
        self.key.as_ref()?;
        Credentials::new(matrix).ok()
    }

    /// Checks the recovery key that was given with a token from before this login, where there is
    /// one that holds, so that a wrong key costs nothing.
    pub(super) async fn check_early(&self, account: &Account, user_id: &str) -> Result<()> {
        let Some(key) = &self.key else {
            return Ok(());
        };
        match SecretStorage::read(account, user_id).await {
            // The login will tell.
            Err(_) => Ok(()),
            Ok(storage) => check(storage, key),
        }
    }

    /// Decides what is to be done, asking where a person is there. Changes nothing.
    pub(in crate::commands) async fn decide(
        &self,
        account: &Account,
        (user_id, device_id): (&str, &str),
        holdings: Holdings<'_>,
        progress: &Progress,
    ) -> Result<Plan> {
        let has_key = self.key.is_some() || self.in_keyring;
        let pending = PendingKey::read(&self.directory, user_id)?;
        let is_wished = matches!(self.recovery, Recovery::Demanded | Recovery::IfMissing);
        let is_asked = is_wished || self.reset != Reset::No || has_key || pending.is_some();
        if !(self.guided || is_asked) {
            return Ok(Plan::default());
        }
        let storage = SecretStorage::read(account, user_id).await;
        if has_key {
            let key = match &self.key {
                Some(key) => key.clone(),
                None => recovery_key::required(user_id)?,
            };
            check(storage?, &key)?;
            return Ok(Plan::of_key(key));
        }
        let situation = Situation::find(account, (user_id, device_id), &storage, holdings).await?;
        let resumed = pending.map(|pending| situation.resume(pending, &storage));
        let resumed = self.usable(resumed, &situation, progress);
        let is_replaced = resumed.as_ref().is_some_and(Resumed::has_replaced);
        let reset = self.reset != Reset::No && situation.keys.master.is_some() && !is_replaced;
        let mut enable = match self.recovery {
            Recovery::Demanded => true,
            Recovery::IfMissing => resumed.is_some() || situation.allows_recovery().is_ok(),
            Recovery::Open => resumed.is_some(),
            Recovery::Declined => resumed.as_ref().is_some_and(Resumed::is_begun),
        };
        let mut recover = None;
        if reset {
            self.confirm(user_id, progress).await?;
        } else if self.recovery == Recovery::Demanded && resumed.is_none() {
            situation.allows_recovery()?;
        }
        if self.guided && !enable {
            progress.pause();
            if reset || situation.allows_recovery().is_ok() {
                enable = self.recovery == Recovery::Open && self.ask_whether_to_enable().await?;
            } else {
                let vouched = verify_chain(&situation.keys, user_id, device_id) == Chain::Whole;
                recover = self.ask_for_key(&situation, storage, vouched).await?;
            }
        }
        let fresh = || Resumed::of(PendingKey::generate(&self.directory, user_id));
        let enable = enable.then(|| resumed.unwrap_or_else(fresh));
        Ok(Plan::new(recover, reset, enable))
    }

    /// A key that waits, if this run can go on with it; what is to be said of another is said.
    fn usable(
        &self,
        resumed: Option<Resumed>,
        situation: &Situation,
        progress: &Progress,
    ) -> Option<Resumed> {
        let resumed = resumed?;
        if resumed.is_usable(situation, self.reset != Reset::No) {
            return Some(resumed);
        }
        progress.pause();
        self.terminal.note(&resumed.describe_unusable());
        None
    }

    /// Asks for the recovery key, where the account gives reason to.
    async fn ask_for_key(
        &self,
        situation: &Situation,
        storage: Result<Option<SecretStorage>, RecoveryFailure>,
        vouched: bool,
    ) -> Result<Option<Secret>> {
        let is_needed = situation.keys.master.is_some() && !vouched && !situation.has_secrets();
        match storage {
            Ok(Some(storage)) if is_needed => {
                let flags = "--recovery-key-file";
                ask_recovery_key(self.terminal, &storage, flags, true).await
            }
            _ => Ok(None),
        }
    }

    async fn confirm(&self, user_id: &str, progress: &Progress) -> Result<()> {
        if self.reset == Reset::Yes {
            return Ok(());
        }
        progress.pause();
        self.terminal.note(&format!(
            "The identity of {user_id} will be replaced. Everyone who verified the bot is told by \
             their client that it has changed, and has to verify it again."
        ));
        let question = Question::new("Type its user id to go on", "--yes");
        let read = |typed: &str| {
            if typed == user_id {
                Ok(())
            } else {
                Err(format!("that is not {user_id}; Ctrl-C leaves it as it is"))
            }
        };
        self.terminal.ask(question, read).await
    }

    async fn ask_whether_to_enable(&self) -> Result<bool> {
        let words = "Set up a recovery key, to get the bot back if this machine is lost?";
        let question = Question {
            default: Some("yes"),
            why: "With the key the bot is back after a loss: verified, and able to read what it \
                  read before. It is shown once.",
            ..Question::new(words, "--recovery")
        };
        let read = |typed: &str| match typed.to_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err("yes or no".to_owned()),
        };
        self.terminal.ask(question, read).await
    }
}

fn check(storage: Option<SecretStorage>, key: &Secret) -> Result<()> {
    let storage = storage.ok_or(RecoveryFailure::NotSetUp)?;
    Ok(storage.check(key)?)
}
