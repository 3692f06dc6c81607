//! The state of the store, and what others see of the device.

use std::{fmt, time::Duration};

use serde::Serialize;
use url::Url;

use super::{
    archives::{Archive, Sizes},
    storage::Storage,
};
use crate::{
    config::{Document, Paths, environment},
    error::{Error, Kind, Result},
    homeserver::Backup,
    ipc::{self, Answer, Backlog, IdentityKeys, Lock, Request},
    journal::{Stored, Summary},
    session::{Chain, Credentials, KeyStore, credentials, verify_chain},
    text::counted,
};

/// The width of a row's name.
const NAMES: usize = 16;
/// How long a running gateway may take to answer.
const GATEWAY_LIMIT: Duration = Duration::from_secs(5);
/// How long the homeserver may take.
const HOMESERVER_LIMIT: Duration = Duration::from_secs(10);
/// Where secret storage begins: it names the key that opens it (spec, "Secrets").
const DEFAULT_KEY: &str = "m.secret_storage.default_key";

/// All that is known. What could not be asked is the reason why.
#[derive(Debug, Serialize)]
pub struct Status {
    user_id: String,
    device_id: String,
    homeserver: Url,
    #[serde(flatten)]
    local: Local,
    #[serde(flatten)]
    server: Server,
    bytes: Sizes,
    storage: Storage,
    archives: Vec<Archive>,
}

/// What is known without a homeserver: by the store, or by the gateway that has it open.
#[derive(Debug, Default, Serialize)]
struct Local {
    ed25519: Option<String>,
    curve25519: Option<String>,
    /// The process id of the gateway that runs, as it sees it itself.
    gateway_pid: Option<u32>,
    /// How many room keys there are; not known while a gateway runs.
    room_keys: Option<usize>,
    /// What the journal holds that is not done.
    journal: Option<Backlog>,
    /// What could not be looked at, and why.
    store_errors: Vec<String>,
}

/// What the homeserver shows of the device, its owner, and what the account keeps there.
#[derive(Debug, Default, Serialize)]
struct Server {
    /// Whether the keys that others see are those that are here.
    published: Option<bool>,
    /// Whether others can trace the device to its owner.
    verified: Option<bool>,
    verified_because: Option<&'static str>,
    /// The owner's public master key.
    master_key: Option<String>,
    one_time_keys: Option<u64>,
    /// The backup of room keys.
    key_backup: Option<Backup>,
    /// Whether there is a store of secrets, which a recovery key opens.
    secret_storage: Option<bool>,
    /// Why it was not asked.
    homeserver_error: Option<String>,
    #[serde(skip)]
    device: Option<IdentityKeys>,
    #[serde(skip)]
    is_token_rejected: bool,
}

impl Status {
    /// How far the lines below the first of a row are indented.
    pub const INDENT: usize = NAMES;

    /// Looks at everything and changes nothing.
    ///
    /// # Errors
    ///
    /// When no device is configured, or the data directory cannot be listed.
    pub async fn gather(paths: &Paths) -> Result<Self> {
        let matrix = Document::load(paths.config_file())?.matrix(&environment)?;
        let credentials = credentials(&matrix)?;
        let (local, mut server) = tokio::join!(Local::look(paths), Server::ask(&credentials));
        if let (Some(ed25519), Some(curve25519), None) =
            (&local.ed25519, &local.curve25519, &server.homeserver_error)
        {
            let is_same = |device: &IdentityKeys| {
                device.ed25519 == *ed25519 && device.curve25519 == *curve25519
            };
            server.published = Some(server.device.as_ref().is_some_and(is_same));
        }
        Ok(Self {
            local,
            server,
            bytes: Sizes::of(&paths.store()),
            storage: Storage::of(paths, &matrix),
            archives: Archive::all(paths).await?,
            user_id: credentials.user_id,
            device_id: credentials.device_id,
            homeserver: credentials.homeserver,
        })
    }

    /// A rejected token is no login.
    pub fn exit_code(&self) -> u8 {
        if self.server.is_token_rejected {
            Kind::NotLoggedIn.exit_code()
        } else {
            0
        }
    }
}

impl Local {
    async fn look(paths: &Paths) -> Self {
        let mut local = Self::default();
        let looked = match ipc::ask(paths.dir(), Request::Status, GATEWAY_LIMIT).await {
            // A store that is in use is not opened.
            Ok(Some(Answer::Status(status))) => {
                local.gateway_pid = Some(status.pid);
                local.journal = status.backlog;
                if let Some(keys) = status.keys {
                    (local.ed25519, local.curve25519) = (Some(keys.ed25519), Some(keys.curve25519));
                }
                Ok(())
            }
            Ok(Some(_)) => Err(Error::failure("the gateway did not return its status")),
            Ok(None) => local.read(paths).await,
            Err(error) => Err(error),
        };
        if let Err(error) = looked {
            local.store_errors.push(error.to_string());
        }
        local
    }

