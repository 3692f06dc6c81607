//! Making the new device beside the old one, or taking that back. Each step may be done again.

use super::{
    Run,
    checkpoint::{Checkpoint, Secrets, Step},
    diagnosis::Diagnosis,
};
use crate::{
    account::login::{forget, import},
    config::Secret,
    error::{Error, Kind, Result},
    files::private_directory,
    homeserver::{Discovery, Failure},
    ipc::crash_point,
    journal::inherit,
    session::{Credentials, Identity, RoomKeys, Session},
    terminal::{Progress, or_stop},
};

/// The name of the device where the old one had none.
const DEVICE_NAME: &str = "nanobot";

/// Everything it takes to make the new device.
pub struct Preparation<'a> {
    pub run: &'a Run,
    pub diagnosis: &'a Diagnosis,
    pub discovery: &'a Discovery,
    pub password: Secret,
    pub recovery_key: Option<&'a Secret>,
    pub progress: &'a Progress,
}

impl Preparation<'_> {
    /// Makes the new device and puts it in place, or takes back what was made.
    pub async fn replace(
        &self,
        room_keys: &mut Option<RoomKeys>,
        checkpoint: &mut Checkpoint,
    ) -> Result<()> {
        let prepared = Box::pin(or_stop(self.prepare(room_keys, checkpoint))).await;
        self.progress.step("Activating the new device");
        let Err(error) = prepared.and_then(|()| self.run.activate(checkpoint, false)) else {
            return Ok(());
        };
        // With the stores changed the old device is no longer the bot's.
        if checkpoint.step >= Step::Activate {
            return Err(error);
        }
        if !checkpoint.findings.new_identity {
            self.progress.step("Undoing the reset");
            self.undo(checkpoint).await;
            return Err(error);
        }
        // The new device stays: with it the account would lose its new identity.
        checkpoint.step = Step::Prepare;
        if let Err(error) = checkpoint.write(&self.run.places) {
            // What is there says that it goes on, here or with the activation.
            tracing::debug!(%error, "how far the reset came is not written down");
        }
        Err(error
            .hint("the account has a new identity already; run this again to continue")
            .command("nanobot store reset"))
    }

    /// Makes the new device, gives it what the old one had, and proves that it works. Nothing but
    /// the account's list of sessions has changed then, and its identity where that was wished.
    async fn prepare(
        &self,
        room_keys: &mut Option<RoomKeys>,
        checkpoint: &mut Checkpoint,
    ) -> Result<()> {
        let credentials = Credentials {
            homeserver: self.discovery.homeserver.base_url.clone(),
            user_id: checkpoint.user_id.clone(),
            device_id: checkpoint.new_device.clone(),
            access_token: self.log_in(checkpoint).await?,
            options: self.run.network.clone(),
        };
        let store = &self.run.places.new_store;
        let account = credentials.account()?;
        credentials.device_state(&account, store).await?.check()?;
        let mut session = Session::open(&credentials, store).await?;
        let proven = Box::pin(self.prove(&mut session, checkpoint)).await;
        session.settle().await;
        drop(session);
        proven?;
        self.take_over(room_keys, checkpoint).await
    }

    /// Logs in as the new device, or takes the login of the run before. Returns its token.
    async fn log_in(&self, checkpoint: &mut Checkpoint) -> Result<Secret> {
        let store = &self.run.places.new_store;
        private_directory(store)?;
        checkpoint.is_login_asked = true;
        checkpoint.write(&self.run.places)?;
        crash_point("reset-begin");

        self.progress.step("Logging in as a new device");
        let token = match Secrets::read(store)? {
            Some(secrets) => secrets.new_token(),
            None => self.make_login(checkpoint).await.inspect_err(|error| {
                if error.kind() != Kind::Unreachable {
                    checkpoint.is_login_asked = false;
                }
            })?,
        };
        crash_point("reset-log-in");
        Ok(token)
    }

    async fn make_login(&self, checkpoint: &Checkpoint) -> Result<Secret> {
        let name = self.diagnosis.device_name.as_deref();
        let name = name.unwrap_or(DEVICE_NAME);
        let token = self.log_in_as(&checkpoint.new_device, name).await?;
        crash_point("reset-token");
        let secrets = Secrets::new(&token, self.diagnosis.token.as_ref());
        if let Err(error) = secrets.write(&self.run.places.new_store) {
            forget(&self.discovery.homeserver.with_token(&token)).await;
            return Err(error);
        }
        Ok(token)
    }

    /// Logs the bot in as a device of this id. Returns the device's token.
    pub async fn log_in_as(&self, device_id: &str, name: &str) -> Result<Secret> {
        let (homeserver, user_id) = (&self.discovery.homeserver, &self.diagnosis.user_id);
        let login = homeserver
            .login_password(user_id, &self.password, Some(device_id), name)
            .await
            .map_err(|failure| match &failure {
                Failure::WrongPassword { .. } => Error::from(failure.clone())
                    .because(failure)
                    .hint("check the password, and run the reset again")
                    .command("nanobot store reset"),
                _ => failure.into(),
            })?;
        if login.user_id == *user_id && login.device_id == device_id {
            return Ok(login.access_token);
        }
        forget(&homeserver.with_token(&login.access_token)).await;
        Err(Error::failure(format!(
            "the homeserver logged in {}, device {}, instead of {user_id}, device {device_id}",
            login.user_id, login.device_id
        )))
    }

    /// Gives the device its identity, and proves that it works.
    async fn prove(&self, session: &mut Session, checkpoint: &mut Checkpoint) -> Result<()> {
        let (places, progress) = (&self.run.places, self.progress);
        let identity = Box::pin(self.establish_identity(session, checkpoint)).await?;
        checkpoint.found(identity);
        checkpoint.write(places)?;
        crash_point("reset-identity");

        progress.step("Checking the device's published keys");
        self.prove_published(session, checkpoint.findings.verified)
            .await?;
        progress.step("Testing encryption with a second device");
        Box::pin(self.prove_encryption(session, checkpoint)).await?;
        crash_point("reset-prove");

        if identity == Identity::Unverified && checkpoint.choices.reset_identity {
            Box::pin(self.replace_identity(session, checkpoint)).await?;
        }
        Box::pin(self.set_up_recovery(session, checkpoint)).await
    }

    /// Takes over what the old store has besides the identity: room keys, unanswered messages.
    async fn take_over(
        &self,
        room_keys: &mut Option<RoomKeys>,
        checkpoint: &mut Checkpoint,
    ) -> Result<()> {
        let new = &self.run.places.new_store;
        if let Some(keys) = room_keys.take() {
            self.progress.step("Copying room keys from the old store");
            checkpoint.findings.room_keys = import(keys, new).await? as u64;
            checkpoint.write(&self.run.places)?;
        }
        crash_point("reset-import");

        self.progress.step("Copying unanswered messages");
        let inherited = inherit(&self.run.places.copy, new, &checkpoint.user_id).await?;
        checkpoint.findings.unanswered_taken_over = inherited.taken;
        checkpoint.findings.unanswered_left = inherited.left;
        checkpoint.write(&self.run.places)?;
        crash_point("reset-inherit");
        Ok(())
    }

    /// What is left of the last run to go on with. What it did not take back to its end is taken
    /// back.
    pub async fn resume(&self, unfinished: Option<Checkpoint>) -> Option<Checkpoint> {
        let mut checkpoint = unfinished?;
        if checkpoint.step != Step::Undo {
            return Some(checkpoint);
        }
        self.progress.step("Undoing the last run");
        self.undo(&mut checkpoint).await;
        None
    }

    /// Takes everything back: the bot is as it was. What a kill leaves of it the next run takes
    /// back, which would else go on with a device that is logged out.
    async fn undo(&self, checkpoint: &mut Checkpoint) {
        checkpoint.step = Step::Undo;
        if let Err(error) = checkpoint.write(&self.run.places) {
            // As where the disk is full, which may be why it is taken back.
            tracing::debug!(%error, "a kill in this moment would not be recovered from");
        }
        crash_point("reset-undo");
        self.forget_device(checkpoint).await;
        crash_point("reset-undo-device");
        if let Err(error) = self.forget_trial(checkpoint).await {
            tracing::warn!(device = ?checkpoint.trial_device, %error,
                "cannot log out the test device; it stays in the account's session list");
        }
        crash_point("reset-undo-trial");
        // The checkpoint first: a device whose store is gone must not be logged in to again.
        let removed = Checkpoint::remove(&self.run.places).and_then(|()| {
            crash_point("reset-undo-checkpoint");
            self.run.places.discard()
        });
        if let Err(error) = removed {
            tracing::error!(%error, "cannot remove the files of the reset");
        }
    }

    /// Logs the new device out, also where the answer to its login never came.
    async fn forget_device(&self, checkpoint: &Checkpoint) {
        let token = match Secrets::read(&self.run.places.new_store) {
            Ok(Some(secrets)) => Ok(secrets.new_token()),
            Ok(None) if checkpoint.is_login_asked => {
                self.log_in_as(&checkpoint.new_device, DEVICE_NAME).await
            }
            _ => return,
        };
        match token {
            Ok(token) => drop(forget(&self.discovery.homeserver.with_token(&token)).await),
            Err(error) => tracing::warn!(device = checkpoint.new_device, %error,
                "an unused device may be left in the account's session list"),
        }
    }
}
