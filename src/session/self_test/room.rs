//! The room in which the bot talks to itself: made once, and known by its type ever after.

use matrix_sdk::{
    Client, Room, RoomState,
    ruma::{
        OwnedRoomId,
        api::client::room::create_room::v3::{CreationContent, Request, RoomPreset},
        assign,
        events::{InitialStateEvent, room::encryption::RoomEncryptionEventContent},
        room::RoomType,
        serde::Raw,
    },
};

use super::Deadline;
use crate::error::{Error, Result};

/// The `type` in the room's `m.room.create`.
const ROOM_TYPE: &str = "nanobot.self_test";
const NAME: &str = "nanobot self test";
const TOPIC: &str = "`nanobot doctor --live` sends itself a message here and takes it back. \
                     Leave the room if you like: the next test makes a new one.";

/// The room from an earlier test, or a new one, encrypted or not.
pub async fn find_or_make(
    client: &Client,
    encrypted: bool,
    new: &mut Option<OwnedRoomId>,
    deadline: Deadline,
) -> Result<Room> {
    if let Some(room) = find(client, encrypted) {
        return Ok(room);
    }
    if let Some(room) = new.as_deref().and_then(|id| client.get_room(id))
        && room.state() == RoomState::Joined
        && room.room_type().is_none()
    {
        return Ok(room);
    }
    let room = make(client, encrypted, deadline).await?;
    *new = Some(room.room_id().to_owned());
    Ok(room)
}

/// A room like this that somebody else made, or has come into, is not it.
fn find(client: &Client, encrypted: bool) -> Option<Room> {
    client.joined_rooms().into_iter().find(|room| {
        room.room_type() == Some(RoomType::from(ROOM_TYPE))
            && room.creators().as_deref() == Some(&[room.own_user_id().to_owned()])
            && room.encryption_state().is_encrypted() == encrypted
            && room.active_members_count() <= 1
            && !room.is_tombstoned()
    })
}

async fn make(client: &Client, encrypted: bool, deadline: Deadline) -> Result<Room> {
    let content = assign!(CreationContent::new(), {
        federate: false,
        room_type: Some(RoomType::from(ROOM_TYPE)),
    });
    let content = Raw::new(&content)
        .map_err(|error| Error::failure("cannot describe the test room").because(error))?;
    let encryption = encrypted.then(|| {
        let content = RoomEncryptionEventContent::with_recommended_defaults();
        InitialStateEvent::with_empty_state_key(content).to_raw_any()
    });
    let request = assign!(Request::new(), {
        creation_content: Some(content),
        initial_state: encryption.into_iter().collect(),
        name: Some(NAME.to_owned()),
        preset: Some(RoomPreset::PrivateChat),
        topic: Some(TOPIC.to_owned()),
    });
    deadline
        .request("make the test room", || client.create_room(request.clone()))
        .await
}
