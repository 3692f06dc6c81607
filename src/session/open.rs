//! Opening the device's store, with the sync position brought in line first.

use std::{
    fmt,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    credentials::Credentials,
    failure::translate,
    history::GapFailures,
    intake::{Audience, inviter},
    pace::Pace,
    preflight::DeviceKeyPair,
    rooms::Rooms,
    sent::Sent,
    shown::Shown,
    urgent::Urgent,
    verification::Ear,
};
use crate::{
    error::{Error, Result},
    homeserver::{Account, http_client},
    inbox::{Changes, Inbox},
    instance::private_directory,
};
use futures_util::Stream;
use matrix_sdk::{
    Client, SessionMeta, SessionTokens, SqliteStoreConfig,
    authentication::matrix::MatrixSession,
    config::RequestConfig,
    cross_process_lock::CrossProcessLockConfig,
    deserialized_responses::RawAnySyncOrStrippedState,
    encryption::{BackupDownloadStrategy, EncryptionSettings},
    ruma::{OwnedDeviceId, OwnedUserId, UserId, events::StateEventType},
    sliding_sync::VersionBuilder,
    store::{RoomLoadSettings, StateStoreDataKey, StateStoreDataValue},
    sync::SyncResponse,
};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Megolm sessions whose keys have come, as the SDK reports them: room keys, or that some were
/// missed.
pub(super) type RoomKeys = Pin<Box<dyn Stream<Item = Option<Vec<String>>> + Send + Sync>>;

/// Whether the homeserver holds one-time keys of another store under this device's name, so that
/// it has refused ours. Clones share it.
#[derive(Clone, Debug)]
pub struct KeyConflict(Arc<AtomicBool>);

impl KeyConflict {
    /// Whether it ever did since this store is in use.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn see(&self) {
        self.0.store(true, Ordering::Relaxed);
        tracing::error!(
            "encryption is broken: another program has published keys for this device; \
             stop this gateway, then run `nanobot store reset --force`"
        );
    }
}

/// The bot's device, open.
///
/// The process holds the directory's lock as long as this lives, and syncs only through
/// [`Session::step`].
pub struct Session {
    pub(super) client: Client,
    pub(super) inbox: Inbox,
    pub(super) user_id: OwnedUserId,
    /// The directory of the store.
    pub(super) store: PathBuf,
    pub(super) room_keys: RoomKeys,
    /// Megolm sessions whose keys have come and were not reported there.
    pub(super) recovered: Vec<String>,
    /// A response that the SDK has taken and the journal has not.
    pub(super) held: Option<SyncResponse>,
    /// How often the homeserver failed to give a room's gap while `held` was held.
    pub(super) gap_failures: GapFailures,
    /// What was committed and not told yet.
    pub(super) changes: Changes,
    /// No step was taken yet in this process.
    pub(super) fresh: bool,
    /// Which messages do not wait for those before them.
    pub(super) urgent: Option<Urgent>,
    /// Whose messages are kept.
    pub(super) audience: Audience,
    pub(super) pace: Pace,
    pub(super) sent: Sent,
    key_conflict: KeyConflict,
    /// Who takes part in verifications.
    pub(super) verification_ear: Option<Ear>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens the store in this directory, made if it is not there, for a device that passed
    /// [`judge`](super::judge). Makes no request.
    ///
    /// # Errors
    ///
    /// When the store or the journal cannot be opened, or they belong to another device.
    pub async fn open(credentials: &Credentials, store: &Path) -> Result<Self> {
        let user_id = UserId::parse(&credentials.user_id)
            .map_err(|error| Error::config("userId is not a Matrix user id").because(error))?;
        private_directory(store)?;
        let inbox = Inbox::open(store, &credentials.user_id, &credentials.device_id).await?;
        let client = build(credentials, store).await?;
        let key_conflict = watch_key_conflicts(&client).await?;
        align(&client, &inbox).await?;
        client
            .restore_session_with(
                matrix_session(credentials, user_id.clone()),
                RoomLoadSettings::default(),
            )
            .await
            .map_err(|error| translate("open matrix-store", &error))?;
        let session = Self {
            room_keys: room_keys(&client).await?,
            client,
            inbox,
            user_id,
            store: store.to_owned(),
            recovered: Vec::new(),
            held: None,
            gap_failures: GapFailures::new(),
            changes: Changes::default(),
            fresh: true,
            urgent: None,
            audience: Audience::default(),
            pace: Pace::default(),
            sent: Sent::default(),
            key_conflict,
            verification_ear: None,
        };
        session.recall_invitations().await?;
        Ok(session)
    }

    /// From now on only what these say is kept.
    pub fn set_audience(&mut self, audience: Audience) {
        self.audience = audience;
    }

    /// The journal of this device.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// A handle on whether another program's keys are in the way of this device's.
    #[must_use]
    pub fn key_conflict(&self) -> KeyConflict {
        self.key_conflict.clone()
    }

    /// A handle on the rooms, for those who act in them while the sync goes on.
    #[must_use]
    pub fn rooms(&self) -> Rooms {
        Rooms::new(self.client.clone(), self.sent.clone(), self.inbox.clone())
    }

    /// The public keys of this device.
    ///
    /// # Errors
    ///
    /// When the encryption machine is not there.
    pub async fn keys(&self) -> Result<DeviceKeyPair> {
        let encryption = self.client.encryption();
        match (
            encryption.ed25519_key().await,
            encryption.curve25519_key().await,
        ) {
            (Some(ed25519), Some(curve25519)) => Ok(DeviceKeyPair {
                ed25519,
                curve25519: curve25519.to_base64(),
            }),
            _ => Err(Error::failure("the device has no encryption keys")),
        }
    }

