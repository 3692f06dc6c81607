//! The bot's device, open: its store, with the sync position brought in line first.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};

use futures_util::{Stream, StreamExt};
use matrix_sdk::{
    Client, SessionMeta, SessionTokens,
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

use super::{history::GapFailures, pace::Pace, progress::Progress};
use crate::{
    error::{Error, Result},
    files::private_directory,
    homeserver::{Account, http_client, inviter},
    ipc::IdentityKeys,
    journal::{Changes, Journal},
    session::{
        device::{
            credentials::Credentials,
            generation::Run,
            key_check::{KeyCheck, KeyConflict},
        },
        intake::classify::{Audience, CommandRule},
        rooms::{
            handle::{Rooms, Sent},
            newest::Newest,
        },
        sdk,
        store::{self, DueQueries},
    },
};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Megolm sessions whose keys have come, as the SDK reports them; `None` where some were missed.
pub type RoomKeys = Pin<Box<dyn Stream<Item = Option<Vec<String>>> + Send + Sync>>;

/// The bot's device, open.
///
/// The process holds the directory's lock as long as this lives, and syncs only through
/// [`Session::step`].
pub struct Session {
    /// What it takes to act as this device.
    pub credentials: Credentials,
    /// The account at its homeserver, to ask about without the SDK.
    pub account: Account,
    pub(crate) client: Client,
    /// What came in and what goes out.
    pub journal: Journal,
    pub(crate) user_id: OwnedUserId,
    /// The directory of the store.
    pub(crate) store: PathBuf,
    pub(crate) room_keys: RoomKeys,
    /// Megolm sessions whose keys have come and were not reported there.
    pub(crate) recovered: BTreeSet<String>,
    /// A response that the SDK has taken and the journal has not.
    pub(crate) held: Option<SyncResponse>,
    /// How often the homeserver failed to give a room's gap while `held` was held.
    pub(crate) gap_failures: GapFailures,
    /// What was committed and not told yet.
    pub(crate) changes: Changes,
    /// No step was taken yet in this process.
    pub(crate) fresh: bool,
    /// Which messages are commands.
    pub(crate) command_rule: Option<CommandRule>,
    /// Whose messages are kept.
    pub(crate) audience: Audience,
    /// Whose reactions and votes are kept.
    pub(crate) reactors: Audience,
    pub(crate) pace: Pace,
    /// When the step that is taken last got further.
    pub progress: Progress,
    pub(crate) rooms: Rooms,
    pub(crate) key_conflict: KeyConflict,
    /// The run of the gateway; `None` where this is not the gateway.
    pub(crate) run: Option<Run>,
    /// Is shown every sync response.
    pub(crate) sync_listener: Option<SyncListener>,
}

/// Something beside the journal that is shown every sync response.
pub type SyncListener = Box<dyn Fn(&SyncResponse) + Send + Sync>;

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens the store in this directory, made if it is not there, for a device that passed
    /// its [check](crate::session::DeviceState::check). Makes no request.
    ///
    /// # Errors
    ///
    /// When the store or the journal cannot be opened, or they belong to another device.
    pub async fn open(credentials: &Credentials, store: &Path) -> Result<Self> {
        let user_id = UserId::parse(&credentials.user_id)
            .map_err(|error| Error::config("userId is not a Matrix user ID").because(error))?;
        private_directory(store)?;
        let journal = Journal::open(store, &credentials.user_id, &credentials.device_id).await?;
        let due_queries = DueQueries::default();
        let client = build(credentials, &user_id, store, due_queries.clone()).await?;
        let key_conflict = KeyConflict::watch(&client).await?;
        align(&client, &journal).await?;
        let session = matrix_session(credentials, user_id.clone());
        let restoring = client.restore_session_with(session, RoomLoadSettings::default());
        sdk::call("open matrix-store", restoring).await?;
        let session = Self {
            credentials: credentials.clone(),
            account: credentials.account()?,
            room_keys: room_keys(&client).await?,
            rooms: Rooms {
                client: client.clone(),
                sent: Sent::default(),
                newest: Newest::default(),
                due_queries,
                journal: journal.clone(),
            },
            client,
            journal,
            user_id,
            store: store.to_owned(),
            recovered: BTreeSet::new(),
            held: None,
            gap_failures: GapFailures::new(),
            changes: Changes::default(),
            fresh: true,
            command_rule: None,
            audience: Box::new(|_, _| true),
            reactors: Box::new(|_, _| false),
            pace: Pace::default(),
            progress: Progress::default(),
            key_conflict,
            run: None,
            sync_listener: None,
        };
        session.recall_invitations().await?;
        Ok(session)
    }

    /// Invitations that the SDK's store knows and a new journal does not.
    async fn recall_invitations(&self) -> Result<()> {
        let own_id = self.user_id.as_str();
        let mut invitations = Vec::new();
        for room in self.client.invited_rooms() {
            let own = room.get_state_event(StateEventType::RoomMember, own_id);
            let own = match sdk::call("read matrix-store", own).await? {
                Some(RawAnySyncOrStrippedState::Stripped(event)) => {
                    serde_json::from_str(event.json().get()).ok()
                }
                _ => None,
            };
            invitations.push((room.room_id().to_string(), inviter(own.as_slice(), own_id)));
        }
        self.journal.add_invitations(invitations).await
    }

    /// A handle on the rooms, for those who act in them while the sync goes on.
    pub fn rooms(&self) -> Rooms {
        self.rooms.clone()
    }

    /// The public keys of this device.
    ///
    /// # Errors
    ///
    /// When the encryption machine is not there.
    pub async fn keys(&self) -> Result<IdentityKeys> {
        let encryption = self.client.encryption();
        match (
            encryption.ed25519_key().await,
            encryption.curve25519_key().await,
        ) {
            (Some(ed25519), Some(curve25519)) => Ok(IdentityKeys {
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
    pub async fn encryption_confirmed(&self) -> Result<()> {
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        let ours = self.keys().await?;
        let check = KeyCheck::run(&self.account, user_id, device_id, &ours).await?;
        check
            .problem
            .map_or(Ok(()), |problem| Err(problem.explain()))
    }

    /// Waits for what the SDK started on opening, so that the process may end.
    pub async fn settle(&self) {
        let encryption = self.client.encryption();
        encryption.wait_for_e2ee_initialization_tasks().await;
    }
}

async fn build(
    credentials: &Credentials,
    user_id: &UserId,
    store: &Path,
    due: DueQueries,
) -> Result<Client> {
    let http_client = http_client(&credentials.options, &credentials.homeserver)?;
    let builder = Client::builder()
        .homeserver_url(credentials.homeserver.as_str())
        .http_client(http_client)
        .store_config(store::open(store, user_id, due).await?)
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
    let built = Box::pin(builder.build()).await;
    built.map_err(|error| store::failure(store).because(error))
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
/// may be ahead, or behind where it had nothing else to save. It reads it when the session is
/// restored; this comes before.
async fn align(client: &Client, journal: &Journal) -> Result<()> {
    let doing = "read or set the sync position in matrix-store";
    let store = client.state_store();
    let theirs = sdk::call(doing, store.get_kv_data(StateStoreDataKey::SyncToken)).await?;
    let theirs = theirs.and_then(StateStoreDataValue::into_sync_token);
    match (journal.position().await?, theirs) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            tracing::debug!("going on from the journaled sync position");
            let ours = StateStoreDataValue::SyncToken(ours);
            let setting = store.set_kv_data(StateStoreDataKey::SyncToken, ours);
            Ok(sdk::call(doing, setting).await?)
        }
        // The journal is new: what the SDK has already passed is out of its reach.
        (None, Some(theirs)) => journal.set_position(Some(theirs)).await,
        // The store is new: a position alone would skip the state that it needs.
        (Some(_), None) => journal.set_position(None).await,
        _ => Ok(()),
    }
}

async fn room_keys(client: &Client) -> Result<RoomKeys> {
    let stream = client.encryption().room_keys_received_stream().await;
    let stream = stream.ok_or_else(|| Error::failure("the device has no encryption"))?;
    Ok(Box::pin(stream.map(|update| {
        let keys = update.ok()?;
        Some(keys.into_iter().map(|key| key.session_id).collect())
    })))
}
