//! What is kept beside the store does not grow for ever: received files, conversations, archives of
//! old stores.

use std::{collections::HashSet, convert::Infallible, fs, path::Path, sync::Arc, time::Duration};

use indicatif::HumanBytes;
use tokio::sync::Notify;

use super::{health::Health, media::MediaDirectory, settings::Current};
use crate::{
    agent::{self, history},
    config::Paths,
    error::{Error, Result},
    files::{Swept, Usage, remove_failed},
    ipc::{KeptArchive, Stored},
    journal::{Conversation, Journal, room_keys_only_in},
    session::{Archived, Rooms, archived, find_identity},
    text::counted,
    threads::aside,
};

/// How often it is looked.
const EVERY: Duration = Duration::from_hours(24);
/// The least time between two looks, however much comes in.
const APART: Duration = Duration::from_mins(1);

/// Whoever removes what is old.
#[derive(Clone)]
pub struct Housekeeping {
    pub settings: Current,
    pub paths: Paths,
    pub user_id: String,
    /// Notified when a file was received.
    pub grown: Arc<Notify>,
    pub journal: Journal,
    pub rooms: Rooms,
    pub health: Health,
}

impl Housekeeping {
    /// Looks now, every day, and when files have come.
    pub async fn run(self) -> Infallible {
        loop {
            self.sweep().await;
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.grown.notified() => tokio::time::sleep(APART).await,
            }
        }
    }

    async fn sweep(&self) {
        let settings = self.settings.get();
        let journal = Some(self.journal.clone());
        let media = MediaDirectory::new(&settings.media, journal, self.grown.clone());
        let media = media.sweep(0).await.map_err(|error| error.to_string());
        let conversations = self
            .conversations()
            .await
            .map_err(|error| error.to_string());
        let archives = self.archives().await.map_err(|error| error.to_string());
        let mut storage = Stored::default();
        for (what, swept, usage) in [
            ("received file", media, &mut storage.media),
            ("conversation", conversations, &mut storage.conversations),
        ] {
            match swept {
                Ok(swept) => {
                    *usage = swept.left;
                    tell(what, swept);
                }
                Err(error) => tracing::warn!("cannot remove old {what}s: {error}"),
            }
        }
        match archives {
            Ok((usage, kept)) => (storage.archives, storage.kept_archives) = (usage, kept),
            Err(error) => tracing::warn!("cannot remove old archives: {error}"),
        }
        self.health.stores(storage);
    }

    async fn conversations(&self) -> Result<Swept> {
        let waiting = self.journal.waiting_conversations().await?;
        let names = self.journal.names();
        let file = |it: &Conversation| {
            let room = names.origin(&it.room);
            history::file_name(&agent::conversation(&room, it.thread.as_deref()))
        };
        let used: HashSet<_> = waiting.iter().map(file).collect();
        let directory = self.paths.dir().join(history::DIRECTORY);
        let retention = self.settings.get().retention.conversations;
        aside(move || {
            let swept = retention.sweep(&directory, 0, |name| used.contains(name));
            swept.map_err(|error| {
                Error::failure(format!("cannot clear {}", directory.display())).because(error)
            })
        })
        .await
    }

    /// Removes archives that are over a limit and have nothing that is nowhere else. What is left,
    /// and why each of the others stays.
    async fn archives(&self) -> Result<(Usage, Vec<KeptArchive>)> {
        let (mut left, mut kept) = (Usage::default(), Vec::new());
        // The newest is there to go back to.
        for (index, archive) in archived(self.paths.dir())?.into_iter().enumerate() {
            let Archived { path, at, bytes } = archive;
            let retention = self.settings.get().retention.archives;
            let is_too_much = retention
                .bytes
                .is_some_and(|limit| left.bytes + bytes > limit);
            let is_over = index > 0 && (is_too_much || at.is_some_and(|at| retention.is_over(at)));
            if is_over {
                let kept_archive = self.only_in(&path).await;
                if kept_archive == KeptArchive::default() {
                    self.remove(&path, bytes).await?;
                    continue;
                }
                let name = path.file_name().unwrap_or_default().display().to_string();
                kept.push(KeptArchive {
                    name,
                    ..kept_archive
                });
            }
            left.files += 1;
            left.bytes += bytes;
        }
        Ok((left, kept))
    }

    /// What is in an archive and nowhere else.
    async fn only_in(&self, archive: &Path) -> KeptArchive {
        let stores = [archive.to_owned()];
        let identity = !self.rooms.has_identity().await
            && find_identity(&stores, &self.user_id, None).await.is_some();
        let room_keys = room_keys_only_in(archive, &self.paths.store()).await;
        KeptArchive {
            identity,
            error: room_keys.as_ref().err().map(ToString::to_string),
            room_keys: room_keys.unwrap_or_default(),
            ..KeptArchive::default()
        }
    }

    async fn remove(&self, archive: &Path, size: u64) -> Result<()> {
        let path = archive.to_owned();
        let removed =
            aside(move || fs::remove_dir_all(&path).map_err(|error| remove_failed(&path, error)));
        removed.await?;
        tracing::info!(
            event = "archive_removed",
            bytes = size,
            "removed {} ({}): everything in it is in the store in use",
            archive.display(),
            HumanBytes(size)
        );
        Ok(())
    }
}

fn tell(what: &str, swept: Swept) {
    if swept.removed.files > 0 {
        tracing::info!(
            event = "removed",
            files = swept.removed.files,
            bytes = swept.removed.bytes,
            "removed {} ({}) that were over the limits of age or size",
            counted(swept.removed.files, what),
            HumanBytes(swept.removed.bytes)
        );
    }
}
