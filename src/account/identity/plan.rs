//! What is done about the account's identity and its recovery when the bot is logged in.

use std::{path::Path, sync::Arc};

use super::explain::explain;
use crate::{
    account::recovery_key::PendingKey,
    config::Secret,
    error::{Error, Kind, Result},
    files::directory_of,
    homeserver::Account,
    session::{
        Chain, Credentials, IdentityFix, RecoveryFailure, RoomKeyBackup, Session, latest_archives,
        owner_chain,
    },
    terminal::{Progress, stop_signal},
};

/// What is to be done when the bot is logged in.
#[derive(Debug, Default)]
pub struct Plan {
    /// The recovery key that verifies the device.
    pub recover: Option<Secret>,
    /// Whether the identity is replaced.
    pub reset: bool,
    /// The recovery key that the account gets.
    pub enable: Option<Arc<PendingKey>>,
    /// Whether that comes with a new identity, and so replaces what is there for recovery.
    pub supersedes: bool,
}

/// How the device is verified in the end.
#[derive(Debug)]
pub struct Status {
    /// What the homeserver shows to others, or why it could not be asked.
    pub chain: Result<Chain>,
    /// What verifies the device, where it is not.
    pub fix: Option<IdentityFix>,
    /// The recovery key that was made. It is on the disk until it is shown.
    pub recovery_key: Option<Arc<PendingKey>>,
    /// What became of the backup, where the device was recovered.
    pub backup: Option<RoomKeyBackup>,
}

impl Status {
    /// How the homeserver shows the device to others.
    /// What may verify it is also looked for in the archived stores of the data directory.
    pub async fn read(account: &Account, user_id: &str, device_id: &str, directory: &Path) -> Self {
        let chain = owner_chain(account, user_id, device_id).await;
        let fix = match &chain {
            Ok(chain) => {
                let stores = latest_archives(directory);
                IdentityFix::find(account, user_id, device_id, *chain, &stores).await
            }
            Err(_) => Ok(None),
        };
        let fix = fix
            .inspect_err(|error| tracing::debug!(%error, "cannot tell what verifies the device"))
            .unwrap_or_default();
        Self {
            chain,
            fix,
            recovery_key: None,
            backup: None,
        }
    }

    /// Whether others see that the device's owner verified it.
    pub fn is_verified(&self) -> bool {
        matches!(self.chain, Ok(Chain::Whole))
    }
}

impl Plan {
    /// Whether the device is to be verified when it is done.
    pub fn verifies(&self) -> bool {
        self.recover.is_some() || self.reset
    }

    /// Whether there is nothing to do.
    pub fn is_idle(&self) -> bool {
        !self.verifies() && self.enable.is_none()
    }

    /// Does it with the device that is logged in and written down, and asks the homeserver how the
    /// device stands then.
    pub async fn carry_out(
        &self,
        credentials: &Credentials,
        store: &Path,
        password: Option<&Secret>,
        progress: &Progress,
    ) -> Result<Status> {
        let account = credentials.account()?;
        let directory = directory_of(store);
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let mut backup = None;
        if !self.is_idle() {
            let stop = stop_signal()?;
            let session = Session::open(credentials, store).await?;
            // Whatever a stop cuts short the next run completes, with the key that is on the disk.
            let applied = tokio::select! {
                applied = self.apply(&session, &account, password, progress) => match applied {
                    Ok(applied) => Ok(applied),
                    Err(failure) => {
                        Err(explain(failure, &account, credentials, directory).await)
                    }
                },
                () = stop => Err(Error::new(Kind::Interrupted, "interrupted")
                    .hint("run the same command again to continue")),
            };
            session.settle().await;
            backup = applied?;
        }
        Ok(Status {
            recovery_key: self.enable.clone(),
            backup,
            ..Status::read(&account, user_id, device_id, directory).await
        })
    }

    async fn apply(
        &self,
        session: &Session,
        account: &Account,
        password: Option<&Secret>,
        progress: &Progress,
    ) -> Result<Option<RoomKeyBackup>, RecoveryFailure> {
        if self.reset {
            progress.step("Replacing the cross-signing identity");
            self.replace_identity(session, account, password).await?;
        }
        if let Some(key) = &self.enable {
            progress.step("Setting up recovery");
            key.enable(session, self.supersedes).await?;
        }
        let Some(key) = &self.recover else {
            return Ok(None);
        };
        progress.step("Restoring the cross-signing identity");
        Ok(Some(session.recover(key).await?))
    }

    async fn replace_identity(
        &self,
        session: &Session,
        account: &Account,
        password: Option<&Secret>,
    ) -> Result<()> {
        let password = password.ok_or_else(|| {
            Error::failure("cannot replace the cross-signing identity without the password")
                .hint("log in with the password")
                .command("nanobot login --reset-identity --recovery")
        })?;
        let Some(key) = &self.enable else {
            return session.reset_identity(password).await;
        };
        let master = session.published_master().await?;
        // With the key on the disk the next run knows that the new identity is of this command.
        key.write(master.as_deref())?;
        let replaced = session.reset_identity(password).await;
        if let Err(error) = &replaced
            && error.kind() != Kind::Unreachable
            && session.published_master().await? == master
        {
            key.remove_unused(account).await?;
        }
        replaced
    }
}
