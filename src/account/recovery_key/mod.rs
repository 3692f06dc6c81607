//! The account's recovery key: shown once, and stored where a person chooses.

mod file;
mod pending;

use std::{fmt, path::Path};

use serde::{Serialize, Serializer};

use file::RecoveryKeyFile;
pub use pending::{PendingKey, Standing};

use super::options::Options;
use crate::{
    config::{Entry, Keyring, KeyringState, Secret},
    error::{Error, Result},
    terminal::{Progress, Terminal},
};

/// A new recovery key in a result, the only time it is shown.
#[derive(Clone, Debug)]
pub struct ShownKey(pub Secret);

impl Serialize for ShownKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl fmt::Display for ShownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Recovery key: {}\n\
             Store it in a safe place outside this machine; it is not shown again",
            self.0.expose()
        )
    }
}

/// Where a recovery key is kept, besides in its owner's hands.
#[derive(Default)]
pub struct Destinations {
    /// For a new key only.
    file: Option<RecoveryKeyFile>,
    keyring: Option<RecoveryKeyring>,
}

impl Destinations {
    /// Tries what was named before there is a key; a file is only for one that `is_new`.
    /// `directory` is the data directory.
    pub fn reserve(options: &Options, is_new: bool, directory: &Path) -> Result<Self> {
        let file = options.save_recovery_key.as_deref().filter(|_| is_new);
        let file = file.map(|path| RecoveryKeyFile::reserve(path, directory));
        let is_wanted = options.save_recovery_key_keyring;
        Ok(Self {
            file: file.transpose()?,
            keyring: RecoveryKeyring::open_if(is_wanted, options.terminal)?,
        })
    }

    /// Keeps a new key that was shown just now, or else one that was given and has proved to be the
    /// right one. Returns what to say of each place.
    pub fn keep(
        &mut self,
        user_id: &str,
        new: Option<&Secret>,
        given: Option<&Secret>,
    ) -> Vec<Result<String>> {
        let file = self.file.as_mut().zip(new);
        let file = file.map(|(file, key)| file.keep(key));
        let keyring = self.keyring.as_ref();
        let keyring = keyring.map(|keyring| keyring.keep(user_id, new.or(given)));
        file.into_iter().chain(keyring).collect()
    }
}

/// The recovery key of this account in the keyring, if there is one there. A keyring that cannot
/// be used has none.
pub fn from_keyring(user_id: &str) -> Option<Secret> {
    Keyring::system()
        .read(&Entry::of_recovery_key(user_id))
        .inspect_err(
            |error| tracing::debug!(%error, "cannot read the recovery key from the keyring"),
        )
        .ok()
        .flatten()
}

/// The recovery key of this account, which has to be in the keyring.
pub fn required_from_keyring(user_id: &str) -> Result<Secret> {
    let entry = Entry::of_recovery_key(user_id);
    Keyring::system().read(&entry)?.ok_or_else(|| {
        Error::failure(format!("the keyring has no {entry}"))
            .hint("use --recovery-key-file FILE instead")
    })
}

/// Tries a keyring that has to work. Returns what it is, and whether what it holds lasts.
pub fn probe(otherwise: &str) -> Result<(String, bool)> {
    let _progress = Progress::start("Checking the keyring");
    match Keyring::system().probe() {
        KeyringState::Works { name, persistent } => Ok((name, persistent)),
        KeyringState::Unavailable(why) => Err(Error::failure(format!(
            "cannot use the keyring: {why}"
        ))
        .hint(format!(
            "run this in a desktop session with its keyring unlocked, or {otherwise}"
        ))),
    }
}

/// A keyring that is to keep the recovery key, and has shown that it works.
pub struct RecoveryKeyring {
    name: String,
}

impl RecoveryKeyring {
    /// Tries the keyring, where it is wanted, before there is a key.
    pub fn open_if(is_wanted: bool, terminal: Terminal) -> Result<Option<Self>> {
        if !is_wanted {
            return Ok(None);
        }
        let (name, persistent) = probe("store the recovery key elsewhere")?;
        if !persistent {
            terminal.note(&format!(
                "The keyring ({name}) is emptied when the session ends or the machine restarts."
            ));
        }
        Ok(Some(Self { name }))
    }

    /// Keeps a key that was shown or has proved to be the right one. Returns what to say of it.
    pub fn keep(&self, user_id: &str, key: Option<&Secret>) -> Result<String> {
        let key = key.ok_or_else(|| Error::failure("there is no recovery key to store"))?;
        Keyring::system().write(&Entry::of_recovery_key(user_id), key)?;
        let name = &self.name;
        Ok(format!("Stored the recovery key in the keyring ({name})"))
    }
}
