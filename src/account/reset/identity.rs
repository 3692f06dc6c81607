//! The new device's verification by the account's identity, and the account's recovery.

use super::{checkpoint::Checkpoint, prepare::Preparation};
use crate::{
    account::{
        identity::{Decision, choose, explain},
        login::publish,
        recovery_key::{PendingKey, Standing},
    },
    config::Secret,
    error::{Kind, Result},
    ipc::crash_point,
    session::{
        Identity, RecoveryFailure, Remains, SecretStorage, Session, find_identity, latest_archives,
    },
};

impl Preparation<'_> {
    /// Publishes the device's keys, and has the identity sign them: with the private keys of an
    /// earlier store or with the recovery key, or a new identity where there is none yet. Where
    /// nothing else does, a person is asked.
    pub async fn establish_identity(
        &self,
        session: &mut Session,
        checkpoint: &mut Checkpoint,
    ) -> Result<Identity> {
        self.take_over_identity(session).await?;
        let identity = publish(session, Some(&self.password), self.progress).await?;
        if identity != Identity::Unverified {
            return Ok(identity);
        }
        (
            checkpoint.findings.new_identity,
            checkpoint.findings.stale_recovery,
        ) = (false, false);
        let asked;
        let key = match self.usable_recovery_key(session).await? {
            Some(key) => key,
            None => match self.ask_how_to_verify(session, checkpoint).await? {
                Some(key) => {
                    asked = key;
                    &asked
                }
                None => return Ok(Identity::Unverified),
            },
        };
        self.progress.step("Restoring the cross-signing identity");
        let recovered = session.recover(key).await;
        if let Err(failure) = recovered {
            let (account, device) = (&session.account, &session.credentials);
            return Err(explain(failure, account, device, &self.run.places.directory).await);
        }
        Ok(Identity::Verified)
    }

    /// Takes the identity's private keys from the old store or an archived one, where they are
    /// still the account's.
    async fn take_over_identity(&self, session: &Session) -> Result<()> {
        if self.recovery_key.is_some() {
            return Ok(());
        }
        let (user_id, device_id) = (&session.credentials.user_id, &session.credentials.device_id);
        let shown = session.account.published_keys(user_id, device_id).await?;
        let (Some(master), None) = (shown.master, shown.device) else {
            return Ok(());
        };
        let old = self.diagnosis.secrets.as_ref();
        let old = old.filter(|secrets| secrets.belong_to(&master.public));
        let archived = if old.is_none() {
            let archives = latest_archives(&self.run.places.directory);
            find_identity(&archives, user_id, Some(&master.public)).await
        } else {
            None
        };
        if let Some(secrets) = old.or(archived.as_ref().map(|(secrets, _)| secrets)) {
            session.import_identity(secrets).await?;
            crash_point("reset-own");
        }
        Ok(())
    }

    /// Asks a person how the device is verified. Returns the recovery key, where they have it; a
    /// new identity is noted as allowed.
    async fn ask_how_to_verify(
        &self,
        session: &Session,
        checkpoint: &mut Checkpoint,
    ) -> Result<Option<Secret>> {
        let terminal = self.run.terminal;
        if !terminal.is_interactive() || checkpoint.choices.reset_identity {
            return Ok(None);
        }
        let (account, device) = (&session.account, &session.credentials);
        let storage = SecretStorage::read(account, &device.user_id)
            .await
            .ok()
            .flatten();
        let remains = Remains::find(account, &device.user_id, &device.device_id, &[]).await?;
        self.progress.pause();
        match choose(terminal, &device.user_id, storage.as_ref(), remains, true).await? {
            Decision::Recover(key) => return Ok(Some(key)),
            Decision::Leave => {}
            Decision::Replace => {
                let words = "Type the bot's user ID to create a new identity";
                terminal.confirm(words, "--yes", &device.user_id).await?;
                checkpoint.choices.reset_identity = true;
            }
        }
        Ok(None)
    }

    /// The recovery key that was given, or the one in the keyring if it is the account's.
    async fn usable_recovery_key(&self, session: &Session) -> Result<Option<&Secret>> {
        let Some(kept) = &self.diagnosis.kept_key else {
            return Ok(self.recovery_key);
        };
        match SecretStorage::read(&session.account, &session.credentials.user_id).await {
            Ok(Some(storage)) if storage.check(kept).is_ok() => Ok(Some(kept)),
            Err(RecoveryFailure::Other(error)) => Err(error),
            _ => {
                tracing::warn!(
                    "the recovery key in the keyring is not that of the account's secret storage"
                );
                Ok(None)
            }
        }
    }

    /// Creates a new identity. Only with a device that works: it cannot be undone.
    pub async fn replace_identity(
        &self,
        session: &mut Session,
        checkpoint: &mut Checkpoint,
    ) -> Result<()> {
        self.progress.step("Creating a new cross-signing identity");
        // Written down before: after a kill the next run finds an identity that is there, and
        // where it is not known whether it is there, nothing is taken back.
        checkpoint.findings.stale_recovery = has_recovery(session).await?;
        checkpoint.findings.new_identity = true;
        checkpoint.write(&self.run.places)?;
        let before = session.published_master().await?;
        if let Err(error) = session.reset_identity(&self.password).await {
            if error.kind() != Kind::Unreachable
                && let Ok(master) = session.published_master().await
                && master == before
            {
                checkpoint.findings.new_identity = false;
            }
            return Err(error);
        }
        crash_point("reset-replace");
        checkpoint.found(Identity::Created);
        checkpoint.write(&self.run.places)?;
        self.prove_published(session, true).await
    }

    /// Sets recovery up for a new identity, where that is wished, or goes on with a key that a
    /// command before this has made. The key is on the disk until it is shown.
    pub async fn set_up_recovery(
        &self,
        session: &Session,
        checkpoint: &mut Checkpoint,
    ) -> Result<()> {
        let user_id = &session.credentials.user_id;
        let directory = &self.run.places.directory;
        let is_new = checkpoint.findings.new_identity;
        let key = match PendingKey::read(directory, user_id)? {
            Some(pending) if is_new && checkpoint.choices.recovery => pending,
            Some(pending) => match pending.standing(&session.account).await? {
                Standing::InUse => pending,
                Standing::Unused if checkpoint.findings.verified => pending,
                _ => return Ok(()),
            },
            None if is_new && checkpoint.choices.recovery => {
                PendingKey::generate(directory, user_id)
            }
            None => return Ok(()),
        };
        self.progress.step("Setting up recovery");
        key.enable(session, is_new).await?;
        checkpoint.has_pending_key = true;
        checkpoint.write(&self.run.places)?;
        crash_point("reset-recovery");
        Ok(())
    }
}

/// Whether the account keeps anything for recovery.
async fn has_recovery(session: &Session) -> Result<bool> {
    let account = &session.account;
    Ok(
        SecretStorage::exists(account, &session.credentials.user_id).await?
            || account.backup().await?.is_some(),
    )
}
