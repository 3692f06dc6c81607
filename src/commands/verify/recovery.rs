//! `nanobot verify recovery`: the device verified with the account's recovery key.

use std::{path::Path, sync::Arc};

use serde_json::{Map, json};

use super::{
    Outcome, credentials, environment, paths,
    recovery_key::{self, Keeper, PendingKey, Standing, kept},
    secret_input,
};
use crate::{
    cli::{Global, verify::Recovery},
    commands::signals::or_stop,
    config::{Document, Secret},
    error::{Error, Result},
    homeserver::Account,
    instance::Lock,
    session::{
        Chain, Existing, Facts, RecoveryFailure, RoomKeyBackup, SecretStorage, Session,
        StoreAccount, owner_chain,
    },
    terminal::{Progress, Terminal},
};

pub(super) async fn run(args: &Recovery, global: &Global) -> Result<Outcome> {
    let terminal = Terminal::new(!global.json);
    let paths = paths(global)?;
    let matrix = Document::load(paths.config_file())?.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let lock = Lock::acquire(paths.dir())?;
    let keeper = Keeper::choose(args.save_key_keyring, terminal)?;
    let account = credentials.account()?;
    let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);

    let stored = StoreAccount::read(&paths.store()).await?;
    let facts = Facts::gather(&account, user_id, device_id, stored).await?;
    facts.readiness()?;
    if facts.published.is_none() {
        return Err(
            Error::failure(format!("device {device_id} has not published its keys yet"))
                .hint("start the gateway once, which publishes them: nanobot gateway"),
        );
    }
    let storage = SecretStorage::read(&account, user_id).await?;
    let pending = pending(paths.dir(), user_id, storage.as_ref(), terminal)?;
    let key = if let Some(pending) = &pending {
        pending.secret()
    } else {
        let storage = storage.ok_or(RecoveryFailure::NotSetUp)?;
        key(args, terminal, &storage, user_id).await?
    };

    let progress = Progress::start("Verifying the device");
    let session = Session::open(&credentials, &paths.store()).await?;
    let recovered = or_stop(recover(&session, &account, pending.as_ref(), &key)).await;
    session.settle().await;
    let backup = recovered?;
    let chain = owner_chain(&account, user_id, device_id).await?;
    drop(progress);
    if chain != Chain::Whole {
        return Err(Error::failure(format!(
            "device {device_id} was signed, but what the homeserver shows of it does not hold"
        ))
        .hint("see what is wrong with: nanobot doctor"));
    }
    let mut outcome = outcome(user_id, device_id, backup);
    if pending.is_some() {
        recovery_key::show(&mut outcome, &key);
    }
    let is_kept = keeper.is_none_or(|keeper| keeper.keep(&mut outcome, user_id, Some(&key)));
    if let Some(pending) = pending.filter(|_| is_kept) {
        outcome.afterwards = Some(Arc::new(pending).forget_when_shown(Some(lock)));
    }
    Ok(outcome)
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
            terminal.note("The recovery key is the one that was made here and never shown.");
            Ok(Some(pending))
        }
        Standing::Strange => {
            terminal.note(&pending.describe_strange());
            Ok(None)
        }
    }
}

async fn recover(
    session: &Session,
    account: &Account,
    pending: Option<&PendingKey>,
    key: &Secret,
) -> Result<RoomKeyBackup> {
    if let Some(pending) = pending {
        pending.enable(session, account, Existing::Keep).await?;
    }
    Ok(session.recover(key).await?)
}

async fn key(
    args: &Recovery,
    terminal: Terminal,
    storage: &SecretStorage,
    user_id: &str,
) -> Result<Secret> {
    let given = if args.key_stdin {
        secret_input::secret_stdin().await?
    } else if let Some(path) = &args.key_file {
        secret_input::secret_file("recovery key", path).await?
    } else {
        let looking = async { kept(user_id) };
        if let Some(kept) = terminal.during("Looking into the keyring", looking).await {
            if storage.check(&kept).is_ok() {
                terminal.note("The recovery key is the one in the keyring.");
                return Ok(kept);
            }
            terminal.note(
                "The recovery key in the keyring is not that of the account's secret storage.",
            );
        }
        let flags = "--key-stdin or --key-file";
        let asked = secret_input::ask_recovery_key(terminal, storage, flags, false).await?;
        return asked.ok_or_else(|| RecoveryFailure::WrongKey.into());
    };
    storage.check(&given)?;
    Ok(given)
}

fn outcome(user_id: &str, device_id: &str, backup: RoomKeyBackup) -> Outcome {
    let fields = [
        ("user_id", json!(user_id)),
        ("device_id", json!(device_id)),
        ("verified", json!(true)),
        ("backup", json!(backup.name())),
    ];
    Outcome {
        text: format!(
            "Device {device_id} of {user_id} is verified by its owner\n{}",
            backup.describe()
        ),
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    }
}
