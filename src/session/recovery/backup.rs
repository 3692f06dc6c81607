//! The backup of room keys on the homeserver, which the recovery key opens
//! (spec, "Server-side key backups").

use std::time::Duration;

use matrix_sdk::{
    Client,
    encryption::secret_storage::SecretStore,
    ruma::{
        RoomId,
        events::{GlobalAccountDataEventType, secret::request::SecretName},
    },
};
use serde::Serialize;
use serde_json::Value;

use super::failure::RecoveryFailure;
use crate::{
    config::Secret,
    error::{Error, Result},
    session::{device::signatures::is_signed, rooms::handle::Rooms, sdk, sync::session::Session},
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
pub enum NewBackup {
    /// The account has none.
    First,
    /// A further version; the one before stays on the homeserver.
    Further,
}

impl RoomKeyBackup {
    /// What it means, for a person.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Open => {
                "Key backup restored: the bot can read the history in it, and backs up new keys"
            }
            Self::Created => {
                "Key backup created: the bot backs up its room keys, and the recovery key opens it"
            }
            Self::Closed => "Key backup not restored: the recovery key does not open it",
            Self::Off => "No key backup: another client of the account has disabled it",
        }
    }
}

/// Whether room keys are backed up, for those who ask while the bot runs.
#[derive(Clone, Debug)]
pub struct BackupWatch(Client);

impl BackupWatch {
    /// Whether the device has the key of a backup and uploads room keys to it.
    pub async fn is_enabled(&self) -> bool {
        self.0.encryption().backups().are_enabled().await
    }
}

impl Rooms {
    /// Whether the key of this Megolm session is in the backup; then it is here, too.
    pub async fn look_in_backup(&self, room_id: &str, session_id: &str) -> bool {
        let Ok(room_id) = RoomId::parse(room_id) else {
            return false;
        };
        let backups = self.client.encryption().backups();
        // In a box, as every call of the SDK.
        let downloaded = Box::pin(backups.download_room_key(&room_id, session_id)).await;
        downloaded.unwrap_or_else(|error| {
            tracing::debug!(%error, "a room key is not in the backup");
            false
        })
    }
}

impl Session {
    /// A handle on the backup's state.
    pub fn backup_watch(&self) -> BackupWatch {
        BackupWatch(self.client.clone())
    }

    /// Sees to it that there is a backup of room keys whose key is in the secret storage that this
    /// recovery key opens. `is_closed` says that what is stored there is not the key of the backup
    /// there is. It may be repeated.
    pub(crate) async fn ensure_backup(
        &self,
        key: &Secret,
        is_closed: bool,
    ) -> Result<RoomKeyBackup, RecoveryFailure> {
        let doing = "store the key of the backup";
        let storage = self.open_storage(doing, key).await?;
        let backup = self.open_or_create_backup(is_closed).await?;
        let is_stored = match backup {
            RoomKeyBackup::Closed | RoomKeyBackup::Off => return Ok(backup),
            RoomKeyBackup::Created => false,
            // A run that was killed may have made the backup and left its key out.
            RoomKeyBackup::Open => {
                let doing = "read the key of the backup";
                let stored = storage.get_secret(SecretName::RecoveryKey).await;
                let stored = stored.map_err(|error| RecoveryFailure::of(doing, error))?;
                stored.is_some()
            }
        };
        if !is_stored {
            let stored = storage.export_secrets().await;
            stored.map_err(|error| RecoveryFailure::of(doing, error))?;
            self.back_up_room_keys().await;
        }
        Ok(backup)
    }

    /// The account's secret storage, opened with this key in order to do something.
    pub(crate) async fn open_storage(
        &self,
        doing: &'static str,
        key: &Secret,
    ) -> Result<SecretStore, RecoveryFailure> {
        let storage = self.client.encryption().secret_storage();
        let opened = storage.open_secret_store(key.expose()).await;
        opened.map_err(|error| RecoveryFailure::of(doing, error))
    }

    /// What the homeserver says counts: the device may still believe in a backup that is gone.
    async fn open_or_create_backup(
        &self,
        is_closed: bool,
    ) -> Result<RoomKeyBackup, RecoveryFailure> {
        let encryption = self.client.encryption();
        let backups = encryption.backups();
        let exists = backups.fetch_exists_on_server();
        if sdk::call("look for the backup of room keys", exists).await? {
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
        self.make_backup(NewBackup::First).await?;
        Ok(RoomKeyBackup::Created)
    }

    /// Which backup a new recovery key has to go with; `None` where this device has one.
    pub(crate) async fn missing_backup(
        &self,
        supersedes: bool,
    ) -> Result<Option<NewBackup>, RecoveryFailure> {
        let backups = self.client.encryption().backups();
        if backups.are_enabled().await {
            return Ok(None);
        }
        let Some(backup) = self.account.backup().await.map_err(Error::from)? else {
            return Ok(Some(NewBackup::First));
        };
        // Only the device that signed it had its key, and lost it before it could be kept.
        if supersedes || self.has_signed(&backup.auth_data).await? {
            return Ok(Some(NewBackup::Further));
        }
        Err(RecoveryFailure::BackupExistsOnServer)
    }

    /// Makes a backup.
    pub(crate) async fn make_backup(&self, new: NewBackup) -> Result<(), RecoveryFailure> {
        let encryption = self.client.encryption();
        let doing = "make a backup of room keys";
        match new {
            NewBackup::First => {
                let made = Box::pin(encryption.recovery().enable_backup()).await;
                made.map_err(|error| RecoveryFailure::of(doing, error))
            }
            NewBackup::Further => Ok(sdk::call(doing, encryption.backups().create()).await?),
        }
    }

    /// Whether a backup's description bears a signature of this device.
    async fn has_signed(&self, auth_data: &Value) -> Result<bool> {
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        let keys = self.keys().await?;
        Ok(is_signed(auth_data, user_id, device_id, &keys.ed25519))
    }

    async fn is_backup_unwanted(&self) -> Result<bool, RecoveryFailure> {
        for (kind, field, off) in WISHES {
            let account = self.client.account();
            let wish = account.fetch_account_data(GlobalAccountDataEventType::from(kind));
            let wish = sdk::call("ask whether a backup of room keys is wanted", wish).await?;
            // What cannot be read says nothing.
            if let Some(Ok(Some(said))) = wish.map(|wish| wish.get_field::<bool>(field)) {
                return Ok(said == off);
            }
        }
        Ok(false)
    }

    /// Waits until the room keys that are here are in the backup, but no longer than 30 s. What is
    /// left goes there while the gateway runs.
    pub async fn back_up_room_keys(&self) {
        let backups = self.client.encryption().backups();
        match tokio::time::timeout(LIMIT, backups.wait_for_steady_state()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(?error, "room keys are not backed up yet"),
            Err(_) => tracing::debug!("room keys are still being backed up"),
        }
    }
}
