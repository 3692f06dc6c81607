//! Acting in rooms: what is known of them, joining them, speaking in them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use matrix_sdk::{
    Client, Room, RoomMemberships, RoomState,
    ruma::{
        TransactionId, UserId,
        api::client::{
            membership::leave_room, to_device::send_event_to_device::v3::Request as ToDevice,
        },
        events::{MessageLikeEventType, ToDeviceEventType},
        serde::Raw,
    },
};

use super::newest::Newest;
use crate::{
    error::{Error, Result},
    journal::Journal,
    session::{
        intake::event::Envelope,
        sdk::{self, RoomFailure},
        store::DueQueries,
    },
    threads::lock,
};

/// The type of reactions.
pub const REACTION: &str = "m.reaction";
/// How long a homeserver may take to show what it has taken.
const ECHO_LIMIT: Duration = Duration::from_mins(1);
/// Older than this, it is not waited for any more: the bot may have left that room.
const FORGOTTEN: Duration = Duration::from_mins(10);
/// Events remembered.
const MOST_SENT: usize = 1000;

/// A handle on the bot's rooms. Clones share the device.
#[derive(Clone, Debug)]
pub struct Rooms {
    pub client: Client,
    pub sent: Sent,
    pub newest: Newest,
    pub due_queries: DueQueries,
    pub journal: Journal,
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
    /// Whether this device has the private keys of its account's cross-signing identity.
    pub async fn has_identity(&self) -> bool {
        let status = self.client.encryption().cross_signing_status().await;
        status.is_some_and(|status| status.is_complete())
    }

    /// What is known of a room.
    ///
    /// # Errors
    ///
    /// When the room is unknown or its state cannot be read.
    pub async fn facts(&self, room_id: &str) -> Result<RoomFacts, RoomFailure> {
        Ok(RoomFacts {
            members: count_members(&self.room(room_id)?).await?,
            encrypted: self.is_encrypted(room_id).await?,
        })
    }

    /// Whether a room is encrypted, or was ever seen so.
    ///
    /// # Errors
    ///
    /// When the room is unknown or its state cannot be read.
    pub async fn is_encrypted(&self, room_id: &str) -> Result<bool, RoomFailure> {
        let room = self.room(room_id)?;
        Ok(self.journal.is_encrypted(room_id) || is_encrypted(&room).await?)
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

    /// Whether the bot may send messages in a room; it may where that is not known.
    pub async fn may_speak(&self, room_id: &str, encrypted: bool) -> bool {
        let (Ok(room), Some(own_id)) = (self.room(room_id), self.client.user_id()) else {
            return true;
        };
        let kind = if encrypted {
            MessageLikeEventType::RoomEncrypted
        } else {
            MessageLikeEventType::RoomMessage
        };
        let levels = room.power_levels().await;
        levels.map_or(true, |levels| levels.user_can_send_message(own_id, kind))
    }

    /// Whether an invitation to this room is still open.
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
        let room = self.room(room_id)?;
        self.ask_for_keys(inviter).await;
        Ok(sdk::call("join the room", room.join()).await?)
    }

