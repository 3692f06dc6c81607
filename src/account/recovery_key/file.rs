//! The file that a new recovery key is kept in.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::PendingKey;
use crate::{
    config::Secret,
    error::{Error, Kind, Result},
};

/// A new file that only its owner can read. It is removed unless a key is written into it.
#[derive(Debug)]
pub struct RecoveryKeyFile {
    path: PathBuf,
    file: File,
}

impl RecoveryKeyFile {
    /// Makes the file, so that a place that cannot be written is found before there is a key. A
    /// file that is there is left alone: it may hold the only copy of another key. An empty one is
    /// what a command that was killed has left, and so is one with the key that waits in this
    /// data directory.
    pub fn reserve(path: &Path, directory: &Path) -> Result<Self> {
        let file = make(path, directory).map_err(|error| {
            let message = format!("cannot save the recovery key to {}", path.display());
            let hint = match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    "an existing file is never overwritten; name a new file"
                }
                _ => "name a new file in a directory that you can write to",
            };
            Error::new(Kind::Usage, message).because(error).hint(hint)
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Writes down, for good by then, a key that was shown just now. Returns what to say of it.
    pub fn keep(&mut self, key: &Secret) -> Result<String> {
        let line = format!("{}\n", key.expose());
        let written = self
            .file
            .set_len(0)
            .and_then(|()| self.file.write_all(line.as_bytes()))
            .and_then(|()| self.file.sync_all());
        let path = self.path.display();
        match written {
            Ok(()) => Ok(format!("Saved it to {path}, readable only by you")),
            Err(error) => {
                let message = format!("cannot save the recovery key to {path}");
                let hint = "the recovery key is set up and shown above: save it from there";
                Err(Error::failure(message).because(error).hint(hint))
            }
        }
    }
}

fn make(path: &Path, directory: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let there = fs::symlink_metadata(path)?;
            if !there.is_file() || !(there.len() == 0 || is_pending(path, directory)) {
                return Err(error);
            }
            let file = options.open(path)?;
            file.set_permissions(Permissions::from_mode(0o600))?;
            Ok(file)
        }
        made => made,
    }
}

/// Whether a file holds the very key that waits to be shown: a command was killed in between.
fn is_pending(path: &Path, directory: &Path) -> bool {
    let pending = PendingKey::left(directory).ok().flatten();
    pending.is_some_and(|pending| {
        fs::read_to_string(path).is_ok_and(|text| text.trim() == pending.secret().expose())
    })
}

impl Drop for RecoveryKeyFile {
    fn drop(&mut self) {
        let is_empty = self.file.metadata().is_ok_and(|file| file.len() == 0);
        if is_empty && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(file = %self.path.display(), %error, "cannot remove an empty file");
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
        let reserve = |path| RecoveryKeyFile::reserve(path, home.path());
        drop(reserve(&path).unwrap());
        assert!(!path.exists());

        fs::write(&path, "").unwrap();
        let mut file = reserve(&path).unwrap();
        file.keep(&Secret::new("the key")).unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "the key\n");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(reserve(&path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "the key\n");

        // Killed between the file and the end.
        let pending = PendingKey::generate(home.path(), "@bot:h");
        pending.write(None).unwrap();
        fs::write(&path, format!("{}\n", pending.secret().expose())).unwrap();
        drop(reserve(&path).unwrap());
        reserve(&path).unwrap().keep(&pending.secret()).unwrap();
        let kept = fs::read_to_string(&path).unwrap();
        assert_eq!(kept.trim(), pending.secret().expose());
    }
}
