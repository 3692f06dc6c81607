//! The end: the old device is logged out, and it is told what was done.

use super::{
    Run,
    checkpoint::{Checkpoint, Secrets},
    places::Places,
    report::{Report, Reset},
};
use crate::{
    account::{
        Afterwards, Done,
        identity::Status,
        recovery_key::{PendingKey, ShownKey},
    },
    config::Secret,
    error::{Error, Kind, Result},
    homeserver::{Account, Failure, Homeserver},
    ipc::{Lock, crash_point},
    session::IdentityFix,
};

impl Run {
    /// Logs the old device out and says what was done. `given` is the recovery key that was given.
    pub async fn conclude(
        &mut self,
        checkpoint: &Checkpoint,
        homeserver: &Homeserver,
        given: Option<&Secret>,
    ) -> Result<Done<Report>> {
        let (places, user_id) = (self.places.clone(), &checkpoint.user_id);
        let secrets = Secrets::read(&places.store)?;
        let account = secrets.map(|secrets| (homeserver.with_token(&secrets.new_token()), secrets));
        let is_gone = self
            .retire(homeserver, account.as_ref(), checkpoint)
            .await?;
        let pending = PendingKey::read(&places.directory, user_id)?;
        let pending = pending.filter(|_| checkpoint.has_pending_key);
        let made = pending.as_ref().map(PendingKey::secret);
        let advice = match &account {
            Some((account, _)) if !checkpoint.findings.verified => {
                let status =
                    Status::read(account, user_id, &checkpoint.new_device, &places.directory).await;
                status.fix.map(IdentityFix::advice)
            }
            _ => None,
        };
        let mut findings = checkpoint.findings;
        findings.stale_recovery &= made.is_none();
        let archive = places.directory.join(&checkpoint.archive);
        let mut reset = Reset {
            user_id: user_id.clone(),
            old_device: checkpoint.old_device.clone(),
            new_device: checkpoint.new_device.clone(),
            findings,
            old_device_logged_out: is_gone,
            archived_store: archive.exists().then_some(archive),
            recovery_key: made.clone().map(ShownKey),
            advice,
            kept: None,
        };
        let key = made.as_ref().or(given);
        let kept = match (&self.keyring, key) {
            (Some(_), None) => {
                self.terminal.note(
                    "No recovery key was created or given, so none is stored in the keyring.",
                );
                Ok(None)
            }
            (Some(keyring), key) => keyring.keep(user_id, key).map(Some),
            (None, _) => Ok(None),
        };
        let error = kept.map(|kept| reset.kept = kept).err();
        let shown = pending.filter(|_| error.is_none());
        Ok(Done {
            result: Report::Done(reset),
            error,
            afterwards: Some(forget(places, shown, self.lock.take())),
        })
    }

    /// Logs the old device out. Returns whether it is gone.
    async fn retire(
        &self,
        homeserver: &Homeserver,
        account: Option<&(Account, Secrets)>,
        checkpoint: &Checkpoint,
    ) -> Result<bool> {
        let old = &checkpoint.old_device;
        let is_gone = match account.and_then(|(_, secrets)| secrets.old_token()) {
            Some(token) if !checkpoint.choices.keep_old_device => {
                let ending = log_out(homeserver.with_token(&token), checkpoint);
                let doing = "Logging the old device out";
                self.terminal.during(doing, ending).await?
            }
            _ => false,
        };
        crash_point("reset-retire");
        if let Some((account, _)) = account
            && !is_gone
            && !matches!(account.device(old).await, Ok(None))
        {
            self.terminal.note(&format!(
                "Device {old} is still in the account's session list. If nothing else uses it, \
                 remove it with another client, such as Element."
            ));
        }
        if let Some(note) = self.token_store.retire(&checkpoint.user_id, old) {
            self.terminal.note(&note);
        }
        Ok(is_gone)
    }
}

/// Returns whether the old device is gone. One that the homeserver does not let go is told of,
/// and holds nothing up.
async fn log_out(old: Account, checkpoint: &Checkpoint) -> Result<bool> {
    match old.logout().await {
        Ok(()) | Err(Failure::TokenRejected { .. }) => Ok(true),
        Err(failure) if failure.kind() == Kind::Unreachable => Err(Error::unreachable(format!(
            "the new device {} is in place, but the old one, {}, is still logged in: {failure}",
            checkpoint.new_device, checkpoint.old_device
        ))
        .hint("run this again to log it out")
        .command("nanobot store reset")),
        Err(failure) => {
            tracing::warn!(%failure, "cannot log out the old device");
            Ok(false)
        }
    }
}

/// What is left to do when the result is shown. Only then is a recovery key that was made gone
/// from the disk, and a kill before that leaves it to the next run.
fn forget(places: Places, shown: Option<PendingKey>, lock: Option<Lock>) -> Afterwards {
    Box::new(move |was_read| {
        let _lock = lock;
        crash_point("reset-shown");
        if let Some(key) = shown {
            key.forget_if(was_read)?;
        }
        Secrets::remove(&places.store)?;
        crash_point("reset-secrets");
        Checkpoint::remove(&places)
    })
}
