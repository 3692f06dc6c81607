//! A file from the network onto the disk: in pieces, never more than allowed, and visible under
//! its name only when it is whole and proved.

use std::{
    fs,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use backon::Retryable;
use tempfile::NamedTempFile;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

use super::{Announced, Media, Trouble, announced::Source, blocking};
use crate::{
    agent::{Attachment, Content},
    error::Result,
    files::private_directory,
    gateway::retry,
    homeserver::Download,
    ipc::crash_point,
    session::FileKey,
};

/// How the names of files begin and end that are not whole yet.
const PARTIAL: (&str, &str) = (".nanobot-", ".part");
/// Pieces that may wait for the disk.
const IN_FLIGHT: usize = 4;

impl Media {
    /// Fetches the file that this sender's message of this event announces; again gives the same.
    ///
    /// # Errors
    ///
    /// [`Kind::Unreachable`](crate::error::Kind::Unreachable) when the homeserver is away, so that
    /// it should be tried again, and [`Kind::NotLoggedIn`](crate::error::Kind::NotLoggedIn).
    /// Whatever else happens is told in the [`Content`].
    pub async fn fetch(&self, event_id: &str, announced: &Announced) -> Result<Attachment> {
        let content = match self.download(event_id, announced).await {
            Ok((path, size)) => {
                tracing::debug!(event_id, sort = %announced.sort, size, "file downloaded");
                Content::Kept { path, size }
            }
            Err(Trouble::Away(failure)) => return Err(failure.into()),
            Err(trouble) => {
                let content = match trouble {
                    Trouble::Blocked => Content::Blocked,
                    Trouble::TooLarge(_) => Content::TooLarge,
                    _ => Content::Failed,
                };
                // What the configuration says is no trouble.
                if matches!(content, Content::Failed) {
                    tracing::warn!(event_id, "cannot download a file: {trouble}");
                } else {
                    tracing::info!(event_id, "file not downloaded: {trouble}");
                }
                content
            }
        };
        Ok(announced.attachment(content, false))
    }

    /// Downloads a file. Only while the homeserver itself is away is there a reason to wait: a
    /// file that it cannot give must not hold up the conversation for ever.
    pub(super) async fn download(
        &self,
        event_id: &str,
        announced: &Announced,
    ) -> Result<(PathBuf, u64), Trouble> {
        if self.max_bytes == 0 {
            return Err(Trouble::Blocked);
        }
        let source = announced.source.as_ref().ok_or(Trouble::NoSource)?;
        let limit = self.limit(announced.size).await?;
        let name = announced.name.stored(event_id, &announced.mimetype);
        let path = self.directory.join(name);
        let download = async {
            let latest = Instant::now() + self.pace.longest;
            let attempt = || self.told_apart(self.attempt(source, &path, limit, latest));
            let attempts = attempt.retry(retry::OF_FILE);
            attempts.when(Trouble::may_pass).await
        };
        match self.in_turn(Box::pin(download)).await {
            Ok(size) => {
                self.files.has_grown();
                Ok((path, size))
            }
            Err(Trouble::Unreadable(error)) => Err(Trouble::Disk {
                directory: self.directory.clone(),
                error,
            }),
            Err(trouble) => Err(trouble),
        }
    }

    /// Downloads a file when it is its turn. A download that turns out to be slow goes on beside
    /// the others, and lets the next one begin.
    pub async fn in_turn<T>(&self, download: impl Future<Output = T>) -> T {
        // The semaphores are never closed.
        let permit = self.downloads.acquire().await;
        tokio::pin!(download);
        if let Ok(done) = timeout(self.quick, &mut download).await {
            return done;
        }
        tokio::select! {
            biased;
            done = &mut download => done,
            _slow = self.slow_downloads.acquire() => {
                drop(permit);
                download.await
            }
        }
    }

    async fn attempt(
        &self,
        source: &Source,
        path: &Path,
        limit: u64,
        latest: Instant,
    ) -> Result<u64, Trouble> {
        let mut download = self.account.download(&source.uri).await?;
        let length = download.declared_length();
        if length.is_some_and(|length| length > limit) {
            return Err(Trouble::TooLarge(limit));
        }
        self.files.make_room(length.unwrap_or(limit)).await?;
        let (sender, receiver) = mpsc::channel(IN_FLIGHT);
        let (directory, key) = (self.directory.clone(), source.key.clone());
        let writing = blocking(move || {
            let piece = io::Cursor::default();
            write(&directory, &mut Pieces { receiver, piece }, key.as_ref())
        });
        // The writer is waited for in any case: it takes the partial file away.
        let feeding = self.feed(&mut download, limit, latest, sender);
        let (fed, written) = tokio::join!(feeding, writing);
        let (file, size) = fed.and(written)?;
        let path = path.to_owned();
        blocking(move || {
            file.as_file().sync_all()?;
            crash_point("file");
            file.persist(path).map_err(|error| error.error)?;
            Ok(size)
        })
        .await
    }

    /// Passes a download on, if it comes at our pace and before this time.
    async fn feed(
        &self,
        download: &mut Download,
        limit: u64,
        latest: Instant,
        pieces: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), Trouble> {
        let begun = Instant::now();
        let mut left = limit;
        loop {
            let deadline = latest.min(begun + self.pace.time_for(limit - left));
            let chunk = timeout_at(deadline, download.chunk()).await;
            let Some(bytes) = chunk.map_err(|_| Trouble::TooSlow)?? else {
                return Ok(());
            };
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            left = left.checked_sub(length).ok_or(Trouble::TooLarge(limit))?;
            if pieces.send(bytes).await.is_err() {
                // Where the other side has failed, it says why.
                return Ok(());
            }
        }
    }
}

/// The pieces as something to read, on a thread that may wait. Where they are given up they end,
/// too: whoever gave them up keeps nothing of them.
struct Pieces {
    receiver: mpsc::Receiver<Vec<u8>>,
    piece: io::Cursor<Vec<u8>>,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = io::Cursor::new(piece),
                None => return Ok(0),
            }
        }
    }
}

