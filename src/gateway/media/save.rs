//! A file from the network onto the disk: in pieces, never more than allowed, and visible under
//! its name only when it is whole and proved.

use std::{
    fs, io,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tokio::{
    sync::mpsc,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::pace::Pace;
use crate::{
    homeserver::{Download, Failure},
    instance::{crash_point, private_directory},
    session::FileKey,
};

/// How the names of files begin and end that are not whole yet.
const PARTIAL: (&str, &str) = (".nanobot-", ".part");
/// Pieces that may wait for the disk.
const IN_FLIGHT: usize = 4;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// The homeserver does not give it.
    #[error(transparent)]
    Server(#[from] Failure),
    /// The homeserver gives nothing at the moment.
    #[error(transparent)]
    Away(Failure),
    #[error("it comes too slowly")]
    TooSlow,
    #[error("it is not the file that was sent: its hash is wrong")]
    Corrupt,
    #[error("cannot keep it in {}: {error}", .directory.display())]
    Disk {
        directory: PathBuf,
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Where a file goes and how it is read.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) directory: PathBuf,
    pub(super) name: String,
    /// The most bytes.
    pub(super) limit: u64,
    /// For an encrypted file.
    pub(super) key: Option<FileKey>,
}

impl Target {
    /// Writes the download to the disk (0600, in a directory of 0700), over a file of the same
    /// name, if it comes at this pace and before this time. Returns its size in bytes.
    pub(super) async fn save(
        self,
        mut download: Download,
        pace: Pace,
        latest: Instant,
    ) -> Result<u64, Trouble> {
        let limit = self.limit;
        if download
            .declared_length()
            .is_some_and(|length| length > limit)
        {
            return Err(Trouble::TooLarge(limit));
        }
        let directory = self.directory.clone();
        let (sender, receiver) = mpsc::channel(IN_FLIGHT);
        let writing = spawn_blocking(move || self.write(Pieces::new(receiver)));
        let fed = feed(&mut download, limit, (pace, latest), sender).await;
        // Waited for in any case: it takes the partial file away.
        let written = writing.await.map_err(|error| Trouble::Disk {
            directory,
            error: error.into(),
        })?;
        fed.and(written)
    }

    fn write(&self, mut pieces: Pieces) -> Result<u64, Trouble> {
        match &self.key {
            None => self.keep(pieces),
            Some(key) => {
                let plain = key.decrypt(&mut pieces);
                self.keep(plain.map_err(|_| Trouble::Corrupt)?)
            }
        }
    }

    fn keep(&self, mut content: impl Read) -> Result<u64, Trouble> {
        let disk = |error: io::Error| self.disk(error);
        private_directory(&self.directory).map_err(|error| self.disk(error))?;
        // It may be there since before: the Python tool makes it with the usual permissions.
        fs::set_permissions(&self.directory, fs::Permissions::from_mode(0o700)).map_err(disk)?;
        let (prefix, suffix) = PARTIAL;
        let mut partial = tempfile::Builder::new()
            .prefix(prefix)
            .suffix(suffix)
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(&self.directory)
            .map_err(disk)?;
        let size = io::copy(&mut content, partial.as_file_mut()).map_err(|error| {
            // Only a wrong hash has this kind.
            if error.kind() == io::ErrorKind::InvalidData {
                Trouble::Corrupt
            } else {
                self.disk(error)
            }
        })?;
        partial.flush().map_err(disk)?;
        partial.as_file().sync_all().map_err(disk)?;
        crash_point("file");
        partial
            .persist(self.directory.join(&self.name))
            .map_err(|error| self.disk(error.error))?;
        Ok(size)
    }

    fn disk(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Trouble {
        Trouble::Disk {
            directory: self.directory.clone(),
            error: error.into(),
        }
    }
}

/// Takes away what an earlier run left half-written. The caller holds the directory's lock.
pub(super) fn tidy(directory: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let (prefix, suffix) = PARTIAL;
        if name
            .to_str()
            .is_some_and(|name| name.starts_with(prefix) && name.ends_with(suffix))
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What the network side tells the disk side.
enum Piece {
    Bytes(Vec<u8>),
    End,
}

/// Passes the download on. Without [`Piece::End`], the other side keeps nothing.
async fn feed(
    download: &mut Download,
    limit: u64,
    (pace, latest): (Pace, Instant),
    pieces: mpsc::Sender<Piece>,
) -> Result<(), Trouble> {
    let begun = Instant::now();
    let mut left = limit;
    loop {
        let deadline = latest.min(begun + pace.time_for(limit - left));
        let chunk = timeout_at(deadline, download.chunk()).await;
        let Some(bytes) = chunk.map_err(|_| Trouble::TooSlow)?? else {
            break;
        };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        left = left.checked_sub(length).ok_or(Trouble::TooLarge(limit))?;
        if pieces.send(Piece::Bytes(bytes)).await.is_err() {
            // The other side has failed, and says why.
            return Ok(());
        }
    }
    // The same holds here.
    let _ = pieces.send(Piece::End).await;
    Ok(())
}

/// The pieces as something to read, on a thread that may wait.
struct Pieces {
    receiver: mpsc::Receiver<Piece>,
    piece: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl Pieces {
    fn new(receiver: mpsc::Receiver<Piece>) -> Self {
        Self {
            receiver,
            piece: io::Cursor::default(),
            ended: false,
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.read(buffer)?;
            if read > 0 || self.ended || buffer.is_empty() {
                return Ok(read);
            }
            match self.receiver.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.piece = io::Cursor::new(bytes),
                Some(Piece::End) => self.ended = true,
                None => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the download was given up",
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(directory: &Path, name: &str) -> Target {
        Target {
            directory: directory.to_owned(),
            name: name.to_owned(),
            limit: 10,
            key: None,
        }
    }

    async fn write(target: Target, pieces: Vec<Piece>) -> Result<u64, Trouble> {
        let (sender, receiver) = mpsc::channel(IN_FLIGHT);
        let writing = spawn_blocking(move || target.write(Pieces::new(receiver)));
        for piece in pieces {
            sender.send(piece).await.unwrap();
        }
        drop(sender);
        writing.await.unwrap()
    }

    fn bytes(text: &str) -> Piece {
        Piece::Bytes(text.as_bytes().to_vec())
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_whole_file_is_kept_for_its_owner_only_and_replaces_an_older_one() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("media/matrix");
        for words in ["one", "two"] {
            let pieces = vec![bytes(""), bytes(words), bytes("!"), Piece::End];
            assert_eq!(write(target(&directory, "a"), pieces).await.unwrap(), 4);
            let path = directory.join("a");
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{words}!"));
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&directory)), (0o600, 0o700));
        }
        assert_eq!(names(&directory), ["a"]);
    }

    #[tokio::test]
    async fn a_file_that_was_given_up_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let written = write(target(directory.path(), "a"), vec![bytes("half")]).await;
        assert!(matches!(written, Err(Trouble::Disk { .. })), "{written:?}");
        assert!(names(directory.path()).is_empty());
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_is_said() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("media");
        fs::write(&file, "in the way").unwrap();
        let trouble = write(target(&file, "a"), vec![]).await.unwrap_err();
        assert!(trouble.to_string().contains("media"), "{trouble}");
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
