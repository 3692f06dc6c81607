//! Reading the config file, and refusing what is none.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use super::{Flaw, Position};
use crate::error::{Error, Result};

/// No config file is larger, in bytes; whatever is, is something else.
pub const LARGEST: u64 = 8 * 1024 * 1024;

/// What some editors begin a text with. It is no part of it.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What was found on the disk.
#[derive(Clone)]
pub struct Found {
    pub bytes: Vec<u8>,
    /// The permission bits.
    pub mode: u32,
}

impl Found {
    /// Whether it begins with a byte order mark.
    pub fn has_bom(&self) -> bool {
        self.bytes.starts_with(BOM)
    }
}

/// Reads the file; `None` if there is none.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when something else is in its place, or it cannot
/// be read, or it is far too large to be a config file.
pub fn read(path: &Path) -> Result<Option<Found>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, error)),
    };
    if metadata.is_dir() {
        return Err(Error::config(format!("{} is a directory", path.display()))
            .hint("give the path of the configuration file, or move the directory"));
    }
    // Opening a pipe could wait for ever.
    if !metadata.is_file() {
        return Err(
            Error::config(format!("{} is not a regular file", path.display()))
                .hint("use --config FILE with a regular file"),
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
        .hint("make sure the file belongs to the user that runs nanobot")
}

fn too_large(path: &Path) -> Error {
    let message = format!(
        "{} is larger than 8 MiB, so it is not a configuration file",
        path.display()
    );
    Error::config(message).hint("use --config FILE with the right file")
}

/// The text of a config file, without its byte order mark.
pub fn text(bytes: &[u8]) -> Result<String, Flaw> {
    let flaw = |position, message: &str, fix| Flaw {
        position,
        message: message.to_owned(),
        fix,
    };
    let start = Some(Position { line: 1, column: 1 });
    let without_bom = "save it as UTF-8 without a byte order mark";
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let message = "the file is UTF-16 (it starts with a byte order mark)";
        return Err(flaw(start, message, without_bom));
    }
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let text = str::from_utf8(bytes).map_err(|error| {
        let good = error.valid_up_to();
        let before = String::from_utf8_lossy(&bytes[..good]);
        let place = Position::of(&before, good);
        flaw(Some(place), "this is not valid UTF-8", "save it as UTF-8")
    })?;
    if text.trim().is_empty() {
        let fix = "delete it, or write {} into it";
        return Err(flaw(None, "the file is empty", fix));
    }
    Ok(text.to_owned())
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

    #[test]
    fn what_is_no_text_is_refused() {
        let words = |bytes: &[u8]| {
            let error = text(bytes).unwrap_err().into_error(Path::new("c.json"));
            assert!(error.hint_text().is_some());
            error.to_string()
        };
        assert_eq!(text(b"\xef\xbb\xbf{}").unwrap(), "{}");
        assert!(words(b"\xff\xfe{\0}\0").contains("UTF-16"));
        assert!(words(b"{\n \"\xc3\"}").contains("line 2, column 3"));
        assert!(words(b"").contains("empty"));
        assert!(words(b" \n").contains("empty"));
    }
}
