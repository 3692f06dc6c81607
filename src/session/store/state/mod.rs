//! The state store, with what the SDK reads again and again for every message kept in memory.

mod known;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Instant,
};

use matrix_sdk::{
    RoomInfo, RoomMemberships, SqliteStateStore, StateChanges, StateStore, async_trait,
    deserialized_responses::{DisplayName, RawAnySyncOrStrippedState},
    ruma::{
        EventId, MilliSecondsSinceUnixEpoch, OwnedEventId, OwnedRoomId, OwnedTransactionId,
        OwnedUserId, RoomId, TransactionId, UserId,
        events::{
            AnyGlobalAccountDataEvent, AnyRoomAccountDataEvent, GlobalAccountDataEventType,
            RoomAccountDataEventType, StateEventType,
            presence::PresenceEvent,
            receipt::{Receipt, ReceiptThread, ReceiptType},
        },
        serde::Raw,
    },
    store::{
        ChildTransactionId, DependentQueuedRequest, DependentQueuedRequestKind, QueueWedgeError,
        QueuedRequest, QueuedRequestKind, RoomLoadSettings, SentRequestKey, StateStoreDataKey,
        StateStoreDataValue, StoredThreadSubscription,
    },
};
use matrix_sdk_base::MinimalRoomMemberEvent;
use tokio::sync::Mutex;

use self::known::Known;
use super::{cache::Reads, routine::Routine};

type Result<T> = std::result::Result<T, <SqliteStateStore as StateStore>::Error>;

/// A state store that remembers what it has read until something is written that may change it, and
/// does not write what is routine with every message.
#[derive(Debug)]
pub struct CachedState {
    store: SqliteStateStore,
    reads: Reads<Known>,
    routine: Mutex<Routine>,
}

impl CachedState {
    pub fn new(store: SqliteStateStore) -> Self {
        Self {
            store,
            reads: Reads::default(),
            routine: Mutex::default(),
        }
    }
}

/// A bot is not notified; the SDK would read the rules for that with every sync.
fn no_push_rules() -> Option<Raw<AnyGlobalAccountDataEvent>> {
    let none = r#"{"type": "m.push_rules", "content": {"global": {}}}"#;
    Raw::from_json_string(none.to_owned()).ok()
}

