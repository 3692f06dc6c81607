//! What may wait of the changes that each sync makes, so that not every message waits for the disk.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use matrix_sdk::{
    RoomInfo, StateChanges,
    ruma::{OwnedRoomId, RoomId},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What of a room changes with every message, and is asked for by nobody here.
const PASSING: [&str; 5] = [
    "last_prev_batch",
    "latest_event_value",
    "notification_counts",
    "read_receipts",
    "recency_stamp",
];
/// How long what may wait is not written after something was.
const REST: Duration = Duration::from_secs(1);

/// Tells what is routine from what is news.
///
/// Routine is the position of the sync, of which [the journal](crate::journal) has its own that
/// holds, and what of a room changes with every message. What is left out is in the next write,
/// which comes with the next sync that waited for news in vain at the latest.
#[derive(Debug, Default)]
pub struct Routine {
    /// What is saved of each room but for what passes, as a hash.
    saved: HashMap<OwnedRoomId, [u8; 32]>,
    written: Option<Instant>,
}

impl Routine {
    /// Whether these changes need not be written now.
    pub fn is_all(&self, changes: &StateChanges, now: Instant) -> bool {
        // Named one by one, so that the compiler tells of one that is new.
        let StateChanges {
            sync_token: _,
            account_data,
            presence,
            profiles,
            profiles_to_delete,
            state,
            room_account_data,
            room_infos,
            receipts,
            redactions,
            stripped_state,
            ambiguity_maps,
        } = changes;
        self.written
            .is_some_and(|written| now.saturating_duration_since(written) < REST)
            && account_data.is_empty()
            && presence.is_empty()
            && profiles.is_empty()
            && profiles_to_delete.is_empty()
            && state.is_empty()
            && room_account_data.is_empty()
            && receipts.is_empty()
            && redactions.is_empty()
            && stripped_state.is_empty()
            && ambiguity_maps.is_empty()
            && room_infos.iter().all(|(room_id, info)| {
                let saved = self.saved.get(room_id);
                saved.is_some_and(|saved| lasting(info).as_ref() == Some(saved))
            })
    }

    /// Remembers that these changes were written.
    pub fn written(&mut self, changes: &StateChanges) {
        self.written = Some(Instant::now());
        for (room_id, info) in &changes.room_infos {
            match lasting(info) {
                Some(hash) => self.saved.insert(room_id.clone(), hash),
                None => self.saved.remove(room_id),
            };
        }
    }

    /// A room is not there any more.
    pub fn forget(&mut self, room_id: &RoomId) {
        self.saved.remove(room_id);
    }
}

/// A hash of what is known of a room but for what passes.
fn lasting(info: &RoomInfo) -> Option<[u8; 32]> {
    let mut info = serde_json::to_value(info).ok()?;
    let fields = info.as_object_mut()?;
    for field in PASSING {
        fields.remove(field);
    }
    Some(Sha256::digest(Value::to_string(&info)).into())
}

#[cfg(test)]
mod tests {
    use matrix_sdk::{RoomState, ruma::room_id};

    use super::*;

    #[test]
    fn nothing_waits_for_long() {
        let mut routine = Routine::default();
        let mut changes = StateChanges::new("1".to_owned());
        changes.add_room(RoomInfo::new(room_id!("!a:example.org"), RoomState::Joined));
        assert!(!routine.is_all(&changes, Instant::now()));
        routine.written(&changes);
        assert!(routine.is_all(&changes, Instant::now()));
        assert!(!routine.is_all(&changes, Instant::now() + REST));
        routine.forget(room_id!("!a:example.org"));
        assert!(!routine.is_all(&changes, Instant::now()));
    }
}
