//! What a login does about the account's identity and its recovery, when the bot is logged in.

use std::{path::Path, sync::Arc};

use super::situation::Resumed;
use crate::{
    commands::{recovery_key::PendingKey, signals::stop_signal},
    config::Secret,
    error::{Error, Kind, Result},
    homeserver::Account,
    session::{Chain, Credentials, Cure, Existing, RoomKeyBackup, Session, owner_chain},
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
            existing: if reset || resumed.has_replaced() {
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
