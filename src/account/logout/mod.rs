//! Ending the bot's session on the homeserver, and archiving its store.

mod identity;

use std::{fmt, path::PathBuf};

use serde::Serialize;

use self::identity::IdentityAfter;
use super::{
    archive::{archive, journal_summary},
    secret_input::SecretSource,
};
use crate::{
    config::{Document, Keyring, Paths, environment},
    error::Result,
    files::shown_path_if_any,
    homeserver::Failure,
    ipc::{Lock, refuse_unfinished_reset},
    session::credentials,
    terminal::Terminal,
    text::counted,
};

/// What a logout is told.
pub struct Options {
    pub terminal: Terminal,
    /// The store stays in its place.
    pub keep_store: bool,
    /// The recovery key, which is checked before anything is done.
    pub recovery_key: Option<SecretSource>,
}

/// The result of a logout.
#[derive(Debug, Serialize)]
pub struct Report {
    user_id: String,
    device_id: String,
    /// Whether the homeserver still knew the session.
    revoked: bool,
    #[serde(serialize_with = "shown_path_if_any")]
    archived_store: Option<PathBuf>,
    /// What the next login has for the account's cross-signing identity.
    identity: IdentityAfter,
    /// Messages in the archived store that were not answered.
    unanswered: u64,
    keyring_entry_removed: Option<bool>,
    /// What became of the token in the keyring.
    #[serde(skip)]
    keyring: Option<String>,
}

/// Logs the configured device out; its store is archived unless it is to stay in its place.
pub async fn log_out(options: &Options, paths: &Paths) -> Result<Report> {
    let mut document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let _lock = Lock::acquire(paths.dir())?;
    refuse_unfinished_reset(paths.dir())?;
    let identity = identity::settle(options, &credentials, paths).await?;

    let revoked = match credentials.account()?.logout().await {
        Ok(()) => true,
        // The session is gone, as it should be.
        Err(Failure::TokenRejected { .. }) => false,
        Err(failure) => return Err(failure.into()),
    };
    document.matrix_unset("accessToken")?;
    document.matrix_unset("deviceId")?;
    document.save()?;
    let archived = if options.keep_store {
        None
    } else {
        archive(&paths.store())?
    };
    let unanswered = match &archived {
        Some(store) => journal_summary(store).await.backlog.waiting,
        None => 0,
    };
    let mut report = Report {
        unanswered,
        identity,
        user_id: credentials.user_id,
        device_id: credentials.device_id,
        revoked,
        archived_store: archived,
        keyring_entry_removed: None,
        keyring: None,
    };
    if let Some(entry) = matrix.keyring_entry() {
        let removed = Keyring::system().remove(&entry);
        report.keyring_entry_removed = Some(removed.is_ok());
        report.keyring = Some(match removed {
            Ok(true) => format!("Removed the {entry} from the keyring"),
            Ok(false) => format!("The keyring had no {entry}"),
            Err(error) => format!("Cannot remove the {entry} from the keyring: {error}"),
        });
    }
    Ok(report)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user_id, device_id) = (&self.user_id, &self.device_id);
        if self.revoked {
            write!(f, "Logged out {user_id}, device {device_id}")?;
        } else {
            write!(
                f,
                "{user_id}, device {device_id}, was already logged out; removed the login here"
            )?;
        }
        if let Some(archived) = &self.archived_store {
            write!(
                f,
                "\nArchived the encryption store as {}",
                archived.display()
            )?;
        }
        if let Some(identity) = self.identity.describe() {
            write!(f, "\n{identity}")?;
        }
        if self.unanswered > 0 {
            let messages = counted(self.unanswered, "unanswered message");
            write!(f, "\nThe next login on this machine answers {messages}")?;
        }
        match &self.keyring {
            Some(keyring) => write!(f, "\n{keyring}"),
            None => Ok(()),
        }
    }
}
