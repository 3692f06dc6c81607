//! Acting in rooms: what is known of them, joining them, speaking in them.

use std::fmt;

use matrix_sdk::{
    Client, Room, RoomMemberships, RoomState,
    ruma::{EventId, RoomId, UserId, api::client::membership::leave_room},
};

use super::{failure::RoomFailure, sent::Sent};
use crate::{
    error::{Error, Result},
    inbox::Inbox,
};

/// A handle on the bot's rooms. Clones share the device.
#[derive(Clone)]
pub struct Rooms {
    pub(super) client: Client,
    sent: Sent,
    inbox: Inbox,
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}

/// What the policy needs to know of a room, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomFacts {
    /// Members who joined or are invited, the bot among them.
    pub members: u64,
    /// Whether the room is encrypted, or was ever seen so.
    pub encrypted: bool,
}

impl Rooms {
    pub(super) fn new(client: Client, sent: Sent, inbox: Inbox) -> Self {
        Self {
            client,
            sent,
            inbox,
        }
    }

    /// What is known of a room.
    ///
    /// # Errors
    ///
    /// When the room is unknown or its state cannot be read.
    pub async fn facts(&self, room_id: &str) -> Result<RoomFacts, RoomFailure> {
        let room = self.room(room_id).map_err(RoomFailure::Never)?;
        Ok(RoomFacts {
            members: count_members(&room).await?,
            encrypted: self.inbox.is_encrypted(room_id) || is_encrypted(&room).await?,
        })
    }

    /// Whether a room is encrypted, or was ever seen so.
    ///
    /// # Errors
    ///
    /// When the room is unknown or its state cannot be read.
    pub async fn is_encrypted(&self, room_id: &str) -> Result<bool, RoomFailure> {
        let room = self.room(room_id).map_err(RoomFailure::Never)?;
        Ok(self.inbox.is_encrypted(room_id) || is_encrypted(&room).await?)
    }

    /// Whether the homeserver is well: it knows the account. Whatever fails beside that, fails by
    /// itself.
    pub async fn is_served(&self) -> bool {
        self.client.whoami().await.is_ok()
    }

    /// Whether this sender's `@room` counts (`notifications.room` of `m.room.power_levels`).
    pub async fn may_notify(&self, room_id: &str, sender: &str) -> bool {
        let (Ok(room), Ok(sender)) = (self.room(room_id), UserId::parse(sender)) else {
            return false;
        };
        room.power_levels()
            .await
            .is_ok_and(|levels| levels.user_can_trigger_room_notification(&sender))
    }

    /// Whether an invitation to this room is still open.
    #[must_use]
    pub fn is_invited(&self, room_id: &str) -> bool {
        self.room(room_id)
            .is_ok_and(|room| room.state() == RoomState::Invited)
    }

    /// Accepts the invitation to a room by this user.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn join(&self, room_id: &str, inviter: &str) -> Result<(), RoomFailure> {
        let room = self.room(room_id).map_err(RoomFailure::Never)?;
        self.meet(inviter).await;
        room.join()
            .await
            .map_err(|error| RoomFailure::new("join the room", &error))
    }

    /// Declines the invitation to a room.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn decline(&self, room_id: &str) -> Result<(), RoomFailure> {
        let room = self.room(room_id).map_err(RoomFailure::Never)?;
        // The SDK would also leave every room that this one claims to have taken the place of.
        let request = leave_room::v3::Request::new(room.room_id().to_owned());
        let declined = self.client.send(request).await;
        declined
            .map(drop)
            .map_err(|error| RoomFailure::new("decline the invitation", &error.into()))
    }

    /// Asks for an inviter's keys. A client sends its request for a verification together with
    /// the invitation, and the SDK drops that of a device which it does not know.
    ///
    /// What the SDK itself says of who invited is the first claim in the room's state, which
    /// another homeserver may have forged.
    async fn meet(&self, inviter: &str) {
        let Ok(inviter) = UserId::parse(inviter) else {
            return;
        };
        let encryption = self.client.encryption();
        if let Err(error) = encryption.request_user_identity(&inviter).await {
            tracing::debug!(%inviter, %error, "cannot ask for the inviter's keys");
        }
    }

    /// Sends a message's content, encrypted where the room is, and returns its event's id. The
    /// same transaction id gives the same event however often it is sent.
    ///
    /// Where it must be `encrypted`, or the room was ever seen so, it is never sent in clear,
    /// whatever the homeserver says of the room now.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached, when it would have to be sent in clear,
    /// or the content is not JSON.
    pub async fn send(
        &self,
        room_id: &str,
        content: &str,
        transaction_id: &str,
        encrypted: bool,
    ) -> Result<String, RoomFailure> {
        let content: serde_json::Value = serde_json::from_str(content).map_err(|error| {
            RoomFailure::Never(Error::failure("a recorded reply is not JSON").because(error))
        })?;
        let room = self.room(room_id).map_err(RoomFailure::Never)?;
        let must_be_encrypted = encrypted || self.inbox.is_encrypted(room_id);
        if must_be_encrypted && !is_encrypted(&room).await? {
            return Err(RoomFailure::Doubtful(
                Error::failure(
                    "the homeserver hides that the room is encrypted, and nothing that was said \
                     there encrypted is answered in clear",
                )
                .hint("ask the homeserver's administrator where the room's m.room.encryption is"),
            ));
        }
        let sent = room
            .send_raw("m.room.message", content)
            .with_transaction_id(transaction_id.into())
            .await
            .map_err(|error| RoomFailure::new("send the reply", &error))?;
        let event_id = sent.response.event_id.to_string();
        self.sent.taken(&event_id);
        Ok(event_id)
    }

    /// Takes an event's content out of a room. The same transaction id does it once.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached, or this is no event's id.
    pub async fn redact(
        &self,
        room_id: &str,
        event_id: &str,
        transaction_id: &str,
    ) -> Result<(), RoomFailure> {
        let event_id = EventId::parse(event_id).map_err(|error| {
            RoomFailure::Never(Error::failure("not an event id").because(error))
        })?;
        self.room(room_id)
            .map_err(RoomFailure::Never)?
            .redact(&event_id, None, Some(transaction_id.into()))
            .await
            .map(drop)
            .map_err(|error| RoomFailure::new("take back a part of the reply", &error.into()))
    }

    pub(super) fn room(&self, room_id: &str) -> Result<Room> {
        let id = RoomId::parse(room_id)
            .map_err(|error| Error::failure("not a room id").because(error))?;
        self.client
            .get_room(&id)
            .ok_or_else(|| Error::failure(format!("the bot does not know the room {room_id}")))
    }
}

async fn is_encrypted(room: &Room) -> Result<bool, RoomFailure> {
    let state = room
        .latest_encryption_state()
        .await
        .map_err(|error| RoomFailure::new("read the room's encryption state", &error))?;
    Ok(state.is_encrypted())
}

/// Members who joined or are invited. The homeserver's own count, unless it never gave one.
async fn count_members(room: &Room) -> Result<u64, RoomFailure> {
    if room.joined_members_count() > 0 {
        return Ok(room.active_members_count());
    }
    let members = room
        .members(RoomMemberships::ACTIVE)
        .await
        .map_err(|error| RoomFailure::new("ask for the room's members", &error))?;
    // No room has more members than that.
    Ok(u64::try_from(members.len()).unwrap_or(u64::MAX))
}
