//! Words that keys of `channels.matrix` choose from.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::names::names_of;

/// Which messages in group rooms the bot answers. Direct rooms are not affected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupPolicy {
    /// All.
    #[default]
    Open,
    /// Those that mention it.
    Mention,
    /// All in the rooms of `groupAllowFrom`, none elsewhere.
    Allowlist,
}

/// How far a sender's device must be trusted before an encrypted message is answered.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum SenderTrust {
    /// Not at all. What is evidently somebody else's is refused nevertheless.
    #[default]
    #[value(help = "Any device")]
    Any,
    /// The sender's cross-signing identity has to have signed the device.
    #[value(help = "A device verified by its owner")]
    Signed,
    /// That, and the bot has to have verified the sender.
    #[value(help = "A device verified by its owner, whom the bot has verified")]
    Verified,
}

/// Who sees what the bot has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadReceipts {
    /// Everyone in the room.
    #[default]
    Public,
    /// Only the bot's own account.
    Private,
    /// Nobody.
    None,
}

/// Where a login keeps the access token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenStore {
    /// In the config file, or in what goes before it.
    #[default]
    File,
    /// In the system's keyring.
    Keyring,
}

impl SenderTrust {
    /// The name in the file.
    pub fn name(self) -> &'static str {
        names_of::<Self>()[self as usize]
    }

    /// The level of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }
}

impl TokenStore {
    /// The name in the file.
    pub fn name(self) -> &'static str {
        names_of::<Self>()[self as usize]
    }
}
