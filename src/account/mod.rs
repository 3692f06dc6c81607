//! What a person does with the bot's account: logging in, identity, recovery key, reset, set-up.

pub mod access;
pub mod agent_check;
pub mod archive;
mod command_line;
pub mod identity;
pub mod login;
pub mod logout;
pub mod options;
pub mod queue;
pub mod recovery_key;
pub mod reset;
pub mod secret_input;
pub mod setup;
pub mod status;
pub mod store;
pub mod token_store;
pub mod verification;

use crate::error::{Error, Result};

/// What a transaction on the account has to say when it is done. Its result displays for a person
/// and serialises for a program.
pub struct Done<T> {
    pub result: T,
    /// What failed, where there is a result all the same.
    pub error: Option<Error>,
    /// What is done when the result is printed, and only then.
    pub afterwards: Option<Afterwards>,
}

impl<T> Done<T> {
    pub fn of(result: T) -> Self {
        Self {
            result,
            error: None,
            afterwards: None,
        }
    }

    /// Lets the transaction fail with this, and tell its result all the same. Of several errors the
    /// first one counts.
    pub fn fail(&mut self, error: Error) {
        if self.error.is_some() {
            tracing::error!("{error}");
        } else {
            self.error = Some(error);
        }
    }
}

/// A last step, such as the removal of a secret that the result shows for the only time. It is told
/// whether somebody was there to read the result.
pub type Afterwards = Box<dyn FnOnce(bool) -> Result<()>>;
