//! A recovery key that nobody has seen yet: on the disk before a homeserver takes any of it, until
//! it is shown or kept where that was wished.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    account::{Afterwards, archive::free_name},
    config::Secret,
    error::{Error, Result},
    files::{private_directory, record},
    homeserver::Account,
    ipc::{Lock, crash_point},
    session::{RecoveryFailure, RecoveryKey, SecretStorage, Session},
};

const NAME: &str = "recovery-key-pending.json";
const VERSION: u32 = 1;

/// A recovery key that nobody has seen yet.
#[derive(Debug)]
pub struct PendingKey {
    directory: PathBuf,
    user_id: String,
    key: RecoveryKey,
    /// The public master key of the identity that is replaced along with it.
    replaces: Option<String>,
}

/// What a pending key is to its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It opens the account's secret storage.
    InUse,
    /// The account has no secret storage.
    Unused,
    /// The account has a secret storage of another key.
    Strange,
}

/// The file. It is as secret as the key.
#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    user_id: String,
    key_id: String,
    description: Value,
    recovery_key: String,
    #[serde(default)]
    replaces: Option<String>,
}

impl PendingKey {
    /// A new key for this user. It is not written down yet.
    pub fn generate(directory: &Path, user_id: &str) -> Self {
        Self {
            directory: directory.to_owned(),
            user_id: user_id.to_owned(),
            key: RecoveryKey::generate(),
            replaces: None,
        }
    }

    /// The one that a run before this has left in this data directory, if it is this user's.
    pub fn read(directory: &Path, user_id: &str) -> Result<Option<Self>> {
        let left = Self::left(directory)?;
        Ok(left.filter(|pending| pending.user_id == user_id))
    }

    /// The same, whosesoever it is.
    pub fn left(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join(NAME);
        let Some(content) = record::read::<Content>(&path)? else {
            return Ok(None);
        };
        if content.version > VERSION {
            return Err(Error::failure(format!(
                "a newer nanobot has left a recovery key in {}",
                path.display()
            ))
            .hint("run the same command with that version"));
        }
        let secret = Secret::new(content.recovery_key);
        let key = RecoveryKey::restore(&content.key_id, &content.description, &secret)
            .map_err(|error| error.hint(format!("it is in {}", path.display())))?;
        Ok(Some(Self {
            directory: directory.to_owned(),
            user_id: content.user_id,
            key,
            replaces: content.replaces,
        }))
    }

    pub fn path(&self) -> PathBuf {
        self.directory.join(NAME)
    }

    pub fn secret(&self) -> Secret {
        self.key.secret()
    }

    /// Writes it down, for good by then, and with it the public master key of the identity that is
    /// about to be replaced along with what is kept for recovery. What was written down of that
    /// before stays. Another key that lies there is set aside.
    pub fn write(&self, replaces: Option<&str>) -> Result<()> {
        private_directory(&self.directory)?;
        let mut before = self.replaces.clone();
        match Self::left(&self.directory) {
            Ok(None) => {}
            Ok(Some(there)) if there.is_same(self) => before = there.replaces.or(before),
            // What is damaged may be a key too.
            _ => {
                let aside = free_name(&self.path());
                std::fs::rename(self.path(), &aside).map_err(|error| {
                    let path = self.path();
                    Error::failure(format!("cannot archive {}", path.display())).because(error)
                })?;
                tracing::warn!(file = %aside.display(), "archived another recovery key that was never shown");
            }
        }
        let content = Content {
            version: VERSION,
            user_id: self.user_id.clone(),
            key_id: self.key.id().to_owned(),
            description: self.key.description()?,
            recovery_key: self.key.secret().expose().to_owned(),
            replaces: replaces.map(str::to_owned).or(before),
        };
        record::write(&self.directory, NAME, &content)?;
        crash_point("recovery-key-written");
        Ok(())
    }

    fn is_same(&self, other: &Self) -> bool {
        self.user_id == other.user_id && self.key.id() == other.key.id()
    }

    /// Whether the identity that it was to replace is replaced, if the account has this one now.
    pub fn has_replaced(&self, master: Option<&str>) -> bool {
        let before = self.replaces.as_deref();
        before.is_some() && master.is_some() && before != master
    }