    /// Confirms that others can encrypt to this device: the homeserver publishes its keys, and
    /// one-time keys with them.
    ///
    /// # Errors
    ///
    /// What is missing, or why it cannot be asked.
    pub async fn encryption_confirmed(
        &self,
        account: &Account,
        user_id: &str,
        device_id: &str,
    ) -> Result<()> {
        let ours = self.keys().await?;
        let shown = Shown::ask(account, user_id, device_id, &ours).await?;
        match shown.trouble {
            Some(trouble) => Err(trouble.explain()),
            None => Ok(()),
        }
    }

    /// Waits for what the SDK started on opening, so that the process may end.
    pub async fn settle(&self) {
        self.client
            .encryption()
            .wait_for_e2ee_initialization_tasks()
            .await;
    }

    /// Invitations that the SDK's store knows and a new journal does not.
    async fn recall_invitations(&self) -> Result<()> {
        let mut invitations = Vec::new();
        for room in self.client.invited_rooms() {
            let own = room
                .get_state_event(StateEventType::RoomMember, self.user_id.as_str())
                .await
                .map_err(|error| translate("read matrix-store", &error))?;
            let own = own.and_then(|event| match event {
                RawAnySyncOrStrippedState::Stripped(event) => {
                    serde_json::from_str(event.json().get()).ok()
                }
                RawAnySyncOrStrippedState::Sync(_) => None,
            });
            let inviter = inviter(own.as_slice(), self.user_id.as_str());
            invitations.push((room.room_id().to_string(), inviter));
        }
        self.inbox.add_invitations(invitations).await
    }
}

async fn build(credentials: &Credentials, store: &Path) -> Result<Client> {
    let http_client = http_client(&credentials.options, &credentials.homeserver)?;
    let builder = Client::builder()
        .homeserver_url(credentials.homeserver.as_str())
        .http_client(http_client)
        .sqlite_store_with_config_and_cache_path(
            SqliteStoreConfig::with_low_memory_config(store),
            None::<&Path>,
        )
        // The directory's lock already keeps other processes out.
        .cross_process_store_config(CrossProcessLockConfig::SingleProcess)
        .sliding_sync_version_builder(VersionBuilder::None)
        .request_config(
            // Whoever asks tries again: retries down here would hide a homeserver that hangs.
            RequestConfig::new()
                .timeout(REQUEST_TIMEOUT)
                .disable_retry(),
        )
        .respect_login_well_known(false)
        .with_enable_share_history_on_invite(false)
        .with_encryption_settings(EncryptionSettings {
            auto_enable_cross_signing: false,
            backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
            auto_enable_backups: false,
        });
    builder.build().await.map_err(|error| {
        Error::failure(format!("cannot open the store {}", store.display()))
            .because(error)
            .hint("check that this user may write there and that the disk is not full")
    })
}

fn matrix_session(credentials: &Credentials, user_id: OwnedUserId) -> MatrixSession {
    MatrixSession {
        meta: SessionMeta {
            user_id,
            device_id: OwnedDeviceId::from(credentials.device_id.as_str()),
        },
        tokens: SessionTokens {
            access_token: credentials.access_token.expose().to_owned(),
            refresh_token: None,
        },
    }
}

/// Brings the SDK's sync position back to the journal's.
///
/// The SDK saves its position before anyone has seen the events behind it, so after a crash it
/// is ahead. It reads it when the session is restored; this comes before.
async fn align(client: &Client, inbox: &Inbox) -> Result<()> {
    let failed = |error| {
        Error::failure("cannot read or set the sync position in matrix-store").because(error)
    };
    let store = client.state_store();
    let theirs = store
        .get_kv_data(StateStoreDataKey::SyncToken)
        .await
        .map_err(failed)?
        .and_then(StateStoreDataValue::into_sync_token);
    match (inbox.position().await?, theirs) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            tracing::info!("stepping back to the last journaled sync position");
            store
                .set_kv_data(
                    StateStoreDataKey::SyncToken,
                    StateStoreDataValue::SyncToken(ours),
                )
                .await
                .map_err(failed)
        }
        // The journal is new: what the SDK has already passed is out of its reach.
        (None, Some(theirs)) => inbox.set_position(Some(theirs)).await,
        // The store is new: a position alone would skip the state that it needs.
        (Some(_), None) => inbox.set_position(None).await,
        _ => Ok(()),
    }
}

/// Says aloud what no sync ever reports, when it happens and at every start from then on: the SDK
/// reports a key conflict only once in the life of a store.
async fn watch_key_conflicts(client: &Client) -> Result<KeyConflict> {
    let mut conflicts = client.subscribe_to_duplicate_key_upload_errors();
    let reported = client
        .state_store()
        .get_kv_data(StateStoreDataKey::OneTimeKeyAlreadyUploaded)
        .await
        .map_err(|error| Error::failure("cannot read matrix-store").because(error))?;
    let conflict = KeyConflict(Arc::default());
    if reported.is_some() {
        conflict.see();
        return Ok(conflict);
    }
    let watched = conflict.clone();
    tokio::spawn(async move {
        if conflicts.recv().await.is_ok() {
            watched.see();
        }
    });
    Ok(conflict)
}

async fn room_keys(client: &Client) -> Result<RoomKeys> {
    use futures_util::StreamExt;
    let stream = client
        .encryption()
        .room_keys_received_stream()
        .await
        .ok_or_else(|| Error::failure("the device has no encryption"))?;
    Ok(Box::pin(stream.map(|update| {
        update
            .ok()
            .map(|keys| keys.into_iter().map(|key| key.session_id).collect())
    })))
}
