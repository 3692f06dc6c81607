//! Archived encryption stores, and the account's identity in them.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::key_store::{IdentitySecrets, KeyStore};
use crate::{
    error::Result,
    files::{Usage, directories},
};

/// What the name of an archived store begins with, before the time it was archived at.
pub const ARCHIVE: &str = "matrix-store.old-";

/// Older archives than these are not searched.
const MOST_ARCHIVES: usize = 5;

/// The archived stores in a directory, the latest first.
pub fn archives(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = directories(directory, ARCHIVE)?;
    found.sort_by_key(|path| std::cmp::Reverse(archived_at(path)));
    Ok(found)
}

/// When a store was archived, in seconds since the Unix epoch, where its name tells.
pub fn archived_at(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(ARCHIVE)?.parse().ok()
}

/// An archived store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    pub path: PathBuf,
    /// When it was archived, where its name tells.
    pub at: Option<SystemTime>,
    /// The size of its files.
    pub bytes: u64,
}

/// The archived stores in a directory with their sizes, the latest first.
pub fn archived(directory: &Path) -> Result<Vec<Archived>> {
    let found = archives(directory)?.into_iter().map(|path| {
        Archived {
            at: archived_at(&path).and_then(|it| UNIX_EPOCH.checked_add(Duration::from_secs(it))),
            // What cannot be listed takes no room that is known.
            bytes: Usage::of(&path).unwrap_or_default().bytes,
            path,
        }
    });
    Ok(found.collect())
}

/// The latest archived stores in a directory; none where it cannot be listed, which is logged.
pub fn latest_archives(directory: &Path) -> Vec<PathBuf> {
    let mut found = archives(directory).unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot search the archived stores");
        Vec::new()
    });
    found.truncate(MOST_ARCHIVES);
    found
}

/// The private keys of the identity with this public master key, or of any where that is not known,
/// from the first of these stores that has them, and which store that is. The stores stay as they are. One that cannot be read
/// has nothing to offer.
pub async fn find_identity(
    stores: &[PathBuf],
    user_id: &str,
    master: Option<&str>,
) -> Option<(IdentitySecrets, PathBuf)> {
    for store in stores {
        let Some(directory) = store.parent() else {
            continue;
        };
        match KeyStore::open_copy(store, directory).await {
            Ok(Some(keys)) if keys.account().user_id == user_id => {
                let is_meant = |secrets: &IdentitySecrets| {
                    master.is_none_or(|master| secrets.belong_to(master))
                };
                if let Some(secrets) = keys.identity_secrets().await.filter(is_meant) {
                    return Some((secrets, store.clone()));
                }
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "no identity is read from a store"),
        }
    }
    None
}
