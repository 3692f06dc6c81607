//! Who is answered, and why. Pure: facts in, a verdict out.

mod explain;
mod nothing;
mod rule;

pub use explain::Ground;
pub use nothing::Nothing;
pub use rule::Rule;

use crate::{
    config::{GroupPolicy, Matrix, SenderTrust},
    error::Result,
    session::Trust,
    text::counted,
};

/// The configured rules.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of the configuration"
)]
pub struct Policy {
    /// Users who may talk to the bot.
    pub allow_from: AllowFrom,
    /// What a group must do to be answered.
    pub group_policy: GroupPolicy,
    /// The rooms answered under [`GroupPolicy::Allowlist`].
    pub group_allow_from: Vec<String>,
    /// Whether `@room` counts as a mention.
    pub allow_room_mentions: bool,
    /// Whether threads that the bot takes part in need no mention.
    pub follow_threads: bool,
    /// Whether reactions to the bot's messages, and votes in its polls, are answered.
    pub answer_reactions: bool,
    /// Whether encrypted rooms are read and written.
    pub e2ee_enabled: bool,
    /// How far the device that encrypted a message must be trusted.
    pub sender_trust: SenderTrust,
    /// Whether messages in the clear are answered in encrypted rooms.
    pub allow_plaintext: bool,
}

/// Users who may talk to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowFrom {
    /// Everyone who can reach it.
    Everyone,
    /// These users.
    Users(Vec<String>),
}

/// What the rules look at in a message and its room.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub struct Situation<'a> {
    /// The message's sender.
    pub sender: &'a str,
    /// The room it was sent to.
    pub room_id: &'a str,
    /// What else the room is known as: its aliases, the rooms whose place it took.
    pub known_as: &'a [String],
    /// Members who joined or are invited, the bot among them.
    pub members: u64,
    /// Whether the room is encrypted.
    pub encrypted: bool,
    /// How the message came.
    pub protection: Protection,
    /// Whether the message mentions the bot.
    pub mentions_bot: bool,
    /// Whether the message mentions the whole room, by someone with the power to.
    pub mentions_room: bool,
    /// Whether it is a reaction to something that the bot said, or a vote in its poll.
    pub is_reaction: bool,
    /// Whether it was written in a thread that the bot takes part in.
    pub in_own_thread: bool,
}

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// In the clear, as the room was.
    Clear,
    /// In the clear, though the room was encrypted by then.
    Exposed,
    /// In the clear in an encrypted room, as every reaction.
    NeverEncrypted,
    /// Encrypted by a device that is trusted so far.
    Encrypted(Trust),
}

impl Policy {
    /// The rules in the configuration.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) when a list needs a variable that cannot be had.
    pub fn new(matrix: &Matrix) -> Result<Self> {
        Ok(Self {
            allow_from: AllowFrom::new(matrix.allow_from()?),
            group_policy: matrix.group_policy,
            group_allow_from: matrix.group_allow_from()?.to_vec(),
            allow_room_mentions: matrix.allow_room_mentions,
            follow_threads: matrix.follow_threads,
            answer_reactions: matrix.answer_reactions,
            e2ee_enabled: matrix.e2ee_enabled,
            sender_trust: matrix.sender_trust,
            allow_plaintext: matrix.allow_plaintext_in_encrypted_rooms,
        })
    }
}

impl AllowFrom {
    /// Reads the configured list: empty, or with a `"*"` in it, it means everyone.
    pub fn new(list: &[String]) -> Self {
        if list.is_empty() || list.iter().any(|entry| entry == "*") {
            Self::Everyone
        } else {
            Self::Users(list.to_vec())
        }
    }

    /// Whether this user may talk to the bot.
    pub fn allows(&self, user_id: &str) -> bool {
        match self {
            Self::Everyone => true,
            Self::Users(users) => users.iter().any(|user| user == user_id),
        }
    }
}

impl Policy {
    /// Whether reactions and votes of this user may be answered.
    pub fn hears_reactions(&self, sender: &str) -> bool {
        self.answer_reactions && self.allow_from.allows(sender)
    }

