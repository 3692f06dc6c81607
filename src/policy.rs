//! Who is answered, and why. Pure: facts in, a verdict out.

use std::fmt;

use crate::{
    config::{GroupPolicy, Matrix},
    error::Result,
};

/// The configured rules.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Users who may talk to the bot.
    pub allow_from: AllowFrom,
    /// What a group must do to be answered.
    pub group_policy: GroupPolicy,
    /// The rooms answered under [`GroupPolicy::Allowlist`].
    pub group_allow_from: Vec<String>,
    /// Whether `@room` counts as a mention.
    pub allow_room_mentions: bool,
    /// Whether encrypted rooms are read and written.
    pub e2ee_enabled: bool,
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
pub struct Situation<'a> {
    /// The message's sender.
    pub sender: &'a str,
    /// The room it was sent to.
    pub room_id: &'a str,
    /// Members who joined or are invited, the bot among them.
    pub members: u64,
    /// Whether the room is encrypted.
    pub encrypted: bool,
    /// Whether the message mentions the bot.
    pub mentions_bot: bool,
    /// Whether the message mentions the whole room, by someone with the power to.
    pub mentions_room: bool,
}

/// Whether a message is answered, and the rule that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered.
    Answer,
    /// It is not.
    Ignore(Rule),
}

/// A rule by which a message is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The sender is not in `allowFrom`.
    SenderNotAllowed,
    /// The room is not in `groupAllowFrom`.
    RoomNotAllowed,
    /// The bot was not mentioned in a group.
    NotMentioned,
    /// The room is encrypted and `e2eeEnabled` is false.
    EncryptionDisabled,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SenderNotAllowed => "the sender is not in allowFrom",
            Self::RoomNotAllowed => {
                "groupPolicy is \"allowlist\" and the room is not in groupAllowFrom"
            }
            Self::NotMentioned => "groupPolicy is \"mention\" and the bot was not mentioned",
            Self::EncryptionDisabled => "the room is encrypted and e2eeEnabled is false",
        })
    }
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
            e2ee_enabled: matrix.e2ee_enabled,
        })
    }
}

impl AllowFrom {
    /// Reads the configured list: empty, or with a `"*"` in it, it means everyone.
    #[must_use]
    pub fn new(list: &[String]) -> Self {
        if list.is_empty() || list.iter().any(|entry| entry == "*") {
            Self::Everyone
        } else {
            Self::Users(list.to_vec())
        }
    }

    /// Whether this user may talk to the bot.
    #[must_use]
    pub fn allows(&self, user_id: &str) -> bool {
        match self {
            Self::Everyone => true,
            Self::Users(users) => users.iter().any(|user| user == user_id),
        }
    }
}

impl Policy {
    /// Decides about one message.
    #[must_use]
    pub fn judge(&self, situation: &Situation<'_>) -> Verdict {
        match self.objection(situation) {
            Some(rule) => Verdict::Ignore(rule),
            None => Verdict::Answer,
        }
    }

    fn objection(&self, situation: &Situation<'_>) -> Option<Rule> {
        if !self.allow_from.allows(situation.sender) {
            return Some(Rule::SenderNotAllowed);
        }
        if situation.encrypted && !self.e2ee_enabled {
            return Some(Rule::EncryptionDisabled);
        }
        if is_direct(situation.members) {
            return None;
        }
        match self.group_policy {
            GroupPolicy::Open => None,
            GroupPolicy::Mention => {
                let mentioned =
                    situation.mentions_bot || (self.allow_room_mentions && situation.mentions_room);
                (!mentioned).then_some(Rule::NotMentioned)
            }
            GroupPolicy::Allowlist => {
                let listed = self
                    .group_allow_from
                    .iter()
                    .any(|room| room == situation.room_id);
                (!listed).then_some(Rule::RoomNotAllowed)
            }
        }
    }

    /// Who may talk to the bot, in one sentence.
    #[must_use]
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
            GroupPolicy::Mention if self.allow_room_mentions => {
                "in groups when it or @room is mentioned".to_owned()
            }
            GroupPolicy::Mention => "in groups when it is mentioned".to_owned(),
            GroupPolicy::Allowlist => match self.group_allow_from.len() {
                1 => "in direct chats and 1 listed room".to_owned(),
                count => format!("in direct chats and {count} listed rooms"),
            },
        };
        format!("{who}, {groups}.")
    }
}

