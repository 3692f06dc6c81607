//! A disk that is full: nothing more is taken in until there is room.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{Ending, NOTICE, health::Health};
use crate::{
    error::{Error, Kind, Result},
    files::{Space, says_full},
    ipc::age,
    journal::Journal,
    text::duration,
};

/// How often it is looked whether there is room again.
const EVERY: Duration = Duration::from_secs(2);
/// How long it is waited after a write that failed though the system says that there is room: it
/// may not know of a limit.
const WITHOUT_REASON: Duration = Duration::from_mins(1);

/// The disk that the store is on.
#[derive(Clone, Debug)]
pub struct Disk {
    /// The store, and the data directory: the store may not be there yet.
    pub places: [PathBuf; 2],
    pub health: Health,
    /// Whether a write failed though the system says that there is room.
    pub is_unexplained: Arc<AtomicBool>,
}

impl Disk {
    /// Goes on as soon as the disk is not full: at once, as a rule.
    pub async fn wait(&self) {
        if self.space().is_some_and(Space::is_full) {
            self.tell();
            self.wait_for_room().await;
        }
    }

    /// Whether a failure is the disk's: then it is told, once.
    pub fn is_to_blame(&self, error: &Error) -> bool {
        // Somebody may have made room meanwhile.
        let is_known = self.health.is_disk_full();
        let is_full = || says_full(&error.to_string()) || self.space().is_some_and(Space::is_full);
        let is_full = error.kind() == Kind::Failure && (is_known || is_full());
        if is_full {
            let has_room = self.space().is_none_or(Space::has_room);
            self.is_unexplained.fetch_and(has_room, Ordering::Relaxed);
            self.health.failed(error);
            self.tell();
        }
        is_full
    }

    /// Ends the run whose write was refused: as soon as there is room, or it is told to stop.
    pub async fn restart(&self, stop: impl Future<Output = ()>) -> Result<Ending> {
        tokio::select! {
            outcome = self.recovered() => outcome.map(|()| Ending::Restart),
            () = stop => Ok(Ending::Stopped),
        }
    }

    /// Waits until there is room on the disk that has refused a write, so that a new process can go on.
    async fn recovered(&self) -> Result<()> {
        if self.is_unexplained.load(Ordering::Relaxed) {
            self.health.turns(WITHOUT_REASON);
            tokio::time::sleep(WITHOUT_REASON).await;
        }
        self.wait_for_room().await;
        // The bot has not died over a message.
        match Journal::open_existing(&self.places[0]).await? {
            Some(journal) => journal.end_run().await,
            None => Ok(()),
        }
    }

    async fn wait_for_room(&self) {
        // Where the system does not say it, trying is the only way to know.
        while self.space().is_some_and(|space| !space.has_room()) {
            self.health.turns(EVERY);
            tokio::time::sleep(EVERY).await;
        }
        if let Some(since) = self.health.room_found() {
            let time = duration(age(since));
            tracing::info!(target: NOTICE, event = "disk_recovered",
                "there is room on the disk again after {time}; messages are taken in again");
        }
    }

    fn tell(&self) {
        if self.health.room_lost() {
            let free = self.space().map_or(0, |space| space.free >> 10);
            tracing::error!(
                event = "disk_full",
                "the disk of {} is full ({free} KiB free): no messages are taken in until there is \
                 room",
                self.places[0].display()
            );
        }
    }

    fn space(&self) -> Option<Space> {
        self.places.iter().find_map(|place| Space::of(place).ok())
    }
}
