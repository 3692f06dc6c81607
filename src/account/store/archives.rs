//! Archived stores, which a login, a logout or a reset leaves; and the size of a store.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use indicatif::HumanBytes;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    config::Paths,
    error::{Error, Kind, Result},
    files::{read_failed, shown_path},
    ipc::Lock,
    session::{self, KeyStore, archives},
    text::counted,
};

/// An archived store. Its room keys are of use; its device is not, because others went on
/// without it.
#[derive(Debug, Serialize)]
pub struct Archive {
    #[serde(serialize_with = "shown_path")]
    path: PathBuf,
    /// As RFC 3339 has it, if its name tells.
    archived_at: Option<String>,
    bytes: u64,
    user_id: Option<String>,
    /// `None` where there is no device in it.
    device_id: Option<String>,
    room_keys: Option<usize>,
    /// Why it cannot be read.
    error: Option<String>,
}

impl Archive {
    /// All archives beside the store, oldest first.
    pub async fn all(paths: &Paths) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for path in archives(paths.dir())?.into_iter().rev() {
            let mut archive = Self {
                archived_at: archived_at(&path),
                bytes: Sizes::of(&path).total,
                user_id: None,
                device_id: None,
                room_keys: None,
                error: None,
                path,
            };
            let read = archive.read_keys(paths.dir()).await;
            archive.error = read.err().map(|error| error.to_string());
            all.push(archive);
        }
        Ok(all)
    }

    async fn read_keys(&mut self, directory: &Path) -> Result<()> {
        if let Some(keys) = KeyStore::open_copy(&self.path, directory).await? {
            self.room_keys = Some(keys.count().await?);
            self.user_id = Some(keys.account().user_id.clone());
            self.device_id = Some(keys.account().device_id.clone());
        }
        Ok(())
    }
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.file_name().unwrap_or_default().display();
        let since = self.archived_at.as_deref().unwrap_or("unknown time");
        write!(f, "{name}  {since}, {}, ", HumanBytes(self.bytes))?;
        match (&self.error, &self.user_id, &self.device_id, self.room_keys) {
            (Some(error), ..) => write!(f, "cannot be read: {error}"),
            (None, Some(user_id), Some(device_id), Some(room_keys)) => {
                let keys = counted(room_keys as u64, "room key");
                write!(f, "device {device_id} of {user_id}, {keys}")
            }
            _ => f.write_str("no device"),
        }
    }
}

fn archived_at(path: &Path) -> Option<String> {
    let seconds = i64::try_from(session::archived_at(path)?).ok()?;
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    time.format(&Rfc3339).ok()
}

/// Opens the keys of the archive that was named, by its path or by its name beside the store.
pub async fn open(named: &Path, paths: &Paths) -> Result<KeyStore> {
    let beside = paths.dir().join(named);
    let path = if named.is_dir() { named } else { &beside };
    if !path.is_dir() {
        let message = format!("no archived store {}", named.display());
        return Err(list_archives(Error::failure(message)));
    }
    refuse_a_store_in_use(path)?;
    let opened = KeyStore::open_copy(path, paths.dir()).await?;
    opened.ok_or_else(|| {
        let message = format!("no keys in {}", path.display());
        list_archives(Error::failure(message))
    })
}

/// A store that somebody writes to cannot be copied: the copy would be torn.
fn refuse_a_store_in_use(path: &Path) -> Result<()> {
    let real = path.canonicalize();
    let path = real.map_err(|error| read_failed(path, error))?;
    let (Some(name), Some(home)) = (path.file_name(), path.parent()) else {
        return Ok(());
    };
    if name != "matrix-store" || Lock::holder(home)?.is_none() {
        return Ok(());
    }
    let message = format!("{} is in use, and not an archive", path.display());
    Err(list_archives(Error::new(Kind::StoreInUse, message)))
}

fn list_archives(error: Error) -> Error {
    error
        .hint("list the archived stores")
        .command("nanobot store status")
}

/// The parts of a store in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Encryption keys.
    keys: u64,
    /// What the SDK knows of rooms.
    rooms: u64,
    /// The journal of messages.
    journal: u64,
    /// Everything else.
    other: u64,
    pub total: u64,
}

impl Sizes {
    /// The parts of the store in this directory: nothing where there is none. Files that go away
    /// meanwhile take no room.
    pub fn of(store: &Path) -> Self {
        let mut sizes = Self::default();
        for entry in fs::read_dir(store).into_iter().flatten().flatten() {
            let size = match entry.metadata() {
                Ok(metadata) if metadata.is_file() => metadata.len(),
                _ => continue,
            };
            let part = match entry.file_name().to_string_lossy() {
                name if name.starts_with("matrix-sdk-crypto.") => &mut sizes.keys,
                name if name.starts_with("matrix-sdk-state.") => &mut sizes.rooms,
                name if name.starts_with("inbox.") => &mut sizes.journal,
                _ => &mut sizes.other,
            };
            *part += size;
            sizes.total += size;
        }
        sizes
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: keys {}, rooms {}, journal {}, other {}",
            HumanBytes(self.total),
            HumanBytes(self.keys),
            HumanBytes(self.rooms),
            HumanBytes(self.journal),
            HumanBytes(self.other),
        )
    }
}
