//! Proving that the new device works: others trust its keys, and another device and it read each
//! other.

use std::time::Duration;

use super::{checkpoint::Checkpoint, prepare::Preparation};
use crate::{
    account::archive::remove,
    error::{Error, Result},
    files::private_directory,
    ipc::crash_point,
    session::{Chain, Credentials, Session, new_device_id, owner_chain},
};

/// The name of the device that the new one is tried with.
const TRIAL_NAME: &str = "nanobot store reset (a test, logged out in a moment)";
/// How long two devices may take to read each other.
const TRIAL_LIMIT: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_secs(1);
/// How many syncs the homeserver may take to show what it was given.
const SYNCS: usize = 30;

impl Preparation<'_> {
    /// Verifies the signatures on what the homeserver shows of the device.
    pub async fn prove_published(&self, session: &mut Session, verified: bool) -> Result<()> {
        for _ in 0..SYNCS {
            let (user_id, device_id) =
                (&session.credentials.user_id, &session.credentials.device_id);
            let chain = owner_chain(&session.account, user_id, device_id).await?;
            let is_own = !matches!(chain, Chain::NoDeviceKeys | Chain::Device(_));
            if chain == Chain::Whole || (is_own && !verified) {
                return Ok(());
            }
            tracing::debug!(?chain, "not yet");
            session.step(POLL).await?;
        }
        Err(Error::failure(
            "the homeserver does not show the new device as verified by its owner",
        ))
    }

    /// Lets a second device of the account and the new one read each other.
    pub async fn prove_encryption(
        &self,
        session: &mut Session,
        checkpoint: &mut Checkpoint,
    ) -> Result<()> {
        if checkpoint.findings.proven {
            return Ok(());
        }
        self.forget_trial(checkpoint).await?;
        let device_id = new_device_id();
        checkpoint.trial_device = Some(device_id.clone());
        checkpoint.write(&self.run.places)?;
        let trial = Credentials {
            access_token: self.log_in_as(&device_id, TRIAL_NAME).await?,
            device_id,
            ..session.credentials.clone()
        };
        crash_point("reset-trial");
        let tried = self.exchange(session, &trial).await;
        trial.account()?.logout().await?;
        checkpoint.trial_device = None;
        tried?;
        remove(&self.run.places.trial_store)?;
        checkpoint.findings.proven = true;
        checkpoint.write(&self.run.places)
    }

    async fn exchange(&self, session: &mut Session, trial: &Credentials) -> Result<()> {
        private_directory(&self.run.places.trial_store)?;
        let mut other = Session::open(trial, &self.run.places.trial_store).await?;
        let exchanged = session.exchange_with(&mut other, TRIAL_LIMIT).await;
        other.settle().await;
        exchanged
    }

    /// Removes the device of a trial that did not come to its end; its store is not used again.
    pub async fn forget_trial(&self, checkpoint: &Checkpoint) -> Result<()> {
        remove(&self.run.places.trial_store)?;
        if let Some(device_id) = &checkpoint.trial_device {
            let token = self.log_in_as(device_id, TRIAL_NAME).await?;
            self.discovery
                .homeserver
                .with_token(&token)
                .logout()
                .await?;
        }
        Ok(())
    }
}
