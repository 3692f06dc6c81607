//! Answers on their way into a room: shown while they are written, and sent exactly once.

mod draft;
mod send;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use futures_util::FutureExt;

use super::{
    health::{Health, metrics::Metrics},
    pauses::{Endpoint, Pauses},
};
use crate::{
    error::Error,
    journal::{Journal, Protection, Waiting},
    session::{RoomFailure, Rooms},
};

/// How often an answer that is being written is shown anew, at most.
const EVERY: Duration = Duration::from_secs(2);

/// Where the events of answers go: the room of the message that is answered.
pub trait Outlet: Send + Sync {
    /// Sends an event of this type and returns its id. The same transaction id gives the same event,
    /// with the content that it had first.
    fn send(
        &self,
        waiting: &Waiting,
        kind: &str,
        content: &str,
        transaction_id: &str,
    ) -> impl Future<Output = Result<String, RoomFailure>> + Send;

    /// Takes back an event.
    fn redact(
        &self,
        waiting: &Waiting,
        event_id: &str,
        transaction_id: &str,
    ) -> impl Future<Output = Result<(), RoomFailure>> + Send;
}

/// The saying of answers.
pub struct Delivery<O = Homeserver> {
    journal: Journal,
    outlet: O,
    /// How often there is something new of an answer that is being written, at most.
    every: Duration,
}

impl Delivery {
    pub fn new(journal: Journal, rooms: Rooms, health: &Health) -> Self {
        Self {
            journal,
            outlet: Homeserver {
                rooms,
                pauses: health.pauses.clone(),
                metrics: health.metrics.clone(),
            },
            every: EVERY,
        }
    }
}

/// The homeserver, unless sending is paused.
pub struct Homeserver {
    rooms: Rooms,
    pauses: Pauses,
    metrics: Metrics,
}

impl Homeserver {
    async fn unless_paused<T: Send>(
        &self,
        request: impl Future<Output = Result<T, RoomFailure>> + Send,
    ) -> Result<T, RoomFailure> {
        let request = async {
            let began = Instant::now();
            let outcome = request.await;
            self.metrics.sent(outcome.is_ok(), began.elapsed());
            outcome
        };
        // In a box, so that the compiler sees without more ado that it may go to another thread.
        let attempt = self.pauses.attempt(Endpoint::Send, request).boxed();
        let paused = || Err(RoomFailure::Later(Error::unreachable("sending is paused")));
        attempt.await.unwrap_or_else(paused)
    }
}

impl Outlet for Homeserver {
    async fn send(
        &self,
        waiting: &Waiting,
        kind: &str,
        content: &str,
        transaction_id: &str,
    ) -> Result<String, RoomFailure> {
        // Such a message is not answered in clear, whatever the homeserver says of its room now.
        let encrypted = waiting.protection != Protection::Clear;
        let (rooms, room) = (&self.rooms, &waiting.room_id);
        let sending = rooms.send(room, (kind, content), transaction_id, encrypted);
        self.unless_paused(sending).await
    }

    async fn redact(
        &self,
        waiting: &Waiting,
        event_id: &str,
        transaction_id: &str,
    ) -> Result<(), RoomFailure> {
        let redaction = self
            .rooms
            .redact(&waiting.room_id, event_id, transaction_id);
        self.unless_paused(redaction).await
    }
}
