//! The device verified with the account's recovery key.

use std::{fmt, path::Path, sync::Arc};

use serde::Serialize;

use crate::{
    account::{
        Done,
        identity::{Plan, explain},
        recovery_key::{PendingKey, RecoveryKeyring, ShownKey, Standing, from_keyring},
        secret_input::{SecretSource, ask_recovery_key},
    },
    config::{Document, Paths, Secret, environment},
    error::{Error, Result},
    homeserver::Account,
    ipc::Lock,
    session::{Chain, RecoveryFailure, RoomKeyBackup, SecretStorage, credentials},
    terminal::{Progress, Terminal},
};

/// A device that is verified.
#[derive(Serialize)]
pub struct Report {
    user_id: String,
    device_id: String,
    verified: bool,
    backup: Option<RoomKeyBackup>,
    /// One that was made here earlier, and never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_key: Option<ShownKey>,
    #[serde(skip)]
    kept: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user_id, device_id) = (&self.user_id, &self.device_id);
        write!(
            f,
            "Device {device_id} of {user_id} is verified by its owner\n{}",
            self.backup.map_or("", RoomKeyBackup::describe)
        )?;
        if let Some(key) = &self.recovery_key {
            write!(f, "\n\n{key}")?;
        }
        match &self.kept {
            Some(kept) => write!(f, "\n{kept}"),
            None => Ok(()),
        }
    }
}

/// Verifies the device. Whether it worked is judged by what the homeserver shows to others. Without
/// a source of the recovery key the keyring's is taken, or it is asked for.
pub async fn recover(
    source: Option<&SecretSource>,
    save_in_keyring: bool,
    paths: &Paths,
    terminal: Terminal,
) -> Result<Done<Report>> {
    let matrix = Document::load(paths.config_file())?.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let lock = Lock::acquire(paths.dir())?;
    let keyring = RecoveryKeyring::open_if(save_in_keyring, terminal)?;
    let account = credentials.account()?;
    let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);

    let state = credentials.device_state(&account, &paths.store()).await?;
    state.check()?;
    if state.published.is_none() {
        return Err(Error::failure(format!(
            "cannot verify device {device_id}: it has not published its keys yet"
        ))
        .hint("start the gateway once to publish them")
        .command("nanobot gateway"));
    }
    let chosen = choose_key(source, paths.dir(), &account, user_id, terminal).await;
    let (key, pending) = match chosen {
        Ok(chosen) => chosen,
        Err(failure) => return Err(explain(failure, &account, &credentials, paths.dir()).await),
    };

    let plan = Plan {
        recover: Some(key.clone()),
        enable: pending.map(Arc::new),
        ..Plan::default()
    };
    let progress = Progress::start("Verifying the device");
    let status = Box::pin(plan.carry_out(&credentials, &paths.store(), None, &progress)).await?;
    drop(progress);
    if status.chain? != Chain::Whole {
        return Err(Error::failure(format!(
            "device {device_id} was signed, but the signatures on the homeserver are not valid"
        ))
        .hint("check what is wrong")
        .command("nanobot doctor"));
    }
    let shown = status.recovery_key;
    let mut done = Done::of(Report {
        user_id: user_id.clone(),
        device_id: device_id.clone(),
        verified: true,
        backup: status.backup,
        recovery_key: shown.as_ref().map(|key| ShownKey(key.secret())),
        kept: None,
    });
    match keyring.map(|keyring| keyring.keep(user_id, Some(&key))) {
        Some(Ok(words)) => done.result.kept = Some(words),
        Some(Err(error)) => done.error = Some(error),
        None => {}
    }
    if let Some(shown) = shown.filter(|_| done.error.is_none()) {
        done.afterwards = Some(shown.forget_when_shown(Some(lock)));
    }
    Ok(done)
}

/// A key that a run before this has made and not shown, if it is the account's or can be.
fn pending(
    directory: &Path,
    user_id: &str,
    storage: Option<&SecretStorage>,
    terminal: Terminal,
) -> Result<Option<PendingKey>> {
    let Some(pending) = PendingKey::read(directory, user_id)? else {
        return Ok(None);
    };
    match pending.standing_in(storage) {
        Standing::InUse | Standing::Unused => {
            terminal.note("Using the recovery key that was created here and never shown.");
            Ok(Some(pending))
        }
        Standing::Strange => {
            terminal.note(&pending.describe_unused(Standing::Strange));
            Ok(None)
        }
    }
}

/// The recovery key to use, and the same where it waits to be shown.
async fn choose_key(
    source: Option<&SecretSource>,
    directory: &Path,
    account: &Account,
    user_id: &str,
    terminal: Terminal,
) -> Result<(Secret, Option<PendingKey>), RecoveryFailure> {
    let storage = SecretStorage::read(account, user_id).await?;
    if let Some(pending) = pending(directory, user_id, storage.as_ref(), terminal)? {
        return Ok((pending.secret(), Some(pending)));
    }
    let storage = storage.ok_or(RecoveryFailure::NotSetUp)?;
    // No key helps where the identity is not stored.
    if !storage.has_identity(account, user_id).await? {
        return Err(RecoveryFailure::Incomplete);
    }
    Ok((key(source, terminal, &storage, user_id).await?, None))
}

async fn key(
    source: Option<&SecretSource>,
    terminal: Terminal,
    storage: &SecretStorage,
    user_id: &str,
) -> Result<Secret, RecoveryFailure> {
    if let Some(source) = source {
        let given = source.read("recovery key").await?;
        storage.check(&given)?;
        return Ok(given);
    }
    let looking = async { from_keyring(user_id) };
    if let Some(kept) = terminal.during("Reading the keyring", looking).await {
        if storage.check(&kept).is_ok() {
            terminal.note("Using the recovery key in the keyring.");
            return Ok(kept);
        }
        terminal
            .note("The recovery key in the keyring is not that of the account's secret storage.");
    }
    let flags = "--recovery-key-stdin or --recovery-key-file";
    let asked = ask_recovery_key(terminal, storage, flags).await?;
    asked.ok_or(RecoveryFailure::NoKey)
}
