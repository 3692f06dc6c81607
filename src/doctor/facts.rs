//! Everything the probes found out, as plain data. What is `None` was not asked or not answered.

use std::{collections::BTreeMap, path::PathBuf};

use url::Url;

use crate::{
    agent::{self, Configured},
    config::{Finding, KeyringState, Matrix, Origin},
    error::{Error, Remedy},
    files::Space,
    homeserver::{
        Backup, Certificate, Device, Failure, InitialSync, LoginFlows, PublishedKeys, Software,
        Timing, Versions, Whoami,
    },
    ipc::{Gateway, IdentityKeys, SelfTest, Status},
    journal::{Damage, Stored},
    policy::Policy,
    session::{Credentials, DeviceState, Fault, Readiness, Remains, StoreAccount},
};

/// The answer to a call to the homeserver.
pub type Answer<T> = Result<T, Failure>;

/// A user, and whether there is one of this id, as far as it is known.
pub type Existence = (String, Option<bool>);

/// What a judgement needs and nobody has found out.
#[derive(Clone, Copy, Debug)]
pub struct Missing;

/// The answer to this question, where it came; that it did not is another check's to tell.
pub fn known<T, E>(fact: Option<&Result<T, E>>) -> Result<&T, Missing> {
    fact.and_then(|fact| fact.as_ref().ok()).ok_or(Missing)
}

/// Everything that is known of the bot.
#[derive(Debug, Default)]
pub struct Facts {
    pub config: Option<ConfigFacts>,
    pub store: Option<StoreFacts>,
    /// The keyring, where the token is kept there.
    pub keyring: Option<KeyringState>,
    pub gateway: Option<Result<Gateway, Error>>,
    /// The device whose keys are in the store; not read while a gateway runs.
    pub account: Option<Result<Option<StoreAccount>, Error>>,
    pub versions: Option<Answer<Versions>>,
    pub flows: Option<Answer<LoginFlows>>,
    pub whoami: Option<Answer<Whoami>>,
    pub device: Option<Answer<Option<Device>>>,
    pub devices: Option<Answer<Vec<Device>>>,
    pub keys: Option<Answer<PublishedKeys>>,
    pub one_time_keys: Option<Answer<u64>>,
    pub certificate: Option<Answer<Option<Certificate>>>,
    pub timing: Option<Answer<Timing>>,
    pub software: Option<Answer<Option<Software>>>,
    pub well_known: Option<Answer<Option<Url>>>,
    pub initial_sync: Option<Answer<InitialSync>>,
    pub recovery: Option<Answer<Recovery>>,
    /// How often the gateway was started with this device's store, as the account remembers it.
    pub generation: Option<Answer<u64>>,
    pub rooms: Option<Answer<Rooms>>,
    /// The users of `allowFrom` that we know to exist or not.
    pub users: Option<Answer<Vec<Existence>>>,
    /// What a test of the device found, where one was asked for.
    pub self_test: Option<Result<SelfTest, Error>>,
    pub journal: Option<Result<Option<Stored>, Error>>,
    /// The damaged databases besides the journal; not read while a gateway runs.
    pub damaged: Option<Result<Vec<Damage>, Error>>,
    /// What the agent says of itself.
    pub agent: Option<Vec<agent::Check>>,
    pub upload_limit: Option<Answer<Option<u64>>>,
}

impl Facts {
    pub fn config(&self) -> Result<&ConfigFacts, Missing> {
        self.config.as_ref().ok_or(Missing)
    }

    pub fn matrix(&self) -> Result<&Matrix, Missing> {
        self.config()?.matrix.as_ref().ok_or(Missing)
    }

    /// The device, where everything that it takes is configured.
    pub fn credentials(&self) -> Result<&Credentials, Missing> {
        known(self.config()?.credentials.as_ref())
    }

    pub fn policy(&self) -> Result<&Policy, Missing> {
        known(self.config()?.policy.as_ref())
    }

    /// Where the access token comes from.
    pub fn token_origin(&self) -> Result<Origin, Missing> {
        Ok(self.matrix()?.origin("accessToken"))
    }

    pub fn store(&self) -> Result<&StoreFacts, Missing> {
        self.store.as_ref().ok_or(Missing)
    }

    pub fn gateway(&self) -> Result<&Gateway, Missing> {
        known(self.gateway.as_ref())
    }

    /// What the gateway says of itself, if it runs and says so.
    pub fn status(&self) -> Result<&Status, Missing> {
        match self.gateway()? {
            Gateway::Running(status) => Ok(status),
            Gateway::Stopped | Gateway::Silent { .. } => Err(Missing),
        }
    }

    /// What the gateway's own preflight says: the same function, over the same facts.
    pub fn preflight(&self) -> Result<Result<Readiness, (Fault, DeviceState)>, Missing> {
        let configured = self.credentials()?;
        let published = known(self.keys.as_ref())?.device.clone();
        let state = DeviceState {
            user_id: configured.user_id.clone(),
            device_id: configured.device_id.clone(),
            whoami: known(self.whoami.as_ref())?.clone(),
            store: self.own_keys()?,
            published: published.map(IdentityKeys::from),
        };
        Ok(state.readiness().map_err(|fault| (fault, state)))
    }

