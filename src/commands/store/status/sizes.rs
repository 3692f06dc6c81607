//! How much room a store takes, part by part.

use std::{fs, path::Path};

use serde_json::{Value, json};

/// The parts of a store in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Encryption keys.
    pub(super) keys: u64,
    /// What the SDK knows of rooms.
    pub(super) rooms: u64,
    /// The journal of messages.
    pub(super) journal: u64,
    /// Everything else.
    pub(super) other: u64,
}

impl Sizes {
    /// The parts of the store in this directory: nothing where there is none.
    pub(super) fn of_store(store: &Path) -> Self {
        let mut sizes = Self::default();
        for (name, size) in files(store) {
            let part = match name.as_str() {
                name if name.starts_with("matrix-sdk-crypto.") => &mut sizes.keys,
                name if name.starts_with("matrix-sdk-state.") => &mut sizes.rooms,
                name if name.starts_with("inbox.") => &mut sizes.journal,
                _ => &mut sizes.other,
            };
            *part += size;
        }
        sizes
    }

    pub(super) fn total(self) -> u64 {
        self.keys + self.rooms + self.journal + self.other
    }

    pub(super) fn to_json(self) -> Value {
        json!({
            "keys": self.keys, "rooms": self.rooms, "journal": self.journal, "other": self.other,
            "total": self.total(),
        })
    }
}

/// The bytes of all files in a directory.
pub(in crate::commands::store) fn of_directory(directory: &Path) -> u64 {
    files(directory).map(|(_, size)| size).sum()
}

/// The files of a directory and their sizes. Those that went away meanwhile take no room.
fn files(directory: &Path) -> impl Iterator<Item = (String, u64)> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let metadata = entry.metadata().ok()?;
        let name = entry.file_name().to_string_lossy().into_owned();
        metadata.is_file().then_some((name, metadata.len()))
    })
}
