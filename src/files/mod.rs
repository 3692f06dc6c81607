//! Private files that are written as a whole or not at all.

mod pick;
mod private;
pub(crate) mod record;
mod retention;
mod space;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::Serializer;

use crate::error::{Error, Result};

pub use pick::{Unsendable, pick};
pub use private::{
    MODE, PrivateFile, directory_of, follow, private_directory, read_failed, remove_failed,
    write_failed,
};
pub use retention::{Retention, Swept, Usage};
pub use space::{Space, says_full};

/// Reads a text of at most so many bytes; `None` where it is longer, as a file that is piped in by
/// mistake is.
pub fn read_text(source: impl Read, longest: u64) -> io::Result<Option<String>> {
    let mut text = String::new();
    source.take(longest + 1).read_to_string(&mut text)?;
    Ok((text.len() as u64 <= longest).then_some(text))
}

/// When a file was changed last, in milliseconds since the Unix epoch; `None` where that cannot be
/// told.
pub fn changed_at(path: &Path) -> Option<u64> {
    let changed = path.metadata().and_then(|found| found.modified()).ok()?;
    let since = changed.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

/// What a file holds that holds a secret and nothing else: without the byte order mark before it,
/// and the line ends after it, that editors write.
pub fn only_secret(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.trim_end_matches(['\r', '\n'])
}

/// Serialises a path as a person sees it: bytes that are no UTF-8 are replaced.
pub fn shown_path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// The same of a path that may be missing.
#[expect(clippy::ref_option, reason = "serde hands fields over like this")]
pub fn shown_path_if_any<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => shown_path(path, serializer),
        None => serializer.serialize_none(),
    }
}

/// The directories in this one whose names begin so.
pub fn directories(directory: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let cannot = |error: io::Error| {
        Error::failure(format!("cannot list {}", directory.display())).because(error)
    };
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(cannot)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(cannot)?;
        if entry.file_name().to_string_lossy().starts_with(prefix) && entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
