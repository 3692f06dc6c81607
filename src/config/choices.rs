//! Words that keys of `channels.matrix` choose from.

/// Which messages in group rooms the bot answers. Direct rooms are not affected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupPolicy {
    /// All.
    #[default]
    Open,
    /// Those that mention it.
    Mention,
    /// All in the rooms of `groupAllowFrom`, none elsewhere.
    Allowlist,
}

impl GroupPolicy {
    /// The names of the policies in the file.
    pub const NAMES: [&'static str; 3] = ["open", "mention", "allowlist"];

    /// The name in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        let [open, mention, allowlist] = Self::NAMES;
        match self {
            Self::Open => open,
            Self::Mention => mention,
            Self::Allowlist => allowlist,
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Mention, Self::Allowlist]
            .into_iter()
            .find(|policy| policy.name() == name)
    }
}

/// How far a sender's device must be trusted before an encrypted message is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SenderTrust {
    /// Not at all. What is evidently somebody else's is refused nevertheless.
    #[default]
    Any,
    /// The sender's cross-signing identity has to have signed the device.
    Signed,
    /// That, and the bot has to have verified the sender.
    Verified,
}

impl SenderTrust {
    /// The names of the levels in the file.
    pub const NAMES: [&'static str; 3] = ["any", "signed", "verified"];

    /// The name in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        let [any, signed, verified] = Self::NAMES;
        match self {
            Self::Any => any,
            Self::Signed => signed,
            Self::Verified => verified,
        }
    }

    /// The level of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Any, Self::Signed, Self::Verified]
            .into_iter()
            .find(|trust| trust.name() == name)
    }
}
