//! Files that come with messages, and those that the agent sends: how large they may be, where they
//! go, and what is said of those that do not come.

mod announced;
mod download;
mod facts;
mod names;
mod storage;
mod upload;

#[cfg(test)]
mod slow_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod upload_tests;

pub use announced::Announced;
pub use storage::MediaDirectory;

use std::{
    io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{OnceCell, Semaphore},
    task::spawn_blocking,
};

use super::pauses::Pauses;
use crate::{
    error::Kind,
    files::{Retention, Unsendable},
    homeserver::{Account, Failure},
};

/// Downloads under way that have turned out to be slow. Each takes a connection.
const SLOW: usize = 32;
/// When a download is slow.
const QUICK: Duration = Duration::from_secs(5);
/// The MIME type of a file of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// What is configured about files.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Where they are kept.
    pub directory: PathBuf,
    /// The largest in bytes; 0 blocks all.
    pub max_bytes: u64,
    /// How many are downloaded at once, apart from those that turn out to be slow.
    pub at_once: NonZeroUsize,
    /// How long and how much is kept.
    pub retention: Retention,
}

impl MediaSettings {
    /// Takes away what an earlier run left half-written. The caller holds the directory's lock, and
    /// nothing is fetched yet.
    pub fn tidy(&self) {
        if let Err(error) = download::tidy(&self.directory) {
            let directory = self.directory.display();
            tracing::warn!("cannot remove partial files in {directory}: {error}");
        }
    }
}

/// Fetches the files that come with messages, and uploads those that go out.
pub struct Media {
    account: Account,
    pauses: Pauses,
    directory: PathBuf,
    max_bytes: u64,
    files: MediaDirectory,
    /// The homeserver's own limit, which is asked for once; `None` in it where it has none, or does
    /// not tell.
    server_limit: OnceCell<Option<u64>>,
    downloads: Semaphore,
    slow_downloads: Semaphore,
    /// Of their own: an answer waits for nobody's file.
    uploads: Semaphore,
    /// When a download is slow.
    quick: Duration,
    pace: Pace,
}

/// How slowly a file may come. The time for the whole file follows from its size, but nothing that
/// is said of that size counts: the time grows with the bytes that have come.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// The time before any byte has to have come.
    start: Duration,
    /// The least average rate after that.
    bytes_per_second: u64,
    /// The longest that any file may take, all its attempts together.
    longest: Duration,
}

/// Why a file does not come, or is not sent.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("maxMediaBytes is 0")]
    Blocked,
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// The homeserver does not give or take it.
    #[error(transparent)]
    Server(#[from] Failure),
    /// The homeserver gives and takes nothing at the moment, or nothing with this token.
    #[error(transparent)]
    Away(Failure),
    #[error("its address or key cannot be used")]
    NoSource,
    #[error("it comes too slowly")]
    TooSlow,
    #[error("it is not the file that was sent: its hash is wrong")]
    Corrupt,
    #[error("cannot keep it in {}: {error}", .directory.display())]
    Disk {
        directory: PathBuf,
        error: io::Error,
    },
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl Trouble {
    /// Whether the same may work a moment later.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Server(failure) if failure.kind() == Kind::Unreachable)
    }
}

impl Media {
    /// For files that this account may see.
    pub fn new(account: Account, settings: &MediaSettings, pauses: Pauses) -> Self {
        let directory = absolute(&settings.directory);
        let at_once = settings.at_once.get().min(Semaphore::MAX_PERMITS);
        Self {
            account,
            pauses,
            directory,
            max_bytes: settings.max_bytes,
            files: MediaDirectory::new(settings, None, Arc::default()),
            server_limit: OnceCell::new(),
            downloads: Semaphore::new(at_once),
            slow_downloads: Semaphore::new(SLOW),
            uploads: Semaphore::new(at_once),
            quick: QUICK,
            pace: Pace {
                start: Duration::from_secs(30),
                bytes_per_second: 16 * 1024,
                longest: Duration::from_mins(10),
            },
        }
    }

    /// The same, which keeps its files in this directory.
    pub fn with(self, files: MediaDirectory) -> Self {
        Self { files, ..self }
    }

    /// Refuses a file of this size in bytes where it is larger than our own limit or the
    /// homeserver's; else gives the smaller of them. Our own of 0 blocks all. Where it decides, the
    /// homeserver is not asked.
    async fn limit(&self, size: Option<u64>) -> Result<u64, Trouble> {
        let is_larger = |limit| size.is_some_and(|size| size > limit);
        if self.max_bytes == 0 {
            return Err(Trouble::Blocked);
        }
        if is_larger(self.max_bytes) {
            return Err(Trouble::TooLarge(self.max_bytes));
        }
        let asked = self.server_limit.get_or_try_init(async || {
            match self.account.upload_limit().await {
                // It may be asked again; one that does not tell is not.
                Err(failure)
                    if !matches!(failure.kind(), Kind::Unreachable | Kind::NotLoggedIn) =>
                {
                    tracing::warn!("cannot ask for the homeserver's upload limit: {failure}");
                    Ok(None)
                }
                answer => answer,
            }
        });
        let limit = match asked.await {
            Ok(server) => server.unwrap_or(u64::MAX).min(self.max_bytes),
            Err(failure) if failure.kind() == Kind::NotLoggedIn => {
                return Err(Trouble::Away(failure));
            }
            // It is away: the download will show, and the next file asks again.
            Err(_) => self.max_bytes,
        };
        if is_larger(limit) {
            return Err(Trouble::TooLarge(limit));
        }
        Ok(limit)
    }

    /// What this work gives; where it fails because the homeserver is away or rejects the token, and
    /// not only because of the file, as [`Trouble::Away`].
    async fn told_apart<T>(
        &self,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        match work.await {
            Err(Trouble::Server(failure)) if self.is_away(&failure).await => {
                Err(Trouble::Away(failure))
            }
            outcome => outcome,
        }
    }

    async fn is_away(&self, failure: &Failure) -> bool {
        let homeserver = &self.account.homeserver;
        match failure {
            Failure::RateLimited { server, .. } => *server == homeserver.name(),
            _ if failure.kind() == Kind::Unreachable => {
                let answer = homeserver.versions().await;
                answer.is_err_and(|failure| failure.kind() == Kind::Unreachable)
            }
            _ => failure.kind() == Kind::NotLoggedIn,
        }
    }
}

impl Pace {
    /// The longest time in which so many bytes may have come, and the next one has to come.
    fn time_for(&self, bytes: u64) -> Duration {
        let seconds = bytes / self.bytes_per_second.max(1);
        self.start
            .saturating_add(Duration::from_secs(seconds))
            .min(self.longest)
    }
}

/// An agent may work elsewhere than this program was started.
fn absolute(directory: &Path) -> PathBuf {
    std::path::absolute(directory).unwrap_or_else(|error| {
        tracing::warn!("cannot resolve {}: {error}", directory.display());
        directory.to_owned()
    })
}

/// Does this on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
