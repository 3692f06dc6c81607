//! The encryption store, with what the SDK reads again and again for every message kept in memory:
//! the public keys of people, and the keys of the messages that are being exchanged.

mod due;
mod known;

pub use due::DueQueries;

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
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use self::known::{Kinds, Known};
use super::cache::Reads;

type Result<T> = std::result::Result<T, <SqliteCryptoStore as CryptoStore>::Error>;

/// An encryption store that remembers what it has read until some of its kind is written.
#[derive(Debug)]
pub struct CachedCrypto {
    store: SqliteCryptoStore,
    own_id: OwnedUserId,
    reads: Reads<Known>,
    /// What is known to be saved of the device's own keys: the SDK saves them with every sync, and
    /// hardly ever are they others.
    account: Mutex<Option<Digest>>,
    due: DueQueries,
}

/// A hash of a device's own keys.
type Digest = [u8; 32];

fn digest(account: &Account) -> Option<Digest> {
    let json = Zeroizing::new(serde_json::to_vec(&account.pickle()).ok()?);
    Some(Sha256::digest(&*json).into())
}

impl CachedCrypto {
    /// The store of this user's device.
    pub fn new(store: SqliteCryptoStore, own_id: &UserId, due: DueQueries) -> Self {
        Self {
            store,
            own_id: own_id.to_owned(),
            reads: Reads::default(),
            account: Mutex::default(),
            due,
        }
    }

    /// Whether there is none but this one among a user's devices.
    fn has_no_other(&self, user_id: &UserId, devices: &HashMap<OwnedDeviceId, DeviceData>) -> bool {
        devices.len() <= usize::from(user_id == self.own_id)
    }
}

