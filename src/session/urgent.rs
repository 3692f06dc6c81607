//! Messages that must not wait for those before them.

use matrix_sdk::ruma::RoomId;

use super::open::Session;
use crate::inbox::{Arrival, Entry, urgent};

/// Tells from a message's JSON, the bot's user id and the name it goes by in the room whether the
/// message must not wait for those before it.
pub type Urgent = fn(payload: &str, own_id: &str, own_name: Option<&str>) -> bool;

impl Session {
    /// From now on messages are journaled apart from their conversation that are urgent by this
    /// rule: in its [`urgent`] part.
    pub fn set_apart(&mut self, rule: Urgent) {
        self.urgent = Some(rule);
    }

    /// Moves what is urgent among these events of a room to its own part of the conversation.
    pub(super) async fn sort(&self, room_id: &RoomId, entries: &mut [Entry]) {
        let Some(is_urgent) = self.urgent else {
            return;
        };
        let is_message = |entry: &Entry| matches!(entry.arrival, Arrival::Message { .. });
        if !entries.iter().any(is_message) {
            return;
        }
        let own_id = self.user_id.as_str();
        let name = self.rooms().display_name(room_id.as_str(), own_id).await;
        for entry in entries {
            if let Arrival::Message {
                conversation,
                payload,
            } = &mut entry.arrival
                && is_urgent(payload, own_id, name.as_deref())
            {
                *conversation = urgent(conversation);
            }
        }
    }
}
