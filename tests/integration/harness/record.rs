//! Everything the programs of one test have ever printed.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle on the record of one test; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Record {
    streams: Arc<Mutex<Vec<Stream>>>,
}

#[derive(Debug)]
struct Stream {
    name: String,
    bytes: Vec<u8>,
}

/// One stream of one program in a [`Record`].
#[derive(Clone, Debug)]
pub struct Recorder {
    record: Record,
    index: usize,
}

impl Record {
    /// A new stream; `name` is what a failed assertion calls it.
    pub fn stream(&self, name: &str) -> Recorder {
        let mut streams = self.streams();
        streams.push(Stream {
            name: name.to_owned(),
            bytes: Vec::new(),
        });
        Recorder {
            record: self.clone(),
            index: streams.len() - 1,
        }
    }

    /// A failed assertion leaves the record as it is, and usable.
    fn streams(&self) -> MutexGuard<'_, Vec<Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asserts that no secret occurs in any output so far.
    ///
    /// # Panics
    ///
    /// When one does, or when a secret is too short for its absence to mean anything.
    pub fn assert_no_secret(&self, secrets: &[&str]) {
        let streams = self.streams();
        assert!(
            !streams.is_empty(),
            "no program was run, so there is nothing to look at"
        );
        for stream in streams.iter() {
            refuse_secrets(&stream.name, &stream.bytes, secrets);
        }
    }
}

impl Recorder {
    /// Adds what was read.
    pub fn append(&self, bytes: &[u8]) {
        self.record.streams()[self.index]
            .bytes
            .extend_from_slice(bytes);
    }

    /// What was read so far.
    pub fn text(&self) -> String {
        let streams = self.record.streams();
        String::from_utf8_lossy(&streams[self.index].bytes).into_owned()
    }
}

/// Asserts that no secret occurs in a file, or in any file below a directory.
///
/// # Panics
///
/// When one does, or when something cannot be read.
pub fn assert_no_secret_in(path: &Path, secrets: &[&str]) {
    let name = path.display().to_string();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap_or_else(|e| panic!("{name}: {e}")) {
            assert_no_secret_in(
                &entry.unwrap_or_else(|e| panic!("{name}: {e}")).path(),
                secrets,
            );
        }
    } else if path.is_file() {
        let bytes = fs::read(path).unwrap_or_else(|e| panic!("{name}: {e}"));
        refuse_secrets(&name, &bytes, secrets);
    } else {
        // Sockets and the like hold nothing, but a path that is not there is a mistake in the test.
        fs::symlink_metadata(path).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

fn refuse_secrets(name: &str, bytes: &[u8], secrets: &[&str]) {
    for secret in secrets {
        assert!(secret.len() >= 6, "{secret:?} is too short to look for");
        let found = bytes
            .windows(secret.len())
            .position(|window| window == secret.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(200)..(at + secret.len() + 200).min(bytes.len())];
            panic!(
                "the secret {secret:?} is in {name}: …{}…",
                String::from_utf8_lossy(around)
            );
        }
    }
}
