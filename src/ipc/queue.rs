//! The message queue as a person sees it: plain data, which also travels between processes.

use serde::{Deserialize, Serialize};

/// What can be asked about the message queue. On the wire: `{"ask":"queue","what":"list","after":0}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum QueueRequest {
    /// The messages behind this place, oldest first.
    List {
        /// The place, [`QueuedMessage::id`]; 0 for the beginning.
        after: i64,
        /// Whether the beginnings of their texts are told.
        #[serde(default)]
        text: bool,
    },
    /// One message.
    Show {
        /// Its ID or its event ID.
        id: String,
        /// Whether its text and its answer are told.
        #[serde(default)]
        text: bool,
    },
    /// Tries failed messages again.
    Retry(Which),
    /// Discards messages.
    Drop(Which),
}

/// Which messages are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Those with these IDs or event IDs: all of them or none.
    Ids(Vec<String>),
    /// All that failed.
    Parked,
}

/// Messages of the queue, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueuePage {
    /// The messages. Those that were retried or discarded are as they were before.
    pub messages: Vec<QueuedMessage>,
    /// Whether there are more.
    pub more: bool,
}

/// A message that is not done. Words that came from outside hold no control characters and are cut
/// to a readable length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueuedMessage {
    /// Its place in the queue, which names it.
    pub id: i64,
    /// How far it is.
    pub state: QueueState,
    /// The room it was sent to.
    pub room_id: String,
    /// The event that its thread begins with, where it is in one.
    pub thread: Option<String>,
    /// Its event ID.
    pub event_id: String,
    /// Who sent it.
    pub sender: Option<String>,
    /// Whether it was encrypted.
    pub encrypted: bool,
    /// When the bot took it in, in milliseconds since the Unix epoch.
    pub received_at: Option<u64>,
    /// What it waits for; `None` where it failed.
    pub waits_for: Option<WaitsFor>,
    /// How often answering it failed.
    pub attempts: u32,
    /// Since when it fails, in milliseconds since the Unix epoch.
    pub failing_since: Option<u64>,
    /// Why it failed, or cannot be decrypted, in words.
    pub reason: Option<String>,
    /// How many events its recorded answer has; 0 where none is recorded.
    pub answer_parts: u32,
    /// How many of them are in the room.
    pub sent_parts: u32,
    /// Its text, where that was asked for and it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The text of its recorded answer, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// It was given up and waits for a person.
    Parked,
    /// It waits for its answer.
    Waiting,
    /// It waits for its room key.
    Undecryptable,
    /// Something that a gateway of another version knows.
    #[default]
    #[serde(other)]
    Unknown,
}

/// What a message waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// A gateway: none is running.
    Gateway,
    /// The homeserver, which is unreachable.
    Homeserver,
    /// Room on the disk.
    Disk,
    /// The agent, which was asked.
    Agent,
    /// Its answer is recorded, and not all of it is sent.
    Sending,
    /// An earlier message of its conversation.
    EarlierMessage,
    /// Its room key.
    RoomKey,
    /// Nothing in particular: its turn.
    #[default]
    #[serde(other)]
    Turn,
}
