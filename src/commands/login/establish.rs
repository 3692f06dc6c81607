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
    password: &Secret,
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
    password: &Secret,
) -> Result<Identity> {
    let deadline = Instant::now() + PATIENCE;
    session.step(Duration::ZERO).await?;
    loop {
        let confirmed = session
            .encryption_confirmed(account, &credentials.user_id, &credentials.device_id)
            .await;
        match confirmed {
            Ok(()) => break,
            Err(error) if error.kind() == Kind::Failure && Instant::now() < deadline => {
                session.step(POLL).await?;
            }
            Err(error) => return Err(error),
        }
    }
    session.ensure_identity(Some(password)).await
}
