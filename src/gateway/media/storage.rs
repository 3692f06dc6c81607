//! The directory of received files: how much is kept, and room for the next one.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{sync::Notify, task::spawn_blocking};

use super::{MediaSettings, Trouble, names::event_part};
use crate::{
    files::{Retention, Space, Swept},
    journal::Journal,
};

/// So many times what a full disk has left is kept free of files, for the messages.
const FOR_MESSAGES: u64 = 4;
/// What is freed at a time beyond what is needed: this part of the disk.
const AT_ONCE: u64 = 64;

/// The directory of received files.
pub struct MediaDirectory {
    path: PathBuf,
    retention: Retention,
    /// Knows which files are needed.
    journal: Option<Journal>,
    /// Notified when a file has come.
    grown: Arc<Notify>,
}

impl MediaDirectory {
    /// As the settings have it, which removes no file of a message that is not done by this journal.
    pub fn new(settings: &MediaSettings, journal: Option<Journal>, grown: Arc<Notify>) -> Self {
        Self {
            path: settings.directory.clone(),
            retention: settings.retention,
            journal,
            grown,
        }
    }

    /// A file has come.
    pub fn has_grown(&self) {
        self.grown.notify_one();
    }

    /// Removes received files that are too old or too much, and so many bytes more. Those of messages
    /// that are not done stay.
    pub async fn sweep(&self, more: u64) -> io::Result<Swept> {
        let used = match &self.journal {
            Some(journal) => journal.open_events().await.map_err(io::Error::other)?,
            None => Vec::new(),
        };
        let used: Vec<_> = used.iter().map(|event_id| event_part(event_id)).collect();
        let (retention, directory) = (self.retention, self.path.clone());
        let sweeping = spawn_blocking(move || {
            let is_used = |name: &str| used.iter().any(|used| name.starts_with(used));
            retention.sweep(&directory, more, is_used)
        });
        sweeping.await?
    }

    /// Sees to it that there is room for a file of so many bytes: where the disk fills up, the oldest
    /// received files go.
    pub(super) async fn make_room(&self, bytes: u64) -> Result<(), Trouble> {
        let missing = |space: Space| {
            let needed = bytes.saturating_add(FOR_MESSAGES * space.reserve());
            needed
                .checked_sub(space.free)
                .filter(|missing| *missing > 0)
        };
        let Some((space, needed)) = space(&self.path).and_then(|it| Some((it, missing(it)?)))
        else {
            return Ok(());
        };
        let swept = self.sweep(needed + space.total / AT_ONCE).await?;
        if swept.removed.files > 0 {
            tracing::info!(
                event = "media_removed",
                files = swept.removed.files,
                bytes = swept.removed.bytes,
                "the disk is filling up: removed the {} oldest received files",
                swept.removed.files
            );
        }
        match Space::of(&self.path) {
            Ok(space) if missing(space).is_some() => {
                Err(io::Error::from(io::ErrorKind::StorageFull).into())
            }
            _ => Ok(()),
        }
    }
}

/// The room on the disk that a directory is on, or will be.
fn space(directory: &Path) -> Option<Space> {
    directory
        .ancestors()
        .find_map(|place| Space::of(place).ok())
}