    /// What it is to its account.
    pub async fn standing(&self, account: &Account) -> Result<Standing> {
        match SecretStorage::read(account, &self.user_id).await {
            Ok(storage) => Ok(self.standing_in(storage.as_ref())),
            Err(RecoveryFailure::Other(error)) => Err(error),
            Err(_) => Ok(Standing::Strange),
        }
    }

    /// What it is to an account with this secret storage.
    pub fn standing_in(&self, storage: Option<&SecretStorage>) -> Standing {
        match storage {
            None => Standing::Unused,
            Some(storage) if storage.is_of(&self.key) && storage.check(&self.secret()).is_ok() => {
                Standing::InUse
            }
            Some(_) => Standing::Strange,
        }
    }

    /// Makes it the account's recovery key, or completes that. It is written down before.
    pub async fn enable(&self, session: &Session, supersedes: bool) -> Result<()> {
        let enabled = session.enable_recovery(supersedes, &self.key, || self.write(None));
        enabled.await?;
        crash_point("recovery-key-enabled");
        Ok(())
    }

    /// What to say of one that cannot be the account's, or not yet.
    pub fn describe_unused(&self, standing: Standing) -> String {
        let path = self.path();
        let path = path.display();
        match standing {
            Standing::Strange => format!(
                "{path} contains a recovery key that was created earlier and never shown. The \
                 account uses another one: you can remove that file."
            ),
            Standing::InUse | Standing::Unused => format!(
                "{path} contains a recovery key that was created earlier and is not in use yet. \
                 Verify this device, then run `nanobot login --recovery` to use it."
            ),
        }
    }

    /// Removes it from the disk, if the account has not got it.
    pub async fn remove_unused(&self, account: &Account) -> Result<()> {
        match self.standing(account).await? {
            Standing::InUse => Ok(()),
            Standing::Unused | Standing::Strange => self.remove(),
        }
    }

    /// Removes it from the disk.
    pub fn remove(&self) -> Result<()> {
        record::remove(&self.path())
    }

    /// The same, if somebody has read it.
    pub fn forget_if(&self, was_read: bool) -> Result<()> {
        crash_point("recovery-key-shown");
        if was_read { self.remove() } else { Ok(()) }
    }

    /// Removes it from the disk when the result, which shows it, is printed.
    pub fn forget_when_shown(self: &Arc<Self>, lock: Option<Lock>) -> Afterwards {
        let key = Arc::clone(self);
        Box::new(move |was_read| {
            let _lock = lock;
            key.forget_if(was_read)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn it_is_found_again_by_its_user_and_is_for_no_one_else_to_read() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("data");
        assert!(PendingKey::read(&directory, "@bot:h").unwrap().is_none());
        let pending = PendingKey::generate(&directory, "@bot:h");
        assert!(!pending.path().exists());
        pending.write(None).unwrap();
        let mode = fs::metadata(pending.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(PendingKey::read(&directory, "@eve:h").unwrap().is_none());

        pending.write(Some("old")).unwrap();
        // What was written down of the same key stays.
        pending.write(None).unwrap();
        let found = PendingKey::read(&directory, "@bot:h").unwrap().unwrap();
        assert_eq!(found.secret(), pending.secret());
        assert!(!found.has_replaced(Some("old")) && !found.has_replaced(None));
        assert!(found.has_replaced(Some("new")));
        found.remove().unwrap();
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
    }

    #[test]
    fn another_key_in_its_place_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let first = PendingKey::generate(home.path(), "@bot:h");
        first.write(None).unwrap();
        let second = PendingKey::generate(home.path(), "@bot:h");
        second.write(None).unwrap();
        second.write(None).unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
        let kept = fs::read_dir(home.path()).unwrap().any(|entry| {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            text.contains(first.secret().expose())
        });
        assert!(kept);
        // What is damaged may be a key too.
        fs::write(second.path(), "{").unwrap();
        PendingKey::generate(home.path(), "@bot:h")
            .write(None)
            .unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 3);
    }
}