passing_on! { CryptoStore for CachedCrypto around SqliteCryptoStore;
    {
        async fn save_changes(&self, changes: Changes) -> Result<()> {
            let changes = Changes {
                // The SDK never reads it.
                next_batch_token: None,
                // They end with the process, as in other clients: a ratchet that is read back from a disk
                // that is behind, or from a copy, would encrypt two messages with one key.
                outbound_group_sessions: Vec::new(),
                ..changes
            };
            if changes.is_empty()
                && changes.room_key_backups_fully_downloaded.is_empty()
                && changes.rooms_pending_key_bundle.is_empty()
            {
                return Ok(());
            }
            let kinds = Kinds::of(&changes);
            let save = self.store.save_changes(changes);
            self.reads.write(|known| known.heed(kinds), save).await
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
            let find = |known: &Known| Some(known.devices.get(user_id)?.get(device_id).cloned());
            let read = self.store.get_device(user_id, device_id);
            self.reads.recall(find, read, |_, _| {}).await
        }

        async fn get_user_devices(
            &self,
            user_id: &UserId,
        ) -> Result<HashMap<OwnedDeviceId, DeviceData>> {
            let find = |known: &Known| known.devices.get(user_id).cloned();
            let read = self.store.get_user_devices(user_id);
            let keep = |known: &mut Known, devices| known.keep_devices(user_id, devices);
            let devices = self.reads.recall(find, read, keep).await?;
            if self.has_no_other(user_id, &devices) {
                self.due.found_no_device(user_id);
            }
            Ok(devices)
        }

        async fn get_user_identity(&self, user_id: &UserId) -> Result<Option<UserIdentityData>> {
            let find = |known: &Known| Some(known.identity(user_id)?.identity.clone());
            let read = self.store.get_user_identity(user_id);
            let keep = |known: &mut Known, identity| known.keep_identity(user_id, identity);
            self.reads.recall(find, read, keep).await
        }

        async fn load_tracked_users(&self) -> Result<Vec<TrackedUser>> {
            let find = |known: &Known| known.tracked_users.clone();
            let keep = |known: &mut Known, users| known.tracked_users = Some(users);
            self.reads.recall(find, self.store.load_tracked_users(), keep).await
        }

        async fn save_tracked_users(&self, users: &[(&UserId, bool)]) -> Result<()> {
            if users.is_empty() {
                return Ok(());
            }
            for (user_id, _) in users.iter().filter(|(_, is_outdated)| *is_outdated) {
                let is_alone = self.reads.look(|known| {
                    let devices = known.devices.get(*user_id);
                    devices.is_some_and(|devices| self.has_no_other(user_id, devices))
                });
                self.due.add(user_id, is_alone);
            }
            let save = self.store.save_tracked_users(users);
            self.reads.write(|known| known.tracked_users = None, save).await
        }

        async fn get_inbound_group_session(
            &self,
            room_id: &RoomId,
            session_id: &str,
        ) -> Result<Option<InboundGroupSession>> {
            let key = (room_id.to_owned(), session_id.to_owned());
            let find = |known: &Known| known.session(&key).map(Some);
            let read = self.store.get_inbound_group_session(room_id, session_id);
            let keep = |known: &mut Known, session: Option<_>| {
                // One that is not there may come at any time.
                if let Some(session) = session {
                    known.keep_session(key.clone(), session);
                }
            };
            self.reads.recall(find, read, keep).await
        }

        /// None is saved.
        async fn get_outbound_group_session(
            &self,
            _room_id: &RoomId,
        ) -> Result<Option<OutboundGroupSession>> {
            Ok(None)
        }

        async fn get_unsent_secret_requests(&self) -> Result<Vec<GossipRequest>> {
            // The last that the SDK looks at before it begins what it has to ask for.
            self.due.begun();
            let find = |known: &Known| known.unsent_requests.clone();
            let keep = |known: &mut Known, requests| known.unsent_requests = Some(requests);
            self.reads.recall(find, self.store.get_unsent_secret_requests(), keep).await
        }

        async fn delete_outgoing_secret_requests(&self, request_id: &TransactionId) -> Result<()> {
            let delete = self.store.delete_outgoing_secret_requests(request_id);
            self.reads.write(|known| known.unsent_requests = None, delete).await
        }

        async fn save_inbound_group_sessions(
            &self,
            sessions: Vec<InboundGroupSession>,
            backed_up_to_version: Option<&str>,
        ) -> Result<()> {
            let save = self.store.save_inbound_group_sessions(sessions, backed_up_to_version);
            self.reads.write(Known::forget_sessions, save).await
        }

        async fn mark_inbound_group_sessions_as_backed_up(
            &self,
            backup_version: &str,
            sessions: &[(&RoomId, &str)],
        ) -> Result<()> {
            let mark = self.store.mark_inbound_group_sessions_as_backed_up(backup_version, sessions);
            self.reads.write(Known::forget_sessions, mark).await
        }

        async fn reset_backup_state(&self) -> Result<()> {
            let reset = self.store.reset_backup_state();
            self.reads.write(Known::forget_sessions, reset).await
        }
    }

    fn load_account() -> Option<Account>;
    fn load_identity() -> Option<PrivateCrossSigningIdentity>;
    fn get_sessions(sender_key: &str) -> Option<Vec<Session>>;
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
    fn load_backup_keys() -> BackupKeys;
    fn load_dehydrated_device_pickle_key() -> Option<DehydratedDeviceKey>;
    fn delete_dehydrated_device_pickle_key() -> ();
    fn get_own_device() -> DeviceData;
    fn is_message_known(message_hash: &OlmMessageHash) -> bool;
    fn get_outgoing_secret_requests(request_id: &TransactionId) -> Option<GossipRequest>;
    fn get_secret_request_by_info(secret_info: &SecretInfo) -> Option<GossipRequest>;
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
        ruma::{device_id, room_id, user_id},
    };
    use matrix_sdk_base::crypto::{EncryptionSettings, olm::SenderData};
    use tempfile::TempDir;

    use super::*;

    /// A store in this directory, and whose it is.
    async fn open(dir: &TempDir) -> (CachedCrypto, &'static UserId) {
        let config = SqliteStoreConfig::new(dir.path());
        let store = SqliteCryptoStore::open_with_config(&config);
        let bot = user_id!("@bot:example.org");
        let store = CachedCrypto::new(store.await.unwrap(), bot, DueQueries::default());
        (store, bot)
    }

    #[tokio::test]
    async fn no_room_is_spoken_to_with_a_key_of_an_earlier_start() {
        let dir = tempfile::tempdir().unwrap();
        let (store, bot) = open(&dir).await;
        let account = Account::with_device_id(bot, device_id!("BOT"));
        let room_id = room_id!("!a:example.org");
        store
            .save_pending_changes(PendingChanges {
                account: Some(Account::from_pickle(account.pickle()).unwrap()),
            })
            .await
            .unwrap();
        let (ours, _) = account
            .create_group_session_pair(
                room_id,
                EncryptionSettings::default(),
                SenderData::unknown(),
            )
            .await
            .unwrap();
        let changes = Changes {
            outbound_group_sessions: vec![ours],
            ..Changes::default()
        };
        store.save_changes(changes).await.unwrap();
        let recalled = store.get_outbound_group_session(room_id).await;
        let saved = store.store.get_outbound_group_session(room_id).await;
        assert!(recalled.unwrap().is_none() && saved.unwrap().is_none());
    }

    #[tokio::test]
    async fn keys_are_written_when_they_are_others_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let (store, bot) = open(&dir).await;
        let log = dir.path().join("matrix-sdk-crypto.sqlite3-wal");
        let written = || fs::metadata(&log).unwrap().len();
        let mut account = Account::with_device_id(bot, device_id!("BOT"));
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
