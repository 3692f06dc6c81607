//! What keeps two processes out of one encryption store: the lock, and a reset that is unfinished.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
    time::Duration,
};

use crate::{
    error::{Error, Kind, Result},
    files::{private_directory, says_full},
};

const FILE_NAME: &str = "nanobot.lock";
/// How often those who only look at the lock are waited for, and for how long each time. They
/// hold it for microseconds.
const LOOKERS: (u32, Duration) = (50, Duration::from_millis(10));

/// An exclusive hold on a data directory, released when dropped or when the process dies.
///
/// Two processes on one store corrupt its encryption state without an error, so every command
/// that opens the store takes this first. The operating system drops the lock with the process:
/// it is never stale, whatever the file says.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of this data directory, making the directory (0700) if it is not there.
    ///
    /// # Errors
    ///
    /// [`Kind::StoreInUse`], naming the holder's process id, when another process has it.
    pub fn acquire(directory: &Path) -> Result<Self> {
        private_directory(directory)?;
        let path = directory.join(FILE_NAME);
        let cannot = |error: std::io::Error| {
            Error::failure(format!("cannot lock {}", path.display())).because(error)
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(cannot)?;
        if !lock(&file).map_err(cannot)? {
            return Err(in_use(&mut file, directory));
        }
        match record_holder(&mut file) {
            // The lock is what counts, also on a full disk; who has it is only told.
            Err(error) if says_full(&error.to_string()) => {}
            recorded => recorded.map_err(cannot)?,
        }
        Ok(Self { _file: file })
    }

    /// Who holds the lock of this data directory; `None` where nobody does. Makes and changes
    /// nothing.
    ///
    /// It looks through a shared lock of a moment. A process that acquires the lock in this very
    /// moment sees that the lock is only looked at, and does not fail.
    ///
    /// # Errors
    ///
    /// When the lock file is there and cannot be read.
    pub fn holder(directory: &Path) -> Result<Option<Holder>> {
        let path = directory.join(FILE_NAME);
        let cannot = |error: std::io::Error| {
            Error::failure(format!("cannot look at {}", path.display())).because(error)
        };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            // A file may stand in the directory's place.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(cannot(error)),
        };
        if is_free(&file).map_err(cannot)? {
            return Ok(None);
        }
        Ok(Some(Holder {
            pid: recorded_pid(&mut file),
        }))
    }
}

/// The process that holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id as it wrote it down; `None` where it has not done so yet.
    pub pid: Option<u32>,
}

/// Takes the lock unless another holder has it. Those who only look at it do not count.
fn lock(file: &File) -> std::io::Result<bool> {
    let (times, pause) = LOOKERS;
    for _ in 0..times {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if is_free(file)? => thread::sleep(pause),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Whether nobody holds the lock, though somebody may be looking at it.
fn is_free(file: &File) -> std::io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn recorded_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn record_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

fn in_use(file: &mut File, directory: &Path) -> Error {
    let holder = match recorded_pid(file) {
        Some(pid) => format!("another nanobot (pid {pid})"),
        // The holder has locked the file and not yet written its number.
        None => "another nanobot".to_owned(),
    };
    Error::new(
        Kind::StoreInUse,
        format!("{} is in use by {holder}", directory.display()),
    )
    .hint("stop that one first, or give this one a directory of its own with --config")
}

/// The journal that a reset keeps in the data directory until it is done.
pub const RESET_CHECKPOINT: &str = "store-reset.json";

/// Whether a reset was begun in this data directory and not finished: store and configuration may
/// belong to different devices.
pub fn is_reset_unfinished(directory: &Path) -> bool {
    directory.join(RESET_CHECKPOINT).exists()
}

/// Says that a reset was begun in this data directory and not finished: store and configuration
/// may belong to different devices.
///
/// # Errors
///
/// When it was, with the command that finishes it.
pub fn refuse_unfinished_reset(directory: &Path) -> Result<()> {
    if !is_reset_unfinished(directory) {
        return Ok(());
    }
    Err(
        Error::failure("a reset of the encryption store was begun here and not finished")
            .hint("finish it")
            .command("nanobot store reset"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let first = Lock::acquire(directory.path()).unwrap();
        let error = Lock::acquire(directory.path()).unwrap_err();
        assert_eq!(error.kind(), Kind::StoreInUse);
        let pid = std::process::id().to_string();
        assert!(error.to_string().contains(&pid), "{error}");
        drop(first);
        Lock::acquire(directory.path()).unwrap();
    }

    #[test]
    fn looking_makes_nothing_and_names_the_holder() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("bot");
        assert_eq!(Lock::holder(&directory).unwrap(), None);
        assert!(!directory.exists());
        std::fs::write(&directory, "in the way").unwrap();
        assert_eq!(Lock::holder(&directory).unwrap(), None);
        std::fs::remove_file(&directory).unwrap();
        let lock = Lock::acquire(&directory).unwrap();
        let pid = Some(std::process::id());
        assert_eq!(Lock::holder(&directory).unwrap(), Some(Holder { pid }));
        drop(lock);
        assert_eq!(Lock::holder(&directory).unwrap(), None);
    }

    #[test]
    fn those_who_look_keep_nobody_out() {
        let directory = tempfile::tempdir().unwrap();
        let looking = AtomicBool::new(true);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while looking.load(Ordering::Relaxed) {
                        Lock::holder(directory.path()).unwrap();
                    }
                });
            }
            let acquired: Vec<_> = (0..200)
                .map(|_| Lock::acquire(directory.path()).map(drop))
                .collect();
            looking.store(false, Ordering::Relaxed);
            for result in acquired {
                result.unwrap();
            }
        });
    }
}
