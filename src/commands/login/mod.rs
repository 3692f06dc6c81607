//! `nanobot login`: a device of the bot's own, and a configuration that uses it.

mod device;
mod establish;
mod status;
mod target;
mod ways;
mod wishes;

use std::path::Path;

use serde_json::{Map, json};

use self::{
    device::{Attempt, Device, History},
    target::Target,
    ways::Way,
    wishes::Wishes,
};
use super::{Outcome, environment, paths};
use crate::{
    cli::{Global, Login},
    config::{Document, Matrix, Origin, Saved, schema},
    error::Result,
    homeserver::{Discovery, FoundBy, discover},
    instance::Lock,
    session::Identity,
    terminal::Terminal,
};

pub(super) async fn run(args: &Login, global: &Global) -> Result<Outcome> {
    if args.status {
        return status::run(global).await;
    }
    let terminal = Terminal::new(!args.no_input && !global.json);
    let paths = paths(global)?;
    let mut document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&environment)?;

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

    let _lock = Lock::acquire(paths.dir())?;
    let attempt = Attempt {
        discovery: &discovery,
        options: &target.options,
        way: &way,
        device_name: &wishes.device_name,
    };
    let device = terminal
        .during(
            "Logging in and publishing encryption keys",
            Box::pin(attempt.obtain(&paths.store())),
        )
        .await?;
    let saved = match write_config(&mut document, &device, &wishes) {
        Ok(saved) => saved,
        Err(error) => {
            device.undo().await;
            return Err(error);
        }
    };
    let notes = notes(&device, &wishes, &matrix)
        .into_iter()
        .chain(tightened(&saved));
    for line in notes {
        terminal.note(&line);
    }
    let mut outcome = outcome(&device, &wishes, paths.config_file());
    if wishes.guided {
        let line = wishes.equivalent(&target, &way, &discovery);
        outcome.text = format!("{}\n\nThe same without questions:\n  {line}", outcome.text);
    }
    Ok(outcome)
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
fn write_config(document: &mut Document, device: &Device, wishes: &Wishes) -> Result<Saved> {
    document.matrix_set("enabled", true)?;
    document.matrix_set("homeserver", device.homeserver())?;
    document.matrix_set("userId", device.login.user_id.as_str())?;
    document.matrix_set("accessToken", device.login.access_token.expose())?;
    document.matrix_set("deviceId", device.login.device_id.as_str())?;
    document.matrix_set("e2eeEnabled", wishes.e2ee_enabled)?;
    document.matrix_set("allowFrom", wishes.allow_from.clone())?;
    document.save()
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
    notes.extend(wishes.notice.clone());
    notes.extend(shadowing(before));
    notes
}

/// Says which values that were written do not count, because something goes before the file.
fn shadowing(before: &Matrix) -> Vec<String> {
    [
        &schema::HOMESERVER,
        &schema::USER_ID,
        &schema::ACCESS_TOKEN,
        &schema::DEVICE_ID,
        &schema::ALLOW_FROM,
    ]
    .into_iter()
    .filter_map(|key| match before.origin(key) {
        Origin::Default | Origin::File { .. } => None,
        origin => Some(format!(
            "{} in the configuration does not count as long as {origin} is there.",
            key.name
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

fn outcome(device: &Device, wishes: &Wishes, config: &Path) -> Outcome {
    let encryption = match device.identity {
        Identity::Created | Identity::Verified => "verified by its owner",
        Identity::Unverified => "not yet verified by its owner",
    };
    let (user_id, device_id) = (&device.login.user_id, &device.login.device_id);
    let text = format!(
        "Logged in as {user_id} on {}\n\
         Device {device_id}, {encryption}\n\
         Configuration written to {}\n\
         Next: nanobot gateway, then write to {user_id} from your own client",
        device.homeserver(),
        config.display(),
    );
    let fields = [
        ("user_id", json!(user_id)),
        ("device_id", json!(device_id)),
        ("homeserver", json!(device.homeserver())),
        (
            "new_device",
            json!(matches!(device.history, History::New(_))),
        ),
        ("verified", json!(device.identity != Identity::Unverified)),
        ("allow_from", json!(wishes.allow_from)),
        ("config", json!(config)),
    ];
    Outcome {
        text,
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    }
}
