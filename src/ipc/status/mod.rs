//! The facts about the bot, of which everyone tells who tells how it is: one struct, so that
//! `nanobot status`, the doctor, `!status` and whoever asks the socket never disagree.

mod lenient;
mod problems;
mod readiness;
mod stored;
mod workers;

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::Kind,
    text::{counted, duration},
};

use lenient::lenient;
pub use problems::{NOT_RUNNING, Problem};
pub use readiness::{Condition, POLL, Readiness, Turn, Unready};
pub use stored::{KeptArchive, Stored};
pub use workers::Workers;
#[cfg(feature = "nats")]
pub use workers::{WorkQueue, Worker};

/// How the bot is. It holds no secret.
///
/// A running gateway answers with it on its socket. While none runs, it is made of what the
/// configuration and the journal say, and what only a gateway knows is left out.
///
/// Times are milliseconds since the Unix epoch, by the clock of the gateway's machine. Words that
/// came from outside hold no control characters and are cut to a readable length.
///
/// A gateway of another version may say more, less, or something else: what cannot be read is
/// left out, and the rest counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The gateway's version; empty while none runs, as the next two.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Its process ID, as it sees it itself: in a container that is another one than outside.
    #[serde(skip_serializing_if = "is_zero")]
    pub pid: u32,
    /// When it started.
    #[serde(skip_serializing_if = "is_zero")]
    pub started_at: u64,
    /// When the configuration was read that is in use; only while a gateway runs.
    #[serde(skip_serializing_if = "is_zero")]
    pub configured_at: u64,
    /// Keys whose values in that configuration count only when the gateway is started again.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Vec::is_empty")]
    pub needs_restart: Vec<String>,
    /// When a gateway last wrote to the journal; only while none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<u64>,
    /// The bot's user ID.
    pub user_id: String,
    /// The bot's device ID.
    pub device_id: String,
    /// The homeserver's base URL.
    pub homeserver: String,
    /// Who may talk to the bot, in a sentence.
    pub access: String,
    /// What generates the answers.
    #[serde(deserialize_with = "lenient")]
    pub agent: AgentInUse,
    /// The agents on other machines, where those answer.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub workers: Option<Workers>,
    /// When the last message came in; `None` where none is remembered.
    pub last_received_at: Option<u64>,
    /// When the last answer was sent; `None` before the first since the gateway started.
    pub last_answered_at: Option<u64>,
    /// Messages that were answered since the gateway started.
    pub answered: u64,
    /// The device's public keys; `None` until the store is open.
    #[serde(deserialize_with = "lenient")]
    pub keys: Option<IdentityKeys>,
    /// Whether the first sync is done.
    pub connected: bool,
    /// When the last sync was done. While all is well, at most about half a minute ago.
    pub last_sync_at: Option<u64>,
    /// What failed last, even if it is over.
    #[serde(deserialize_with = "lenient")]
    pub last_error: Option<LastError>,
    /// Since when the homeserver has not been reached; `None` while it is there.
    pub away_since: Option<u64>,
    /// What is wrong with the homeserver's answers to syncs, in words; `None` where nothing is.
    pub sync_fault: Option<String>,
    /// The turn that the sync loop is at; `None` before the first. What it means is in `readiness`.
    #[serde(skip)]
    pub turn: Option<Turn>,
    /// Since when the gateway is stopping, because it was told to or has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopping_since: Option<u64>,
    /// Why the homeserver no longer accepts the access token; `None` while it does.
    pub token_fault: Option<String>,
    /// Whether others can encrypt to the device.
    #[serde(deserialize_with = "lenient")]
    pub encryption: Encryption,
    /// Whether the homeserver ever refused one-time keys because it holds others under the
    /// device's name: the device was used with another store, and only a new one can be relied on.
    pub key_conflict: bool,
    /// One-time keys that the homeserver has for those who begin conversations; `None` until it was
    /// asked.
    pub one_time_keys: Option<u64>,
    /// Whether room keys are backed up on the homeserver; `None` until the store is open.
    pub backup_enabled: Option<bool>,
    /// Whether the device is verified by its owner, as others see it; `None` until the homeserver
    /// was asked, and where encryption is switched off.
    pub verified: Option<bool>,
    /// What waits because the homeserver asks for it, or takes nothing from the account for now.
    #[serde(deserialize_with = "lenient")]
    pub pauses: Vec<Pause>,
    /// What waits; `None` until the store is open, and where the journal does not answer at once.
    #[serde(deserialize_with = "lenient")]
    pub backlog: Option<Backlog>,
    /// Why the journal cannot be read or written; `None` where it can, or nobody has tried.
    pub journal_fault: Option<String>,
    /// Since when the journal has not answered; `None` while it does.
    pub journal_silent_since: Option<u64>,
    /// Free bytes on the disk of the store, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_free: Option<u64>,
    /// Since when the disk of the store has been full, so that no messages are taken in; `None` while
    /// there is room.
    pub disk_full_since: Option<u64>,
    /// What is kept beside the store; `None` until it was looked at.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub storage: Option<Stored>,
    /// Why the agent cannot be reached; `None` where it can, or cannot be known.
    pub agent_fault: Option<String>,
    /// Messages that were not answered since it started, by the name of the
    /// [`Rule`](crate::policy::Rule) that refused them.
    #[serde(deserialize_with = "lenient")]
    pub refused: BTreeMap<String, Refused>,
    /// Rooms with an open invitation that the homeserver did not let the bot accept, and why.
    #[serde(deserialize_with = "lenient")]
    pub not_joined: BTreeMap<String, String>,
    /// Whether it lives and is ready, by all this; `None` while no gateway runs.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Readiness>,
}

