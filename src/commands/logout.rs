//! `nanobot logout`: end the session on the homeserver, and set the store aside.

use std::path::Path;

use serde_json::{Map, json};

use super::{Outcome, credentials, environment, paths, stores};
use crate::{
    cli::{Global, Logout},
    config::{Document, Entry, Keyring},
    error::Result,
    homeserver::Failure,
    inbox::{Stored, Summary},
    instance::Lock,
};

pub(super) async fn run(args: &Logout, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let mut document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let _lock = Lock::acquire(paths.dir())?;

    let revoked = match credentials.account()?.logout().await {
        Ok(()) => true,
        // It is what was wanted: the homeserver knows this session no more.
        Err(Failure::TokenRejected { .. }) => false,
        Err(failure) => return Err(failure.into()),
    };
    document.matrix_unset("accessToken")?;
    document.matrix_unset("deviceId")?;
    document.save()?;
    let archived = if args.keep_store {
        None
    } else {
        stores::archive(&paths.store())?
    };

    let unanswered = match &archived {
        Some(archived) => waiting(archived).await,
        None => 0,
    };
    let removed = matrix.keyring_entry().map(|entry| forget(&entry));

    let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
    let mut text = if revoked {
        format!("Logged {user_id} out; device {device_id} is gone from its homeserver")
    } else {
        format!("{user_id} was logged out already; device {device_id} is forgotten here")
    };
    if let Some(archived) = &archived {
        text = format!(
            "{text}\nThe encryption store is kept in {}",
            archived.display()
        );
    }
    if unanswered > 0 {
        text = format!("{text}\nMessages in it that were not answered: {unanswered}");
    }
    if let Some((_, words)) = &removed {
        text = format!("{text}\n{words}");
    }
    let fields = [
        ("user_id", json!(user_id)),
        ("device_id", json!(device_id)),
        ("revoked", json!(revoked)),
        ("archived_store", json!(archived)),
        ("unanswered", json!(unanswered)),
        (
            "keyring_entry_removed",
            json!(removed.map(|(removed, _)| removed)),
        ),
    ];
    Ok(Outcome {
        text,
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    })
}

/// How many messages wait in this store's journal. The session has ended, so a journal that cannot
/// be read fails nothing.
async fn waiting(store: &Path) -> u64 {
    match Summary::read(store).await {
        Ok(Some(Stored::Sound { summary, .. })) => summary.backlog.waiting,
        Ok(_) => 0,
        Err(error) => {
            tracing::warn!(%error, "cannot tell whether messages were not answered");
            0
        }
    }
}

/// Removes the token from the keyring: whether it is gone, and what to say of it. The session has
/// ended, so a failure here fails nothing.
fn forget(entry: &Entry) -> (bool, String) {
    match Keyring::system().remove(entry) {
        Ok(true) => (true, format!("The {entry} is gone from the keyring")),
        Ok(false) => (true, format!("There was no {entry} in the keyring")),
        Err(error) => (
            false,
            format!("The {entry} is still in the keyring, though useless: {error}"),
        ),
    }
}
