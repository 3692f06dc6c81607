//! What a login does about the account's identity and its recovery, when the bot is logged in.

use std::{path::Path, sync::Arc};

use super::identity::Holdings;
use crate::{
    commands::{
        recovery_key::{PendingKey, Standing},
        signals::stop_signal,
    },
    config::Secret,
    error::{Error, Kind, Result},
    homeserver::{Account, PublishedKeys},
    session::{
        Chain, Credentials, Cure, Existing, RecoveryFailure, RoomKeyBackup, SecretStorage, Session,
        owner_chain,
    },
    terminal::Progress,
};

/// What is to be done when the bot is logged in.
#[derive(Debug, Default)]
pub(in crate::commands) struct Plan {
    recover: Option<Secret>,
    reset: bool,
    enable: Option<Enable>,
}

/// A recovery key that is to be the account's.
#[derive(Debug)]
struct Enable {
    key: Arc<PendingKey>,
    existing: Existing,
}

/// How the identity stands in the end.
#[derive(Debug)]
pub(in crate::commands) struct Settled {
    /// What the homeserver shows to others, or why it could not be asked.
    pub(in crate::commands) chain: Result<Chain>,
    /// What verifies the device, where it is not.
    pub(in crate::commands) cure: Option<Cure>,
    /// The recovery key that was made. It is on the disk until it is shown.
    pub(in crate::commands) recovery_key: Option<Arc<PendingKey>>,
    /// What became of the backup, where the device was recovered.
    pub(in crate::commands) backup: Option<RoomKeyBackup>,
}

impl Settled {
    /// How the homeserver shows the device to others.
    pub(in crate::commands) async fn look(account: &Account, credentials: &Credentials) -> Self {
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let chain = owner_chain(account, user_id, device_id).await;
        let cure = match &chain {
            Ok(chain) => Cure::find(account, user_id, device_id, *chain).await,
            Err(_) => Ok(None),
        };
        let cure = cure
            .inspect_err(|error| tracing::debug!(%error, "cannot tell what verifies the device"))
            .unwrap_or_default();
        Self {
            chain,
            cure,
            recovery_key: None,
            backup: None,
        }
    }
}

/// What the account has before the login changes anything.
pub(super) struct Situation {
    pub(super) keys: PublishedKeys,
    has_storage: bool,
    has_backup: bool,
    secrets: Secrets,
}

/// Where the device has the identity's secrets from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrets {
    /// From its own store, if at all.
    Own,
    /// From an earlier device.
    Earlier,
    /// From nowhere.
    None,
}

impl Situation {
    pub(super) async fn find(
        account: &Account,
        (user_id, device_id): (&str, &str),
        storage: &Result<Option<SecretStorage>, RecoveryFailure>,
        holdings: Holdings<'_>,
    ) -> Result<Self> {
        let backup = account.backup().await?;
        let secrets = match holdings {
            Holdings::Own => None,
            Holdings::New(secrets) => secrets,
        };
        let has_key = |version: &str| {
            secrets.is_some_and(|secrets| secrets.backup_version() == Some(version))
        };
        Ok(Self {
            keys: account.published_keys(user_id, device_id).await?,
            has_storage: !matches!(storage, Ok(None)),
            has_backup: backup.is_some_and(|backup| !has_key(&backup.version))
                && matches!(holdings, Holdings::New(_)),
            secrets: match holdings {
                Holdings::Own => Secrets::Own,
                Holdings::New(Some(_)) => Secrets::Earlier,
                Holdings::New(None) => Secrets::None,
            },
        })
    }

    /// Whether the device gets the identity's secrets from an earlier one.
    pub(super) fn has_secrets(&self) -> bool {
        self.secrets == Secrets::Earlier
    }

    /// Whether this device can set up recovery, as far as can be told by now.
    pub(super) fn allows_recovery(&self) -> Result<(), RecoveryFailure> {
        if self.has_storage {
            Err(RecoveryFailure::AlreadySetUp)
        } else if self.secrets == Secrets::None && self.keys.master.is_some() {
            Err(RecoveryFailure::NoIdentityKeys)
        } else if self.has_backup {
            Err(RecoveryFailure::BackupExistsOnServer)
        } else {
            Ok(())
        }
    }

    /// What this account makes of a key that waits.
    pub(super) fn resume(
        &self,
        key: PendingKey,
        storage: &Result<Option<SecretStorage>, RecoveryFailure>,
    ) -> Resumed {
        let master = self.keys.master.as_ref();
        Resumed {
            standing: match storage {
                Ok(storage) => key.standing_in(storage.as_ref()),
                Err(_) => Standing::Strange,
            },
            has_replaced: key.has_replaced(master.map(|master| master.public.as_str())),
            key,
        }
    }
}

