//! The backup of room keys on the homeserver, which the recovery key opens
//! (spec, "Server-side key backups").

use std::time::Duration;

use matrix_sdk::ruma::events::{GlobalAccountDataEventType, secret::request::SecretName};
use serde_json::Value;

use super::{
    open::Session,
    recovery::{Existing, RecoveryFailure, failure, sdk, storage_failure},
    signatures::is_signed,
};
use crate::{
    config::Secret,
    error::{Error, Result},
    homeserver::Account,
};

/// How long the room keys that are here may take to reach a new backup.
const LIMIT: Duration = Duration::from_secs(30);

/// Where an account says whether it wants a backup, and what it says if it does not (MSC4287,
/// and as it was called before).
const WISHES: [(&str, &str, bool); 2] = [
    ("m.key_backup", "enabled", false),
    ("m.org.matrix.custom.backup_disabled", "disabled", true),
];

/// What became of the backup of room keys when a device was recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomKeyBackup {
    /// It is open: the history in it can be read, and new keys go into it.
    Open,
    /// There was none, so one was made.
    Created,
    /// There is one, and the recovery key does not open it.
    Closed,
    /// There is none, because another client of the account has switched it off.
    Off,
}

/// A backup that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewBackup {
    /// The account has none.
    First,
    /// A further version; the one before stays on the homeserver.
    Further,
}

impl RoomKeyBackup {
    /// The stable name of this in JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Created => "created",
            Self::Closed => "closed",
            Self::Off => "off",
        }
    }

    /// What it means, for a person.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Open => {
                "The backup of its room keys is open: the history in it can be read, and new keys \
                 go into it"
            }
            Self::Created => {
                "There was no backup of room keys, so one was made: new keys go into it, and the \
                 recovery key opens it"
            }
            Self::Closed => {
                "The recovery key does not open the backup of room keys: the history stays \
                 unreadable"
            }
            Self::Off => {
                "There is no backup of room keys: another client of the account has switched it off"
            }
        }
    }
}

impl Session {
    /// Sees to it that there is a backup of room keys whose key is in the secret storage that this
    /// recovery key opens. `is_closed` says that what is stored there is not the key of the backup
    /// there is. It may be repeated.
    pub(super) async fn ensure_backup(
        &self,
        key: &Secret,
        is_closed: bool,
    ) -> Result<RoomKeyBackup, RecoveryFailure> {
        let encryption = self.client.encryption();
        let doing = "store the key of the backup";
        let storage = encryption
            .secret_storage()
            .open_secret_store(key.expose())
            .await
            .map_err(|error| storage_failure(doing, error))?;
        let backup = self.open_or_create_backup(is_closed).await?;
        let is_stored = match backup {
            RoomKeyBackup::Closed | RoomKeyBackup::Off => return Ok(backup),
            RoomKeyBackup::Created => false,
            // A run that was killed may have made the backup and left its key out.
            RoomKeyBackup::Open => storage
                .get_secret(SecretName::RecoveryKey)
                .await
                .map_err(|error| storage_failure("read the key of the backup", error))?
                .is_some(),
        };
        if !is_stored {
            let stored = storage.export_secrets().await;
            stored.map_err(|error| storage_failure(doing, error))?;
            self.back_up_room_keys().await;
        }
        Ok(backup)
    }

    /// What the homeserver says counts: the device may still believe in a backup that is gone.
    async fn open_or_create_backup(
        &self,
        is_closed: bool,
    ) -> Result<RoomKeyBackup, RecoveryFailure> {
        let encryption = self.client.encryption();
        let backups = encryption.backups();
        let exists = backups.fetch_exists_on_server().await;
        if exists.map_err(|error| sdk("look for the backup of room keys", &error))? {
            let is_open = !is_closed && backups.are_enabled().await;
            return Ok(if is_open {
                RoomKeyBackup::Open
            } else {
                RoomKeyBackup::Closed
            });
        }
        if self.is_backup_unwanted().await? {
            return Ok(RoomKeyBackup::Off);
        }
        encryption
            .recovery()
            .enable_backup()
            .await
            .map_err(|error| failure("make a backup of room keys", error))?;
        Ok(RoomKeyBackup::Created)
    }

    /// Which backup a new recovery key has to go with; `None` where this device has one.
    pub(super) async fn missing_backup(
        &self,
        account: &Account,
        existing: Existing,
    ) -> Result<Option<NewBackup>, RecoveryFailure> {
        let backups = self.client.encryption().backups();
        if backups.are_enabled().await {
            return Ok(None);
        }
        let Some(auth_data) = account.backup_auth_data().await.map_err(Error::from)? else {
            return Ok(Some(NewBackup::First));
        };
        // Only the device that signed it had its key, and lost it before it could be kept.
        if existing == Existing::Supersede || self.has_signed(&auth_data).await? {
            return Ok(Some(NewBackup::Further));
        }
        Err(RecoveryFailure::BackupExistsOnServer)
    }

    /// Makes the backup that is missing.
    pub(super) async fn make_backup(
        &self,
        missing: Option<NewBackup>,
    ) -> Result<(), RecoveryFailure> {
        let encryption = self.client.encryption();
        let doing = "make a backup of room keys";
        match missing {
            None => Ok(()),
            Some(NewBackup::First) => {
                let made = encryption.recovery().enable_backup().await;
                made.map_err(|error| failure(doing, error))
            }
            Some(NewBackup::Further) => {
                let made = encryption.backups().create().await;
                made.map_err(|error| sdk(doing, &error))
            }
        }
    }

    /// Whether a backup's description bears a signature of this device.
    async fn has_signed(&self, auth_data: &Value) -> Result<bool> {
        let keys = self.keys().await?;
        let device_id = self.client.device_id();
        Ok(device_id.is_some_and(|device_id| {
            let (user, device) = (self.user_id.as_str(), device_id.as_str());
            is_signed(auth_data, user, device, &keys.ed25519)
        }))
    }

    async fn is_backup_unwanted(&self) -> Result<bool, RecoveryFailure> {
        for (kind, field, off) in WISHES {
            let wish = self
                .client
                .account()
                .fetch_account_data(GlobalAccountDataEventType::from(kind))
                .await
                .map_err(|error| sdk("ask whether a backup of room keys is wanted", &error))?;
            // What cannot be read says nothing.
            if let Some(Ok(Some(said))) = wish.map(|wish| wish.get_field::<bool>(field)) {
                return Ok(said == off);
            }
        }
        Ok(false)
    }

    /// Waits until the room keys that are here are in the backup, but no longer than 30 s. What is
    /// left goes there while the gateway runs.
    pub(super) async fn back_up_room_keys(&self) {
        let backups = self.client.encryption().backups();
        match tokio::time::timeout(LIMIT, backups.wait_for_steady_state()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(?error, "room keys are not backed up yet"),
            Err(_) => tracing::debug!("room keys are still being backed up"),
        }
    }
}
