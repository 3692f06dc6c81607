//! Writing the config file so that a failure at any moment leaves the old one or the new one.

use std::{
    fs::{self, File, Permissions, TryLockError},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::disk;
use crate::{
    error::{Error, Result},
    files::{MODE, PrivateFile, directory_of, follow, private_directory, write_failed},
    text::shell_quote,
};

/// How long another nanobot's save is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

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

impl Saved {
    /// Says that the file can no longer be read by others, where it could.
    pub fn tightened_note(&self) -> Option<String> {
        let mode = self.tightened? & 0o7777;
        let file = self.file.display();
        Some(format!(
            "{file} is now readable only by you (0600, was {mode:04o})."
        ))
    }
}

/// Puts `text` in the place of what `path` leads to, if that still holds `before`.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when something else is in its place or it is
/// read-only, [`Kind::Failure`](crate::error::Kind::Failure) when it was changed since `before`
/// was read, or cannot be written. The old file is then untouched.
pub fn save(path: &Path, before: Option<&[u8]>, text: &str) -> Result<Saved> {
    let target = follow(path).map_err(|error| write_failed(path, error))?;
    let dir = directory_of(&target);
    private_directory(dir)?;
    let _lock = lock(dir)?;

    let found = disk::read(&target)?;
    if found.as_ref().map(|found| found.bytes.as_slice()) != before {
        return Err(changed(&target));
    }
    let mode = found.map(|found| found.mode);
    if mode.is_some_and(|mode| mode & 0o200 == 0) {
        let message = format!("{} is read-only", target.display());
        return Err(Error::config(message).command(format!(
            "chmod 600 {}",
            shell_quote(&target.display().to_string())
        )));
    }
    let saved = Saved {
        created: mode.is_none(),
        tightened: mode.filter(|mode| mode & !MODE != 0),
        file: target,
    };
    if before == Some(text.as_bytes()) {
        if saved.tightened.is_some() {
            fs::set_permissions(&saved.file, Permissions::from_mode(MODE))
                .map_err(|error| write_failed(&saved.file, error))?;
        }
    } else {
        PrivateFile::prepare(&saved.file)?.write(text)?;
    }
    Ok(saved)
}

/// Holds the directory while a save compares and renames, so that two saves cannot interleave.
/// `None` where the file system has no locks; the comparison alone then guards the file.
fn lock(dir: &Path) -> Result<Option<File>> {
    let handle = File::open(dir).map_err(|error| write_failed(dir, error))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(Some(handle)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                let message = format!("another program has locked {}", dir.display());
                return Err(Error::failure(message).hint("try again when it has finished"));
            }
        }
    }
}

fn changed(path: &Path) -> Error {
    let message = format!(
        "{} was changed by another program in the meantime; nothing was written",
        path.display()
    );
    Error::failure(message).hint("run the command again")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, chown, symlink};

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
