//! Everything the probes found out, as plain data. What is `None` was not asked or not answered.

use std::path::PathBuf;

use crate::{
    agent::Configured,
    config::{Finding, KeyringState, Matrix, Origin, schema},
    error::{Error, Kind},
    homeserver::{
        Backup, Certificate, Device, Failure, InitialSync, LoginFlows, PublishedKeys, Software,
        Timing, Versions, WellKnown, Whoami,
    },
    inbox::{Damage, Stored},
    instance::{SelfTest, Status},
    policy::Policy,
    session::{self, Credentials, DeviceKeyPair, Fault, Readiness, StoreAccount, judge},
};

/// The answer to a call to the homeserver.
pub(super) type Answer<T> = Result<T, Failure>;

/// A user, and whether there is one of this id, as far as it is known.
pub(super) type Existence = (String, Option<bool>);

/// An error of ours, as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint_text().map(str::to_owned),
        }
    }
}

/// Everything that is known of the bot.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) config: Option<ConfigFacts>,
    pub(super) store: Option<StoreFacts>,
    /// The keyring, where the token is kept there.
    pub(super) keyring: Option<KeyringState>,
    pub(super) gateway: Option<Result<Gateway, Trouble>>,
    /// The device whose keys are in the store; not looked at while a gateway runs.
    pub(super) account: Option<Result<Option<StoreAccount>, Trouble>>,
    pub(super) versions: Option<Answer<Versions>>,
    pub(super) flows: Option<Answer<LoginFlows>>,
    pub(super) whoami: Option<Answer<Whoami>>,
    pub(super) device: Option<Answer<Option<Device>>>,
    pub(super) devices: Option<Answer<Vec<Device>>>,
    pub(super) keys: Option<Answer<PublishedKeys>>,
    pub(super) one_time_keys: Option<Answer<u64>>,
    pub(super) certificate: Option<Answer<Option<Certificate>>>,
    pub(super) timing: Option<Answer<Timing>>,
    pub(super) software: Option<Answer<Option<Software>>>,
    pub(super) well_known: Option<Answer<WellKnown>>,
    pub(super) initial_sync: Option<Answer<InitialSync>>,
    pub(super) recovery: Option<Answer<Recovery>>,
    /// How often the gateway was started with this device's store, as the account remembers it.
    pub(super) generation: Option<Answer<u64>>,
    pub(super) rooms: Option<Answer<Rooms>>,
    /// The users of `allowFrom` that we know to exist or not.
    pub(super) users: Option<Answer<Vec<Existence>>>,
    /// What a test of the device found, where one was asked for.
    pub(super) self_test: Option<Result<SelfTest, Trouble>>,
    pub(super) journal: Option<Result<Option<Stored>, Trouble>>,
    /// The damaged databases beside the journal; not looked at while a gateway runs.
    pub(super) damaged: Option<Result<Vec<Damage>, Trouble>>,
    /// What the agent says of itself.
    pub(super) agent: Option<Vec<AgentCheck>>,
    pub(super) upload_limit: Option<Answer<Option<u64>>>,
}

impl Facts {
    /// What the gateway's own preflight says: the same function, over the same facts.
    pub(super) fn preflight(&self) -> Option<Result<Readiness, (Fault, session::Facts)>> {
        let configured = self.config.as_ref()?.credentials()?;
        let known = session::Facts {
            user_id: configured.user_id.clone(),
            device_id: configured.device_id.clone(),
            whoami: self.whoami.as_ref()?.as_ref().ok()?.clone(),
            store: self.own_keys().ok()?,
            published: self
                .keys
                .as_ref()?
                .as_ref()
                .ok()?
                .device
                .clone()
                .map(DeviceKeyPair::from),
        };
        Some(judge(&known).map_err(|fault| (fault, known)))
    }

    /// The keys that are here: from the store, or from the gateway that has it open.
    pub(super) fn own_keys(&self) -> Result<Option<StoreAccount>, NotKnown> {
        let Some(status) = self
            .gateway
            .as_ref()
            .and_then(|gateway| gateway.as_ref().ok()?.status())
        else {
            let read = self.account.as_ref().and_then(|read| read.as_ref().ok());
            return read.cloned().ok_or(NotKnown);
        };
        let keys = status.keys.as_ref().ok_or(NotKnown)?;
        Ok(Some(StoreAccount {
            user_id: status.user_id.clone(),
            device_id: status.device_id.clone(),
            keys: DeviceKeyPair {
                ed25519: keys.ed25519.clone(),
                curve25519: keys.curve25519.clone(),
            },
            // A gateway that runs has passed its own preflight, and publishes what it has.
            published: status.connected,
        }))
    }
}

