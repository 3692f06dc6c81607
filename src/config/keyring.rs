//! The system's keyring: on Linux the Secret Service of a desktop session.
//!
//! A locked keyring asks its owner and waits, and a broken bus may never answer. So everything
//! here runs on a thread of its own, which is left behind when the time is up.

use std::{
    fmt, process,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, sync_channel},
    },
    thread,
    time::Duration,
};

use keyring_core::{CredentialPersistence, CredentialStore};

use super::Secret;
use crate::error::{Error, Result, chain};

/// Under which name the system knows this program.
const SERVICE: &str = "nanobot";

/// How long the keyring may take.
const LIMIT: Duration = Duration::from_secs(3);

/// What is written to see whether that works.
const SAMPLE: &str = "a sample";

/// The one collection of a Secret Service that is gone when its session ends.
const FLEETING: &str = "session";

/// The entry that holds the access token of one device, or the recovery key of one account.
///
/// The name of the first is the user and the device, because that is whose token it is: two
/// configurations have two devices, and one that is moved elsewhere still finds its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    name: String,
    holds: Holding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holding {
    AccessToken,
    RecoveryKey,
}

impl Entry {
    /// The entry of this device's access token.
    #[must_use]
    pub fn of(user_id: &str, device_id: &str) -> Self {
        // No user id has a space in it.
        Self {
            name: format!("{user_id} {device_id}"),
            holds: Holding::AccessToken,
        }
    }

    /// The entry of this account's recovery key.
    #[must_use]
    pub fn of_recovery_key(user_id: &str) -> Self {
        // No user id begins so.
        Self {
            name: format!("recovery key of {user_id}"),
            holds: Holding::RecoveryKey,
        }
    }

    /// Its name, beside that of the program.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry \"{}\" of {SERVICE}", self.name)
    }
}

/// What a keyring is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyringState {
    /// It cannot be used, and why: a clause such as "it did not answer within 3 s".
    Unavailable(String),
    /// An entry could be written, read and removed.
    Works {
        /// What it is, such as "Secret Service, collection login".
        name: String,
        /// Whether what it holds outlives a restart of the machine.
        persistent: bool,
    },
}

/// A keyring, asked anew each time.
#[derive(Clone)]
pub struct Keyring {
    open: Arc<Opening>,
    limit: Duration,
}

type Opening = dyn Fn() -> Result<Arc<CredentialStore>, String> + Send + Sync;

impl Keyring {
    /// The keyring of the system.
    #[must_use]
    pub fn system() -> Self {
        Self {
            open: Arc::new(open_system),
            limit: LIMIT,
        }
    }

    /// Whether it works, by writing, reading and removing an entry.
    #[must_use]
    pub fn probe(&self) -> KeyringState {
        match self.within_limit(try_out) {
            Ok(state) => state,
            Err(why) => KeyringState::Unavailable(why),
        }
    }

    /// The secret in an entry; `None` where there is no such entry.
    ///
    /// # Errors
    ///
    /// [`Kind::Failure`](crate::error::Kind::Failure) when the keyring cannot be used, or is
    /// locked.
    pub fn read(&self, entry: &Entry) -> Result<Option<Secret>> {
        let name = entry.name.clone();
        let secret = self.within_limit(move |store| {
            let entry = build(store, &name)?;
            found(entry.get_password()).map_err(|error| words(&error))
        });
        match secret {
            Ok(secret) => Ok(secret.map(Secret::new)),
            Err(why) => Err(failed(entry, "read", &why)),
        }
    }

    /// Puts a secret into an entry, in the place of what it held.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn write(&self, entry: &Entry, secret: &Secret) -> Result<()> {
        let (name, secret) = (entry.name.clone(), secret.clone());
        let written = self.within_limit(move |store| {
            let entry = build(store, &name)?;
            entry
                .set_password(secret.expose())
                .map_err(|error| words(&error))
        });
        written.map_err(|why| failed(entry, "written", &why))
    }

    /// Removes an entry. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn remove(&self, entry: &Entry) -> Result<bool> {
        let name = entry.name.clone();
        let removed = self.within_limit(move |store| {
            let entry = build(store, &name)?;
            found(entry.delete_credential()).map_err(|error| words(&error))
        });
        match removed {
            Ok(removed) => Ok(removed.is_some()),
            Err(why) => Err(failed(entry, "removed", &why)),
        }
    }

    fn within_limit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CredentialStore) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let (open, (sender, receiver)) = (Arc::clone(&self.open), sync_channel(1));
        let run = move || {
            let result = open().and_then(|store| work(store.as_ref()));
            // Nobody waits for it once the time is up.
            let _ = sender.send(result);
        };
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(run)
            .map_err(|error| format!("no thread can be started for it: {error}"))?;
        match receiver.recv_timeout(self.limit) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(format!(
                "it did not answer within {} s; it may be locked",
                self.limit.as_secs_f32()
            )),
            Err(RecvTimeoutError::Disconnected) => Err("its library failed".to_owned()),
        }
    }
}

