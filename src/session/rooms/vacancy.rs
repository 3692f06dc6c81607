//! Rooms that are of no use any more.

use matrix_sdk::RoomState;

use super::handle::Rooms;
use crate::session::sdk::{self, RoomFailure};

impl Rooms {
    /// Rooms that the bot was in and is not in any more.
    pub fn left(&self) -> Vec<String> {
        let rooms = self.client.rooms().into_iter();
        let left = rooms.filter(|room| matches!(room.state(), RoomState::Left | RoomState::Banned));
        left.map(|room| room.room_id().to_string()).collect()
    }

    /// Rooms in which nobody but the bot is, nor is invited. Those with a type of their own, such as
    /// spaces, and the bot's own for its self test, are none.
    pub fn alone(&self) -> Vec<String> {
        let rooms = self.client.joined_rooms().into_iter();
        // Without a count nothing is known.
        let alone = rooms.filter(|room| {
            room.joined_members_count() == 1
                && room.active_members_count() == 1
                && room.room_type().is_none()
        });
        alone.map(|room| room.room_id().to_string()).collect()
    }

    /// Has the homeserver forget a room that the bot is not in, and forgets it here.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn forget(&self, room_id: &str) -> Result<(), RoomFailure> {
        let room = self.room(room_id)?;
        Ok(sdk::call("forget the room", room.forget()).await?)
    }
}