/// A recovery key that a run before this has made, or a new one, and what it is to the account.
#[derive(Debug)]
pub(super) struct Resumed {
    key: PendingKey,
    standing: Standing,
    has_replaced: bool,
}

impl Resumed {
    /// A key that was made just now.
    pub(super) fn of(key: PendingKey) -> Self {
        Self {
            key,
            standing: Standing::Unused,
            has_replaced: false,
        }
    }

    /// Whether the identity that was to be replaced along with it is.
    pub(super) fn has_replaced(&self) -> bool {
        self.has_replaced
    }

    /// Whether the account has it already.
    pub(super) fn is_begun(&self) -> bool {
        self.standing == Standing::InUse
    }

    /// Whether it can be the account's key, or is. With a new identity any can.
    pub(super) fn is_usable(&self, situation: &Situation, resets: bool) -> bool {
        match self.standing {
            Standing::InUse => true,
            _ if self.has_replaced || resets => true,
            Standing::Unused => situation.allows_recovery().is_ok(),
            Standing::Strange => false,
        }
    }

    pub(super) fn describe_unusable(&self) -> String {
        match self.standing {
            Standing::Strange => self.key.describe_strange(),
            Standing::InUse | Standing::Unused => self.key.describe_waiting(),
        }
    }
}

impl Plan {
    /// To verify the device with this recovery key.
    pub(super) fn of_key(key: Secret) -> Self {
        Self {
            recover: Some(key),
            ..Self::default()
        }
    }

    pub(super) fn new(recover: Option<Secret>, reset: bool, enable: Option<Resumed>) -> Self {
        let enable = enable.map(|resumed| Enable {
            existing: if reset || resumed.has_replaced {
                Existing::Supersede
            } else {
                Existing::Keep
            },
            key: Arc::new(resumed.key),
        });
        Self {
            recover,
            reset,
            enable,
        }
    }

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
        !self.reset && self.enable.is_none() && self.recover.is_none()
    }

    /// The options that wish for the same without questions.
    pub(super) fn options(&self) -> Vec<&'static str> {
        let options = [
            (
                self.recover.is_some(),
                "--recovery-key-file recovery-key.txt",
            ),
            (self.reset, "--reset-identity --yes"),
            (self.enable.is_some(), "--recovery"),
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
        let account = credentials.account()?;
        let (mut recovery_key, mut backup) = (None, None);
        if !self.is_idle() {
            let stop = stop_signal()?;
            let session = Session::open(credentials, store).await?;
            // Whatever a stop cuts short the next run completes, with the key that is on the disk.
            let applied = tokio::select! {
                applied = self.apply(&session, &account, password, progress) => applied,
                () = stop => Err(Error::new(Kind::Interrupted, "interrupted")
                    .hint("run the same command again: it goes on from here")),
            };
            session.settle().await;
            (recovery_key, backup) = applied?;
        }
        Ok(Settled {
            recovery_key,
            backup,
            ..Settled::look(&account, credentials).await
        })
    }

    async fn apply(
        &self,
        session: &Session,
        account: &Account,
        password: Option<&Secret>,
        progress: &Progress,
    ) -> Result<(Option<Arc<PendingKey>>, Option<RoomKeyBackup>)> {
        let mut backup = None;
        if let Some(key) = &self.recover {
            progress.step("Recovering the account's identity");
            backup = Some(session.recover(key).await?);
        }
        if self.reset {
            progress.step("Replacing the account's identity");
            self.replace_identity(session, account, password).await?;
        }
        let Some(Enable { key, existing }) = &self.enable else {
            return Ok((None, backup));
        };
        progress.step("Setting up recovery");
        key.enable(session, account, *existing).await?;
        Ok((Some(Arc::clone(key)), backup))
    }

    async fn replace_identity(
        &self,
        session: &Session,
        account: &Account,
        password: Option<&Secret>,
    ) -> Result<()> {
        let password = password
            .ok_or_else(|| Error::failure("the identity can only be replaced with the password"))?;
        let Some(Enable { key, .. }) = &self.enable else {
            return session.reset_identity(password).await;
        };
        let master = session.published_master(account).await?;
        // With the key on the disk the next run knows that the new identity is of this command.
        key.write_replacing(master.as_deref())?;
        let replaced = session.reset_identity(password).await;
        if let Err(error) = &replaced
            && error.kind() != Kind::Unreachable
            && session.published_master(account).await? == master
        {
            key.remove_unused(account).await?;
        }
        replaced
    }
}
