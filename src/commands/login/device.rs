//! The device that the bot has after a login.

use std::path::{Path, PathBuf};

use super::plan::Plan;
use crate::{
    commands::{inheritance::describe, stores::Installed},
    homeserver::{Account, Failure, Login},
    inbox::Inheritance,
    session::Credentials,
};

/// The device the bot has after a login.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) login: Login,
    /// What is left to do for the account's identity.
    pub(super) plan: Plan,
    pub(super) history: History,
    pub(super) credentials: Credentials,
    pub(super) account: Account,
    /// The new store that was put in place, where this run made the device.
    pub(super) installed: Option<Installed>,
    /// The old store that made room for that of a given device.
    pub(super) archived: Option<PathBuf>,
    /// What it took over from the device it replaces.
    pub(super) heritage: Heritage,
}

/// What a new device took over from the one before it.
#[derive(Debug, Default)]
pub(super) struct Heritage {
    pub(super) journal: Inheritance,
    pub(super) room_keys: usize,
    /// Why the identity was not taken over.
    pub(super) without_identity: Option<&'static str>,
}

/// Whether the device is the one there was.
#[derive(Debug)]
pub(super) enum History {
    /// The same device, with its store.
    Kept,
    /// A new one.
    New(Reason),
}

/// Why a device is a new one.
#[derive(Debug)]
pub(super) enum Reason {
    /// It was given with its token, and has no keys yet.
    Given,
    /// There is no store here.
    NoStore,
    /// The store is another user's.
    OtherUser(String),
    /// The store cannot be read.
    Unreadable(String),
    /// The homeserver's keys of the old device are not those of the store.
    Unsound(String),
}

impl Device {
    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(super) fn homeserver(&self) -> &str {
        self.credentials.homeserver.as_str().trim_end_matches('/')
    }

    /// Where the store that was here before is kept, if there was one.
    pub(super) fn archived_store(&self) -> Option<&Path> {
        let installed = self.installed.as_ref();
        installed
            .and_then(Installed::archived)
            .or(self.archived.as_deref())
    }

    /// Gives the device a name, if it had one already: a login names only what it makes. A device
    /// without the name works all the same, so what goes wrong is only told.
    pub(super) async fn rename(&self, name: &str) -> Option<String> {
        if !matches!(self.history, History::Kept) {
            return None;
        }
        let named = self.account.name_device(&self.login.device_id, name).await;
        let error = named.err()?;
        Some(format!("The device could not be named: {error}."))
    }

    /// What became of what the old device had, for a person.
    pub(super) fn taken_over(&self) -> Vec<String> {
        let Heritage {
            journal,
            room_keys,
            without_identity,
        } = &self.heritage;
        let keys = (*room_keys > 0).then(|| {
            format!("Room keys of the old device, for reading earlier messages: {room_keys}.")
        });
        let identity = without_identity.filter(|_| !self.plan.verifies());
        keys.into_iter()
            .chain(describe(*journal))
            .chain(identity.map(str::to_owned))
            .collect()
    }

    /// Takes back a login whose result could not be written down.
    pub(super) async fn undo(&self) {
        if let Some(installed) = &self.installed {
            installed.undo();
            forget(&self.account).await;
        }
    }
}

impl Reason {
    /// Why the configured device was replaced, for a person; nothing where there was none.
    pub(super) fn explain(&self, configured: Option<&str>) -> Option<String> {
        let why = match (self, configured) {
            (Self::Given, _) | (Self::NoStore, None) => return None,
            (Self::NoStore, Some(device_id)) => format!(
                "the keys of the configured device {device_id} are not here, \
                 and without them it can never decrypt"
            ),
            (Self::OtherUser(user_id), _) => format!("the store here belonged to {user_id}"),
            (Self::Unreadable(why) | Self::Unsound(why), _) => why.clone(),
        };
        Some(format!("The bot has a new device: {why}."))
    }
}

/// Whether this id is the user that was typed, in full or only the localpart.
pub(in crate::commands) fn is_same_user(user_id: &str, typed: &str) -> bool {
    let localpart = user_id
        .strip_prefix('@')
        .and_then(|id| id.split(':').next());
    user_id == typed || localpart == Some(typed.trim_start_matches('@'))
}

/// Logs a device out that nothing will use, so that it does not stay in the account's list.
/// Returns whether it is gone.
pub(super) async fn forget(account: &Account) -> bool {
    match account.logout().await {
        Ok(()) | Err(Failure::TokenRejected { .. }) => true,
        Err(error) => {
            tracing::warn!(%error, "the unused device stays in the account's list of sessions");
            false
        }
    }
}