/// Nobody could tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotKnown;

/// What the account keeps for the case that its machine is lost.
#[derive(Clone, Debug)]
pub(super) struct Recovery {
    pub(super) backup: Option<Backup>,
    /// Whether secrets are stored under a recovery key.
    pub(super) has_secret_storage: bool,
    /// Whether another session of the account is verified, which can verify this one.
    pub(super) has_verified_session: bool,
}

/// The rooms that the bot has joined.
#[derive(Clone, Debug, Default)]
pub(super) struct Rooms {
    /// The ids of all.
    pub(super) joined: Vec<String>,
    /// Those that were looked at: not all where they are very many.
    pub(super) seen: Vec<RoomFacts>,
}

impl Rooms {
    pub(super) fn is_joined(&self, id: &str) -> bool {
        self.joined.iter().any(|joined| joined == id)
    }
}

/// A room that the bot has joined, as it is now.
#[derive(Clone, Debug)]
pub(super) struct RoomFacts {
    pub(super) id: String,
    pub(super) encrypted: bool,
    /// The room that took its place.
    pub(super) replaced_by: Option<String>,
    /// Whether the bot may send messages there; `None` where it is not told.
    pub(super) may_speak: Option<bool>,
}

/// What the configuration says.
#[derive(Debug)]
pub(super) struct ConfigFacts {
    pub(super) path: PathBuf,
    /// Every fault and warning; why it cannot be read at all.
    pub(super) findings: Result<Vec<Finding>, Trouble>,
    pub(super) exists: bool,
    /// When the file was changed last, in milliseconds since the Unix epoch.
    pub(super) changed_at: Option<u64>,
    pub(super) matrix: Option<Matrix>,
    /// The device it is about, or what is missing to act as it.
    pub(super) credentials: Option<Result<Credentials, Trouble>>,
    pub(super) policy: Option<Result<Policy, Trouble>>,
    /// Who answers, or why nobody can.
    pub(super) agent: Option<Result<Configured, Trouble>>,
}

impl ConfigFacts {
    /// Where the access token comes from.
    pub(super) fn token_origin(&self) -> Option<Origin> {
        Some(self.matrix.as_ref()?.origin(&schema::ACCESS_TOKEN))
    }

    /// The device, where everything that it takes is configured.
    pub(super) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()?.as_ref().ok()
    }
}

/// One thing that an agent has checked of itself.
#[derive(Clone, Debug)]
pub(super) struct AgentCheck {
    /// What was checked.
    pub(super) id: &'static str,
    pub(super) outcome: Result<String, Trouble>,
}

/// Whether a gateway runs on this directory, and what it says of itself.
#[derive(Clone, Debug)]
pub(super) enum Gateway {
    /// None does.
    Stopped,
    /// One does, and says how it is.
    Running(Box<Status>),
    /// Somebody with this process id does, and does not say how it is for this reason.
    Silent {
        pid: Option<u32>,
        why: String,
        /// Whether it listens all the same.
        hangs: bool,
    },
}

impl Gateway {
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped)
    }

    /// What it says of itself, if it runs and says so.
    pub(super) fn status(&self) -> Option<&Status> {
        match self {
            Self::Running(status) => Some(status),
            Self::Stopped | Self::Silent { .. } => None,
        }
    }
}

/// What is on the disk.
#[derive(Debug, Default)]
pub(super) struct StoreFacts {
    pub(super) directory: PathBuf,
    /// The store's files, and those beside it that matter, with their sizes and modes.
    pub(super) files: Vec<FileFacts>,
    pub(super) exists: bool,
    /// Whether a reset of it was begun and not finished.
    pub(super) reset_unfinished: bool,
    /// Why nothing can be written there.
    pub(super) unwritable: Option<String>,
    pub(super) disk: Option<Disk>,
}

/// A file or directory of the bot.
#[derive(Clone, Debug)]
pub(super) struct FileFacts {
    pub(super) path: PathBuf,
    /// The permission bits.
    pub(super) mode: u32,
    pub(super) is_directory: bool,
    /// In bytes.
    pub(super) size: u64,
}

/// The disk that the store is on.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    /// Bytes free for this user.
    pub(super) free: u64,
    /// The network filesystem it is, if it is one.
    pub(super) network: Option<&'static str>,
}
