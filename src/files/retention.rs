//! Directories that do not grow for ever: the oldest files go first.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

/// How long and how much is kept; `None` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Nothing older.
    pub age: Option<Duration>,
    /// Not more, in bytes.
    pub bytes: Option<u64>,
}

/// What is in a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// How many files.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// What was removed.
    pub removed: Usage,
    /// What is left.
    pub left: Usage,
}

/// Something that is kept.
struct Kept {
    path: PathBuf,
    bytes: u64,
    changed: SystemTime,
}

impl Retention {
    /// Limits of so many days and bytes; 0 is none.
    pub fn new(days: u64, bytes: u64) -> Self {
        let age = Duration::from_secs(days.saturating_mul(86_400));
        Self {
            age: (days > 0).then_some(age),
            bytes: (bytes > 0).then_some(bytes),
        }
    }

    /// Whether what was changed then is too old.
    pub fn is_over(self, changed: SystemTime) -> bool {
        let age = changed.elapsed().unwrap_or_default();
        self.age.is_some_and(|limit| age > limit)
    }

    /// Removes the files of a directory that are too old, and the oldest of the others as long as
    /// all of them take more than is allowed, or this many bytes more are to be freed. Those that are
    /// used stay, and what is no plain file.
    ///
    /// # Errors
    ///
    /// When the directory cannot be listed, or a file not be removed.
    pub fn sweep(
        self,
        directory: &Path,
        more: u64,
        is_used: impl Fn(&str) -> bool,
    ) -> io::Result<Swept> {
        let mut kept = files(directory)?;
        let mut swept = Swept::default();
        for file in &kept {
            swept.left.add(file.bytes);
        }
        kept.sort_by_key(|file| file.changed);
        for file in kept {
            let is_too_much = self.bytes.is_some_and(|limit| swept.left.bytes > limit)
                || swept.removed.bytes < more;
            if !is_too_much && !self.is_over(file.changed) {
                break;
            }
            let name = file.path.file_name().unwrap_or_default().to_string_lossy();
            if is_used(&name) {
                continue;
            }
            match fs::remove_file(&file.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => swept.remove(file.bytes),
            }
        }
        Ok(swept)
    }
}

impl Usage {
    /// What is in a directory; nothing where there is none.
    ///
    /// # Errors
    ///
    /// When it cannot be listed.
    pub fn of(directory: &Path) -> io::Result<Self> {
        let mut usage = Self::default();
        for file in files(directory)? {
            usage.add(file.bytes);
        }
        Ok(usage)
    }

    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

impl Swept {
    fn remove(&mut self, bytes: u64) {
        self.removed.add(bytes);
        self.left.files -= 1;
        self.left.bytes -= bytes;
    }
}

/// The plain files of a directory; hidden ones are somebody's work in progress.
fn files(directory: &Path) -> io::Result<Vec<Kept>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // One that goes away meanwhile takes no room.
        let Ok(found) = entry.metadata() else {
            continue;
        };
        if found.is_file() && !is_hidden {
            files.push(Kept {
                path: entry.path(),
                bytes: found.len(),
                changed: found.modified()?,
            });
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    const DAY: u64 = 86_400;

    /// A directory of files of ten bytes, each a day older than the one before.
    fn directory(names: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let mut changed = SystemTime::now() - Duration::from_mins(1);
        for name in names {
            let path = directory.path().join(name);
            fs::write(&path, [0; 10]).unwrap();
            File::open(path).unwrap().set_modified(changed).unwrap();
            changed -= Duration::from_secs(DAY);
        }
        directory
    }

    fn left(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_too_old_or_too_much_goes_oldest_first() {
        for (days, bytes, more, expected) in [
            (0, 0, 0, &["a", "b", "c", "d"][..]),
            (3, 0, 0, &["a", "b", "c"]),
            (0, 25, 0, &["a", "b"]),
            (3, 15, 0, &["a"]),
            (0, 100, 11, &["a", "b"]),
            (0, 0, 1000, &[]),
        ] {
            let directory = directory(&["a", "b", "c", "d"]);
            let retention = Retention::new(days, bytes);
            let swept = retention.sweep(directory.path(), more, |_| false).unwrap();
            assert_eq!(left(directory.path()), expected);
            let count = expected.len() as u64;
            assert_eq!(swept.left, Usage::of(directory.path()).unwrap());
            assert_eq!((swept.left.files, swept.removed.files), (count, 4 - count));
        }
    }

    #[test]
    fn what_is_used_stays_and_so_does_what_is_no_plain_file() {
        let directory = directory(&["a", "used", ".part"]);
        fs::create_dir(directory.path().join("folder")).unwrap();
        let retention = Retention::new(0, 1);
        let swept = retention.sweep(directory.path(), 0, |name| name == "used");
        assert_eq!(swept.unwrap().removed.files, 1);
        assert_eq!(left(directory.path()), [".part", "folder", "used"]);
        let none = directory.path().join("none");
        assert_eq!(
            retention.sweep(&none, 0, |_| false).unwrap(),
            Swept::default()
        );
    }
}
