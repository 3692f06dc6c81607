//! The durable journal: where the sync stands, what came in, what goes out.
//!
//! One commit holds the events of a sync response together with the position behind it, before
//! anything is done about them. Whatever moment the process dies at, what is in here and not
//! closed is done again, and what is done again is recognised by the homeserver as the same.

mod anchors;
mod answers;
mod arrivals;
mod commit;
mod dead_letters;
mod drafts;
mod effects;
mod inheritance;
mod invitations;
mod migration;
mod schema;
mod soundness;
mod summary;
mod upkeep;

pub use answers::{FIRST_FILE, Part, Waiting, behind, urgent};
pub use arrivals::{
    Affected, Arrival, Batch, Changes, Entry, Invitation, Own, PartOf, Protection, Received,
    Undecryptable,
};
pub use dead_letters::Attempts;
pub use drafts::DraftEvent;
pub use inheritance::{Inheritance, inherit};
pub use soundness::{Damage, damaged_databases};
pub use summary::{Stored, Summary};

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use crate::error::{Error, Result};

const FILE_NAME: &str = "inbox.sqlite3";

/// The journal of one device. Clones share it.
#[derive(Clone, Debug)]
pub struct Inbox {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
    /// Rooms that were seen encrypted.
    encrypted: Arc<Mutex<HashSet<String>>>,
    #[cfg(test)]
    fuse: fuse::Fuse,
}

impl Inbox {
    /// Opens the journal in this directory, which must exist, for this user's device.
    ///
    /// A journal of another device is emptied: its position means nothing to this one.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, written, or is newer than this program.
    pub async fn open(directory: &Path, user_id: &str, device_id: &str) -> Result<Self> {
        let path = directory.join(FILE_NAME);
        let account = format!("{user_id} {device_id}");
        let opening = path.clone();
        let connection = tokio::task::spawn_blocking(move || schema::open(&opening, &account))
            .await
            .map_err(|error| Error::failure("the journal's thread ended").because(error))??;
        let inbox = Self {
            connection: Arc::new(Mutex::new(connection)),
            path,
            encrypted: Arc::default(),
            #[cfg(test)]
            fuse: fuse::Fuse::default(),
        };
        let encrypted = inbox.encrypted_rooms().await?;
        inbox.remember_encrypted(encrypted);
        Ok(inbox)
    }

    /// Whether this room was ever seen encrypted: it stays so, whatever its homeserver says later.
    #[must_use]
    pub fn is_encrypted(&self, room_id: &str) -> bool {
        let encrypted = self.encrypted.lock();
        encrypted
            .unwrap_or_else(PoisonError::into_inner)
            .contains(room_id)
    }

    fn remember_encrypted(&self, rooms: Vec<String>) {
        let mut encrypted = self
            .encrypted
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        encrypted.extend(rooms);
    }

    async fn encrypted_rooms(&self) -> Result<Vec<String>> {
        self.with(|db| {
            db.prepare("SELECT room_id FROM encrypted_room")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
        .await
    }

    /// Runs one piece of work on the database, away from the async threads: a commit waits for
    /// the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let result = tokio::task::spawn_blocking(move || {
            // A panic between statements leaves no half transaction: SQLite rolls it back.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        })
        .await
        .map_err(|error| Error::failure("the journal's thread ended").because(error))?;
        #[cfg(test)]
        self.fuse.burn()?;
        result.map_err(|error| schema::failure(&self.path, error))
    }
}

#[cfg(test)]
mod effects_tests;
#[cfg(test)]
mod fuse;
#[cfg(test)]
mod tests;