    /// The keys that are here: from the store, or from the gateway that has it open.
    pub fn own_keys(&self) -> Result<Option<StoreAccount>, Missing> {
        let Ok(status) = self.status() else {
            return known(self.account.as_ref()).cloned();
        };
        let keys = status.keys.as_ref().ok_or(Missing)?;
        Ok(Some(StoreAccount {
            user_id: status.user_id.clone(),
            device_id: status.device_id.clone(),
            keys: keys.clone(),
            // A gateway that runs has passed its own preflight, and publishes what it has.
            published: status.connected,
        }))
    }
}

/// What the account keeps for the case that its machine is lost.
#[derive(Clone, Debug)]
pub struct Recovery {
    pub backup: Option<Backup>,
    /// Whether secrets are stored under a recovery key.
    pub has_secret_storage: bool,
    /// What can verify the device.
    pub remains: Option<Remains>,
}

/// The rooms that the bot has joined.
#[derive(Clone, Debug, Default)]
pub struct Rooms {
    /// The ids of all.
    pub joined: Vec<String>,
    /// Those that were examined: not all where they are very many.
    pub seen: Vec<RoomFacts>,
    /// The rooms of the aliases that the configuration lists, by alias; `None` where no room has it,
    /// and no entry where that could not be found out.
    pub aliases: BTreeMap<String, Option<String>>,
    /// Users who run these rooms, the bot itself left out: likely its owners.
    pub moderators: Vec<String>,
}

impl Rooms {
    pub fn is_joined(&self, id: &str) -> bool {
        self.joined.iter().any(|joined| joined == id)
    }

    /// The ID of the room that the configuration calls so, where it is known.
    pub fn id<'a>(&'a self, entry: &'a str) -> Option<&'a str> {
        if entry.starts_with('#') {
            self.aliases.get(entry)?.as_deref()
        } else {
            Some(entry)
        }
    }

    /// The joined successor of this room, as either of them names it.
    pub fn successor(&self, id: &str) -> Option<&str> {
        let follows = |room: &&RoomFacts| room.follows.as_deref() == Some(id);
        let told = self.seen.iter().find(|room| room.id == id);
        let told = told.and_then(|room| room.replaced_by.as_deref());
        told.filter(|successor| self.is_joined(successor))
            .or_else(|| Some(&*self.seen.iter().find(follows)?.id))
    }
}

/// A room that the bot has joined, as it is now.
#[derive(Clone, Debug)]
pub struct RoomFacts {
    pub id: String,
    pub encrypted: bool,
    /// The room that took its place.
    pub replaced_by: Option<String>,
    /// Whether the bot may send messages there; `None` where it is unknown.
    pub may_speak: Option<bool>,
    /// The room whose place it took, where that was asked for.
    pub follows: Option<String>,
}

/// What the configuration says.
#[derive(Debug)]
pub struct ConfigFacts {
    pub path: PathBuf,
    /// Every fault and warning; why it cannot be read at all.
    pub findings: Result<Vec<Finding>, Error>,
    pub exists: bool,
    /// When the file was changed last, in milliseconds since the Unix epoch.
    pub changed_at: Option<u64>,
    pub matrix: Option<Matrix>,
    /// The device it is about, or what is missing to act as it.
    pub credentials: Option<Result<Credentials, Error>>,
    pub policy: Option<Result<Policy, Error>>,
    /// Who answers, or why nobody can.
    pub agent: Option<Result<Configured, Error>>,
}

/// What is on the disk.
#[derive(Debug, Default)]
pub struct StoreFacts {
    pub directory: PathBuf,
    /// The store's files, and those beside it that matter, with their sizes and modes.
    pub files: Vec<FileFacts>,
    pub exists: bool,
    /// Whether a reset of it was begun and not finished.
    pub reset_unfinished: bool,
    /// What keeps the bot from writing there.
    pub unwritable: Option<Unwritable>,
    pub disk: Option<Disk>,
}

/// Something of the bot's that this user cannot write.
#[derive(Clone, Debug)]
pub struct Unwritable {
    pub path: PathBuf,
    /// Why, in words.
    pub why: String,
    /// What makes it writable.
    pub remedy: Remedy,
}

/// A file or directory of the bot.
#[derive(Clone, Debug)]
pub struct FileFacts {
    pub path: PathBuf,
    /// The permission bits.
    pub mode: u32,
    pub is_directory: bool,
    /// In bytes.
    pub size: u64,
}

/// The disk that the store is on.
#[derive(Clone, Debug)]
pub struct Disk {
    pub space: Space,
    /// The network filesystem it is, if it is one.
    pub network: Option<&'static str>,
}
