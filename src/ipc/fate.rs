//! What became of a message: plain data, which also travels between processes.

use serde::{Deserialize, Serialize};

/// What became of a message. Words that came from outside are made harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fate {
    /// Its event ID.
    pub event_id: String,
    /// The room it was sent to.
    pub room_id: Option<String>,
    /// Who sent it, where that is remembered.
    pub sender: Option<String>,
    /// When the bot took it in, in milliseconds since the Unix epoch.
    pub received_at: Option<u64>,
    /// How it ended, or how far it is.
    pub state: FateState,
    /// The name of the rule or the verdict that refused it.
    pub verdict: Option<String>,
    /// Why it is so, in words.
    pub reason: Option<String>,
}

/// How a message ended, or how far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FateState {
    /// It was answered.
    Answered,
    /// A rule refused it.
    Refused,
    /// It was seen, and was nothing to answer.
    Ignored,
    /// It waits for its answer.
    Waiting,
    /// It was given up and waits for a person.
    Parked,
    /// It waits for its room key.
    Undecryptable,
    /// Somebody stopped its answer with a command.
    Stopped,
    /// It was taken back, or the bot left its room, or another device of the bot answered it.
    Withdrawn,
    /// It was discarded.
    Dropped,
    /// It is done, and how it ended was not written down.
    Done,
    /// Nothing is remembered of it.
    #[default]
    #[serde(other)]
    Unknown,
}
