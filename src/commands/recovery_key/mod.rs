//! The account's recovery key: shown once, and kept in the system's keyring where that is wished.

mod pending;

use serde_json::json;

pub(super) use pending::{PendingKey, Standing};

use super::Outcome;
use crate::{
    config::{Entry, Keyring, KeyringState, Secret},
    error::{Error, Result},
    terminal::{Progress, Terminal},
};

/// Puts a new recovery key into the result, the only time it is shown.
pub(super) fn show(outcome: &mut Outcome, key: &Secret) {
    let shown = key.expose();
    outcome.json.insert("recovery_key".to_owned(), json!(shown));
    let advice = "Keep it where the loss of this machine does not reach it; it is not shown again";
    outcome.text = format!("{}\n\nRecovery key: {shown}\n{advice}", outcome.text);
}

/// The recovery key of this account in the keyring, if there is one there. A keyring that cannot
/// be used has none.
pub(super) fn kept(user_id: &str) -> Option<Secret> {
    Keyring::system()
        .read(&Entry::of_recovery_key(user_id))
        .inspect_err(|error| tracing::debug!(%error, "the keyring gives no recovery key"))
        .ok()
        .flatten()
}

/// The recovery key of this account, which has to be in the keyring.
pub(super) fn required(user_id: &str) -> Result<Secret> {
    let entry = Entry::of_recovery_key(user_id);
    Keyring::system().read(&entry)?.ok_or_else(|| {
        Error::failure(format!("the keyring has no {entry}"))
            .hint("give the recovery key another way: --recovery-key-file FILE")
    })
}

/// Tries a keyring that is to be used. Returns what it is, and whether what it holds lasts.
pub(super) fn insist(keyring: &Keyring, otherwise: &str) -> Result<(String, bool)> {
    let _progress = Progress::start("Trying the keyring");
    match keyring.probe() {
        KeyringState::Works { name, persistent } => Ok((name, persistent)),
        KeyringState::Unavailable(why) => Err(Error::failure(format!(
            "the keyring cannot be used: {why}"
        ))
        .hint(format!(
            "run this in a desktop session with its keyring unlocked, or {otherwise}"
        ))),
    }
}

/// A keyring that is to keep the recovery key, and has shown that it works.
pub(super) struct Keeper {
    keyring: Keyring,
    name: String,
}

impl Keeper {
    /// Tries the keyring, where it is wished for, before there is a key.
    pub(super) fn choose(is_wished: bool, terminal: Terminal) -> Result<Option<Self>> {
        if !is_wished {
            return Ok(None);
        }
        let keyring = Keyring::system();
        let (name, persistent) = insist(&keyring, "keep the recovery key somewhere else")?;
        if !persistent {
            terminal.note(&format!(
                "The keyring ({name}) is emptied when the session ends or the machine restarts."
            ));
        }
        Ok(Some(Self { keyring, name }))
    }

    /// Keeps a key that was shown or has proved to be the right one. Returns what to say of it.
    pub(super) fn put(&self, user_id: &str, key: Option<&Secret>) -> Result<String> {
        let key = key.ok_or_else(|| Error::failure("there is no recovery key to be kept"))?;
        self.keyring.write(&Entry::of_recovery_key(user_id), key)?;
        Ok(format!(
            "The recovery key is in the keyring ({})",
            self.name
        ))
    }

    /// The same, said in the result, which fails where it fails. Returns whether it is kept.
    pub(super) fn keep(&self, outcome: &mut Outcome, user_id: &str, key: Option<&Secret>) -> bool {
        match self.put(user_id, key) {
            Ok(words) => {
                outcome.text = format!("{}\n{words}", outcome.text);
                true
            }
            Err(error) => {
                outcome.fail(error);
                false
            }
        }
    }
}