fn open_system() -> Result<Arc<CredentialStore>, String> {
    // This opens the system's own store, once in a process.
    keyring::Entry::store_status().as_ref().map_err(words)?;
    keyring_core::get_default_store().ok_or_else(|| words(&keyring_core::Error::NoDefaultStore))
}

fn build(store: &CredentialStore, name: &str) -> Result<keyring_core::Entry, String> {
    store
        .build(SERVICE, name, None)
        .map_err(|error| words(&error))
}

fn try_out(store: &CredentialStore) -> Result<KeyringState, String> {
    // Another process may be trying at the same time.
    let entry = build(store, &format!("probe {}", process::id()))?;
    entry
        .set_password(SAMPLE)
        .map_err(|error| format!("nothing can be written: {}", words(&error)))?;
    let (read, collection) = (entry.get_password(), collection(&entry));
    entry
        .delete_credential()
        .map_err(|error| format!("nothing can be removed: {}", words(&error)))?;
    match read {
        Ok(text) if text == SAMPLE => Ok(describe(store, collection.as_deref())),
        Ok(_) => Err("what is read is not what was written".to_owned()),
        Err(error) => Err(format!("nothing can be read: {}", words(&error))),
    }
}

fn describe(store: &CredentialStore, collection: Option<&str>) -> KeyringState {
    let vendor = store.vendor();
    // The crate's address follows.
    let name = vendor.split(',').next().unwrap_or_default();
    let name = name.trim_end_matches(" store");
    let lasts = !matches!(
        store.persistence(),
        CredentialPersistence::EntryOnly
            | CredentialPersistence::ProcessOnly
            | CredentialPersistence::UntilLogout
            | CredentialPersistence::UntilReboot
    );
    KeyringState::Works {
        name: match collection {
            Some(collection) => format!("{name}, collection {collection}"),
            None => name.to_owned(),
        },
        persistent: lasts && collection != Some(FLEETING),
    }
}

/// The Secret Service's collection that an entry is in: its store calls all of them persistent.
#[cfg(all(unix, not(target_os = "macos")))]
fn collection(entry: &keyring_core::Entry) -> Option<String> {
    use zbus_secret_service_keyring_store::cred::Wrapper;

    let item = entry.get_credential().ok()?;
    let path = item.as_any().downcast_ref::<Wrapper>()?.get_path();
    let (_, below) = path.split_once("/collection/")?;
    below.split('/').next().map(str::to_owned)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn collection(_: &keyring_core::Entry) -> Option<String> {
    None
}

/// No entry is an answer, not a failure.
fn found<T>(result: keyring_core::Result<T>) -> keyring_core::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A keyring's error in words, without the secrets that some of them carry.
fn words(error: &keyring_core::Error) -> String {
    use keyring_core::Error as Fault;
    match error {
        Fault::PlatformFailure(cause) => said(cause.as_ref()),
        Fault::NoStorageAccess(cause) => {
            format!("it is locked or not set up ({})", said(cause.as_ref()))
        }
        Fault::NoEntry => "it has no such entry".to_owned(),
        Fault::Ambiguous(_) => "it has several such entries".to_owned(),
        Fault::TooLong(_, limit) => format!("it takes no more than {limit} characters"),
        Fault::NoDefaultStore => "this system has none".to_owned(),
        Fault::NotSupportedByStore(_) => "it does not support that".to_owned(),
        Fault::BadEncoding(_) | Fault::BadDataFormat(..) | Fault::BadStoreFormat(_) => {
            "what it holds is damaged".to_owned()
        }
        _ => "it refused".to_owned(),
    }
}

/// What the system said, without the names that its library puts in front.
fn said(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    let words = chain(cause);
    let own = [
        "zbus error: ",
        "zbus fdo error: ",
        "SS error: ",
        "SS Error: ",
    ];
    own.iter()
        .find_map(|name| words.strip_prefix(name))
        .unwrap_or(&words)
        .to_owned()
}

fn failed(entry: &Entry, what: &str, why: &str) -> Error {
    let (secret, otherwise) = match entry.holds {
        Holding::AccessToken => (
            "access token",
            "keep the token in the configuration: `nanobot login --token-store file`",
        ),
        Holding::RecoveryKey => (
            "recovery key",
            "keep the recovery key somewhere else and give it from a file",
        ),
    };
    Error::failure(format!(
        "the {secret} in the keyring cannot be {what}: {why}"
    ))
    .hint(format!(
        "unlock the keyring and run this in the session it belongs to, or {otherwise}"
    ))
}

#[cfg(test)]
mod tests;
