//! The rules by which a message is not answered, and their names.

use std::fmt;

/// A rule by which a message is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The sender is not in `allowFrom`.
    SenderNotAllowed,
    /// The room is not in `groupAllowFrom`.
    RoomNotAllowed,
    /// The bot was not mentioned in a group.
    NotMentioned,
    /// The room is encrypted and `e2eeEnabled` is false.
    EncryptionDisabled,
    /// The message was not encrypted, though the room was.
    Plaintext,
    /// The device that encrypted it is not known.
    DeviceUnknown,
    /// Its owner's identity has not signed the device that encrypted it.
    DeviceNotSigned,
    /// The bot has not verified the sender.
    SenderNotVerified,
    /// The bot had verified the sender, who has another identity now.
    IdentityChanged,
    /// It was encrypted by a device of somebody else.
    SenderMismatch,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 10] = [
        Self::SenderNotAllowed,
        Self::RoomNotAllowed,
        Self::NotMentioned,
        Self::EncryptionDisabled,
        Self::Plaintext,
        Self::DeviceUnknown,
        Self::DeviceNotSigned,
        Self::SenderNotVerified,
        Self::IdentityChanged,
        Self::SenderMismatch,
    ];

    /// Its name in the gateway's status.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SenderNotAllowed => "sender-not-allowed",
            Self::RoomNotAllowed => "room-not-allowed",
            Self::NotMentioned => "not-mentioned",
            Self::EncryptionDisabled => "encryption-disabled",
            Self::Plaintext => "plaintext-in-encrypted-room",
            Self::DeviceUnknown => "device-unknown",
            Self::DeviceNotSigned => "device-not-signed",
            Self::SenderNotVerified => "sender-not-verified",
            Self::IdentityChanged => "identity-changed",
            Self::SenderMismatch => "sender-mismatch",
        }
    }

    /// The rule of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// Whether it refuses a message for how it came, not for who sent what where.
    #[must_use]
    pub fn is_about_protection(self) -> bool {
        match self {
            Self::SenderNotAllowed | Self::RoomNotAllowed | Self::NotMentioned => false,
            Self::EncryptionDisabled
            | Self::Plaintext
            | Self::DeviceUnknown
            | Self::DeviceNotSigned
            | Self::SenderNotVerified
            | Self::IdentityChanged
            | Self::SenderMismatch => true,
        }
    }

    /// Whether it may be that the device is only not known yet.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(self, Self::DeviceUnknown | Self::DeviceNotSigned)
    }
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
            Self::Plaintext => {
                "the room is encrypted, the message was not, and allowPlaintextInEncryptedRooms \
                 is false"
            }
            Self::DeviceUnknown => {
                "the device that encrypted it is unknown, and senderTrust is not \"any\""
            }
            Self::DeviceNotSigned => {
                "the sender has not verified the device that encrypted it, and senderTrust is \
                 not \"any\""
            }
            Self::SenderNotVerified => {
                "the bot has not verified the sender, and senderTrust is \"verified\""
            }
            Self::IdentityChanged => {
                "the sender, whom the bot had verified, has a new cross-signing identity"
            }
            Self::SenderMismatch => "it was encrypted by a device of somebody else",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        for rule in Rule::ALL {
            assert_eq!(Rule::from_name(rule.name()), Some(rule));
        }
    }
}