passing_on! { StateStore for CachedState around SqliteStateStore;
    {
        async fn save_changes(&self, changes: &StateChanges) -> Result<()> {
            let mut routine = self.routine.lock().await;
            if routine.is_all(changes, Instant::now()) {
                return Ok(());
            }
            let save = self.store.save_changes(changes);
            self.reads.write(|known| known.heed(changes), save).await?;
            routine.written(changes);
            Ok(())
        }

        async fn remove_room(&self, room_id: &RoomId) -> Result<()> {
            self.routine.lock().await.forget(room_id);
            let remove = self.store.remove_room(room_id);
            self.reads.write(|known| known.forget(room_id), remove).await
        }

        async fn get_state_event(
            &self,
            room_id: &RoomId,
            event_type: StateEventType,
            state_key: &str,
        ) -> Result<Option<RawAnySyncOrStrippedState>> {
            let key = (event_type.clone(), state_key.to_owned());
            let find = |known: &Known| known.state.get(room_id, &key);
            let read = self.store.get_state_event(room_id, event_type, state_key);
            let keep = |known: &mut Known, event| known.keep_state(room_id, key.clone(), event);
            self.reads.recall(find, read, keep).await
        }

        async fn get_profile(
            &self,
            room_id: &RoomId,
            user_id: &UserId,
        ) -> Result<Option<MinimalRoomMemberEvent>> {
            let key = user_id.to_owned();
            let find = |known: &Known| known.profiles.get(room_id, &key);
            let read = self.store.get_profile(room_id, user_id);
            let keep = |known: &mut Known, found| known.profiles.insert(room_id, key.clone(), found);
            self.reads.recall(find, read, keep).await
        }

        async fn get_user_ids(
            &self,
            room_id: &RoomId,
            memberships: RoomMemberships,
        ) -> Result<Vec<OwnedUserId>> {
            let find = |known: &Known| known.members.get(room_id, &memberships);
            let read = self.store.get_user_ids(room_id, memberships);
            let keep = |known: &mut Known, ids| known.keep_members(room_id, memberships, ids);
            self.reads.recall(find, read, keep).await
        }

        async fn get_users_with_display_name(
            &self,
            room_id: &RoomId,
            display_name: &DisplayName,
        ) -> Result<BTreeSet<OwnedUserId>> {
            let find = |known: &Known| known.namesakes.get(room_id, display_name);
            let read = self.store.get_users_with_display_name(room_id, display_name);
            let keep = |known: &mut Known, ids| known.keep_namesakes(room_id, display_name, ids);
            self.reads.recall(find, read, keep).await
        }

        async fn get_account_data_event(
            &self,
            event_type: GlobalAccountDataEventType,
        ) -> Result<Option<Raw<AnyGlobalAccountDataEvent>>> {
            if event_type == GlobalAccountDataEventType::PushRules {
                return Ok(no_push_rules());
            }
            let key = event_type.clone();
            let find = |known: &Known| known.account_data.get(&key).cloned();
            let read = self.store.get_account_data_event(event_type);
            let keep = |known: &mut Known, event| known.keep_account_data(key.clone(), event);
            self.reads.recall(find, read, keep).await
        }

        async fn get_presence_event(
            &self,
            user_id: &UserId,
        ) -> Result<Option<Raw<PresenceEvent>>> {
            let find = |known: &Known| known.without_presence.contains(user_id).then_some(None);
            let read = self.store.get_presence_event(user_id);
            let keep = |known: &mut Known, presence: Option<_>| {
                if presence.is_none() {
                    known.has_no_presence(user_id);
                }
            };
            self.reads.recall(find, read, keep).await
        }

        async fn get_profiles<'a>(
            &self,
            room_id: &RoomId,
            user_ids: &'a [OwnedUserId],
        ) -> Result<BTreeMap<&'a UserId, MinimalRoomMemberEvent>> {
            if let [user_id] = user_ids {
                let profile = self.get_profile(room_id, user_id).await?;
                return Ok(profile.into_iter().map(|profile| (&**user_id, profile)).collect());
            }
            self.store.get_profiles(room_id, user_ids).await
        }

        async fn get_users_with_display_names<'a>(
            &self,
            room_id: &RoomId,
            display_names: &'a [DisplayName],
        ) -> Result<HashMap<&'a DisplayName, BTreeSet<OwnedUserId>>> {
            if let [name] = display_names {
                let users = self.get_users_with_display_name(room_id, name).await?;
                let found = (!users.is_empty()).then_some((name, users));
                return Ok(found.into_iter().collect());
            }
            self.store.get_users_with_display_names(room_id, display_names).await
        }
    }

    fn get_kv_data(key: StateStoreDataKey<'_>) -> Option<StateStoreDataValue>;
    fn set_kv_data(key: StateStoreDataKey<'_>, value: StateStoreDataValue) -> ();
    fn remove_kv_data(key: StateStoreDataKey<'_>) -> ();
    fn get_presence_events(user_ids: &[OwnedUserId]) -> Vec<Raw<PresenceEvent>>;
    fn get_state_events(room_id: &RoomId, event_type: StateEventType)
        -> Vec<RawAnySyncOrStrippedState>;
    fn get_state_events_for_keys(
        room_id: &RoomId, event_type: StateEventType, state_keys: &[&str]
    ) -> Vec<RawAnySyncOrStrippedState>;
    fn get_room_infos(room_load_settings: &RoomLoadSettings) -> Vec<RoomInfo>;
    fn get_room_account_data_event(room_id: &RoomId, event_type: RoomAccountDataEventType)
        -> Option<Raw<AnyRoomAccountDataEvent>>;
    fn get_user_room_receipt_event(
        room_id: &RoomId, receipt_type: ReceiptType, thread: ReceiptThread, user_id: &UserId
    ) -> Option<(OwnedEventId, Receipt)>;
    fn get_event_room_receipt_events(
        room_id: &RoomId, receipt_type: ReceiptType, thread: ReceiptThread, event_id: &EventId
    ) -> Vec<(OwnedUserId, Receipt)>;
    fn get_custom_value(key: &[u8]) -> Option<Vec<u8>>;
    fn set_custom_value(key: &[u8], value: Vec<u8>) -> Option<Vec<u8>>;
    fn set_custom_value_no_read(key: &[u8], value: Vec<u8>) -> ();
    fn remove_custom_value(key: &[u8]) -> Option<Vec<u8>>;
    fn save_send_queue_request(
        room_id: &RoomId, transaction_id: OwnedTransactionId,
        created_at: MilliSecondsSinceUnixEpoch, request: QueuedRequestKind, priority: usize
    ) -> ();
    fn update_send_queue_request(
        room_id: &RoomId, transaction_id: &TransactionId, content: QueuedRequestKind
    ) -> bool;
    fn remove_send_queue_request(room_id: &RoomId, transaction_id: &TransactionId) -> bool;
    fn load_send_queue_requests(room_id: &RoomId) -> Vec<QueuedRequest>;
    fn update_send_queue_request_status(
        room_id: &RoomId, transaction_id: &TransactionId, error: Option<QueueWedgeError>
    ) -> ();
    fn load_rooms_with_unsent_requests() -> Vec<OwnedRoomId>;
    fn save_dependent_queued_request(
        room_id: &RoomId, parent_txn_id: &TransactionId, own_txn_id: ChildTransactionId,
        created_at: MilliSecondsSinceUnixEpoch, content: DependentQueuedRequestKind
    ) -> ();
    fn mark_dependent_queued_requests_as_ready(
        room_id: &RoomId, parent_txn_id: &TransactionId, sent_parent_key: SentRequestKey
    ) -> usize;
    fn update_dependent_queued_request(
        room_id: &RoomId, own_transaction_id: &ChildTransactionId,
        new_content: DependentQueuedRequestKind
    ) -> bool;
    fn remove_dependent_queued_request(room: &RoomId, own_txn_id: &ChildTransactionId) -> bool;
    fn load_dependent_queued_requests(room: &RoomId) -> Vec<DependentQueuedRequest>;
    fn upsert_thread_subscriptions(updates: Vec<(&RoomId, &EventId, StoredThreadSubscription)>)
        -> ();
    fn remove_thread_subscription(room: &RoomId, thread_id: &EventId) -> ();
    fn load_thread_subscription(room: &RoomId, thread_id: &EventId)
        -> Option<StoredThreadSubscription>;
    fn close() -> ();
    fn reopen() -> ();
    fn optimize() -> ();
    fn get_size() -> Option<usize>;
}

#[cfg(test)]
mod tests {
    use matrix_sdk::{RoomState, SqliteStoreConfig, ruma::room_id};
    use serde_json::{Value, json};

    use super::*;

    async fn store(dir: &tempfile::TempDir) -> CachedState {
        let config = SqliteStoreConfig::new(dir.path());
        let store = SqliteStateStore::open_with_config(&config);
        CachedState::new(store.await.unwrap())
    }

    /// That a room's topic is this now.
    fn topic(room_id: &RoomId, topic: &str) -> StateChanges {
        let mut changes = StateChanges::default();
        let event = json!({
            "type": "m.room.topic", "state_key": "", "event_id": "$1", "sender": "@ann:example.org",
            "origin_server_ts": 1, "content": {"topic": topic},
        });
        let event = Raw::from_json_string(event.to_string()).unwrap();
        let types = changes.state.entry(room_id.to_owned()).or_default();
        let keys = types.entry(StateEventType::RoomTopic).or_default();
        keys.insert(String::new(), event);
        changes
    }

    async fn read(store: &CachedState, room_id: &RoomId) -> Option<String> {
        let event = store.get_state_event(room_id, StateEventType::RoomTopic, "");
        let RawAnySyncOrStrippedState::Sync(event) = event.await.unwrap()? else {
            panic!("a room that the bot is in");
        };
        let event: Value = serde_json::from_str(event.json().get()).unwrap();
        Some(event["content"]["topic"].as_str().unwrap().to_owned())
    }

    /// That a room is known as far as this position.
    fn room(token: &str, members_synced: bool) -> StateChanges {
        let room_id = room_id!("!a:example.org");
        let mut info = RoomInfo::new(room_id, RoomState::Joined);
        info.set_prev_batch(Some(token));
        if members_synced {
            info.mark_members_synced();
        }
        let mut changes = StateChanges::new(token.to_owned());
        changes.add_room(info);
        changes
    }

    #[tokio::test]
    async fn what_is_routine_waits_for_the_next_news() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir).await;
        let steps = [
            ("1", false, "1"),
            ("2", false, "1"),
            ("3", true, "3"),
            ("4", true, "3"),
        ];
        for (token, members_synced, saved) in steps {
            store
                .save_changes(&room(token, members_synced))
                .await
                .unwrap();
            let position = store
                .get_kv_data(StateStoreDataKey::SyncToken)
                .await
                .unwrap();
            let position = position.unwrap().into_sync_token();
            assert_eq!(position.as_deref(), Some(saved));
        }
        let topic = topic(room_id!("!a:example.org"), "one");
        let news = StateChanges {
            sync_token: Some("5".to_owned()),
            ..topic
        };
        store.save_changes(&news).await.unwrap();
        let position = store
            .get_kv_data(StateStoreDataKey::SyncToken)
            .await
            .unwrap();
        assert_eq!(position.unwrap().into_sync_token().as_deref(), Some("5"));
    }

    #[tokio::test]
    async fn what_was_read_is_known_until_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir).await;
        let (a, b) = (room_id!("!a:example.org"), room_id!("!b:example.org"));
        assert_eq!(read(&store, a).await, None);
        store.save_changes(&topic(a, "one")).await.unwrap();
        assert_eq!(read(&store, a).await.as_deref(), Some("one"));
        // Behind its back.
        store.store.save_changes(&topic(a, "two")).await.unwrap();
        assert_eq!(read(&store, a).await.as_deref(), Some("one"));
        store.save_changes(&topic(b, "other")).await.unwrap();
        assert_eq!(read(&store, a).await.as_deref(), Some("one"));
        store.save_changes(&topic(a, "three")).await.unwrap();
        assert_eq!(read(&store, a).await.as_deref(), Some("three"));
        store.remove_room(a).await.unwrap();
        assert_eq!(read(&store, a).await, None);
    }
}
