//! The account's identity and its recovery: what is wished, decided before the login changes
//! anything, and done when the bot is logged in.

use std::path::Path;

use crate::{
    cli::Entry as Arguments,
    commands::{
        recovery_key,
        secret_input::{ask_recovery_key, secret_file, secret_stdin},
        signals::stop_signal,
    },
    config::{Matrix, Secret},
    error::{Error, Kind, Result},
    homeserver::{Account, PublishedKeys},
    session::{
        Chain, Credentials, Existing, RecoveryFailure, RoomKeyBackup, SecretStorage, Session,
        owner_chain, verify_chain,
    },
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

/// What is to be done when the bot is logged in.
#[derive(Debug, Default)]
pub(in crate::commands) struct Plan {
    recover: Option<Secret>,
    reset: bool,
    enable: bool,
}

/// How the identity stands in the end.
#[derive(Debug)]
pub(in crate::commands) struct Settled {
    /// What the homeserver shows to others, or why it could not be asked.
    pub(in crate::commands) chain: Result<Chain>,
    /// The recovery key that was made.
    pub(in crate::commands) recovery_key: Option<Secret>,
    /// What became of the backup, where the device was recovered.
    pub(in crate::commands) backup: Option<RoomKeyBackup>,
}

impl IdentityWishes {
    pub(in crate::commands) async fn collect(
        args: &Arguments,
        reset: Reset,
        recovery: Recovery,
        terminal: Terminal,
        guided: bool,
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
        is_new: bool,
        progress: &Progress,
    ) -> Result<Plan> {
        let has_key = self.key.is_some() || self.in_keyring;
        let is_wished = matches!(self.recovery, Recovery::Demanded | Recovery::IfMissing);
        let is_asked = is_wished || self.reset != Reset::No || has_key;
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
            return Ok(Plan {
                recover: Some(key),
                ..Plan::default()
            });
        }
        let situation = Situation {
            keys: account.published_keys(user_id, device_id).await?,
            has_storage: !matches!(storage, Ok(None)),
            has_backup: account.backup().await?.is_some(),
            is_new,
        };
        let mut plan = Plan {
            reset: self.reset != Reset::No && situation.keys.master.is_some(),
            enable: match self.recovery {
                Recovery::Demanded => true,
                Recovery::IfMissing => situation.allows_recovery().is_ok(),
                Recovery::Open | Recovery::Declined => false,
            },
            recover: None,
        };
        if plan.reset {
            self.confirm(user_id, progress).await?;
        } else if self.recovery == Recovery::Demanded {
            situation.allows_recovery()?;
        }
        if self.guided && !plan.enable {
            progress.pause();
            let vouched = verify_chain(&situation.keys, user_id, device_id) == Chain::Whole;
            self.guide(&mut plan, &situation, storage, vouched).await?;
        }
        Ok(plan)
    }

    /// Asks for what the options left open, where the account gives reason to.
    async fn guide(
        &self,
        plan: &mut Plan,
        situation: &Situation,
        storage: Result<Option<SecretStorage>, RecoveryFailure>,
        vouched: bool,
    ) -> Result<()> {
        if plan.reset || situation.allows_recovery().is_ok() {
            if self.recovery == Recovery::Open {
                plan.enable = self.ask_whether_to_enable().await?;
            }
        } else if let Ok(Some(storage)) = storage
            && situation.keys.master.is_some()
            && !vouched
        {
            let flags = "--recovery-key-file";
            plan.recover = ask_recovery_key(self.terminal, &storage, flags, true).await?;
        }
        Ok(())
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

/// What the account has before the login changes anything.
struct Situation {
    keys: PublishedKeys,
    has_storage: bool,
    has_backup: bool,
    /// The device has nothing of the account's secrets.
    is_new: bool,
}

impl Situation {
    /// Whether this device can set up recovery, as far as can be told by now.
    fn allows_recovery(&self) -> Result<(), RecoveryFailure> {
        if self.has_storage {
            Err(RecoveryFailure::AlreadySetUp)
        } else if self.is_new && self.keys.master.is_some() {
            Err(RecoveryFailure::NoIdentityKeys)
        } else if self.is_new && self.has_backup {
            Err(RecoveryFailure::BackupExistsOnServer)
        } else {
            Ok(())
        }
    }
}

fn check(storage: Option<SecretStorage>, key: &Secret) -> Result<()> {
    let storage = storage.ok_or(RecoveryFailure::NotSetUp)?;
    Ok(storage.check(key)?)
}

impl Plan {
    /// Whether the device is to be verified when it is done.
    pub(super) fn verifies(&self) -> bool {
        self.recover.is_some() || self.reset
    }

    /// The recovery key that the device is verified with.
    pub(in crate::commands) fn recovery_key(&self) -> Option<&Secret> {
        self.recover.as_ref()
    }

    /// Whether there is nothing to do.
    pub(in crate::commands) fn is_idle(&self) -> bool {
        !self.reset && !self.enable && self.recover.is_none()
    }

    /// The options that wish for the same without questions.
    pub(super) fn options(&self) -> Vec<&'static str> {
        let options = [
            (
                self.recover.is_some(),
                "--recovery-key-file recovery-key.txt",
            ),
            (self.reset, "--reset-identity --yes"),
            (self.enable, "--recovery"),
        ];
        let wished = options.into_iter().filter(|(wished, _)| *wished);
        wished.map(|(_, option)| option).collect()
    }

    /// Does it with the device that is logged in and written down, and asks the homeserver how the
    /// device stands then.
    pub(in crate::commands) async fn carry_out(
        &self,
        credentials: &Credentials,
        store: &Path,
        password: Option<&Secret>,
        progress: &Progress,
    ) -> Result<Settled> {
        // From here on Ctrl-C waits for the end: a key that was made and not shown would be lost.
        let _stop = stop_signal()?;
        let (mut recovery_key, mut backup) = (None, None);
        let account = credentials.account()?;
        if !self.is_idle() {
            let session = Session::open(credentials, store).await?;
            let done = self.apply(&session, &account, password, progress).await;
            session.settle().await;
            (recovery_key, backup) = done?;
        }
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let chain = owner_chain(&account, user_id, device_id).await;
        Ok(Settled {
            chain,
            recovery_key,
            backup,
        })
    }

    async fn apply(
        &self,
        session: &Session,
        account: &Account,
        password: Option<&Secret>,
        progress: &Progress,
    ) -> Result<(Option<Secret>, Option<RoomKeyBackup>)> {
        let mut backup = None;
        if let Some(key) = &self.recover {
            progress.step("Recovering the account's identity");
            backup = Some(session.recover(key).await?);
        }
        if self.reset {
            progress.step("Replacing the account's identity");
            let password = password.ok_or_else(|| {
                Error::failure("the identity can only be replaced with the password")
            })?;
            session.reset_identity(password).await?;
        }
        if !self.enable {
            return Ok((None, backup));
        }
        progress.step("Setting up recovery");
        let existing = if self.reset {
            Existing::Supersede
        } else {
            Existing::Keep
        };
        let key = session.enable_recovery(account, existing).await?;
        Ok((Some(key), backup))
    }
}
