//! What a login or a set-up is told.

use std::path::PathBuf;

use clap::ValueEnum;

use super::secret_input::SecretSource;
use crate::terminal::Terminal;

/// What a login is told. What is missing is asked for where a person is there.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub(crate) struct Options {
    pub(crate) terminal: Terminal,
    /// The configuration file that was named.
    pub(crate) config: Option<PathBuf>,
    /// Whether a person is led through it.
    pub(crate) guided: bool,
    /// Whether the login is a step of a set-up, which writes it down before it asks on, and has
    /// steps of its own for access and identity.
    pub(crate) stepwise: bool,
    /// A URL, or a server name to discover it from.
    pub(crate) homeserver: Option<String>,
    /// The bot's user ID or its localpart.
    pub(crate) user: Option<String>,
    pub(crate) password: Option<SecretSource>,
    /// A token is taken from standard input, in place of a login.
    pub(crate) token_stdin: bool,
    pub(crate) device_name: Option<String>,
    /// Who may talk to the bot, as it was typed.
    pub(crate) allow_from: Vec<String>,
    /// Whether the bot reads and answers in encrypted rooms.
    pub(crate) e2ee: Option<bool>,
    pub(crate) token_store: Option<TokenStoreChoice>,
    pub(crate) allow_http: bool,
    /// The recovery key that verifies the device.
    pub(crate) recovery_key: Option<KeySource>,
    pub(crate) recovery: Recovery,
    pub(crate) reset_identity: Reset,
    /// The new file that a new recovery key is written to.
    pub(crate) save_recovery_key: Option<PathBuf>,
    pub(crate) save_recovery_key_keyring: bool,
}

/// Where a login is told to keep the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenStoreChoice {
    /// In the configuration, which only its owner can read
    File,
    /// In the system's keyring, or fail
    Keyring,
    /// In the keyring where it works and outlives a restart, else in the configuration
    Auto,
}

/// Where the account's recovery key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    Given(SecretSource),
    Keyring,
}

/// Whether a recovery key is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// As a person says, where one is there.
    Ask,
    /// Yes, or the command fails.
    Required,
    /// Yes, where recovery is not set up already and this device can do it.
    IfMissing,
    /// No.
    Declined,
}

/// Whether the account's identity is to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reset {
    No,
    /// When the person in front of the terminal has typed the user ID.
    WhenConfirmed,
    /// Without a question.
    Yes,
}
