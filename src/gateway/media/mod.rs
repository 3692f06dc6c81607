//! Files that come with messages, and those that the agent sends: how large they may be, where they
//! go, and what is said of those that do not come.

mod announced;
mod limit;
mod names;
mod pace;
mod permits;
mod pick;
mod save;
mod upload;

#[cfg(test)]
mod slow_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod upload_tests;

pub(super) use announced::Announced;

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::Instant;

use self::{
    announced::Source,
    limit::Limit,
    pace::Pace,
    permits::Permits,
    save::{Target, Trouble},
};
use super::pauses::Pauses;
use crate::{
    agent::{Attachment, Content},
    error::{Kind, Result},
    homeserver::{Account, Failure},
};

/// The pauses before a file is tried again that a homeserver which is there does not give.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// What is configured about files.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Where they are kept.
    pub directory: PathBuf,
    /// The largest in bytes; 0 blocks all.
    pub max_bytes: u64,
    /// How many are downloaded at once, apart from those that turn out to be slow.
    pub at_once: NonZeroUsize,
}

/// Fetches the files that come with messages, and uploads those that go out.
#[derive(Debug)]
pub(super) struct Media {
    account: Account,
    directory: PathBuf,
    limit: Limit,
    permits: Permits,
    pace: Pace,
    pauses: Pauses,
}

impl Media {
    /// For files that this account may see. The caller holds the directory's lock.
    pub(super) fn new(account: Account, settings: &MediaSettings) -> Self {
        let directory = absolute(&settings.directory);
        if let Err(error) = save::tidy(&directory) {
            tracing::warn!(directory = %directory.display(), %error, "cannot remove partial files");
        }
        Self {
            account,
            directory,
            limit: Limit::new(settings.max_bytes),
            permits: Permits::new(settings.at_once),
            pace: Pace::default(),
            pauses: Pauses::default(),
        }
    }

    /// The same, heeding these pauses.
    pub(super) fn heeding(mut self, pauses: Pauses) -> Self {
        self.pauses = pauses;
        self
    }

    /// Fetches the file that this sender's message of this event announces; again gives the same.
    ///
    /// # Errors
    ///
    /// [`Kind::Unreachable`] when the homeserver is away, so that it should be tried again, and
    /// [`Kind::NotLoggedIn`]. Whatever else happens is told in the [`Content`].
    pub(super) async fn fetch(&self, event_id: &str, announced: &Announced) -> Result<Attachment> {
        let content = self.content(event_id, announced).await?;
        Ok(Attachment {
            sort: announced.sort,
            name: announced.name(),
            mimetype: announced.mimetype.clone(),
            content,
        })
    }

    async fn content(&self, event_id: &str, announced: &Announced) -> Result<Content> {
        if self.limit.blocks_all() {
            tracing::info!(event = %event_id, "no file taken: maxMediaBytes is 0");
            return Ok(Content::Blocked);
        }
        let Some(source) = &announced.source else {
            tracing::warn!(event = %event_id, "a file's address or key cannot be used");
            return Ok(Content::Failed);
        };
        let limit = self.limit.for_size(announced.size, &self.account).await?;
        if let Some(size) = announced.size.filter(|size| *size > limit) {
            tracing::info!(event = %event_id, size, limit, "no file taken: it is too large");
            return Ok(Content::TooLarge);
        }
        let target = Target {
            directory: self.directory.clone(),
            name: announced.name.stored(event_id, &announced.mimetype),
            limit,
            key: source.key.clone(),
        };
        let path = target.directory.join(&target.name);
        let download = Box::pin(self.download(source, target));
        match self.permits.download(download).await {
            Ok(size) => {
                tracing::info!(event = %event_id, sort = %announced.sort, size, "file taken");
                Ok(Content::Kept { path, size })
            }
            Err(Trouble::TooLarge(limit)) => {
                tracing::info!(event = %event_id, limit, "no file taken: it is too large");
                Ok(Content::TooLarge)
            }
            Err(Trouble::Away(failure)) => Err(failure.into()),
            Err(trouble) => {
                tracing::warn!(event = %event_id, %trouble, "no file taken");
                Ok(Content::Failed)
            }
        }
    }

    /// Downloads a file. Only while the homeserver itself is away is there a reason to wait: a
    /// file that it cannot give must not hold up the conversation for ever.
    async fn download(&self, source: &Source, target: Target) -> Result<u64, Trouble> {
        let latest = Instant::now() + self.pace.longest;
        let mut pauses = PAUSES.into_iter();
        loop {
            let failure = match self.attempt(source, target.clone(), latest).await {
                Err(Trouble::Server(failure)) => failure,
                outcome => return outcome,
            };
            if self.is_away(&failure).await {
                return Err(Trouble::Away(failure));
            }
            let may_pass = failure.kind() == Kind::Unreachable;
            let Some(pause) = pauses.next().filter(|_| may_pass) else {
                return Err(Trouble::Server(failure));
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(
        &self,
        source: &Source,
        target: Target,
        latest: Instant,
    ) -> Result<u64, Trouble> {
        let download = self.account.download(&source.uri).await?;
        target.save(download, self.pace, latest).await
    }

    /// Whether a failure says something of the homeserver, and not only of the file.
    async fn is_away(&self, failure: &Failure) -> bool {
        let homeserver = self.account.homeserver();
        match failure {
            Failure::RateLimited { server, .. } => *server == homeserver.name(),
            _ if failure.kind() == Kind::NotLoggedIn => true,
            _ if failure.kind() == Kind::Unreachable => {
                let answer = homeserver.versions().await;
                answer.is_err_and(|failure| failure.kind() == Kind::Unreachable)
            }
            _ => false,
        }
    }
}

/// An agent may work elsewhere than this program was started.
fn absolute(directory: &Path) -> PathBuf {
    std::path::absolute(directory).unwrap_or_else(|error| {
        tracing::warn!(directory = %directory.display(), %error, "its place is not known");
        directory.to_owned()
    })
}
