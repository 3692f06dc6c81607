//! A room of the bot's own with one person.

use matrix_sdk::ruma::{
    api::client::room::create_room::v3::{Request, RoomPreset},
    assign,
    events::{
        AnyInitialStateEvent, InitialStateEvent, room::encryption::RoomEncryptionEventContent,
    },
    serde::Raw,
};
use serde_json::json;

use super::handle::Rooms;
use crate::{
    error::{Error, Result},
    session::sdk::{self, RoomFailure},
};

/// The state event of a direct room that the bot made; its `user_id` is who it was made for. By
/// it the room is found when nothing else could be written down.
pub const DIRECT_ROOM: &str = "nanobot.direct";

impl Rooms {
    /// Makes a direct room with this user, invites them, and lists it in `m.direct`
    /// (spec, "Direct Messaging"). Returns its id.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or refuses. It may have made the room all the same.
    pub async fn make_direct_room(&self, user_id: &str, encrypted: bool) -> Result<String> {
        let mark = json!({
            "type": DIRECT_ROOM, "state_key": "", "content": { "user_id": user_id },
        });
        let mark: Raw<AnyInitialStateEvent> = Raw::new(&mark)
            .map_err(|error| Error::failure("cannot describe the room").because(error))?
            .cast_unchecked();
        let encryption = encrypted.then(|| {
            let content = RoomEncryptionEventContent::with_recommended_defaults();
            InitialStateEvent::with_empty_state_key(content).to_raw_any()
        });
        let request = assign!(Request::new(), {
            initial_state: encryption.into_iter().chain([mark]).collect(),
            invite: vec![sdk::user_id(user_id)?],
            is_direct: true,
            preset: Some(RoomPreset::TrustedPrivateChat),
        });
        let room = sdk::call("make a room", self.client.create_room(request)).await?;
        Ok(room.room_id().to_string())
    }

    /// Invites this user to a room as to a direct one.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or refuses.
    pub async fn invite_directly(&self, room_id: &str, user_id: &str) -> Result<()> {
        // The call for invitations has no place for `is_direct`.
        let content = json!({ "membership": "invite", "is_direct": true });
        let room = self.room(room_id)?;
        let inviting = room.send_state_event_raw("m.room.member", user_id, content);
        sdk::call("invite to the room", inviting).await?;
        Ok(())
    }

    /// Lists a room in `m.direct`, as one with this user.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or refuses.
    pub async fn list_direct_room(&self, room_id: &str, user_id: &str) -> Result<()> {
        let (room, users) = (self.room(room_id)?, [sdk::user_id(user_id)?]);
        let account = self.client.account();
        let listing = account.mark_as_dm(room.room_id(), &users);
        Ok(sdk::call("list the room as a direct one", listing).await?)
    }

    /// Says something in a room, encrypted where the room is. The same transaction id gives the
    /// same event however often it is sent.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or refuses.
    pub async fn say(
        &self,
        room_id: &str,
        text: &str,
        transaction_id: &str,
    ) -> Result<(), RoomFailure> {
        let content = json!({ "msgtype": "m.text", "body": text }).to_string();
        let sent = self
            .send(room_id, ("m.room.message", &content), transaction_id, false)
            .await;
        sent.map(drop)
    }
}
