//! The file that a new recovery key is kept in.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use crate::{
    config::Secret,
    error::{Error, Kind, Result},
};

/// A new file that only its owner can read. It is removed unless a key is written into it.
#[derive(Debug)]
pub(in crate::commands) struct Keepsake {
    path: PathBuf,
    file: File,
    written: bool,
}

impl Keepsake {
    /// Makes the file, so that a place that cannot be written is found before there is a key. A
    /// file that is there is left alone: it may hold the only copy of another key. An empty one is
    /// what a command that was killed has left.
    pub(in crate::commands) fn reserve(path: &Path) -> Result<Self> {
        let file = make(path).map_err(|error| {
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

    pub(in crate::commands) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the key down for good.
    pub(in crate::commands) fn keep(&mut self, key: &Secret) -> io::Result<()> {
        self.file.write_all(key.expose().as_bytes())?;
        self.file.write_all(b"\n")?;
        self.file.sync_all()?;
        self.written = true;
        Ok(())
    }
}

fn make(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let there = fs::symlink_metadata(path)?;
            if !there.is_file() || there.len() > 0 {
                return Err(error);
            }
            let file = options.open(path)?;
            file.set_permissions(Permissions::from_mode(0o600))?;
            Ok(file)
        }
        made => made,
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
    use super::*;

    #[test]
    fn a_key_is_kept_for_its_owner_and_nothing_is_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key");
        drop(Keepsake::reserve(&path).unwrap());
        assert!(!path.exists());

        fs::write(&path, "").unwrap();
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
