//! `nanobot login`: a device of the bot's own, and a configuration that uses it.

pub(super) mod custody;
mod device;
pub(super) mod establish;
mod expiry;
mod identity;
mod keepsake;
mod status;
mod target;
pub(super) mod ways;
mod wishes;

use std::path::Path;

use serde_json::{Map, json};

use self::{
    custody::Custody,
    device::{Attempt, Device, History},
    expiry::Expiry,
    identity::{IdentityWishes, Settled},
    keepsake::Keepsake,
    target::Target,
    ways::Way,
    wishes::Wishes,
};
use super::{
    Outcome, environment, paths,
    recovery_key::{self, Keeper},
    store::refuse_unfinished,
};
use crate::{
    cli::{Global, Login},
    config::{Document, Matrix, Origin, Saved, schema, settings},
    error::{Kind, Result},
    homeserver::{Discovery, FoundBy, discover},
    instance::Lock,
    session::{Chain, RoomKeyBackup},
    terminal::{Progress, Terminal},
};

pub(super) async fn run(args: &Login, global: &Global) -> Result<Outcome> {
    if args.status {
        return status::run(global).await;
    }
    let terminal = Terminal::new(!args.no_input && !global.json);
    let paths = paths(global)?;
    let mut document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    let custody = Custody::choose(args.token_store, &matrix)?;
    let keepsake = args.identity.save_recovery_key.as_deref();
    let mut keepsake = keepsake.map(Keepsake::reserve).transpose()?;
    let keeper = Keeper::choose(args.identity.save_recovery_key_keyring, terminal)?;

    let identity = IdentityWishes::collect(args, terminal).await?;
    let target = Target::choose(args, &matrix, terminal).await?;
    let discovery = terminal
        .during(
            "Looking for the homeserver",
            discover(&target.homeserver, &target.options),
        )
        .await?;
    if terminal.is_interactive() {
        terminal.note(&describe(&discovery));
    }
    let way = Way::choose(args, &matrix, &target, &discovery, terminal).await?;
    let wishes = Wishes::collect(args, &matrix, &way, terminal).await?;
    let before = identity.current_device(&matrix);

    let _lock = Lock::acquire(paths.dir())?;
    refuse_unfinished(paths.dir())?;
    let progress = Progress::start("Reading the encryption store");
    let attempt = Attempt {
        discovery: &discovery,
        options: &target.options,
        way: &way,
        device_name: &wishes.device_name,
        identity: &identity,
        before: before.as_ref(),
        progress: &progress,
    };
    let device = Box::pin(attempt.obtain(&paths.store())).await?;
    let expiry = Expiry::from_now(device.login.expires_in);
    progress.step("Writing the configuration");
    let saved = match write_config(&mut document, &device, &wishes, &custody) {
        Ok(saved) => saved,
        Err(error) => {
            device.undo().await;
            return Err(error);
        }
    };
    let mut notes = notes(&device, &wishes, &matrix);
    if let Some(name) = &args.device_name {
        notes.extend(device.rename(name).await);
    }
    notes.extend(custody.notes.iter().cloned());
    notes.extend(custody.tidy(&device.login));
    notes.extend(shadowing(&document));
    notes.extend(tightened(&saved));
    notes.extend(expiry.as_ref().map(Expiry::warn));
    let store = paths.store();
    let carried_out = device
        .plan
        .carry_out(&device, &store, way.password(), &progress);
    let settled = Box::pin(carried_out).await;
    drop(progress);
    for line in notes {
        terminal.note(&line);
    }
    let settled = settled.inspect_err(|_| {
        let (user_id, device_id) = (&device.login.user_id, &device.login.device_id);
        terminal.note(&format!(
            "Logged in as {user_id}, device {device_id}. Only what was to be done about the \
             account's identity failed:"
        ));
    })?;
    let mut outcome = outcome(&device, &wishes, &custody, paths.config_file(), &settled);
    if device.plan.verifies() && !matches!(settled.chain, Ok(Chain::Whole)) {
        terminal.note("The signatures that the homeserver shows of the device do not hold.");
        outcome.exit_code = Kind::Failure.exit_code();
    }
    show_recovery_key(&mut outcome, &settled, keepsake.as_mut());
    if let Some(keeper) = keeper {
        let key = settled.recovery_key.as_ref().or(device.plan.recovery_key());
        keeper.keep(&mut outcome, &device.login.user_id, key);
    }
    let expires = expiry.map(|expiry| expiry.to_string());
    outcome.json.insert("expires".to_owned(), json!(expires));
    if wishes.guided {
        let line = wishes.equivalent(&target, &way, &discovery, &custody, &device.plan);
        outcome.text = format!("{}\n\nThe same without questions:\n  {line}", outcome.text);
    }
    Ok(outcome)
}

