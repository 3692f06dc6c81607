//! What comes in: batches of events with the sync position behind them.

use std::collections::BTreeSet;

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::Conversation;

/// The rule by which a message is refused that somebody else than its sender encrypted.
pub const SENDER_MISMATCH: &str = "sender-mismatch";

/// One event of a room's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The room it was sent to.
    pub room_id: String,
    /// Its id.
    pub event_id: String,
    /// Nothing before it in its room is for the bot.
    pub is_floor: bool,
    /// What it means to the bot.
    pub arrival: Arrival,
}

/// What an event means to the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arrival {
    /// Nothing to do; remembered so that it is recognised.
    Seen,
    /// A message to look at.
    Message {
        /// Messages of one conversation are answered in order.
        conversation: Conversation,
        /// The message itself.
        received: Received,
    },
    /// An edit of an earlier message (spec, "Event replacements").
    Edit {
        /// The event that it replaces the content of.
        target: String,
        /// The edit itself.
        received: Received,
    },
    /// An earlier event was taken back (spec, "Redactions").
    Redaction {
        /// The event that was taken back.
        target: String,
    },
    /// Something that this account said, by this device or another.
    Own(Own),
    /// An event whose key has not come yet.
    Undecryptable {
        /// Who sent it.
        sender: String,
        /// The Megolm session it was encrypted with, where it says so.
        session_id: Option<String>,
        /// Why it cannot be decrypted, in words.
        reason: String,
        /// The event's JSON, still encrypted.
        payload: String,
    },
    /// An event that somebody else than its sender encrypted.
    Forged {
        /// Who is said to have sent it.
        sender: String,
    },
    /// An event that the bot broke down over.
    Broken {
        /// What happened, in words.
        reason: String,
        /// The event's JSON.
        payload: String,
    },
}

impl Arrival {
    /// About how much of memory it takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Message { received, .. } | Self::Edit { received, .. } => received.payload.len(),
            Self::Undecryptable { payload, .. } | Self::Broken { payload, .. } => payload.len(),
            Self::Seen | Self::Redaction { .. } | Self::Own(_) | Self::Forged { .. } => 0,
        }
    }
}

/// A message or an edit, as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Who sent it.
    pub sender: String,
    /// How it was protected on its way.
    pub protection: Protection,
    /// The event's JSON, decrypted.
    pub payload: String,
}

/// How a message was protected on its way to the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protection {
    /// It was not encrypted, nor was its room.
    Clear,
    /// It was not encrypted, though its room was by then.
    Exposed,
    /// It was encrypted.
    Encrypted {
        /// How far its sender's device could be trusted when it was decrypted, by name.
        trust: String,
        /// The Megolm session it was encrypted with.
        session_id: Option<String>,
    },
}

impl Protection {
    /// Whether it was encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted { .. })
    }

    /// The columns `protection`, `trust` and `session_id`.
    pub(super) fn columns(&self) -> (&'static str, Option<&str>, Option<&str>) {
        match self {
            Self::Clear => ("clear", None, None),
            Self::Exposed => ("exposed", None, None),
            Self::Encrypted { trust, session_id } => {
                ("encrypted", Some(trust), session_id.as_deref())
            }
        }
    }

    /// Reads the same columns. Older versions did not write them.
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let name: Option<String> = row.get("protection")?;
        Ok(match name.as_deref() {
            Some("encrypted") => Self::Encrypted {
                trust: row.get::<_, Option<String>>("trust")?.unwrap_or_default(),
                session_id: row.get("session_id")?,
            },
            Some("exposed") => Self::Exposed,
            _ => Self::Clear,
        })
    }
}

/// Something that this account said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Which part of which answer it is, as its content says.
    pub part: Option<PartOf>,
    /// The event that it replies to. Encryption does not hide that.
    pub replies_to: Option<String>,
    /// The event of this account that it edits.
    pub replaces: Option<String>,
    /// Whether this very device sent it (spec, `transaction_id` of `unsigned`).
    #[serde(default)]
    pub by_this_device: bool,
}

/// Which part of which answer an event is: in the content of every event of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOf {
    /// The event that is answered.
    pub question: String,
    /// The number of the part.
    pub part: u32,
    /// Whether it is only a draft of that part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

impl PartOf {
    /// The field of a content that holds this.
    pub const FIELD: &'static str = "nanobot.answer";
}

/// An event whose key has not come yet, as it was journaled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecryptable {
    /// Its place in the journal.
    pub seq: i64,
    /// The room it was sent to.
    pub room_id: String,
    /// Why it could not be decrypted; `None` where an older version journaled it.
    pub reason: Option<String>,
    /// Its encrypted JSON.
    pub payload: String,
}

/// Everything one sync response brings, committed at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The sync position behind these events (`next_batch`); `None` where more belong to it.
    pub position: Option<String>,
    /// Whether the entries that were staged come before these.
    pub after_staged: bool,
    /// Events in the order they are to be looked at.
    pub entries: Vec<Entry>,
    /// Rooms the bot was invited to, and by whom ([`Invitation::inviter`](super::Invitation::inviter)).
    pub invited: Vec<(String, Option<String>)>,
    /// Rooms the bot is in.
    pub joined: Vec<String>,
    /// Rooms the bot is not in any more, nor invited to.
    pub left: Vec<String>,
    /// Rooms that are encrypted.
    pub encrypted: Vec<String>,
}

impl Batch {
    /// Whether the next sync from the position before brings all of it again, and nothing is begun
    /// meanwhile because of it.
    pub(super) fn comes_again_alike(&self) -> bool {
        let is_plain = |entry: &Entry| {
            let arrival = &entry.arrival;
            matches!(
                arrival,
                Arrival::Seen | Arrival::Own(_) | Arrival::Forged { .. }
            )
        };
        let has_rooms_only = self.invited.is_empty() && self.left.is_empty() && !self.after_staged;
        has_rooms_only && self.position.is_some() && self.entries.iter().all(is_plain)
    }
}

/// What a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Conversations that have something new to answer.
    pub fresh: BTreeSet<Conversation>,
    /// Messages that wait and were edited, with their conversations.
    pub edited: Vec<Affected>,
    /// Messages that waited and are not to be answered any more, with their conversations.
    pub withdrawn: Vec<Affected>,
    /// This account's own events that came back.
    pub own: Vec<String>,
    /// How many events were not known before.
    pub new_events: usize,
    /// How many of them cannot be decrypted.
    pub undecryptable: u64,
}

impl Changes {
    /// Adds what another commit changed.
    pub fn extend(&mut self, other: Self) {
        self.fresh.extend(other.fresh);
        self.edited.extend(other.edited);
        self.withdrawn.extend(other.withdrawn);
        self.own.extend(other.own);
        self.new_events += other.new_events;
        self.undecryptable += other.undecryptable;
    }
}

/// A message that something happened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Its place in the journal.
    pub seq: i64,
    /// Its conversation.
    pub conversation: Conversation,
}

impl Affected {
    /// A message that something happened to, where it has a conversation.
    pub(super) fn of(seq: i64, conversation: Option<Conversation>) -> Option<Self> {
        conversation.map(|conversation| Self { seq, conversation })
    }
}
