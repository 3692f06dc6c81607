//! What people in a room see of the bot beside its words, and what it sees of them.

use std::time::Duration;

use matrix_sdk::ruma::{
    UserId,
    api::client::{
        receipt::create_receipt::v3::ReceiptType,
        typing::create_typing_event::v3::{Request, Typing, TypingInfo},
    },
    events::{receipt::ReceiptThread, room::member::RoomMemberEventContent},
};

use super::handle::Rooms;
use crate::{error::Result, session::sdk, text::excerpt};

/// How long a typing notice holds.
pub const TYPING_LASTS: Duration = Duration::from_secs(30);

impl Rooms {
    /// What a room calls itself, or its address, made harmless: one line, of a sane length.
    pub fn name(&self, room_id: &str) -> Option<String> {
        let room = self.room(room_id).ok()?;
        let address = || room.canonical_alias().map(|alias| alias.to_string());
        harmless(&room.name().or_else(address)?)
    }

    /// What a member calls themselves in a room, made harmless: one line, of a sane length.
    pub async fn display_name(&self, room_id: &str, user_id: &str) -> Option<String> {
        let user_id = UserId::parse(user_id).ok()?;
        let member = self
            .room(room_id)
            .ok()?
            .get_state_event_static_for_key::<RoomMemberEventContent, _>(&user_id)
            .await
            .inspect_err(|error| tracing::debug!(%error, "a member's name is not known"))
            .ok()??;
        harmless(member.deserialize().ok()?.displayname_value()?)
    }

    /// Shows in a room that the bot is writing, for [`TYPING_LASTS`], or that it is not (spec,
    /// "Typing Notifications").
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn type_in(&self, room_id: &str, typing: bool) -> Result<()> {
        // Not the SDK's own notice: that one lasts 4 seconds.
        let room = self.room(room_id)?;
        let typing = if typing {
            Typing::Yes(TypingInfo::new(TYPING_LASTS))
        } else {
            Typing::No
        };
        let own_id = room.own_user_id().to_owned();
        let request = Request::new(own_id, room.room_id().to_owned(), typing);
        sdk::call("send a typing notice", self.client.send(request)).await?;
        Ok(())
    }

    /// Shows that the bot has read a message of this thread, or of the room's main timeline, and
    /// everything before it (spec, "Threaded read receipts"): everyone, or only its own account
    /// ("Private read receipts").
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached, or the thread is none.
    pub async fn mark_read(
        &self,
        room_id: &str,
        thread: Option<&str>,
        event_id: &str,
        is_private: bool,
    ) -> Result<()> {
        let thread = match thread {
            Some(root) => ReceiptThread::Thread(sdk::event_id(root)?),
            None => ReceiptThread::Main,
        };
        let event_id = sdk::event_id(event_id)?;
        let room = self.room(room_id)?;
        let kind = if is_private {
            ReceiptType::ReadPrivate
        } else {
            ReceiptType::Read
        };
        let receipt = room.send_single_receipt(kind, thread, event_id);
        Ok(sdk::call("send a read receipt", receipt).await?)
    }
}

fn harmless(name: &str) -> Option<String> {
    Some(excerpt(name)).filter(|name| !name.is_empty())
}
