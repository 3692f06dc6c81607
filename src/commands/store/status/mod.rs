//! `nanobot store status`: what the store holds, and what others see of the device.

mod local;
mod server;
pub(super) mod sizes;
mod text;

use serde_json::{Map, Value, json};

use self::{local::Local, server::Server, sizes::Sizes};
use super::{Outcome, archives::Archive, environment};
use crate::{
    commands::credentials,
    config::{Document, Paths},
    error::{Error, Kind, Result},
    session::{Chain, Credentials},
    terminal::Terminal,
};

/// All that is known. What could not be asked is the reason why.
#[derive(Debug)]
struct Status {
    credentials: Credentials,
    local: Local,
    server: Result<Server>,
    sizes: Sizes,
    archives: Vec<Archive>,
}

pub(super) async fn run(paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let matrix = Document::load(paths.config_file())?.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let gathered = async {
        let (local, server) = tokio::join!(Local::look(paths), Server::ask(&credentials));
        Ok::<_, Error>(Status {
            local,
            server,
            sizes: Sizes::of_store(&paths.store()),
            archives: Archive::all(paths).await?,
            credentials: credentials.clone(),
        })
    };
    let status = terminal
        .during("Looking at the store", Box::pin(gathered))
        .await?;
    Ok(Outcome {
        text: text::render(&status),
        json: status.to_json(),
        exit_code: status.exit_code(),
        ..Outcome::default()
    })
}

impl Status {
    /// Whether others can trace the device to its owner.
    fn chain(&self) -> Option<Chain> {
        self.server.as_ref().ok().map(|server| server.chain)
    }

    /// Whether the keys that others see are those that are here.
    fn is_published(&self) -> Option<bool> {
        let keys = self.local.keys.as_ref()?;
        let server = self.server.as_ref().ok()?;
        Some(server.device.as_ref() == Some(keys))
    }

    /// A rejected token is no login.
    fn exit_code(&self) -> u8 {
        match &self.server {
            Err(error) if error.kind() == Kind::NotLoggedIn => error.kind().exit_code(),
            _ => 0,
        }
    }

    fn to_json(&self) -> Map<String, Value> {
        let server = self.server.as_ref().ok();
        let keys = self.local.keys.as_ref();
        let backup = server.and_then(|server| server.backup.as_ref());
        let fields = [
            ("user_id", json!(self.credentials.user_id)),
            ("device_id", json!(self.credentials.device_id)),
            ("homeserver", json!(self.credentials.homeserver)),
            ("ed25519", json!(keys.map(|keys| &keys.ed25519))),
            ("curve25519", json!(keys.map(|keys| &keys.curve25519))),
            ("published", json!(self.is_published())),
            (
                "verified",
                json!(self.chain().map(|chain| chain == Chain::Whole)),
            ),
            ("verified_because", json!(self.chain().map(Chain::describe))),
            ("master_key", json!(server.map(|server| &server.master))),
            (
                "one_time_keys",
                json!(server.map(|server| server.one_time_keys)),
            ),
            (
                "key_backup",
                json!(backup.map(|backup| json!({
                    "version": backup.version,
                    "algorithm": backup.algorithm,
                    "room_keys": backup.count,
                }))),
            ),
            (
                "secret_storage",
                json!(server.map(|server| server.secret_storage)),
            ),
            (
                "homeserver_error",
                json!(self.server.as_ref().err().map(ToString::to_string)),
            ),
            ("gateway_pid", json!(self.local.gateway)),
            ("room_keys", json!(self.local.room_keys)),
            ("journal", json!(self.local.backlog)),
            ("store_errors", json!(self.local.troubles)),
            ("bytes", self.sizes.to_json()),
            (
                "archives",
                json!(
                    self.archives
                        .iter()
                        .map(Archive::to_json)
                        .collect::<Vec<_>>()
                ),
            ),
        ];
        Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value)))
    }
}
