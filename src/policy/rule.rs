//! The rules by which a message is not answered, and their names.

use crate::journal::SENDER_MISMATCH;

/// A rule by which a message is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Rule {
    /// The sender is not in `allowFrom`.
    #[error("the sender is not in allowFrom")]
    SenderNotAllowed,
    /// The room is not in `groupAllowFrom`.
    #[error("groupPolicy is \"allowlist\" and the room is not in groupAllowFrom")]
    RoomNotAllowed,
    /// The bot was not mentioned in a group.
    #[error("groupPolicy is \"mention\" and the bot was not mentioned")]
    NotMentioned,
    /// The room is encrypted and `e2eeEnabled` is false.
    #[error("the room is encrypted and e2eeEnabled is false")]
    EncryptionDisabled,
    /// The message was not encrypted, though the room was.
    #[error(
        "the room is encrypted, the message was not, and allowPlaintextInEncryptedRooms \
         is false"
    )]
    Plaintext,
    /// The device that encrypted it is not known.
    #[error("the device that encrypted it is unknown, and senderTrust is not \"any\"")]
    DeviceUnknown,
    /// Its owner's identity has not signed the device that encrypted it.
    #[error(
        "the sender has not verified the device that encrypted it, and senderTrust is \
         not \"any\""
    )]
    DeviceNotSigned,
    /// The bot has not verified the sender.
    #[error("the bot has not verified the sender, and senderTrust is \"verified\"")]
    SenderNotVerified,
    /// The bot had verified the sender, who has another identity now.
    #[error("the sender, whom the bot had verified, has a new cross-signing identity")]
    IdentityChanged,
    /// The bot may not send messages in the room.
    #[error("the bot may not send messages in the room")]
    RoomMuted,
    /// No reaction is encrypted, so that no device proves whose it is.
    #[error(
        "reactions are not encrypted, so nothing proves whose it is, and senderTrust is not \"any\""
    )]
    Unproved,
    /// It was encrypted by a device of somebody else.
    #[error("it was encrypted by a device of somebody else")]
    SenderMismatch,
}

/// Every rule, its name in the gateway's status, and the key that makes it count, where one does.
const RULES: [(Rule, &str, Option<&str>); 12] = [
    (
        Rule::SenderNotAllowed,
        "sender-not-allowed",
        Some("allowFrom"),
    ),
    (
        Rule::RoomNotAllowed,
        "room-not-allowed",
        Some("groupAllowFrom"),
    ),
    (Rule::NotMentioned, "not-mentioned", Some("groupPolicy")),
    (
        Rule::EncryptionDisabled,
        "encryption-disabled",
        Some("e2eeEnabled"),
    ),
    (
        Rule::Plaintext,
        "plaintext-in-encrypted-room",
        Some("allowPlaintextInEncryptedRooms"),
    ),
    (Rule::DeviceUnknown, "device-unknown", TRUST),
    (Rule::DeviceNotSigned, "device-not-signed", TRUST),
    (Rule::SenderNotVerified, "sender-not-verified", TRUST),
    (Rule::IdentityChanged, "identity-changed", None),
    (Rule::RoomMuted, "room-muted", None),
    (Rule::Unproved, "reaction-unproved", TRUST),
    (Rule::SenderMismatch, SENDER_MISMATCH, None),
];

const TRUST: Option<&str> = Some("senderTrust");

impl Rule {
    /// Its name in the gateway's status.
    pub fn name(self) -> &'static str {
        // All of them are in the table; a test goes through it.
        RULES[self as usize].1
    }

    /// The key of the configuration that makes it count.
    pub fn key(self) -> Option<&'static str> {
        RULES[self as usize].2
    }

    /// The rule of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let known = RULES.iter().find(|(_, known, _)| *known == name);
        known.map(|(rule, ..)| *rule)
    }

    /// Whether it refuses a message for how it came, not for who sent what where.
    pub fn is_about_protection(self) -> bool {
        !matches!(
            self,
            Self::SenderNotAllowed
                | Self::RoomNotAllowed
                | Self::NotMentioned
                | Self::RoomMuted
                | Self::Unproved
        )
    }

    /// Whether it may be that the device is only not known yet.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::DeviceUnknown | Self::DeviceNotSigned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_the_name_that_stands_in_its_place() {
        for (rule, name, key) in RULES {
            assert_eq!((rule.name(), Rule::from_name(name)), (name, Some(rule)));
            assert!(key.is_none_or(|key| crate::config::KEYS.iter().any(|it| it.name == key)));
        }
    }
}
