//! A device's first moments: its keys published and seen, its owner vouching for it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    config::Secret,
    error::{Kind, Result},
    homeserver::Account,
    session::{Credentials, Session},
    terminal::Progress,
};

/// How long the homeserver may take to show the keys it was given.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one sync waits while it is waited for.
const POLL: Duration = Duration::from_secs(1);

/// Opens the device's store, syncs, and sees its keys published and its identity set up.
pub(super) async fn establish(
    credentials: &Credentials,
    account: &Account,
    store: &Path,
    password: Option<&Secret>,
    progress: &Progress,
) -> Result<()> {
    progress.step("Opening the encryption store");
    let session = Session::open(credentials, store).await?;
    let mut device = NewDevice {
        session,
        credentials,
        account,
        password,
        progress,
    };
    let established = device.publish().await;
    device.session.settle().await;
    established
}

/// A device whose keys are not confirmed yet.
struct NewDevice<'a> {
    session: Session,
    credentials: &'a Credentials,
    account: &'a Account,
    password: Option<&'a Secret>,
    progress: &'a Progress,
}

impl NewDevice<'_> {
    async fn publish(&mut self) -> Result<()> {
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

    async fn confirm(&self) -> Result<()> {
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
                Ok(())
            }
            settled => settled.map(drop),
        }
    }
}
