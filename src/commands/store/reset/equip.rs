//! Giving the new device what the old one had, and proving that it works.

use std::{path::Path, time::Duration};

use super::{
    journal::{Journal, NewIdentity},
    places::remove,
    steps::{Preparation, TRIAL_NAME},
};
use crate::{
    commands::{
        login::establish::NewDevice,
        recovery_key::{PendingKey, Standing},
    },
    config::Secret,
    error::{Error, Kind, Result},
    homeserver::{Account, Login},
    instance::{crash_point, private_directory},
    session::{
        Chain, Credentials, Existing, Identity, RecoveryFailure, SecretStorage, Session,
        new_device_id, verify_chain,
    },
};

/// How long two devices may take to read each other.
const TRIAL: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_secs(1);
/// How many syncs the homeserver may take to show what it was given.
const SYNCS: usize = 30;

/// The new device, open.
pub(super) struct Equipment<'a> {
    pub(super) preparation: &'a Preparation<'a>,
    pub(super) session: &'a mut Session,
    pub(super) credentials: &'a Credentials,
    pub(super) account: &'a Account,
}

impl Equipment<'_> {
    /// Gives the device its identity, and proves that it works.
    pub(super) async fn equip(mut self, journal: &mut Journal) -> Result<()> {
        let preparation = self.preparation;
        let (places, progress) = (preparation.places, preparation.progress);
        let identity = Box::pin(self.establish_identity(journal)).await?;
        journal.identity(identity);
        journal.write(places)?;
        crash_point("reset-identity");

        progress.step("Looking at the device as others see it");
        self.look(journal.findings.verified).await?;
        progress.step("Trying the new device with another, in both directions");
        Box::pin(self.try_out(journal)).await?;
        crash_point("reset-prove");

        if identity == Identity::Unverified && journal.reset_identity {
            Box::pin(self.replace_identity(journal)).await?;
        }
        Box::pin(self.set_up_recovery(journal)).await
    }

    /// By the old store or the recovery key, or by a new identity where there is none yet.
    async fn establish_identity(&mut self, journal: &mut Journal) -> Result<Identity> {
        let preparation = self.preparation;
        self.take_over_identity().await?;
        let device = NewDevice {
            session: self.session,
            credentials: self.credentials,
            account: self.account,
            password: Some(preparation.password),
            progress: preparation.progress,
        };
        let identity = device.publish().await?;
        if identity != Identity::Unverified {
            return Ok(identity);
        }
        journal.findings.new_identity = NewIdentity::No;
        let Some(key) = self.recovery_key().await? else {
            return Ok(Identity::Unverified);
        };
        preparation
            .progress
            .step("Unlocking the account's identity");
        self.session.recover(key).await?;
        Ok(Identity::Verified)
    }

    /// Only now, with a device that works: a new identity cannot be taken back.
    async fn replace_identity(&mut self, journal: &mut Journal) -> Result<()> {
        let Preparation {
            places, progress, ..
        } = self.preparation;
        progress.step("Giving the account a new identity");
        // Written down before: after a kill the next run finds an identity that is there, and
        // where it is not known whether it is there, nothing is taken back.
        journal.findings.new_identity = if self.has_recovery().await? {
            NewIdentity::WithOldRecovery
        } else {
            NewIdentity::Yes
        };
        journal.write(places)?;
        let before = self.master().await?;
        let password = self.preparation.password;
        if let Err(error) = self.session.reset_identity(password).await {
            let refused = error.kind() != Kind::Unreachable;
            if refused && self.master().await.is_ok_and(|master| master == before) {
                journal.findings.new_identity = NewIdentity::No;
            }
            return Err(error);
        }
        crash_point("reset-replace");
        journal.identity(Identity::Created);
        journal.write(places)?;
        self.look(true).await
    }

    /// The account's identity, as the homeserver shows it.
    async fn master(&self) -> Result<Option<String>> {
        let Credentials {
            user_id, device_id, ..
        } = self.credentials;
        let shown = self.account.published_keys(user_id, device_id).await?;
        Ok(shown.master.map(|master| master.public))
    }

    /// The recovery key that was given, or the one in the keyring if it is the account's.
    async fn recovery_key(&self) -> Result<Option<&Secret>> {
        let Preparation {
            recovery_key,
            diagnosis,
            ..
        } = self.preparation;
        let Some(kept) = &diagnosis.kept_key else {
            return Ok(*recovery_key);
        };
        match SecretStorage::read(self.account, &self.credentials.user_id).await {
            Ok(Some(storage)) if storage.check(kept).is_ok() => Ok(Some(kept)),
            Err(RecoveryFailure::Other(error)) => Err(error),
            _ => {
                tracing::warn!(
                    "the recovery key in the keyring does not open the account's secrets"
                );
                Ok(None)
            }
        }
    }

    /// Whether the account keeps anything for recovery.
    async fn has_recovery(&self) -> Result<bool> {
        Ok(
            match SecretStorage::read(self.account, &self.credentials.user_id).await {
                Ok(None) => self.account.backup().await?.is_some(),
                Err(RecoveryFailure::Other(error)) => return Err(error),
                _ => true,
            },
        )
    }

    /// Sets recovery up for a new identity, where that is wished, or goes on with a key that a
    /// command before this has made. The key is on the disk until it is shown.
    async fn set_up_recovery(&self, journal: &mut Journal) -> Result<()> {
        let Preparation {
            places, progress, ..
        } = self.preparation;
        let user_id = &self.credentials.user_id;
        let pending = PendingKey::read(places.directory(), user_id)?;
        let is_new = journal.findings.new_identity != NewIdentity::No;
        let existing = if is_new {
            Existing::Supersede
        } else {
            Existing::Keep
        };
        let key = match pending {
            Some(pending) if is_new && journal.recovery => pending,
            Some(pending) => match pending.standing(self.account).await? {
                Standing::InUse => pending,
                Standing::Unused if journal.findings.verified => pending,
                _ => return Ok(()),
            },
            None if is_new && journal.recovery => PendingKey::generate(places.directory(), user_id),
            None => return Ok(()),
        };
        progress.step("Setting up recovery");
        key.enable(self.session, self.account, existing).await?;
        journal.findings.recovery_key = true;
        journal.write(places)?;
        crash_point("reset-recovery");
        Ok(())
    }

    /// Takes the identity's secrets from the old store, where they are still the account's.
    async fn take_over_identity(&self) -> Result<()> {
        let Credentials {
            user_id, device_id, ..
        } = self.credentials;
        let Preparation {
            diagnosis,
            recovery_key: None,
            ..
        } = self.preparation
        else {
            return Ok(());
        };
        let shown = self.account.published_keys(user_id, device_id).await?;
        if let (Some(secrets), Some(master), None) =
            (&diagnosis.secrets, &shown.master, &shown.device)
            && secrets.belong_to(&master.public)
        {
            self.session.import_identity(secrets).await?;
            crash_point("reset-own");
        }
        Ok(())
    }

    /// Verifies the signatures on what the homeserver shows of the device.
    async fn look(&mut self, verified: bool) -> Result<()> {
        let Credentials {
            user_id, device_id, ..
        } = self.credentials;
        for _ in 0..SYNCS {
            let keys = self.account.published_keys(user_id, device_id).await?;
            let chain = verify_chain(&keys, user_id, device_id);
            let is_own = !matches!(chain, Chain::NoDeviceKeys | Chain::Device(_));
            if chain == Chain::Whole || (is_own && !verified) {
                return Ok(());
            }
            tracing::debug!(?chain, "not yet");
            self.session.step(POLL).await?;
        }
        Err(Error::failure(
            "the homeserver does not show the new device as one that its owner vouches for",
        ))
    }

    /// Lets a second device of the account and the new one read each other.
    async fn try_out(&mut self, journal: &mut Journal) -> Result<()> {
        if journal.findings.proven {
            return Ok(());
        }
        let preparation = self.preparation;
        let (places, homeserver) = (preparation.places, &preparation.discovery.homeserver);
        preparation.forget_trial(journal).await?;
        let device_id = new_device_id();
        journal.trial_device = Some(device_id.clone());
        journal.write(places)?;
        let trial = preparation.new_login(&device_id, TRIAL_NAME).await?;
        crash_point("reset-trial");
        let store = places.trial_store();
        let tried = self.exchange(&trial, &store).await;
        homeserver.with_token(&trial.access_token).logout().await?;
        journal.trial_device = None;
        tried?;
        remove(&store)?;
        journal.findings.proven = true;
        journal.write(places)
    }

    async fn exchange(&mut self, trial: &Login, store: &Path) -> Result<()> {
        private_directory(store)?;
        let credentials = self.preparation.credentials(trial);
        let mut other = Session::open(&credentials, store).await?;
        let exchanged = self.session.exchange_with(&mut other, TRIAL).await;
        other.settle().await;
        exchanged
    }
}
