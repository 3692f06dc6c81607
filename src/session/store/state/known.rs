//! What was read of the state store.

use std::collections::{BTreeSet, HashMap, HashSet};

use matrix_sdk::{
    RoomMemberships, RoomState, StateChanges,
    deserialized_responses::{DisplayName, RawAnySyncOrStrippedState},
    ruma::{
        OwnedUserId, RoomId, UserId,
        events::{AnyGlobalAccountDataEvent, GlobalAccountDataEventType, StateEventType},
        serde::Raw,
    },
};
use matrix_sdk_base::MinimalRoomMemberEvent;

use crate::session::store::cache::Cache;

/// Bytes of an event, and people, that are kept at most.
const LARGEST: usize = 8 << 10;
const MOST_PEOPLE: usize = 500;

/// What was read.
#[derive(Debug, Default)]
pub struct Known {
    pub state: Cache<(StateEventType, String), Option<RawAnySyncOrStrippedState>>,
    pub profiles: Cache<OwnedUserId, Option<MinimalRoomMemberEvent>>,
    pub members: Cache<RoomMemberships, Vec<OwnedUserId>>,
    pub namesakes: Cache<DisplayName, BTreeSet<OwnedUserId>>,
    pub account_data: HashMap<GlobalAccountDataEventType, Option<Raw<AnyGlobalAccountDataEvent>>>,
    /// People of whose presence nothing is known, as the bot's syncs leave it out.
    pub without_presence: HashSet<OwnedUserId>,
}

impl Known {
    /// Forgets a room.
    pub fn forget(&mut self, room_id: &RoomId) {
        self.state.forget(room_id);
        self.profiles.forget(room_id);
        self.members.forget(room_id);
        self.namesakes.forget(room_id);
    }

    /// Forgets whatever these changes may touch.
    pub fn heed(&mut self, changes: &StateChanges) {
        // Named one by one, so that the compiler tells of one that is new.
        let StateChanges {
            sync_token: _,
            account_data,
            presence,
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
        if !presence.is_empty() {
            self.without_presence.clear();
        }
    }

    pub fn keep_state(
        &mut self,
        room_id: &RoomId,
        key: (StateEventType, String),
        event: Option<RawAnySyncOrStrippedState>,
    ) {
        let json = match &event {
            None => "",
            Some(RawAnySyncOrStrippedState::Sync(event)) => event.json().get(),
            Some(RawAnySyncOrStrippedState::Stripped(event)) => event.json().get(),
        };
        if json.len() <= LARGEST {
            self.state.insert(room_id, key, event);
        }
    }

    pub fn keep_members(&mut self, room_id: &RoomId, of: RoomMemberships, ids: Vec<OwnedUserId>) {
        if ids.len() <= MOST_PEOPLE {
            self.members.insert(room_id, of, ids);
        }
    }

    pub fn keep_namesakes(
        &mut self,
        room_id: &RoomId,
        name: &DisplayName,
        ids: BTreeSet<OwnedUserId>,
    ) {
        if ids.len() <= MOST_PEOPLE {
            self.namesakes.insert(room_id, name.clone(), ids);
        }
    }

    pub fn keep_account_data(
        &mut self,
        kind: GlobalAccountDataEventType,
        event: Option<Raw<AnyGlobalAccountDataEvent>>,
    ) {
        let json = event.as_ref().map_or("", |event| event.json().get());
        if json.len() <= LARGEST {
            self.account_data.insert(kind, event);
        }
    }

    pub fn has_no_presence(&mut self, user_id: &UserId) {
        if self.without_presence.len() >= MOST_PEOPLE {
            self.without_presence.clear();
        }
        self.without_presence.insert(user_id.to_owned());
    }
}