impl Status {
    /// When the configuration in use was read, in milliseconds since the Unix epoch.
    pub fn configuration_read_at(&self) -> u64 {
        match self.configured_at {
            // An older gateway reads it only when it starts.
            0 => self.started_at,
            at => at,
        }
    }

    /// Whether a gateway that runs reaches its homeserver, in a few words.
    pub fn connection(&self) -> &'static str {
        match (self.stopping_since, self.away_since, self.connected) {
            (Some(_), _, _) => "stopping",
            (None, Some(_), _) => "homeserver unreachable",
            (None, None, true) => "connected",
            (None, None, false) => "connecting",
        }
    }

    /// What a line can tell of a bot in this state with these problems.
    pub fn line(&self, state: &str, problems: &[Problem]) -> String {
        let backlog = self.backlog.as_ref();
        let counts = backlog.map_or_else(String::new, |backlog| {
            format!(
                ", {} waiting, {} failed",
                backlog.waiting, backlog.parked.count
            )
        });
        let problems = problems.first().map_or_else(String::new, |first| {
            let count = counted(problems.len() as u64, "problem");
            format!(", {count}: {}", first.message)
        });
        format!("{state}, {} answered{counts}{problems}", self.answered)
    }
}

/// What generates the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentInUse {
    /// Its kind, as `channels.matrix.agent.type` names it.
    pub kind: String,
    /// It in a few words, its model or program among them.
    pub description: String,
}

/// Messages that one rule refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refused {
    /// How many.
    pub count: u64,
    /// How many of them in the last hour.
    pub last_hour: u64,
    /// When the last of them was, in milliseconds since the Unix epoch.
    pub last_at: u64,
}

/// A device's public identity keys, in unpadded base64.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityKeys {
    /// The fingerprint key.
    pub ed25519: String,
    /// The identity key that others encrypt to.
    pub curve25519: String,
}

/// Something that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// When, in milliseconds since the Unix epoch.
    pub at: u64,
    /// What and why.
    pub message: String,
    /// Of what kind it is.
    pub kind: Kind,
}

/// Whether others can encrypt to the device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Encryption {
    /// Encryption is switched off in the configuration, so nobody asks.
    Off,
    /// The homeserver publishes the device's keys and has one-time keys to hand out.
    Ready,
    /// It does not.
    Broken {
        /// What is missing.
        message: String,
        /// When it was noticed last, in milliseconds since the Unix epoch.
        at: u64,
    },
    /// Not known: it was not asked yet, or the homeserver did not say.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Something that the bot does not do for now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pause {
    /// What, in words: `sending`, `sync`, `uploads`, `typing notices`, `read receipts`,
    /// `joining rooms`.
    pub of: String,
    /// Since when, in milliseconds since the Unix epoch.
    pub since: u64,
    /// When it is tried again, in milliseconds since the Unix epoch.
    pub until: u64,
    /// Why, in words.
    pub why: String,
    /// Why the homeserver takes nothing from the whole account, which pauses everything; `None`
    /// where it only limits how fast the bot may go.
    pub refusal: Option<Refusal>,
}

/// What a homeserver says when it takes nothing from an account. All of it is fit to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// The Matrix error code.
    pub errcode: String,
    /// The homeserver's own words.
    pub message: String,
    /// Where it says more, or whom it says to ask.
    pub link: Option<String>,
    /// Whether a limit of the whole homeserver is named as reached; another may be that of files.
    #[serde(skip)]
    pub names_limit: bool,
}

/// What the journal holds that is not done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Backlog {
    /// Messages that wait for their answer.
    pub waiting: u64,
    /// When the bot took in the oldest of them, in milliseconds since the Unix epoch; `None` also
    /// where that was not written down (before version 2 of the journal).
    pub oldest_waiting_at: Option<u64>,
    /// Messages that wait for their key.
    pub undecryptable: Newest<UndecryptableEvent>,
    /// Messages that were given up: their answer was refused again and again.
    pub parked: Newest<ParkedMessage>,
}

/// Messages of one sort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, bound(deserialize = "T: Default + Deserialize<'de>"))]
pub struct Newest<T> {
    /// How many are kept.
    pub count: u64,
    /// The newest of them, newest first, five at most.
    pub recent: Vec<T>,
}

/// A message that was given up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParkedMessage {
    /// The room it was sent to.
    pub room_id: String,
    /// Its id.
    pub event_id: String,
    /// How often answering it failed.
    pub attempts: u32,
    /// Since when it fails, in milliseconds since the Unix epoch.
    pub failing_since: Option<u64>,
    /// Why it was given up, in words.
    pub reason: String,
}

/// A message whose key has not come. What it says of itself is its sender's claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UndecryptableEvent {
    /// The room it was sent to.
    pub room_id: String,
    /// Its id.
    pub event_id: String,
    /// Who sent it.
    pub sender: String,
    /// The Megolm session it was encrypted with, where it says so.
    pub session_id: Option<String>,
    /// When the bot took it in, in milliseconds since the Unix epoch; where that was not written
    /// down, the time its sender's homeserver gave it.
    pub at: Option<u64>,
    /// Why it cannot be decrypted, in words; `None` where that was not written down.
    pub reason: Option<String>,
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The time now, in milliseconds since the Unix epoch; 0 on a clock that stands before it.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    // Enough for half a billion years.
    since.map_or(0, |time| {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    })
}

/// How long ago this was, in milliseconds since the Unix epoch.
pub fn age(at: u64) -> Duration {
    Duration::from_millis(now().saturating_sub(at))
}

/// The same in words.
pub fn ago(at: u64) -> String {
    match age(at) {
        age if age < Duration::from_secs(1) => "just now".to_owned(),
        age => format!("{} ago", duration(age)),
    }
}