    /// The rule by which a message is not answered; `None` where it is.
    pub fn objection(&self, situation: &Situation<'_>) -> Option<Rule> {
        if !self.allow_from.allows(situation.sender) {
            return Some(Rule::SenderNotAllowed);
        }
        if situation.encrypted && !self.e2ee_enabled {
            return Some(Rule::EncryptionDisabled);
        }
        // Last: what would not be answered anyway needs no trust.
        self.not_addressed(situation)
            .or_else(|| self.not_trusted(situation.protection))
    }

    fn not_addressed(&self, situation: &Situation<'_>) -> Option<Rule> {
        if is_direct(situation.members) {
            return None;
        }
        match self.group_policy {
            GroupPolicy::Open => None,
            GroupPolicy::Mention => {
                let mentioned = situation.mentions_bot
                    || situation.is_reaction
                    || (self.allow_room_mentions && situation.mentions_room);
                let follows = self.follow_threads && situation.in_own_thread;
                (!mentioned && !follows).then_some(Rule::NotMentioned)
            }
            GroupPolicy::Allowlist => {
                let listed = self.listed(situation).is_some();
                (!listed).then_some(Rule::RoomNotAllowed)
            }
        }
    }

    /// The entry of the list of rooms that means this one.
    fn listed(&self, situation: &Situation<'_>) -> Option<&str> {
        let means =
            |entry: &&String| *entry == situation.room_id || situation.known_as.contains(*entry);
        self.group_allow_from.iter().find(means).map(String::as_str)
    }

    fn not_trusted(&self, protection: Protection) -> Option<Rule> {
        let trust = match protection {
            Protection::Clear => return None,
            Protection::Exposed => {
                return (!self.allow_plaintext).then_some(Rule::Plaintext);
            }
            Protection::NeverEncrypted => {
                let needs_proof = self.sender_trust >= SenderTrust::Signed;
                return needs_proof.then_some(Rule::Unproved);
            }
            Protection::Encrypted(trust) => trust,
        };
        let rule = match trust {
            Trust::Mismatched => Rule::SenderMismatch,
            Trust::IdentityChanged => Rule::IdentityChanged,
            Trust::Unsigned if self.sender_trust >= SenderTrust::Signed => Rule::DeviceNotSigned,
            Trust::Unknown if self.sender_trust >= SenderTrust::Signed => Rule::DeviceUnknown,
            Trust::Signed if self.sender_trust >= SenderTrust::Verified => Rule::SenderNotVerified,
            _ => return None,
        };
        Some(rule)
    }

    /// The rule by which an agent is not shown what a message refers to: who may not talk to the
    /// bot is not heard through others. The bot's own words (`is_own`) need no trust in its devices,
    /// only proof that they are its own.
    pub fn not_shown(&self, sender: &str, protection: Protection, is_own: bool) -> Option<Rule> {
        if !is_own && !self.allow_from.allows(sender) {
            return Some(Rule::SenderNotAllowed);
        }
        let protection = match protection {
            Protection::Encrypted(Trust::Unsigned | Trust::Signed) if is_own => {
                Protection::Encrypted(Trust::Verified)
            }
            protection => protection,
        };
        self.not_trusted(protection)
    }

    /// Who may talk to the bot, in one sentence.
    pub fn describe(&self) -> String {
        let who = match &self.allow_from {
            AllowFrom::Everyone => "Everyone may talk to this bot".to_owned(),
            AllowFrom::Users(users) if users.len() <= 3 => {
                format!("{} may talk to this bot", users.join(", "))
            }
            AllowFrom::Users(users) => format!(
                "{} and {} others may talk to this bot",
                users[..2].join(", "),
                users.len() - 2
            ),
        };
        let groups = match self.group_policy {
            GroupPolicy::Open => "in any room".to_owned(),
            GroupPolicy::Mention => {
                let or_room = if self.allow_room_mentions {
                    " or @room"
                } else {
                    ""
                };
                let or_thread = if self.follow_threads {
                    ", and in threads that it takes part in"
                } else {
                    ""
                };
                format!("in groups when it{or_room} is mentioned{or_thread}")
            }
            GroupPolicy::Allowlist => {
                let rooms = counted(self.group_allow_from.len(), "listed room");
                format!("in direct chats and {rooms}")
            }
        };
        format!("{who}, {groups}.")
    }
}

/// A direct chat is a room with at most two members, joined and invited together.
pub fn is_direct(members: u64) -> bool {
    (1..=2).contains(&members)
}

#[cfg(test)]
mod tests;
