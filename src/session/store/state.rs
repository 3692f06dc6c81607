//! The state store, with what the SDK reads again and again for every message kept in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use matrix_sdk::{
    RoomInfo, RoomMemberships, RoomState, SqliteStateStore, StateChanges, StateStore, async_trait,
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

use super::cache::{Cache, Reads};

/// Bytes of a state event, and members of a room, that are kept at most.
const LARGEST: usize = 8 << 10;
const MOST_MEMBERS: usize = 500;

type Result<T> = std::result::Result<T, <SqliteStateStore as StateStore>::Error>;

/// A state store that remembers what it has read until something is written that may change it.
#[derive(Debug)]
pub struct CachedState {
    store: SqliteStateStore,
    reads: Reads<Known>,
}

/// What was read.
#[derive(Debug, Default)]
struct Known {
    state: Cache<(StateEventType, String), Option<RawAnySyncOrStrippedState>>,
    profiles: Cache<OwnedUserId, Option<MinimalRoomMemberEvent>>,
    members: Cache<RoomMemberships, Vec<OwnedUserId>>,
    namesakes: Cache<DisplayName, BTreeSet<OwnedUserId>>,
    account_data: HashMap<GlobalAccountDataEventType, Option<Raw<AnyGlobalAccountDataEvent>>>,
}

impl Known {
    fn forget(&mut self, room_id: &RoomId) {
        self.state.forget(room_id);
        self.profiles.forget(room_id);
        self.members.forget(room_id);
        self.namesakes.forget(room_id);
    }

    /// Forgets whatever these changes may touch.
    fn heed(&mut self, changes: &StateChanges) {
        // Named one by one, so that the compiler tells of one that is new.
        let StateChanges {
            sync_token: _,
            account_data,
            presence: _,
            profiles,
            profiles_to_delete,
            state,
            room_account_data: _,
            room_infos,
            receipts: _,
            redactions,
            stripped_state,
            ambiguity_maps,
        } = changes;
        // Into a room that is joined comes state, too; of others, the store drops some of it.
        let others = room_infos.iter();
        let others = others.filter(|(_, info)| info.state() != RoomState::Joined);
        let rooms = profiles.keys().chain(profiles_to_delete.keys());
        let rooms = rooms.chain(state.keys()).chain(stripped_state.keys());
        let rooms = rooms.chain(redactions.keys()).chain(ambiguity_maps.keys());
        for room_id in rooms.chain(others.map(|(room_id, _)| room_id)) {
            self.forget(room_id);
        }
        if !account_data.is_empty() {
            self.account_data.clear();
        }
    }
}

impl CachedState {
    pub fn new(store: SqliteStateStore) -> Self {
        Self {
            store,
            reads: Reads::default(),
        }
    }
}

passing_on! { StateStore for CachedState around SqliteStateStore;
    {
        async fn save_changes(&self, changes: &StateChanges) -> Result<()> {
            let save = self.store.save_changes(changes);
            self.reads.write(|known| known.heed(changes), save).await
        }

        async fn remove_room(&self, room_id: &RoomId) -> Result<()> {
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
            let read = self.store.get_state_event(room_id, event_type, state_key);
            self.reads.recall(
                |known| known.state.get(room_id, &key),
                read,
                |known, event| {
                    if event.as_ref().is_none_or(is_small) {
                        known.state.insert(room_id, key.clone(), event);
                    }
                },
            )
            .await
        }

        async fn get_profile(
            &self,
            room_id: &RoomId,
            user_id: &UserId,
        ) -> Result<Option<MinimalRoomMemberEvent>> {
            let key = user_id.to_owned();
            let read = self.store.get_profile(room_id, user_id);
            self.reads.recall(
                |known| known.profiles.get(room_id, &key),
                read,
                |known, profile| known.profiles.insert(room_id, key.clone(), profile),
            )
            .await
        }

        async fn get_user_ids(
            &self,
            room_id: &RoomId,
            memberships: RoomMemberships,
        ) -> Result<Vec<OwnedUserId>> {
            let read = self.store.get_user_ids(room_id, memberships);
            self.reads.recall(
                |known| known.members.get(room_id, &memberships),
                read,
                |known, members| {
                    if members.len() <= MOST_MEMBERS {
                        known.members.insert(room_id, memberships, members);
                    }
                },
            )
            .await
        }

        async fn get_users_with_display_name(
            &self,
            room_id: &RoomId,
            display_name: &DisplayName,
        ) -> Result<BTreeSet<OwnedUserId>> {
            let read = self.store.get_users_with_display_name(room_id, display_name);
            self.reads.recall(
                |known| known.namesakes.get(room_id, display_name),
                read,
                |known, users| {
                    if users.len() <= MOST_MEMBERS {
                        known.namesakes.insert(room_id, display_name.clone(), users);
                    }
                },
            )
            .await
        }

        async fn get_account_data_event(
            &self,
            event_type: GlobalAccountDataEventType,
        ) -> Result<Option<Raw<AnyGlobalAccountDataEvent>>> {
            let key = event_type.clone();
            let read = self.store.get_account_data_event(event_type);
            self.reads.recall(
                |known| known.account_data.get(&key).cloned(),
                read,
                |known, event| {
                    let json = event.as_ref().map_or("", |event| event.json().get());
                    if json.len() <= LARGEST {
                        known.account_data.insert(key.clone(), event);
                    }
                },
            )
            .await
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
    fn get_presence_event(user_id: &UserId) -> Option<Raw<PresenceEvent>>;
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

fn is_small(event: &RawAnySyncOrStrippedState) -> bool {
    let json = match event {
        RawAnySyncOrStrippedState::Sync(event) => event.json(),
        RawAnySyncOrStrippedState::Stripped(event) => event.json(),
    };
    json.get().len() <= LARGEST
}

#[cfg(test)]
mod tests {
    use matrix_sdk::{SqliteStoreConfig, ruma::room_id};
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
