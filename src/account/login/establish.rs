//! Setting up a device: its keys published and seen by others, its identity set up.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{context::Context, device::Device, predecessor::Predecessor};
use crate::{
    account::{
        identity::{Holdings, Plan},
        secret_input::doubt,
    },
    config::Secret,
    error::{Error, Kind, Result},
    homeserver::{Failure, Login, bare_token, token_faults},
    session::{Credentials, Identity, Session, refuse_token},
    terminal::Progress,
};

/// How long the homeserver may take to show the keys it was given.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one sync waits while it is waited for.
const POLL: Duration = Duration::from_secs(1);

impl Context {
    /// Logs in: as this device, or as whichever the homeserver gives.
    pub(super) async fn log_in(&self, device_id: Option<&str>) -> Result<Device> {
        self.progress.step("Logging in");
        let homeserver = &self.target.discovery.homeserver;
        let login = if self.options.token_stdin {
            let token = bare_token(&self.secret);
            let whoami = homeserver.with_token(&token).whoami().await;
            let whoami = whoami.map_err(|failure| match token_faults(&token, "").first() {
                Some(fault) if failure.kind() == Kind::NotLoggedIn => {
                    Error::not_logged_in(fault.to_string()).with_remedy(failure.remedy())
                }
                _ => failure.into(),
            })?;
            refuse_token(&whoami)?;
            Login {
                user_id: whoami.user_id,
                device_id: whoami.device_id.unwrap_or_default(),
                access_token: token,
                expires_in: None,
            }
        } else {
            homeserver
                .login_password(
                    &self.target.user,
                    &self.secret,
                    device_id,
                    &self.device_name,
                )
                .await
                .map_err(|failure| match (&failure, doubt(&self.secret)) {
                    (Failure::WrongPassword { .. }, Some(doubt)) => {
                        let hint = format!("check the password: {doubt}; then log in again");
                        let error = Error::from(failure.clone()).because(failure);
                        error.hint(hint).command("nanobot login")
                    }
                    (Failure::WrongPassword { .. } | Failure::Deactivated, _) => {
                        Error::from(failure.clone()).because(failure)
                    }
                    _ => failure.into(),
                })?
        };
        Ok(Device {
            account: homeserver.with_token(&login.access_token),
            credentials: Credentials {
                homeserver: self.target.discovery.homeserver.base_url.clone(),
                user_id: login.user_id,
                device_id: login.device_id,
                access_token: login.access_token,
                options: self.transport.clone(),
            },
            expires_in: login.expires_in,
            plan: Plan::default(),
            identity: Identity::Unverified,
            identity_store: None,
            is_new: false,
            archived: None,
            is_made: false,
            notes: Vec::new(),
        })
    }

    /// Decides what is to be done about the account's identity.
    pub(super) async fn decide(&self, device: &Device, holdings: Holdings<'_>) -> Result<Plan> {
        if self.options.stepwise {
            return Ok(Plan::default());
        }
        let (account, credentials) = (&device.account, &device.credentials);
        self.identity
            .decide(account, credentials, holdings, &self.progress)
            .await
    }

    /// Opens the device's store, syncs, and sees its keys published and its identity set up, or
    /// taken over from an earlier device.
    pub(super) async fn establish(
        &self,
        device: &mut Device,
        store: &Path,
        before: &Predecessor,
    ) -> Result<()> {
        let progress = &self.progress;
        progress.step("Opening the encryption store");
        let mut session = Session::open(&device.credentials, store).await?;
        let established = async {
            if let Some(secrets) = &before.secrets {
                session.import_identity(secrets).await?;
            }
            publish(&mut session, self.password(), progress).await
        };
        let established = established.await;
        session.settle().await;
        device.identity = established?;
        device.identity_store.clone_from(&before.identity_store);
        Ok(())
    }

    /// Gives a new device what the one before it had.
    pub(super) async fn take_over(&self, device: &mut Device, before: Predecessor, store: &Path) {
        self.progress.step("Copying data from the old device");
        before.hand_over(device, store).await;
        device.is_new = true;
    }
}

/// Syncs until others see the device's keys, and sees its identity set up.
pub(crate) async fn publish(
    session: &mut Session,
    password: Option<&Secret>,
    progress: &Progress,
) -> Result<Identity> {
    let deadline = Instant::now() + PATIENCE;
    progress.step("Publishing encryption keys");
    session.step(Duration::ZERO).await?;
    loop {
        match confirm(session, password, progress).await {
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
    password: Option<&Secret>,
    progress: &Progress,
) -> Result<Identity> {
    session.encryption_confirmed().await?;
    progress.step("Setting up the cross-signing identity");
    match session.ensure_identity(password).await {
        // The bot works without; others only see that it is not verified.
        Err(error) if error.kind() == Kind::Failure => {
            tracing::warn!(%error, "cannot verify this device");
            Ok(Identity::Unverified)
        }
        settled => settled,
    }
}