/// A direct chat is a room with at most two members, joined and invited together.
#[must_use]
pub fn is_direct(members: u64) -> bool {
    (1..=2).contains(&members)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = "@ann:example.org";

    fn policy(group_policy: GroupPolicy) -> Policy {
        Policy {
            allow_from: AllowFrom::Users(vec![ANN.into()]),
            group_policy,
            group_allow_from: vec!["!listed".into()],
            allow_room_mentions: false,
            e2ee_enabled: true,
        }
    }

    fn group(room_id: &str) -> Situation<'_> {
        Situation {
            sender: ANN,
            room_id,
            members: 3,
            encrypted: true,
            mentions_bot: false,
            mentions_room: false,
        }
    }

    #[test]
    fn the_sender_must_be_allowed_everywhere() {
        for members in [2, 3] {
            let situation = Situation {
                sender: "@eve:example.org",
                members,
                mentions_bot: true,
                ..group("!listed")
            };
            for group_policy in [
                GroupPolicy::Open,
                GroupPolicy::Mention,
                GroupPolicy::Allowlist,
            ] {
                assert_eq!(
                    policy(group_policy).judge(&situation),
                    Verdict::Ignore(Rule::SenderNotAllowed)
                );
            }
        }
    }

    #[test]
    fn a_direct_chat_needs_no_mention_and_no_listing() {
        for members in [1, 2] {
            let situation = Situation {
                members,
                ..group("!unlisted")
            };
            for group_policy in [GroupPolicy::Mention, GroupPolicy::Allowlist] {
                assert_eq!(policy(group_policy).judge(&situation), Verdict::Answer);
            }
        }
    }

    #[test]
    fn a_group_is_answered_by_its_policy() {
        assert_eq!(
            policy(GroupPolicy::Open).judge(&group("!any")),
            Verdict::Answer
        );
        let allowlist = policy(GroupPolicy::Allowlist);
        assert_eq!(allowlist.judge(&group("!listed")), Verdict::Answer);
        assert_eq!(
            allowlist.judge(&group("!any")),
            Verdict::Ignore(Rule::RoomNotAllowed)
        );
        let mention = policy(GroupPolicy::Mention);
        assert_eq!(
            mention.judge(&group("!any")),
            Verdict::Ignore(Rule::NotMentioned)
        );
        let mentioned = Situation {
            mentions_bot: true,
            ..group("!any")
        };
        assert_eq!(mention.judge(&mentioned), Verdict::Answer);
    }

    #[test]
    fn a_room_mention_counts_only_when_allowed() {
        let situation = Situation {
            mentions_room: true,
            ..group("!any")
        };
        let mut policy = policy(GroupPolicy::Mention);
        assert_eq!(
            policy.judge(&situation),
            Verdict::Ignore(Rule::NotMentioned)
        );
        policy.allow_room_mentions = true;
        assert_eq!(policy.judge(&situation), Verdict::Answer);
    }

    #[test]
    fn without_encryption_an_encrypted_room_is_not_answered() {
        let policy = Policy {
            e2ee_enabled: false,
            ..policy(GroupPolicy::Open)
        };
        assert_eq!(
            policy.judge(&group("!any")),
            Verdict::Ignore(Rule::EncryptionDisabled)
        );
        let plain = Situation {
            encrypted: false,
            ..group("!any")
        };
        assert_eq!(policy.judge(&plain), Verdict::Answer);
    }

    #[test]
    fn the_effective_meaning_is_said() {
        assert_eq!(
            Policy {
                allow_from: AllowFrom::new(&[]),
                ..policy(GroupPolicy::Open)
            }
            .describe(),
            "Everyone may talk to this bot, in any room."
        );
        assert_eq!(
            policy(GroupPolicy::Mention).describe(),
            "@ann:example.org may talk to this bot, in groups when it is mentioned."
        );
    }
}
