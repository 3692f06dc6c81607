//! The file that a new recovery key is kept in.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::{
    config::Secret,
    error::{Error, Kind, Result},
};

/// A new file that only its owner can read. It is removed unless a key is written into it.
#[derive(Debug)]
pub(super) struct Keepsake {
    path: PathBuf,
    file: File,
    written: bool,
}

impl Keepsake {
    /// Makes the file, so that a place that cannot be written is found before there is a key. A
    /// file that is there is left alone: it may hold the only copy of another key.
    pub(super) fn reserve(path: &Path) -> Result<Self> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        let file = made.map_err(|error| {
            let message = format!("cannot keep the recovery key in {}", path.display());
            let hint = match error.kind() {
                io::ErrorKind::AlreadyExists => "a file is never overwritten; name a new one",
                _ => "name a new file in a directory that this user may write to",
            };
            Error::new(Kind::Usage, message).because(error).hint(hint)
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            written: false,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the key down for good.
    pub(super) fn keep(&mut self, key: &Secret) -> io::Result<()> {
        self.file.write_all(key.expose().as_bytes())?;
        self.file.write_all(b"\n")?;
        self.file.sync_all()?;
        self.written = true;
        Ok(())
    }
}

impl Drop for Keepsake {
    fn drop(&mut self) {
        if !self.written
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(file = %self.path.display(), %error, "an empty file is left");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_kept_for_its_owner_and_nothing_is_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key");
        drop(Keepsake::reserve(&path).unwrap());
        assert!(!path.exists());

        let mut keepsake = Keepsake::reserve(&path).unwrap();
        keepsake.keep(&Secret::new("the key")).unwrap();
        drop(keepsake);
        assert_eq!(fs::read_to_string(&path).unwrap(), "the key\n");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(Keepsake::reserve(&path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "the key\n");
    }
}
