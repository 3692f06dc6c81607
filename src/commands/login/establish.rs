//! A device's first moments: its keys published and seen, its owner vouching for it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    config::Secret,
    error::{Kind, Result},
    homeserver::Account,
    session::{Credentials, Identity, IdentitySecrets, Session},
    terminal::Progress,
};

/// How long the homeserver may take to show the keys it was given.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one sync waits while it is waited for.
const POLL: Duration = Duration::from_secs(1);

/// Opens the device's store, syncs, and sees its keys published and its identity set up, or taken
/// over from an earlier device with these secrets.
pub(super) async fn establish(
    credentials: &Credentials,
    account: &Account,
    store: &Path,
    secrets: Option<&IdentitySecrets>,
    password: Option<&Secret>,
    progress: &Progress,
) -> Result<()> {
    progress.step("Opening the encryption store");
    let mut session = Session::open(credentials, store).await?;
    let taken_over = match secrets {
        Some(secrets) => session.import_identity(secrets).await,
        None => Ok(()),
    };
    let established = match taken_over {
        Ok(()) => {
            let device = NewDevice {
                session: &mut session,
                credentials,
                account,
                password,
                progress,
            };
            device.publish().await
        }
        Err(error) => Err(error),
    };
    session.settle().await;
    established.map(drop)
}

/// A device whose keys are not confirmed yet.
pub(in crate::commands) struct NewDevice<'a> {
    pub(in crate::commands) session: &'a mut Session,
    pub(in crate::commands) credentials: &'a Credentials,
    pub(in crate::commands) account: &'a Account,
    pub(in crate::commands) password: Option<&'a Secret>,
    pub(in crate::commands) progress: &'a Progress,
}

impl NewDevice<'_> {
    /// Syncs until others see the device's keys, and sees its identity set up.
    pub(in crate::commands) async fn publish(self) -> Result<Identity> {
        let deadline = Instant::now() + PATIENCE;
        self.progress.step("Publishing encryption keys");
        self.session.step(Duration::ZERO).await?;
        loop {
            match self.confirm().await {
                // Keys that are not there yet come with a sync; a busy homeserver asks for patience.
                Err(error)
                    if matches!(error.kind(), Kind::Failure | Kind::Unreachable)
                        && Instant::now() < deadline =>
                {
                    tracing::debug!(%error, "not yet");
                    self.session.step(POLL).await?;
                }
                settled => return settled,
            }
        }
    }

    async fn confirm(&self) -> Result<Identity> {
        let Credentials {
            user_id, device_id, ..
        } = self.credentials;
        self.session
            .encryption_confirmed(self.account, user_id, device_id)
            .await?;
        self.progress.step("Setting up the account's identity");
        let identity = self
            .session
            .ensure_identity(self.account, device_id, self.password)
            .await;
        match identity {
            // The bot works without; others are only told that nobody vouches for it.
            Err(error) if error.kind() == Kind::Failure => {
                tracing::warn!(%error, "this device stays unverified");
                Ok(Identity::Unverified)
            }
            settled => settled,
        }
    }
}
