//! Where the recovery key is kept besides in its owner's hands.

use crate::{
    commands::{login::keepsake::Keepsake, recovery_key::Keeper},
    config::Secret,
    error::{Error, Result},
};

/// The places that were named for the recovery key.
#[derive(Default)]
pub(super) struct Keepsakes {
    pub(super) file: Option<Keepsake>,
    pub(super) keyring: Option<Keeper>,
}

impl Keepsakes {
    /// Keeps a key that was made and shown just now. Returns what to say of it.
    pub(super) fn keep_new(&mut self, user_id: &str, key: &Secret) -> Result<String> {
        let mut words =
            "set up. Keep the key where the loss of this machine does not reach it".to_owned();
        if let Some(keepsake) = &mut self.file {
            let file = keepsake.path().display().to_string();
            keepsake.keep(key).map_err(|error| {
                Error::failure(format!("cannot keep the recovery key in {file}"))
                    .because(error)
                    .hint("it is set up, and shown above: note it down from there")
            })?;
            words = format!("{words}; it is in {file} too, which only you can read");
        }
        Ok(format!("{words}{}", self.keep_given(user_id, Some(key))?))
    }

    /// Keeps a key in the keyring, where that is wished. Returns what to add to what is said.
    pub(super) fn keep_given(&self, user_id: &str, key: Option<&Secret>) -> Result<String> {
        match &self.keyring {
            Some(keyring) => Ok(format!(". {}", keyring.put(user_id, key)?)),
            None => Ok(String::new()),
        }
    }
}
