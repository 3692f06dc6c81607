//! Reading the config file, and refusing what is none.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use crate::error::{Error, Result};

/// No config file is larger, in bytes; whatever is, is something else.
pub(super) const LARGEST: u64 = 8 * 1024 * 1024;

/// What was found on the disk.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    /// The permission bits.
    pub(super) mode: u32,
}

/// Reads the file; `None` if there is none.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when something else is in its place, or it cannot
/// be read, or it is far too large to be a config file.
pub(super) fn read(path: &Path) -> Result<Option<Found>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, error)),
    };
    if metadata.is_dir() {
        return Err(Error::config(format!("{} is a directory", path.display()))
            .hint("name the config file itself, or move the directory away"));
    }
    // Opening a pipe could wait for ever.
    if !metadata.is_file() {
        return Err(
            Error::config(format!("{} is not a regular file", path.display()))
                .hint("name a regular file with --config FILE"),
        );
    }
    let mode = metadata.permissions().mode() & 0o7777;
    // Its length is only a claim (in /proc it is 0), so the reading is bounded as well.
    if metadata.len() > LARGEST {
        return Err(too_large(path));
    }
    let bytes = read_bounded(path).map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large(path));
    }
    Ok(Some(Found { bytes, mode }))
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::config(format!("cannot read {}", path.display()))
        .because(error)
        .hint("check that the file belongs to the user nanobot runs as")
}

fn too_large(path: &Path) -> Error {
    let message = format!(
        "{} is larger than 8 MiB, which no config file is",
        path.display()
    );
    Error::config(message).hint("name the right file with --config FILE")
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;
    use crate::error::Kind;

    fn refusal(result: Result<impl Sized>) -> String {
        let error = result.err().unwrap();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.hint_text().is_some(), "{error}");
        error.to_string()
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        assert!(read(&path).unwrap().is_none());
        assert!(refusal(read(dir.path())).contains("directory"));
        let _listener = UnixListener::bind(dir.path().join("socket")).unwrap();
        assert!(refusal(read(&dir.path().join("socket"))).contains("regular"));
        fs::write(&path, "{}").unwrap();
        assert_eq!(read(&path).unwrap().unwrap().bytes, b"{}");
        assert!(refusal(read(&path.join("below"))).contains("cannot read"));
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(refusal(read(&path)).contains("8 MiB"));
    }
}
