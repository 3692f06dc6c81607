//! Greeting rooms that the bot was invited to: each once.

use backon::BackoffBuilder;
use serde_json::json;

use super::{health::Health, pauses::Endpoint, retry, settings::Current, shown};
use crate::{
    error::Result,
    journal::{Greeting, Journal},
    session::{RoomFailure, Rooms},
};

/// How often a greeting is tried that the homeserver refuses without a word why.
const ATTEMPTS: usize = 6;

/// Whoever greets. Clones share the journal.
#[derive(Clone)]
pub struct Greeter {
    pub journal: Journal,
    pub rooms: Rooms,
    pub settings: Current,
    pub health: Health,
}

impl Greeter {
    /// The bot is about to join this room, and greets it then if that is wanted.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn expect(&self, room_id: &str) -> Result<()> {
        if self.settings.get().rooms.greeting.is_some() {
            self.journal.greeting_due(room_id).await?;
        }
        Ok(())
    }

    /// Greets the rooms that the last run joined and did not greet, without waiting for it.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn resume(&self) -> Result<()> {
        for room_id in self.journal.greetings_due().await? {
            if self.rooms.is_joined(&room_id) {
                let greeter = self.clone();
                tokio::spawn(async move { greeter.greet(&room_id).await });
            }
        }
        Ok(())
    }

    /// Greets a room that the bot has joined, if that is due.
    pub async fn greet(&self, room_id: &str) {
        match self.try_greet(room_id).await {
            Ok(true) => tracing::info!(
                event = "greeted",
                room_id,
                "greeted {}",
                shown(&self.rooms, room_id)
            ),
            Ok(false) => {}
            Err(error) => {
                let error = self.health.words(&error.into());
                tracing::warn!(
                    event = "greeting_failed",
                    room_id,
                    error,
                    "cannot greet {}: {error}",
                    shown(&self.rooms, room_id)
                );
            }
        }
    }

    /// Whether a greeting was sent.
    async fn try_greet(&self, room_id: &str) -> Result<bool, RoomFailure> {
        let due = self.journal.greeting(room_id).await;
        if due.map_err(RoomFailure::Store)? != Some(Greeting::Due) {
            return Ok(false);
        }
        let Some(words) = self.settings.get().rooms.greeting.clone() else {
            return Ok(false);
        };
        let content = json!({"msgtype": "m.notice", "body": words, "m.mentions": {}}).to_string();
        // Sent again after a death, it is the same event.
        let transaction_id = format!("nb-greeting-{room_id}");
        let mut waits = retry::OF_INVITATION.build().take(ATTEMPTS);
        let sent = loop {
            let send = || {
                let content = ("m.room.message", &*content);
                self.rooms.send(room_id, content, &transaction_id, false)
            };
            match self.health.pauses.patiently(Endpoint::Send, send).await {
                Err(RoomFailure::Later(_) | RoomFailure::Doubtful(_))
                    if self.again(&mut waits).await => {}
                outcome => break outcome,
            }
        };
        match sent {
            // The next start tries it again.
            Err(
                failure
                @ (RoomFailure::Later(_) | RoomFailure::Doubtful(_) | RoomFailure::Store(_)),
            ) => Err(failure),
            sent => {
                let settled = self.journal.greeted(room_id).await;
                settled.map_err(RoomFailure::Store)?;
                sent.map(|_| true)
            }
        }
    }

    /// Waits before the next attempt; whether there is one.
    async fn again(&self, waits: &mut impl Iterator<Item = std::time::Duration>) -> bool {
        let Some(wait) = waits.next() else {
            return false;
        };
        tokio::time::sleep(retry::spread(wait)).await;
        true
    }
}
