//! Small files that say how far a command has come, for the run after one that was killed.

use std::{fs, io, path::Path};

use serde::{Serialize, de::DeserializeOwned};

use super::{PrivateFile, read_failed, remove_failed, write_failed};
use crate::error::Result;

/// Reads a file; `None` where there is none.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let read = match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(error),
    };
    read.map(Some).map_err(|error| read_failed(path, error))
}

/// Writes a file that only this user can read, all of it or none, and synced to disk.
///
/// A symbolic link in its place is followed, as for every private file: the directory is writable
/// only by its owner, who may keep the files elsewhere.
pub(crate) fn write(directory: &Path, name: &str, content: &impl Serialize) -> Result<()> {
    let path = directory.join(name);
    let text =
        serde_json::to_string_pretty(content).map_err(|error| write_failed(&path, error.into()))?;
    PrivateFile::prepare(&path)?.write(&text)?;
    Ok(())
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(remove_failed(path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_is_followed_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("elsewhere.json");
        fs::write(&target, "1").unwrap();
        let link = dir.path().join("progress.json");
        symlink(&target, &link).unwrap();
        write(dir.path(), "progress.json", &2).unwrap();
        assert!(link.is_symlink());
        assert_eq!(read::<u32>(&target).unwrap(), Some(2));
        // The link goes, and what it leads to stays.
        remove(&link).unwrap();
        assert_eq!(read::<u32>(&link).unwrap(), None);
        assert!(target.exists());
    }
}
