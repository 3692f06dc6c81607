//! The rooms that answers go to.

use futures_util::future::{BoxFuture, FutureExt};

use super::{
    answer::Answerer,
    pauses::{Endpoint, Pauses},
    words::Outlet,
};
use crate::{
    error::Error,
    inbox::Waiting,
    session::{RoomFailure, Rooms},
};

/// The room of a message that is answered.
pub(super) struct RoomOutlet<'a> {
    rooms: &'a Rooms,
    pauses: &'a Pauses,
    room_id: &'a str,
    /// Whether nothing may be said in clear.
    encrypted: bool,
}

impl Answerer {
    /// Where this message is answered.
    pub(super) fn outlet<'a>(&'a self, waiting: &'a Waiting) -> RoomOutlet<'a> {
        RoomOutlet {
            rooms: &self.rooms,
            pauses: &self.pauses,
            room_id: &waiting.room_id,
            encrypted: self.is_secret(waiting),
        }
    }

    /// Whether a message must not be answered in clear, whatever the homeserver says of its room
    /// now.
    pub(super) fn is_secret(&self, waiting: &Waiting) -> bool {
        waiting.protection.is_encrypted() || self.inbox.is_encrypted(&waiting.room_id)
    }
}

impl Outlet for RoomOutlet<'_> {
    fn send<'a>(
        &'a self,
        content: &'a str,
        transaction_id: &'a str,
    ) -> BoxFuture<'a, Result<String, RoomFailure>> {
        let (room_id, encrypted) = (self.room_id, self.encrypted);
        let sent = self.rooms.send(room_id, content, transaction_id, encrypted);
        let sent = self.pauses.attempt(Endpoint::Send, sent);
        async { sent.await.unwrap_or_else(|| Err(paused())) }.boxed()
    }

    fn redact<'a>(
        &'a self,
        event_id: &'a str,
        transaction_id: &'a str,
    ) -> BoxFuture<'a, Result<(), RoomFailure>> {
        let redacted = self.rooms.redact(self.room_id, event_id, transaction_id);
        let redacted = self.pauses.attempt(Endpoint::Send, redacted);
        async { redacted.await.unwrap_or_else(|| Err(paused())) }.boxed()
    }
}

fn paused() -> RoomFailure {
    RoomFailure::Later(Error::unreachable("sending is paused"))
}
