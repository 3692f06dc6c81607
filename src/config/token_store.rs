//! Where a login keeps the access token.

/// Where the access token is, in `tokenStore`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenStore {
    /// In the config file, or in what goes before it.
    #[default]
    File,
    /// In the system's keyring.
    Keyring,
}

impl TokenStore {
    /// The names in the file.
    pub const NAMES: [&'static str; 2] = ["file", "keyring"];

    /// The name in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        let [file, keyring] = Self::NAMES;
        match self {
            Self::File => file,
            Self::Keyring => keyring,
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::File, Self::Keyring]
            .into_iter()
            .find(|store| store.name() == name)
    }
}
