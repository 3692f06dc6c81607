//! The lock that keeps two processes out of one encryption store.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use crate::error::{Error, Kind, Result};

const FILE_NAME: &str = "nanobot.lock";

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
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(&mut file, directory)),
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        record_holder(&mut file).map_err(cannot)?;
        Ok(Self { _file: file })
    }
}

/// Makes a directory that only this user can look into, and those above it, where there is none.
///
/// # Errors
///
/// When it cannot be made.
pub fn private_directory(directory: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| {
            Error::failure(format!("cannot create {}", directory.display()))
                .because(error)
                .hint("let this user write there, or choose another place with --config")
        })
}

fn record_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

fn in_use(file: &mut File, directory: &Path) -> Error {
    let mut text = String::new();
    let holder = match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("another nanobot (pid {})", text.trim()),
        // The holder has locked the file and not yet written its number.
        _ => "another nanobot".to_owned(),
    };
    Error::new(
        Kind::StoreInUse,
        format!("{} is in use by {holder}", directory.display()),
    )
    .hint("stop that one first, or give this one a directory of its own with --config")
}

#[cfg(test)]
mod tests {
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
}
