//! Archived stores: those that a login, a logout or a reset has set aside.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::status::sizes;
use crate::{
    commands::stores::{self, ARCHIVE},
    config::Paths,
    error::{Error, Kind, Result},
    instance::Lock,
    session::{KeyStore, StoreAccount},
};

/// A store that was set aside. Its room keys are of use; its device is not, because others went on
/// without it.
#[derive(Debug)]
pub(super) struct Archive {
    pub(super) path: PathBuf,
    /// When it was set aside, as RFC 3339 has it, if its name tells.
    pub(super) since: Option<String>,
    /// Bytes on disk.
    pub(super) size: u64,
    /// What is in it; `None` where there is no device in it.
    pub(super) contents: Result<Option<Contents>>,
}

/// What an archive holds.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) account: StoreAccount,
    pub(super) room_keys: usize,
}

impl Archive {
    /// All archives beside the store, oldest first.
    pub(super) async fn all(paths: &Paths) -> Result<Vec<Self>> {
        let mut archives = Vec::new();
        for path in stores::archives(paths.dir())?.into_iter().rev() {
            archives.push(Self {
                since: since(&path),
                size: sizes::of_directory(&path),
                contents: look(&path, paths.dir()).await,
                path,
            });
        }
        Ok(archives)
    }

    pub(super) fn to_json(&self) -> Value {
        let contents = self.contents.as_ref().ok().and_then(Option::as_ref);
        json!({
            "path": self.path,
            "archived_at": self.since,
            "bytes": self.size,
            "user_id": contents.map(|contents| &contents.account.user_id),
            "device_id": contents.map(|contents| &contents.account.device_id),
            "room_keys": contents.map(|contents| contents.room_keys),
            "error": self.contents.as_ref().err().map(ToString::to_string),
        })
    }
}

fn since(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let seconds = name.strip_prefix(ARCHIVE)?.parse().ok()?;
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    time.format(&Rfc3339).ok()
}

async fn look(path: &Path, room: &Path) -> Result<Option<Contents>> {
    let Some(keys) = KeyStore::open_copy(path, room).await? else {
        return Ok(None);
    };
    Ok(Some(Contents {
        room_keys: keys.count().await?,
        account: keys.account().clone(),
    }))
}

/// Opens the keys of the archive that was named, by its path or by its name beside the store.
pub(super) async fn open(named: &Path, paths: &Paths) -> Result<KeyStore> {
    let beside = paths.dir().join(named);
    let path = if named.is_dir() { named } else { &beside };
    if !path.is_dir() {
        let message = format!("there is no archived store {}", named.display());
        return Err(Error::failure(message).hint("`nanobot store status` lists them"));
    }
    refuse_a_store_in_use(path)?;
    let opened = KeyStore::open_copy(path, paths.dir()).await?;
    opened.ok_or_else(|| {
        Error::failure(format!("there are no keys in {}", path.display()))
            .hint("name an archived store: `nanobot store status` lists them")
    })
}

/// A store that somebody writes to cannot be copied: the copy would be torn.
fn refuse_a_store_in_use(path: &Path) -> Result<()> {
    let path = path.canonicalize().map_err(|error| {
        Error::failure(format!("cannot look at {}", path.display())).because(error)
    })?;
    let (Some(name), Some(home)) = (path.file_name(), path.parent()) else {
        return Ok(());
    };
    if name != "matrix-store" || Lock::holder(home)?.is_none() {
        return Ok(());
    }
    let message = format!("{} is in use, and no archive", path.display());
    Err(Error::new(Kind::StoreInUse, message).hint("`nanobot store status` lists the archives"))
}
