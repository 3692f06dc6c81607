//! What was read of the encryption store.

use std::collections::HashMap;

use matrix_sdk::ruma::{OwnedDeviceId, OwnedRoomId, OwnedUserId, UserId};
use matrix_sdk_base::crypto::{
    DeviceData, GossipRequest, TrackedUser, UserIdentityData, olm::InboundGroupSession,
    store::types::Changes,
};

/// People of whom that is kept; when there are more, all are forgotten.
const MOST: usize = 200;
/// Devices of one of them that are kept at most.
const MOST_DEVICES: usize = 100;
/// Megolm sessions that are kept; when there are more, all are forgotten.
const MOST_SESSIONS: usize = 100;

/// What was read. Clones of devices share as much as those of the SDK's own store in memory. Clones of
/// a Megolm session share how far its ratchet has been turned, which saves turning it again, and is
/// never saved.
#[derive(Debug, Default)]
pub struct Known {
    pub devices: HashMap<OwnedUserId, HashMap<OwnedDeviceId, DeviceData>>,
    identities: HashMap<OwnedUserId, Identity>,
    sessions: HashMap<(OwnedRoomId, String), InboundGroupSession>,
    pub unsent_requests: Option<Vec<GossipRequest>>,
    pub tracked_users: Option<Vec<TrackedUser>>,
}

impl Known {
    /// Forgets what these changes may touch.
    pub fn heed(&mut self, kinds: Kinds) {
        if kinds.people {
            self.devices.clear();
            self.identities.clear();
        }
        if kinds.sessions {
            self.forget_sessions();
        }
        if kinds.requests {
            self.unsent_requests = None;
        }
    }

    pub fn forget_sessions(&mut self) {
        self.sessions.clear();
    }

    pub fn keep_devices(&mut self, user_id: &UserId, devices: HashMap<OwnedDeviceId, DeviceData>) {
        if self.devices.len() >= MOST {
            self.devices.clear();
        }
        if devices.len() <= MOST_DEVICES {
            self.devices.insert(user_id.to_owned(), devices);
        }
    }

    /// What is kept of a user's identity.
    pub fn identity(&self, user_id: &UserId) -> Option<&Identity> {
        let kept = self.identities.get(user_id);
        kept.filter(|kept| !kept.is_touched())
    }

    pub fn keep_identity(&mut self, user_id: &UserId, identity: Option<UserIdentityData>) {
        if self.identities.len() >= MOST {
            self.identities.clear();
        }
        let kept = Identity::new(identity);
        self.identities.insert(user_id.to_owned(), kept);
    }

    pub fn session(&self, key: &(OwnedRoomId, String)) -> Option<InboundGroupSession> {
        self.sessions.get(key).cloned()
    }

    pub fn keep_session(&mut self, key: (OwnedRoomId, String), session: InboundGroupSession) {
        if self.sessions.len() >= MOST_SESSIONS {
            self.sessions.clear();
        }
        self.sessions.insert(key, session);
    }
}

/// A user's identity, if there is one. Its clones share how far it is verified, which the SDK changes
/// before it saves it, and compares with what was saved: so one that was changed is read again.
#[derive(Debug)]
pub struct Identity {
    pub identity: Option<UserIdentityData>,
    verified: [bool; 2],
}

impl Identity {
    fn new(identity: Option<UserIdentityData>) -> Self {
        Self {
            verified: verified(identity.as_ref()),
            identity,
        }
    }

    fn is_touched(&self) -> bool {
        self.verified != verified(self.identity.as_ref())
    }
}

/// Whether an identity is verified, and whether it was before.
fn verified(identity: Option<&UserIdentityData>) -> [bool; 2] {
    match identity {
        Some(UserIdentityData::Own(own)) => [own.is_verified(), own.was_previously_verified()],
        Some(UserIdentityData::Other(other)) => [false, other.was_previously_verified()],
        None => [false; 2],
    }
}

/// Kinds of what is kept that changes touch.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    people: bool,
    sessions: bool,
    requests: bool,
}

impl Kinds {
    /// Those that these changes touch.
    pub fn of(changes: &Changes) -> Self {
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
            inbound_group_sessions,
            outbound_group_sessions: _,
            key_requests,
            withheld_session_info: _,
            room_settings: _,
            secrets: _,
            next_batch_token: _,
            received_room_key_bundles: _,
            room_key_backups_fully_downloaded: _,
            rooms_pending_key_bundle: _,
        } = changes;
        let people = private_identity.is_some()
            || !identities.new.is_empty()
            || !identities.changed.is_empty()
            || !devices.new.is_empty()
            || !devices.changed.is_empty()
            || !devices.deleted.is_empty();
        Self {
            people,
            sessions: !inbound_group_sessions.is_empty(),
            requests: !key_requests.is_empty(),
        }
    }
}
