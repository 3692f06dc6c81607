//! Writing the config file so that a failure at any moment leaves the old one or the new one.

use std::{
    fs::{self, DirBuilder, File, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use tempfile::{Builder, NamedTempFile};

use super::{file, paths::directory_of};
use crate::error::{Error, Result};

/// Only the owner reads and writes: there are secrets in it.
pub(super) const MODE: u32 = 0o600;

/// How long another nanobot's save is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// As many symbolic links as Linux itself follows.
const LINKS: usize = 40;

/// What a save did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The file that was written: the end of the symbolic links, if there were any.
    pub file: PathBuf,
    /// Whether the file is new.
    pub created: bool,
    /// The permission bits it had, if others could read or write it; it is 0600 now.
    pub tightened: Option<u32>,
}

/// Puts `text` in the place of what `path` leads to, if that still holds `before`.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when something else is in its place or it is
/// read-only, [`Kind::Failure`](crate::error::Kind::Failure) when it was changed since `before`
/// was read, or cannot be written. The old file is then untouched.
pub(super) fn save(path: &Path, before: Option<&[u8]>, text: &str) -> Result<Saved> {
    let target = follow(path).map_err(|error| failed(path, error))?;
    let dir = directory_of(&target);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| {
            Error::failure(format!("cannot create the directory {}", dir.display())).because(error)
        })?;
    let _lock = lock(dir)?;

    let found = file::read(&target)?;
    if found.as_ref().map(|found| found.bytes.as_slice()) != before {
        return Err(changed(&target));
    }
    let mode = found.map(|found| found.mode);
    if mode.is_some_and(|mode| mode & 0o200 == 0) {
        let message = format!("{} is read-only", target.display());
        return Err(Error::config(message).hint(format!("chmod 600 {}", target.display())));
    }
    let saved = Saved {
        created: mode.is_none(),
        tightened: mode.filter(|mode| mode & !MODE != 0),
        file: target,
    };
    if before == Some(text.as_bytes()) {
        tighten(&saved).map_err(|error| failed(&saved.file, error))?;
    } else {
        write(&saved, text).map_err(|error| failed(&saved.file, error))?;
    }
    Ok(saved)
}

fn tighten(saved: &Saved) -> io::Result<()> {
    match saved.tightened {
        Some(_) => fs::set_permissions(&saved.file, Permissions::from_mode(MODE)),
        None => Ok(()),
    }
}

fn write(saved: &Saved, text: &str) -> io::Result<()> {
    let dir = directory_of(&saved.file);
    let mut temporary = temporary_in(dir)?;
    temporary.write_all(text.as_bytes())?;
    keep_owner(&temporary, saved)?;
    temporary.as_file().sync_all()?;
    if saved.created {
        temporary.persist_noclobber(&saved.file)?;
    } else {
        temporary.persist(&saved.file)?;
    }
    File::open(dir)?.sync_all()
}

/// A private file beside the one that it will replace. It is deleted when it is dropped, so no
/// failure leaves it behind.
fn temporary_in(dir: &Path) -> io::Result<NamedTempFile> {
    Builder::new()
        .prefix(".config-")
        .suffix(".tmp")
        .permissions(Permissions::from_mode(MODE))
        .tempfile_in(dir)
}

/// A file that only its owner can read, and that is there once it is whole.
#[derive(Debug)]
pub struct PrivateFile {
    target: PathBuf,
    temporary: NamedTempFile,
}

impl PrivateFile {
    /// Prepares it: what stands in the way is found before there is anything to write.
    ///
    /// # Errors
    ///
    /// When something else than a file is in its place, or nothing can be written there.
    pub fn prepare(path: &Path) -> Result<Self> {
        let target = follow(path).map_err(|error| failed(path, error))?;
        if target.exists() && !target.is_file() {
            let message = format!("{} is not a file", path.display());
            return Err(Error::failure(message).hint("name another file"));
        }
        let dir = directory_of(&target);
        if !dir.is_dir() {
            let message = format!(
                "cannot write {}: there is no such directory",
                path.display()
            );
            return Err(Error::failure(message).hint("make the directory, or name another file"));
        }
        let temporary = temporary_in(dir).map_err(|error| failed(path, error))?;
        Ok(Self { target, temporary })
    }

    /// Writes it, in the place of what was there.
    ///
    /// # Errors
    ///
    /// When it cannot be written; what was there is then untouched.
    pub fn write(mut self, text: &str) -> Result<PathBuf> {
        let written = self.temporary.write_all(text.as_bytes());
        let synced = written.and_then(|()| self.temporary.as_file().sync_all());
        let target = self.target;
        synced
            .and_then(|()| Ok(self.temporary.persist(&target)?))
            .and_then(|_| File::open(directory_of(&target))?.sync_all())
            .map_err(|error| failed(&target, error))?;
        Ok(target)
    }
}

