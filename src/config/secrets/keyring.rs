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
use serde::{Serialize, Serializer};

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
    pub fn of(user_id: &str, device_id: &str) -> Self {
        // No user ID has a space in it.
        Self {
            name: format!("{user_id} {device_id}"),
            holds: Holding::AccessToken,
        }
    }

    /// The entry of this account's recovery key.
    pub fn of_recovery_key(user_id: &str) -> Self {
        // No user ID begins so.
        Self {
            name: format!("recovery key of {user_id}"),
            holds: Holding::RecoveryKey,
        }
    }

    /// Its name, beside that of the program.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.name.serialize(to)
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
    pub fn system() -> Self {
        Self {
            open: Arc::new(open_system),
            limit: LIMIT,
        }
    }

    /// Whether it works, by writing, reading and removing an entry.
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
        let secret = self.ask(entry, "read", |it| found(it.get_password()))?;
        Ok(secret.map(Secret::new))
    }

    /// Puts a secret into an entry, in the place of what it held.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn write(&self, entry: &Entry, secret: &Secret) -> Result<()> {
        let secret = secret.clone();
        self.ask(entry, "written", move |it| it.set_password(secret.expose()))
    }

    /// Removes an entry. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn remove(&self, entry: &Entry) -> Result<bool> {
        let removed = self.ask(entry, "removed", |it| found(it.delete_credential()))?;
        Ok(removed.is_some())
    }

    /// Does this to an entry; in an error, it cannot be `done`.
    fn ask<T: Send + 'static>(
        &self,
        entry: &Entry,
        done: &str,
        work: impl FnOnce(keyring_core::Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T> {
        let name = entry.name.clone();
        let answer = self.within_limit(move |store| {
            let entry = store.build(SERVICE, &name, None).and_then(work);
            entry.map_err(|error| words(&error))
        });
        answer.map_err(|why| failed(entry, done, &why))
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
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        match receiver.recv_timeout(self.limit) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(format!(
                "no answer within {} s; it may be locked",
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

fn try_out(store: &CredentialStore) -> Result<KeyringState, String> {
    // Another process may be trying at the same time.
    let name = format!("probe {}", process::id());
    let entry = store.build(SERVICE, &name, None);
    let entry = entry.map_err(|error| words(&error))?;
    let nothing = |done, error| format!("nothing can be {done}: {}", words(&error));
    let written = entry.set_password(SAMPLE);
    written.map_err(|error| nothing("written", error))?;
    let (read, collection) = (entry.get_password(), collection(&entry));
    let removed = entry.delete_credential();
    removed.map_err(|error| nothing("removed", error))?;
    match read {
        Ok(text) if text == SAMPLE => Ok(describe(store, collection.as_deref())),
        Ok(_) => Err("it returned something else than was stored".to_owned()),
        Err(error) => Err(nothing("read", error)),
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
        Fault::NoEntry => "no such entry".to_owned(),
        Fault::Ambiguous(_) => "several entries match".to_owned(),
        Fault::TooLong(_, limit) => format!("at most {limit} characters are allowed"),
        Fault::NoDefaultStore => "this system has no keyring".to_owned(),
        Fault::NotSupportedByStore(_) => "not supported by this keyring".to_owned(),
        Fault::BadEncoding(_) | Fault::BadDataFormat(..) | Fault::BadStoreFormat(_) => {
            "the entry is damaged".to_owned()
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
            "store the token in the configuration: `nanobot login --token-store file`",
        ),
        Holding::RecoveryKey => (
            "recovery key",
            "store the recovery key somewhere else and pass it with --recovery-key-file",
        ),
    };
    Error::failure(format!(
        "the {secret} in the keyring cannot be {what}: {why}"
    ))
    .hint(format!(
        "unlock the keyring and run this in its session, or {otherwise}"
    ))
}

#[cfg(test)]
mod tests;