    async fn read(&mut self, paths: &Paths) -> Result<()> {
        let store = paths.store();
        if !store.is_dir() {
            return Err(Error::failure(format!(
                "{} does not exist",
                store.display()
            )));
        }
        let _lock = Lock::acquire(paths.dir())?;
        match Summary::read(&store).await {
            Ok(Some(Stored::Sound { summary, .. })) => self.journal = Some(summary.backlog),
            Ok(Some(Stored::Damaged { why })) => {
                let error = format!("the journal is damaged: {why}");
                self.store_errors.push(error);
            }
            Ok(Some(Stored::Newer { .. })) => {
                let error = "the journal was written by a newer nanobot".to_owned();
                self.store_errors.push(error);
            }
            Ok(None) => {}
            Err(error) => self.store_errors.push(error.to_string()),
        }
        let keys = KeyStore::open(&store).await?.ok_or_else(|| {
            let store = store.display();
            Error::failure(format!("no encryption keys in {store}"))
        })?;
        let pair = keys.account().keys.clone();
        (self.ed25519, self.curve25519) = (Some(pair.ed25519), Some(pair.curve25519));
        self.room_keys = Some(keys.count().await?);
        Ok(())
    }
}

impl Server {
    async fn ask(credentials: &Credentials) -> Self {
        let asked = tokio::time::timeout(HOMESERVER_LIMIT, Self::ask_all(credentials)).await;
        let asked = asked.unwrap_or_else(|_| {
            Err(Error::unreachable(format!(
                "{} did not answer within {} s",
                credentials.homeserver,
                HOMESERVER_LIMIT.as_secs()
            )))
        });
        asked.unwrap_or_else(|error| Self {
            homeserver_error: Some(error.to_string()),
            is_token_rejected: error.kind() == Kind::NotLoggedIn,
            ..Self::default()
        })
    }

    async fn ask_all(credentials: &Credentials) -> Result<Self> {
        let account = credentials.account()?;
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let (published, one_time_keys, key_backup, default_key) = tokio::try_join!(
            account.published_keys(user_id, device_id),
            account.one_time_key_count(),
            account.backup(),
            account.account_data(user_id, DEFAULT_KEY),
        )?;
        let chain = verify_chain(&published, user_id, device_id);
        Ok(Self {
            verified: Some(chain == Chain::Whole),
            verified_because: Some(chain.describe()),
            master_key: published.master.map(|key| key.public),
            device: published.device.map(IdentityKeys::from),
            one_time_keys: Some(one_time_keys),
            key_backup,
            secret_storage: Some(default_key.is_some_and(|data| data["key"].is_string())),
            ..Self::default()
        })
    }
}

/// A line of the status.
fn row(f: &mut fmt::Formatter<'_>, name: &str, value: impl fmt::Display) -> fmt::Result {
    write!(f, "\n{name:NAMES$}{value}")
}

/// A public key as Element shows it.
fn in_fours(key: &str) -> String {
    let characters: Vec<_> = key.chars().collect();
    let groups = characters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join(" ")
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.local.ed25519.as_deref();
        write!(f, "{:NAMES$}{}", "Account", self.user_id)?;
        row(f, "Device", &self.device_id)?;
        row(f, "Fingerprint", key.map_or("unknown".to_owned(), in_fours))?;
        self.server.fmt(f)?;
        self.local.fmt(f)?;
        row(f, "Size", self.bytes)?;
        row(f, "Received files", &self.storage.media)?;
        row(f, "Conversations", &self.storage.conversations)?;
        for why in &self.local.store_errors {
            row(f, "Not checked", why)?;
        }
        if self.archives.is_empty() {
            return Ok(());
        }
        let limits = self.storage.archives;
        write!(f, "\n\nArchived stores ({limits}, and always the newest)")?;
        for archive in &self.archives {
            write!(f, "\n  {archive}")?;
        }
        write!(
            f,
            "\nUse an archive for its keys only; never run its device again:\n  \
             nanobot store import-keys --from ARCHIVE"
        )
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = &self.homeserver_error {
            row(f, "Verified", "unknown")?;
            return row(f, "Homeserver", format_args!("not checked: {error}"));
        }
        let published = match self.published {
            Some(true) => "yes, the homeserver has the keys of this store",
            Some(false) => "no, the homeserver has other keys or none",
            None => "unknown",
        };
        row(f, "Published", published)?;
        let verified = match (self.verified, &self.master_key) {
            (Some(true), Some(master)) => {
                format!("by its owner, master key {}", in_fours(master))
            }
            _ => format!("no: {}", self.verified_because.unwrap_or_default()),
        };
        row(f, "Verified", verified)?;
        row(f, "One-time keys", self.one_time_keys.unwrap_or_default())?;
        let backup = match &self.key_backup {
            Some(backup) => format!(
                "version {}, {}",
                backup.version,
                counted(backup.count, "room key")
            ),
            None => "none".to_owned(),
        };
        row(f, "Key backup", backup)?;
        let storage = match self.secret_storage {
            Some(true) => "set up (the recovery key opens it)",
            _ => "none",
        };
        row(f, "Secret storage", storage)
    }
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pid) = self.gateway_pid {
            row(f, "Gateway", format_args!("running (pid {pid})"))?;
        }
        if let Some(count) = self.room_keys {
            row(f, "Room keys", count)?;
        }
        let Some(backlog) = &self.journal else {
            return Ok(());
        };
        let (waiting, undecryptable) = (backlog.waiting, backlog.undecryptable.count);
        let waiting = counted(waiting, "message");
        let words = format!("{waiting} unanswered, {undecryptable} waiting for a key");
        row(f, "Journal", words)?;
        let Some(newest) = backlog.parked.recent.first() else {
            return Ok(());
        };
        let words = format!(
            "{} not answered; the newest, in {}: {}",
            backlog.parked.count, newest.room_id, newest.reason
        );
        row(f, "Given up", words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_in_groups_of_four() {
        assert_eq!(in_fours("abcdefghi"), "abcd efgh i");
    }
}