/// Takes away what an earlier run left half-written. The caller holds the directory's lock.
pub fn tidy(directory: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let (prefix, suffix) = PARTIAL;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(prefix) && name.ends_with(suffix) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A file (0600) in this directory (0700) that is gone when it is dropped.
fn partial(directory: &Path) -> io::Result<NamedTempFile> {
    private_directory(directory).map_err(io::Error::other)?;
    // It may be there since before: the Python tool makes it with the usual permissions.
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    let (prefix, suffix) = PARTIAL;
    tempfile::Builder::new()
        .prefix(prefix)
        .suffix(suffix)
        .permissions(fs::Permissions::from_mode(0o600))
        .tempfile_in(directory)
}

/// Writes what is read into a partial file, decrypting it on the way if there is a key; with its
/// size in bytes.
fn write(
    directory: &Path,
    content: &mut impl Read,
    key: Option<&FileKey>,
) -> Result<(NamedTempFile, u64), Trouble> {
    let mut file = partial(directory)?;
    let written = match key {
        None => io::copy(content, &mut file),
        Some(key) => {
            let plain = key.decrypt(content);
            plain.and_then(|mut plain| io::copy(&mut plain, &mut file))
        }
    };
    let size = written.map_err(|error| match error.kind() {
        // Only a wrong key or hash has this kind.
        io::ErrorKind::InvalidData => Trouble::Corrupt,
        _ => error.into(),
    })?;
    Ok((file, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn keep(
        directory: &Path,
        mut content: &[u8],
        key: Option<&FileKey>,
        path: &Path,
    ) -> Result<u64, Trouble> {
        let (file, size) = write(directory, &mut content, key)?;
        file.persist(path).unwrap();
        Ok(size)
    }

    #[test]
    fn a_whole_file_is_kept_for_its_owner_only_and_replaces_an_older_one() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("media/matrix");
        let path = directory.join("a");
        for words in ["one", "three"] {
            let size = keep(&directory, words.as_bytes(), None, &path).unwrap();
            assert_eq!(usize::try_from(size).unwrap(), words.len());
            assert_eq!(fs::read_to_string(&path).unwrap(), words);
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&directory)), (0o600, 0o700));
        }
        assert_eq!(names(&directory), ["a"]);
    }

    #[tokio::test]
    async fn a_file_that_was_given_up_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let (sender, receiver) = mpsc::channel(IN_FLIGHT);
        let place = directory.path().to_owned();
        let writing = blocking(move || {
            let piece = io::Cursor::default();
            write(&place, &mut Pieces { receiver, piece }, None)
        });
        let feeding = async move {
            for piece in ["", "ha", "lf"] {
                assert!(sender.send(piece.as_bytes().to_vec()).await.is_ok());
            }
        };
        let ((), written) = tokio::join!(feeding, writing);
        let (file, size) = written.unwrap();
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "half");
        assert_eq!(size, 4);
        drop(file);
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn a_file_with_a_wrong_hash_is_not_kept() {
        let directory = tempfile::tempdir().unwrap();
        let mut encrypted = Vec::new();
        let mut file = crate::session::encrypt(&mut &b"words"[..], &mut encrypted).unwrap();
        file["url"] = "mxc://example.org/abc".into();
        let key = FileKey::read(&file).unwrap();
        let path = directory.path().join("a");
        let keep = |bytes: &[u8]| keep(directory.path(), bytes, Some(&key), &path);
        assert!(matches!(keep(b"other bytes"), Err(Trouble::Corrupt)));
        assert!(names(directory.path()).is_empty());
        assert_eq!(keep(&encrypted).unwrap(), 5);
        assert_eq!(fs::read_to_string(&path).unwrap(), "words");
        assert_eq!(names(directory.path()), ["a"]);
    }

    #[test]
    fn only_partial_files_are_tidied_up() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a.part", ".nanobot-x.part", ".nanobot-x"] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        tidy(directory.path()).unwrap();
        let mut left = names(directory.path());
        left.sort();
        assert_eq!(left, [".nanobot-x", "a.part"]);
        tidy(&directory.path().join("none")).unwrap();
    }
}