/// Gives the new file to the old one's owner: a service must still read its config after root
/// edited it. The group alone does not matter, because it has no access.
fn keep_owner(temporary: &NamedTempFile, saved: &Saved) -> io::Result<()> {
    if saved.created {
        return Ok(());
    }
    let old = fs::metadata(&saved.file)?;
    if old.uid() == temporary.as_file().metadata()?.uid() {
        return Ok(());
    }
    fchown(temporary, Some(old.uid()), Some(old.gid()))
}

/// Holds the directory while a save compares and renames, so that two saves cannot interleave.
/// `None` where the file system has no locks; the comparison alone then guards the file.
fn lock(dir: &Path) -> Result<Option<File>> {
    let handle = File::open(dir).map_err(|error| failed(dir, error))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(Some(handle)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                let message = format!("another program keeps {} locked", dir.display());
                return Err(Error::failure(message).hint("try again when it is done"));
            }
        }
    }
}

/// Where the symbolic links end; the last one may lead to a file that does not exist yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let is_link = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata.is_symlink(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if !is_link {
            return Ok(path);
        }
        path = directory_of(&path).join(fs::read_link(&path)?);
    }
    Err(io::Error::other("its symbolic links go in a circle"))
}

fn changed(path: &Path) -> Error {
    let message = format!(
        "{} was changed by someone else in the meantime; nothing was written",
        path.display()
    );
    Error::failure(message).hint("run the command again to apply it to the new content")
}

fn failed(path: &Path, error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "check that the directory belongs to the user nanobot runs as"
        }
        _ => "the old file is untouched; try again",
    };
    Error::failure(format!("cannot write {}", path.display()))
        .because(error)
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::error::Kind;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(dir: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(dir.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_new_file_and_its_directories_are_private() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("a/b/config.json");
        let saved = save(&path, None, "{}").unwrap();
        assert!(saved.created && saved.tightened.is_none());
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&dir.path().join("a/b")), 0o700);
        assert_eq!(mode(&dir.path().join("a")), 0o700);
    }

    #[test]
    fn wide_permissions_are_tightened_and_told() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("config.json");
        for text in ["{}", "{\"a\": 1}"] {
            fs::write(&path, "{}").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
            let saved = save(&path, Some(b"{}"), text).unwrap();
            assert_eq!(saved.tightened, Some(0o644));
            assert_eq!(mode(&path), 0o600);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn links_are_followed_and_kept() {
        let dir = tempdir().unwrap();
        fs::create_dir(dir.path().join("dots")).unwrap();
        let link = dir.path().join("config.json");
        symlink("dots/real.json", &link).unwrap();
        assert!(save(&link, None, "1").unwrap().created);
        assert!(!save(&link, Some(b"1"), "2").unwrap().created);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::read_to_string(dir.path().join("dots/real.json")).unwrap(),
            "2"
        );
        let circle = dir.path().join("circle");
        symlink("circle", &circle).unwrap();
        assert!(save(&circle, None, "1").is_err());
    }

    #[test]
    fn the_owner_keeps_the_file() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("config.json");
        fs::write(&path, "1").unwrap();
        if chown(&path, Some(1234), Some(1235)).is_err() {
            eprintln!("skipped: only root can give files away");
            return;
        }
        save(&path, Some(b"1"), "2").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 1235));
    }

    #[test]
    fn a_change_on_disk_is_not_overwritten() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("config.json");
        fs::write(&path, "theirs").unwrap();
        for before in [None, Some(b"mine".as_slice())] {
            let error = save(&path, before, "new").unwrap_err();
            assert!(error.to_string().contains("changed"), "{error}");
        }
        fs::remove_file(&path).unwrap();
        assert!(save(&path, Some(b"theirs"), "new").is_err());
        assert!(names(&dir).is_empty());
    }

    #[test]
    fn what_cannot_be_written_stays_as_it_is() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("config.json");
        fs::write(&path, "{}").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        let error = save(&path, Some(b"{}"), "new").unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
        // A file in the way of the directory.
        assert!(save(&path.join("config.json"), None, "new").is_err());
        // A directory in the way of the file.
        let taken = dir.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert_eq!(save(&taken, None, "new").unwrap_err().kind(), Kind::Config);
        assert_eq!(names(&dir).len(), 2);
    }

    #[test]
    fn a_private_file_is_there_when_it_is_whole() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("report.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        drop(PrivateFile::prepare(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        PrivateFile::prepare(&path).unwrap().write("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!((mode(&path), names(&dir).len()), (0o600, 1));
        for wrong in [
            dir.path().to_owned(),
            path.join("x"),
            dir.path().join("a/b"),
        ] {
            assert!(PrivateFile::prepare(&wrong).is_err(), "{}", wrong.display());
        }
    }

    #[test]
    fn saves_that_race_never_lose_one_another() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("config.json");
        fs::write(&path, "0").unwrap();
        let won: usize = thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let attempt = || {
                            let before = fs::read_to_string(&path).unwrap();
                            let next = before.parse::<usize>().unwrap() + 1;
                            save(&path, Some(before.as_bytes()), &next.to_string()).is_ok()
                        };
                        (0..20).filter(|_| attempt()).count()
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).sum()
        });
        assert_eq!(fs::read_to_string(&path).unwrap(), won.to_string());
    }
}