    /// Declines the invitation to a room.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn decline(&self, room_id: &str) -> Result<(), RoomFailure> {
        self.quit(room_id, "decline the invitation").await
    }

    /// Leaves a room, and no other: the SDK would also leave every room that this one claims to
    /// have taken the place of.
    pub(super) async fn quit(&self, room_id: &str, doing: &'static str) -> Result<(), RoomFailure> {
        let room = self.room(room_id)?;
        let request = leave_room::v3::Request::new(room.room_id().to_owned());
        sdk::call(doing, self.client.send(request)).await?;
        Ok(())
    }

    /// Asks for an inviter's keys. A client sends its request for a verification together with
    /// the invitation, and the SDK drops that of a device which it does not know.
    ///
    /// What the SDK itself says of who invited is the first claim in the room's state, which
    /// another homeserver may have forged.
    async fn ask_for_keys(&self, inviter: &str) {
        let Ok(inviter) = UserId::parse(inviter) else {
            return;
        };
        let encryption = self.client.encryption();
        if let Err(error) = encryption.request_user_identity(&inviter).await {
            tracing::debug!(%inviter, %error, "cannot ask for the inviter's keys");
        }
    }

    /// Sends an event of this type and content, encrypted where the room is, and returns its id.
    /// The same transaction id gives the same event however often it is sent.
    ///
    /// Where it must be `encrypted`, or the room was ever seen so, it is never sent in clear,
    /// whatever the homeserver says of the room now. Reactions are: servers count them.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached, when it would have to be sent in clear,
    /// or the content is not JSON.
    pub async fn send(
        &self,
        room_id: &str,
        (kind, content): (&str, &str),
        transaction_id: &str,
        encrypted: bool,
    ) -> Result<String, RoomFailure> {
        let content: serde_json::Value = serde_json::from_str(content).map_err(|error| {
            RoomFailure::Never(Error::failure("a recorded reply is not JSON").because(error))
        })?;
        let room = self.room(room_id)?;
        let must_be_encrypted =
            kind != REACTION && (encrypted || self.journal.is_encrypted(room_id));
        if must_be_encrypted && !is_encrypted(&room).await? {
            return Err(RoomFailure::Doubtful(
                Error::failure(
                    "the homeserver hides that the room is encrypted, and nothing that was said \
                     there encrypted is answered in clear",
                )
                .hint("ask the homeserver's administrator where the room's m.room.encryption is"),
            ));
        }
        let attempt = || {
            let sending = room.send_raw(kind, content.clone());
            let sending = sending.with_transaction_id(transaction_id.into());
            sdk::call("send the reply", sending)
        };
        let due = &self.due_queries;
        let sent = due.make_way(attempt, || self.wake_sync().boxed()).await?;
        let event_id = sent.response.event_id.to_string();
        // What a sync has shown already may have been followed by others' words.
        if !self.sent.taken(&event_id) {
            let event = Envelope::sent(kind, event_id.clone(), content);
            self.newest.shown(room_id, &event);
        }
        Ok(event_id)
    }

    /// Has a sync under way answered: by a message of this device to itself that says nothing
    /// (spec, "m.dummy").
    async fn wake_sync(&self) {
        let nothing = Raw::from_json_string("{}".to_owned());
        let (Some(own), Ok(nothing)) = (self.client.session_meta(), nothing) else {
            return;
        };
        let nothing = BTreeMap::from([(own.device_id.clone().into(), nothing)]);
        let messages = BTreeMap::from([(own.user_id.clone(), nothing)]);
        let transaction = TransactionId::new();
        let request = ToDevice::new_raw(ToDeviceEventType::Dummy, transaction, messages);
        if let Err(error) = self.client.send(request).await {
            tracing::debug!(%error, "cannot have the sync answered");
        }
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
        let event_id = sdk::event_id(event_id)?;
        let room = self.room(room_id)?;
        let redacting = room.redact(&event_id, None, Some(transaction_id.into()));
        sdk::call("take back a part of the reply", redacting).await?;
        Ok(())
    }

    pub fn room(&self, room_id: &str) -> Result<Room, RoomFailure> {
        self.client
            .get_room(&sdk::room_id(room_id)?)
            .ok_or_else(|| {
                let words = format!("the bot does not know the room {room_id}");
                RoomFailure::Never(Error::failure(words))
            })
    }
}

async fn is_encrypted(room: &Room) -> Result<bool, RoomFailure> {
    let state = room.latest_encryption_state();
    let state = sdk::call("read the room's encryption state", state).await?;
    Ok(state.is_encrypted())
}

/// Members who joined or are invited. The homeserver's own count, unless it never gave one.
async fn count_members(room: &Room) -> Result<u64, RoomFailure> {
    if room.joined_members_count() > 0 {
        return Ok(room.active_members_count());
    }
    let members = room.members(RoomMemberships::ACTIVE);
    let members = sdk::call("ask for the room's members", members).await?;
    // No room has more members than that.
    Ok(u64::try_from(members.len()).unwrap_or(u64::MAX))
}

/// The events that were sent and not shown yet: a sync that does not give them back does not give
/// other people's words either. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<Mutex<Echoes>>);

#[derive(Debug, Default)]
struct Echoes {
    awaited: BTreeMap<String, Instant>,
    /// A sync may be faster than the answer to what was sent.
    shown: VecDeque<String>,
}

impl Sent {
    /// The homeserver has taken this event; whether a sync has shown it already.
    pub fn taken(&self, event_id: &str) -> bool {
        let mut state = self.state();
        let is_shown = state.shown.iter().any(|shown| shown == event_id);
        if !is_shown && state.awaited.len() < MOST_SENT {
            state.awaited.insert(event_id.to_owned(), Instant::now());
        }
        is_shown
    }

    /// A sync has shown these; whether others are missing.
    pub fn is_missing(&self, shown: &[String]) -> bool {
        let mut state = self.state();
        for event_id in shown {
            state.awaited.remove(event_id);
            state.shown.push_back(event_id.clone());
        }
        let superfluous = state.shown.len().saturating_sub(MOST_SENT);
        state.shown.drain(..superfluous);
        state.awaited.retain(|_, sent| sent.elapsed() < FORGOTTEN);
        state
            .awaited
            .values()
            .any(|sent| sent.elapsed() > ECHO_LIMIT)
    }

    fn state(&self) -> MutexGuard<'_, Echoes> {
        lock(&self.0)
    }
}
