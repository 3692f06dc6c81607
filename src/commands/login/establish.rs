//! A device's first moments: its keys published and seen, its owner vouching for it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    config::Secret,
    error::{Kind, Result},
    homeserver::Account,
    session::{Credentials, Identity, Session},
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
) -> Result<Identity> {
    let mut session = Session::open(credentials, store).await?;
    let established = publish(&mut session, credentials, account, password).await;
    session.settle().await;
    established
}

async fn publish(
    session: &mut Session,
    credentials: &Credentials,
    account: &Account,
    password: Option<&Secret>,
) -> Result<Identity> {
    let deadline = Instant::now() + PATIENCE;
    session.step(Duration::ZERO).await?;
    loop {
        match confirm(session, credentials, account, password).await {
            // Keys that are not there yet come with a sync; a busy homeserver asks for patience.
            Err(error)
                if matches!(error.kind(), Kind::Failure | Kind::Unreachable)
                    && Instant::now() < deadline =>
            {
                tracing::debug!(%error, "not yet");
                session.step(POLL).await?;
            }
            settled => return settled,
        }
    }
}

async fn confirm(
    session: &Session,
    credentials: &Credentials,
    account: &Account,
    password: Option<&Secret>,
) -> Result<Identity> {
    session
        .encryption_confirmed(account, &credentials.user_id, &credentials.device_id)
        .await?;
    let identity = session
        .ensure_identity(account, &credentials.device_id, password)
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
