//! `nanobot login`: a device of the bot's own, and a configuration that uses it.

mod device;
mod establish;
mod store;
mod wishes;

use std::path::Path;

use serde_json::{Map, json};

use self::{
    device::{Device, History},
    wishes::Wishes,
};
use super::{Outcome, environment, paths};
use crate::{
    cli::{Global, Login},
    config::Document,
    error::{Error, Result},
    homeserver::{Discovery, discover},
    instance::Lock,
    session::Identity,
    terminal::Terminal,
};

pub(super) async fn run(args: &Login, global: &Global) -> Result<Outcome> {
    let terminal = Terminal::new(!args.no_input);
    let paths = paths(global)?;
    let mut document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    let wishes = Wishes::collect(args, &matrix, terminal).await?;

    let discovery = terminal
        .during(
            "Looking for the homeserver",
            discover(&wishes.homeserver, &wishes.options),
        )
        .await?;
    check_flows(&discovery)?;
    let password = wishes::password(args, &wishes.user, terminal).await?;

    let _lock = Lock::acquire(paths.dir())?;
    let device = terminal
        .during(
            "Logging in and publishing encryption keys",
            Device::obtain(&discovery, &wishes, &password, &paths),
        )
        .await?;
    if let Err(error) = write_config(&mut document, &device, &wishes) {
        device.undo().await;
        return Err(error);
    }
    for line in notes(&device, &wishes, matrix.device_id_if_set()?) {
        terminal.note(&line);
    }
    Ok(outcome(&device, &wishes, paths.config_file()))
}

/// Refuses a homeserver that does not take a password.
fn check_flows(discovery: &Discovery) -> Result<()> {
    if discovery.flows.password {
        return Ok(());
    }
    Err(Error::failure(format!(
        "{} does not take a password; it offers {}",
        discovery.base_url,
        discovery.flows.describe()
    ))
    .hint("use an account on a homeserver with password login"))
}

/// Writes the login into the configuration. The store is in its place by now.
fn write_config(document: &mut Document, device: &Device, wishes: &Wishes) -> Result<()> {
    document.matrix_set("enabled", true)?;
    document.matrix_set("homeserver", device.homeserver())?;
    document.matrix_set("userId", device.login.user_id.as_str())?;
    document.matrix_set("accessToken", device.login.access_token.expose())?;
    document.matrix_set("deviceId", device.login.device_id.as_str())?;
    document.matrix_set("e2eeEnabled", wishes.e2ee_enabled)?;
    document.matrix_set("allowFrom", wishes.allow_from.clone())?;
    document.save().map(drop)
}

/// What the person should know beside the result.
fn notes(device: &Device, wishes: &Wishes, configured: Option<&str>) -> Vec<String> {
    let mut notes = Vec::new();
    if let History::New(reason) = &device.history {
        notes.extend(reason.explain(configured));
    }
    if let Some(archived) = device.archived_store() {
        notes.push(format!("The old store is kept in {}.", archived.display()));
    }
    notes.extend(wishes.notice.clone());
    notes
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
         Next: nanobot gateway",
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
    }
}
