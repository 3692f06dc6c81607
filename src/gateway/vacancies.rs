//! Leaving rooms in which nobody else is, or that others took the place of, and forgetting those that
//! the bot is not in any more.

use std::{convert::Infallible, time::Duration};

use super::{health::Health, pauses::Endpoint, settings::Current, shown};
use crate::{
    error::Result,
    ipc::now,
    journal::Journal,
    session::{RoomFailure, Rooms, Session},
};

/// How often it is looked.
const EVERY: Duration = Duration::from_hours(24);

/// Whoever leaves them.
#[derive(Clone)]
pub struct Vacancies {
    settings: Current,
    journal: Journal,
    rooms: Rooms,
    health: Health,
}

impl Vacancies {
    pub fn new(session: &Session, settings: &Current, health: &Health) -> Self {
        Self {
            settings: settings.clone(),
            journal: session.journal.clone(),
            rooms: session.rooms(),
            health: health.clone(),
        }
    }

    /// Looks now, and every day.
    pub async fn run(self) -> Infallible {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!("cannot look for empty rooms: {error}");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn look(&self) -> Result<()> {
        for room_id in self.rooms.left() {
            match self.rooms.forget(&room_id).await {
                Ok(()) => tracing::info!(event = "forgotten", room_id, "forgot {room_id}"),
                // The next look tries it again.
                Err(error) => tracing::debug!(room_id, "cannot forget a room: {error}"),
            }
        }
        let alone = self.rooms.alone();
        self.journal.alone_only_in(alone.clone()).await?;
        let limit = self.settings.get().rooms.empty_for;
        let limit = limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        for room_id in alone {
            let since = self.journal.alone_since(&room_id).await?;
            if limit.is_some_and(|limit| now().saturating_sub(since) >= limit) {
                self.leave(&room_id, "nobody else is there").await;
            }
        }
        if let Some(limit) = limit {
            let followed = self.journal.followed_before(now().saturating_sub(limit));
            for room_id in followed.await? {
                if self.rooms.is_joined(&room_id) {
                    self.leave(&room_id, "another room took its place").await;
                }
            }
        }
        Ok(())
    }

    async fn leave(&self, room_id: &str, why: &str) {
        let name = shown(&self.rooms, room_id);
        let leave = || self.rooms.leave(room_id);
        match self.health.pauses.patiently(Endpoint::Join, leave).await {
            Ok(()) => tracing::info!(event = "left", room_id, "left {name}: {why}"),
            Err(RoomFailure::Later(error)) => {
                tracing::debug!(room_id, "cannot leave a room yet: {error}");
            }
            Err(error) => tracing::warn!(room_id, "cannot leave {name}: {error}"),
        }
    }
}
