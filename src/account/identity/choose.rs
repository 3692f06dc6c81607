//! What is done about an identity that the account has, and whose private keys are not here.

use crate::{
    account::secret_input::ask_recovery_key,
    config::Secret,
    error::Result,
    session::{Remains, SecretStorage},
    terminal::{Choice, Question, Terminal},
};

/// What a person wants done about the existing identity.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// This recovery key, which is the right one, verifies the device.
    Recover(Secret),
    /// The account gets a new identity.
    Replace,
    /// The device stays unverified for now.
    Leave,
}

/// An entry of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    RecoveryKey,
    Leave,
    Replace,
}

/// Has a person choose. A recovery key is asked for until it is the right one, or skipped.
pub async fn choose(
    terminal: Terminal,
    user_id: &str,
    storage: Option<&SecretStorage>,
    remains: Remains,
    may_replace: bool,
) -> Result<Decision> {
    let storage = storage.filter(|_| remains.in_secret_storage);
    let later = if remains.has_verified_session {
        "from another session: nanobot verify"
    } else {
        "leave the device unverified"
    };
    let mut choices = vec![Choice::new(Entry::Leave, "Later").about(later)];
    if storage.is_some() {
        let about = "enter it now to verify the device";
        choices.insert(
            0,
            Choice::new(Entry::RecoveryKey, "Recovery key").about(about),
        );
    }
    if may_replace {
        let about = "everyone must verify the bot again";
        choices.push(Choice::new(Entry::Replace, "New identity").about(about));
    }
    if choices.len() == 1 {
        return Ok(Decision::Leave);
    }
    terminal.note(&format!(
        "{user_id} already has a cross-signing identity, and its private keys are not on this \
         machine. Until they verify this device, other people's clients show it as unverified."
    ));
    loop {
        let flags = "--recovery-key-file or --reset-identity";
        let question = Question::new("How should this device be verified?", flags);
        match (terminal.choose(question, choices.clone()).await?, storage) {
            (Entry::RecoveryKey, Some(storage)) => {
                let flag = "--recovery-key-file";
                if let Some(key) = ask_recovery_key(terminal, storage, flag).await? {
                    return Ok(Decision::Recover(key));
                }
            }
            (Entry::Replace, _) => return Ok(Decision::Replace),
            (Entry::RecoveryKey | Entry::Leave, _) => return Ok(Decision::Leave),
        }
    }
}