/// Puts a new recovery key into the result, the only time it is shown, and into the file for it.
fn show_recovery_key(outcome: &mut Outcome, settled: &Settled, keepsake: Option<&mut Keepsake>) {
    let Some(key) = &settled.recovery_key else {
        return;
    };
    recovery_key::show(outcome, key);
    let Some(keepsake) = keepsake else {
        return;
    };
    let file = keepsake.path().display().to_string();
    match keepsake.keep(key) {
        Ok(()) => {
            outcome.text = format!(
                "{}\nIt is also in {file}, which only you can read",
                outcome.text
            );
        }
        Err(error) => {
            tracing::error!(%file, %error, "cannot keep the recovery key; note it down from here");
            outcome.exit_code = Kind::Failure.exit_code();
        }
    }
}

/// What was found, for a person.
fn describe(discovery: &Discovery) -> String {
    let how = match discovery.found_by {
        FoundBy::WellKnown => " by its server's .well-known file",
        FoundBy::Direct => "",
    };
    format!(
        "Found {}{how}; it takes {}.",
        discovery.homeserver.name(),
        discovery.flows.describe()
    )
}

/// Writes the login into the configuration. The store is in its place by now.
fn write_config(
    document: &mut Document,
    device: &Device,
    wishes: &Wishes,
    custody: &Custody,
) -> Result<Saved> {
    document.matrix_set("enabled", true)?;
    document.matrix_set("homeserver", device.homeserver())?;
    document.matrix_set("userId", device.login.user_id.as_str())?;
    document.matrix_set("deviceId", device.login.device_id.as_str())?;
    document.matrix_set("e2eeEnabled", wishes.e2ee_enabled)?;
    document.matrix_set("allowFrom", wishes.allow_from.clone())?;
    custody.keep(document, &device.login)
}

/// What the person should know beside the result.
fn notes(device: &Device, wishes: &Wishes, before: &Matrix) -> Vec<String> {
    let mut notes = Vec::new();
    if let History::New(reason) = &device.history {
        // What cannot be read was not a device.
        notes.extend(reason.explain(before.device_id_if_set().ok().flatten()));
    }
    if let Some(archived) = device.archived_store() {
        notes.push(format!("The old store is kept in {}.", archived.display()));
    }
    notes.extend(device.unanswered());
    notes.extend(wishes.notice.clone());
    notes
}

/// Says which values that were written do not count, because something goes before the file.
fn shadowing(written: &Document) -> Vec<String> {
    let keys = [
        &schema::HOMESERVER,
        &schema::USER_ID,
        &schema::ACCESS_TOKEN,
        &schema::DEVICE_ID,
        &schema::ALLOW_FROM,
        &schema::TOKEN_STORE,
    ];
    settings(written, &environment)
        .into_iter()
        .filter(|setting| keys.iter().any(|key| key.name == setting.key.name))
        .filter_map(|setting| match setting.origin {
            Origin::Default | Origin::File { .. } | Origin::Keyring { .. } => None,
            origin => Some(format!(
                "The {} of this login does not count as long as {origin} is there.",
                setting.key.name
            )),
        })
        .collect()
}

/// Says that the configuration can no longer be read by others.
fn tightened(saved: &Saved) -> Option<String> {
    let mode = saved.tightened?;
    Some(format!(
        "{} is now only yours to read (0600; it was {:04o}).",
        saved.file.display(),
        mode & 0o7777
    ))
}

fn outcome(
    device: &Device,
    wishes: &Wishes,
    custody: &Custody,
    config: &Path,
    settled: &Settled,
) -> Outcome {
    let (verified, encryption) = match &settled.chain {
        Ok(Chain::Whole) => (Some(true), "verified by its owner".to_owned()),
        Ok(_) => {
            let words =
                "not yet verified by its owner; with its recovery key: nanobot verify recovery";
            (Some(false), words.to_owned())
        }
        Err(error) => (
            None,
            format!("whether its owner verified it is not known: {error}"),
        ),
    };
    let backup = settled.backup.map(RoomKeyBackup::describe);
    let backup = backup.map(|words| format!("{words}\n")).unwrap_or_default();
    let (user_id, device_id) = (&device.login.user_id, &device.login.device_id);
    let text = format!(
        "Logged in as {user_id} on {}\n\
         Device {device_id}, {encryption}\n{backup}\
         Configuration written to {}\n\
         {}\n\
         Next: nanobot gateway, then write to {user_id} from your own client",
        device.homeserver(),
        config.display(),
        custody.describe(),
    );
    let fields = [
        ("user_id", json!(user_id)),
        ("device_id", json!(device_id)),
        ("homeserver", json!(device.homeserver())),
        (
            "new_device",
            json!(matches!(device.history, History::New(_))),
        ),
        ("verified", json!(verified)),
        ("backup", json!(settled.backup.map(RoomKeyBackup::name))),
        ("allow_from", json!(wishes.allow_from)),
        ("config", json!(config)),
        ("token_store", json!(custody.store().name())),
    ];
    Outcome {
        text,
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    }
}
