//! The encryption store, with the public keys of people kept in memory, which the SDK reads again
//! and again for every message.

use std::collections::HashMap;

use matrix_sdk::{
    SqliteCryptoStore, async_trait,
    cross_process_lock::CrossProcessLockGeneration,
    ruma::{
        DeviceId, OwnedDeviceId, OwnedUserId, RoomId, TransactionId, UserId,
        events::secret::request::SecretName,
    },
};
use matrix_sdk_base::crypto::{
    Account, DeviceData, GossipRequest, SecretInfo, Session, TrackedUser, UserIdentityData,
    olm::{
        InboundGroupSession, OlmMessageHash, OutboundGroupSession, PrivateCrossSigningIdentity,
        SenderDataType,
    },
    store::{
        CryptoStore,
        types::{
            BackupKeys, Changes, DehydratedDeviceKey, PendingChanges, RoomKeyCounts,
            RoomKeyWithheldEntry, RoomPendingKeyBundleDetails, RoomSettings,
            StoredRoomKeyBundleData,
        },
    },
    vodozemac::Curve25519PublicKey,
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::cache::Reads;

/// People of whom that is kept; when there are more, all are forgotten.
const MOST: usize = 200;
/// Devices of one of them that are kept at most.
const MOST_DEVICES: usize = 100;

type Result<T> = std::result::Result<T, <SqliteCryptoStore as CryptoStore>::Error>;

/// An encryption store that remembers devices and identities until some are written.
#[derive(Debug)]
pub struct CachedCrypto {
    store: SqliteCryptoStore,
    reads: Reads<Known>,
    /// What is known to be saved of the device's own keys: the SDK saves them with every sync, and
    /// hardly ever are they others.
    account: Mutex<Option<Digest>>,
}

/// A hash of a device's own keys.
type Digest = [u8; 32];

fn digest(account: &Account) -> Option<Digest> {
    let json = Zeroizing::new(serde_json::to_vec(&account.pickle()).ok()?);
    Some(Sha256::digest(&*json).into())
}

/// What was read of each user. It is kept as JSON: clones of what it stands for share what is
/// changed before it is saved.
#[derive(Debug, Default)]
struct Known {
    devices: HashMap<OwnedUserId, String>,
    identities: HashMap<OwnedUserId, String>,
}

impl Known {
    /// Forgets everybody, unless what is written is something other than people's keys.
    fn heed(&mut self, is_other: bool) {
        if !is_other {
            *self = Self::default();
        }
    }
}

impl CachedCrypto {
    pub fn new(store: SqliteCryptoStore) -> Self {
        Self {
            store,
            reads: Reads::default(),
            account: Mutex::default(),
        }
    }
}

/// Keeps this of a user where it can be written down.
fn keep(known: &mut HashMap<OwnedUserId, String>, user_id: &UserId, value: &impl Serialize) {
    if known.len() >= MOST {
        known.clear();
    }
    if let Ok(json) = serde_json::to_string(value) {
        known.insert(user_id.to_owned(), json);
    }
}

/// What is kept of a user.
fn kept<T: DeserializeOwned>(known: &HashMap<OwnedUserId, String>, user_id: &UserId) -> Option<T> {
    serde_json::from_str(known.get(user_id)?).ok()
}

passing_on! { CryptoStore for CachedCrypto around SqliteCryptoStore;
    {
        async fn save_changes(&self, changes: Changes) -> Result<()> {
            // The SDK never reads it.
            let changes = Changes { next_batch_token: None, ..changes };
            if changes.is_empty()
                && changes.room_key_backups_fully_downloaded.is_empty()
                && changes.rooms_pending_key_bundle.is_empty()
            {
                return Ok(());
            }
            // Named one by one, so that the compiler tells of one that is new.
            let Changes {
                private_identity,
                identities,
                devices,
                backup_version: _,
                backup_decryption_key: _,
                dehydrated_device_pickle_key: _,
                sessions: _,
                message_hashes: _,
                inbound_group_sessions: _,
                outbound_group_sessions: _,
                key_requests: _,
                withheld_session_info: _,
                room_settings: _,
                secrets: _,
                next_batch_token: _,
                received_room_key_bundles: _,
                room_key_backups_fully_downloaded: _,
                rooms_pending_key_bundle: _,
            } = &changes;
            let is_other = private_identity.is_none()
                && identities.new.is_empty()
                && identities.changed.is_empty()
                && devices.new.is_empty()
                && devices.changed.is_empty()
                && devices.deleted.is_empty();
            let save = self.store.save_changes(changes);
            self.reads.write(|known| known.heed(is_other), save).await
        }

        async fn save_pending_changes(&self, changes: PendingChanges) -> Result<()> {
            let account = changes.account.as_ref().and_then(digest);
            let mut saved = self.account.lock().await;
            if account.is_some() && *saved == account {
                return Ok(());
            }
            *saved = None;
            self.store.save_pending_changes(changes).await?;
            *saved = account;
            Ok(())
        }

        async fn get_device(
            &self,
            user_id: &UserId,
            device_id: &DeviceId,
        ) -> Result<Option<DeviceData>> {
            self.reads
                .recall(
                    |known| {
                        let devices = kept::<HashMap<OwnedDeviceId, _>>(&known.devices, user_id)?;
                        Some(devices.get(device_id).cloned())
                    },
                    self.store.get_device(user_id, device_id),
                    |_, _| {},
                )
                .await
        }

        async fn get_user_devices(
            &self,
            user_id: &UserId,
        ) -> Result<HashMap<OwnedDeviceId, DeviceData>> {
            self.reads
                .recall(
                    |known| kept(&known.devices, user_id),
                    self.store.get_user_devices(user_id),
                    |known, devices| {
                        if devices.len() <= MOST_DEVICES {
                            keep(&mut known.devices, user_id, &devices);
                        }
                    },
                )
                .await
        }

        async fn get_user_identity(&self, user_id: &UserId) -> Result<Option<UserIdentityData>> {
            self.reads
                .recall(
                    |known| kept(&known.identities, user_id),
                    self.store.get_user_identity(user_id),
                    |known, identity| keep(&mut known.identities, user_id, &identity),
                )
                .await
        }
    }

    fn load_account() -> Option<Account>;
    fn load_identity() -> Option<PrivateCrossSigningIdentity>;
    fn save_inbound_group_sessions(
        sessions: Vec<InboundGroupSession>, backed_up_to_version: Option<&str>
    ) -> ();
    fn get_sessions(sender_key: &str) -> Option<Vec<Session>>;
    fn get_inbound_group_session(room_id: &RoomId, session_id: &str) -> Option<InboundGroupSession>;
    fn get_withheld_info(room_id: &RoomId, session_id: &str) -> Option<RoomKeyWithheldEntry>;
    fn get_withheld_sessions_by_room_id(room_id: &RoomId) -> Vec<RoomKeyWithheldEntry>;
    fn get_inbound_group_sessions() -> Vec<InboundGroupSession>;
    fn inbound_group_session_counts(backup_version: Option<&str>) -> RoomKeyCounts;
    fn get_inbound_group_sessions_by_room_id(room_id: &RoomId) -> Vec<InboundGroupSession>;
    fn get_inbound_group_sessions_for_device_batch(
        curve_key: Curve25519PublicKey,
        sender_data_type: SenderDataType,
        after_session_id: Option<String>,
        limit: usize
    ) -> Vec<InboundGroupSession>;
    fn inbound_group_sessions_for_backup(
        backup_version: &str, limit: usize
    ) -> Vec<InboundGroupSession>;
    fn mark_inbound_group_sessions_as_backed_up(
        backup_version: &str, room_and_session_ids: &[(&RoomId, &str)]
    ) -> ();
    fn reset_backup_state() -> ();
    fn load_backup_keys() -> BackupKeys;
    fn load_dehydrated_device_pickle_key() -> Option<DehydratedDeviceKey>;
    fn delete_dehydrated_device_pickle_key() -> ();
    fn get_outbound_group_session(room_id: &RoomId) -> Option<OutboundGroupSession>;
    fn load_tracked_users() -> Vec<TrackedUser>;
    fn save_tracked_users(users: &[(&UserId, bool)]) -> ();
    fn get_own_device() -> DeviceData;
    fn is_message_known(message_hash: &OlmMessageHash) -> bool;
    fn get_outgoing_secret_requests(request_id: &TransactionId) -> Option<GossipRequest>;
    fn get_secret_request_by_info(secret_info: &SecretInfo) -> Option<GossipRequest>;
    fn get_unsent_secret_requests() -> Vec<GossipRequest>;
    fn delete_outgoing_secret_requests(request_id: &TransactionId) -> ();
    fn get_secrets_from_inbox(secret_name: &SecretName) -> Vec<Zeroizing<String>>;
    fn delete_secrets_from_inbox(secret_name: &SecretName) -> ();
    fn get_room_settings(room_id: &RoomId) -> Option<RoomSettings>;
    fn get_received_room_key_bundle_data(
        room_id: &RoomId, user_id: &UserId
    ) -> Option<StoredRoomKeyBundleData>;
    fn get_pending_key_bundle_details_for_room(
        room_id: &RoomId
    ) -> Option<RoomPendingKeyBundleDetails>;
    fn get_all_rooms_pending_key_bundles() -> Vec<RoomPendingKeyBundleDetails>;
    fn has_downloaded_all_room_keys(room_id: &RoomId) -> bool;
    fn get_custom_value(key: &str) -> Option<Vec<u8>>;
    fn set_custom_value(key: &str, value: Vec<u8>) -> ();
    fn remove_custom_value(key: &str) -> ();
    fn try_take_leased_lock(
        lease_duration_ms: u32, key: &str, holder: &str
    ) -> Option<CrossProcessLockGeneration>;
    fn next_batch_token() -> Option<String>;
    fn close() -> ();
    fn reopen() -> ();
    fn get_size() -> Option<usize>;
}

#[cfg(test)]
mod tests {
    use std::fs;

    use matrix_sdk::{
        SqliteStoreConfig,
        ruma::{device_id, user_id},
    };

    use super::*;

    #[tokio::test]
    async fn keys_are_written_when_they_are_others_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let config = SqliteStoreConfig::new(dir.path());
        let store = SqliteCryptoStore::open_with_config(&config);
        let store = CachedCrypto::new(store.await.unwrap());
        let log = dir.path().join("matrix-sdk-crypto.sqlite3-wal");
        let written = || fs::metadata(&log).unwrap().len();
        let mut account = Account::with_device_id(user_id!("@bot:example.org"), device_id!("BOT"));
        let mut sizes = vec![written()];
        for keys in [0, 0, 5, 0] {
            account.generate_one_time_keys(keys);
            let changes = PendingChanges {
                account: Some(Account::from_pickle(account.pickle()).unwrap()),
            };
            store.save_pending_changes(changes).await.unwrap();
            sizes.push(written());
        }
        let grown: Vec<bool> = sizes.windows(2).map(|pair| pair[1] > pair[0]).collect();
        assert_eq!(grown, [true, false, true, false], "{sizes:?}");
        let loaded = store.load_account().await.unwrap().unwrap();
        assert_eq!(digest(&loaded), digest(&account));
    }
}
