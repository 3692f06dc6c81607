//! The device that the bot has after a login.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    account::{archive::put_back, identity::Plan},
    error::Result,
    homeserver::{Account, Failure},
    session::{Credentials, DeviceState, Identity, StoreAccount},
};

/// The device that the bot is logged in as.
#[derive(Debug)]
pub struct Device {
    pub credentials: Credentials,
    pub(super) account: Account,
    /// How long the token is valid, where the homeserver says so.
    pub(super) expires_in: Option<Duration>,
    /// What is left to do for the account's identity.
    pub plan: Plan,
    /// How it stood to the account's identity before that.
    pub(super) identity: Identity,
    /// The earlier store whose private keys of the identity it has taken over.
    pub(super) identity_store: Option<PathBuf>,
    /// Whether it is another than the bot had.
    pub(super) is_new: bool,
    /// Where the store is that was here before.
    pub(super) archived: Option<PathBuf>,
    /// Whether this run has made it, and put its store in place.
    pub(super) is_made: bool,
    /// What the person should know of it.
    pub(super) notes: Vec<String>,
}

/// Why the device in the store cannot be the bot's.
pub(super) enum Unfit {
    /// There is no store here.
    NoStore,
    /// The store is another user's.
    OtherUser(String),
    /// It cannot be read, or the homeserver has other keys of the device than the store.
    Broken(String),
}

impl Device {
    pub(super) fn user_id(&self) -> &str {
        &self.credentials.user_id
    }

    pub(super) fn device_id(&self) -> &str {
        &self.credentials.device_id
    }

    pub(super) fn homeserver(&self) -> &str {
        self.credentials.homeserver.as_str().trim_end_matches('/')
    }

    /// What there is to know before its store is opened, which holds this device's keys.
    pub(super) async fn state(&self, stored: Option<StoreAccount>) -> Result<DeviceState> {
        DeviceState::ask(&self.account, self.user_id(), self.device_id(), stored).await
    }

    /// Gives a device a name that had one already: a login names only what it makes. A device
    /// without the name works all the same, so what goes wrong is only told.
    pub(super) async fn rename(&mut self, name: &str) {
        if !self.is_new
            && let Err(error) = self.account.name_device(self.device_id(), name).await
        {
            let note = format!("Cannot rename the device: {error}.");
            self.notes.push(note);
        }
    }

    /// Takes back a login whose result could not be written down.
    pub(super) async fn undo(&self, store: &Path) {
        if self.is_made {
            put_back(store, self.archived.as_deref());
            forget(&self.account).await;
        }
    }
}

/// Logs a device out that nothing will use, so that it does not stay in the account's list.
/// Returns whether it is gone.
pub async fn forget(account: &Account) -> bool {
    match account.logout().await {
        Ok(()) | Err(Failure::TokenRejected { .. }) => true,
        Err(error) => {
            tracing::warn!(%error, "cannot log out the unused device; it stays in the account's session list");
            false
        }
    }
}

impl Unfit {
    /// Why the configured device was replaced, for a person; nothing where there was none.
    pub(super) fn explain(&self, configured: Option<&str>) -> Option<String> {
        let why = match (self, configured) {
            (Self::NoStore, None) => return None,
            (Self::NoStore, Some(device_id)) => format!(
                "the encryption keys of the configured device {device_id} are missing, and \
                 without them it can never decrypt"
            ),
            (Self::OtherUser(user_id), _) => format!("the existing store belongs to {user_id}"),
            (Self::Broken(why), _) => why.clone(),
        };
        Some(format!("Created a new device: {why}."))
    }
}
