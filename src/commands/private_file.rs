//! Small files that say how far a command has come, for the run after one that was killed.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::error::{Error, Result};

/// Reads a file; `None` where there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::failure(format!("cannot read {}", path.display())).because(error)
    };
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| unreadable(error.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.into())),
    }
}

/// Writes a file that only this user can read, all of it or none, and on the disk by then.
pub(super) fn write(directory: &Path, name: &str, content: &impl Serialize) -> Result<()> {
    let path = directory.join(name);
    let failed = |error: io::Error| {
        Error::failure(format!("cannot write {}", path.display())).because(error)
    };
    let text = serde_json::to_vec_pretty(content).map_err(|error| failed(error.into()))?;
    // Made 0600; removed unless it is put in place.
    let mut file = tempfile::Builder::new()
        .prefix(&format!("{name}."))
        .tempfile_in(directory)
        .map_err(failed)?;
    file.write_all(&text).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(failed)
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::failure(format!("cannot remove {}", path.display())).because(error))
        }
        _ => Ok(()),
    }
}
