//! The command line of `login` and `logout`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::{
    account::options::TokenStoreChoice,
    address::{pasted, read_user},
};

const LOGIN_EXAMPLES: &str = "\
Examples:
  nanobot login
  nanobot login --user @bot:example.org --allow-from @you:example.org
  nanobot login --user @bot:example.org --password-stdin <password.txt
  nanobot login --token-store keyring
  nanobot login --recovery --save-recovery-key recovery-key.txt
  nanobot login --user @bot:example.org --recovery-key-file recovery-key.txt
  nanobot login --status --json";

/// Options of `login`. What is missing is asked for when a person is there.
#[derive(Args, Clone, Debug)]
#[command(after_help = LOGIN_EXAMPLES)]
pub struct Login {
    /// Options shared with `setup`.
    #[command(flatten)]
    pub account: AccountOptions,
    /// Replace the account's cross-signing identity; needs the password
    ///
    /// Use it only if the recovery key is lost: everyone who verified the bot gets a warning that
    /// its identity has changed.
    #[arg(long, help_heading = "Recovery", conflicts_with_all = ["recovery_key", "token_stdin"])]
    pub reset_identity: bool,
    /// Reset the identity without asking you to type the user ID
    #[arg(short, long, help_heading = "Recovery", requires = "reset_identity")]
    pub yes: bool,
    /// Show the account and whether its login is still valid; changes nothing
    #[arg(long)]
    #[arg(conflicts_with_all = ["homeserver", "user", "method", "device_name", "allow_from"])]
    #[arg(conflicts_with_all = ["token_store", "recovery", "reset_identity", "recovery_key"])]
    #[arg(conflicts_with_all = ["save_recovery_key_keyring", "e2ee", "no_e2ee"])]
    pub status: bool,
}

fn user(text: &str) -> Result<String, String> {
    read_user(text).map_err(|why| format!("it {why}"))
}

/// Options of `login` and `setup`: the account, how to log in to it, and who may talk to the bot.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub struct AccountOptions {
    /// Homeserver URL, or a server name to discover it from
    #[arg(long, value_name = "URL", value_parser = |text: &str| Ok::<_, String>(pasted(text)))]
    #[arg(help_heading = "Account", value_hint = ValueHint::Other)]
    pub homeserver: Option<String>,
    /// The bot's user ID, or only the part before the colon
    #[arg(long, value_name = "ID", value_parser = user)]
    #[arg(help_heading = "Account", value_hint = ValueHint::Other)]
    pub user: Option<String>,
    /// Read the password from standard input
    #[arg(long, help_heading = "Account", group = "method")]
    pub password_stdin: bool,
    /// Read the password from a file
    #[arg(long, value_name = "FILE", help_heading = "Account", group = "method")]
    #[arg(value_hint = ValueHint::FilePath)]
    pub password_file: Option<PathBuf>,
    /// Read an access token from standard input instead of logging in
    ///
    /// Only for a token whose device has no encryption keys yet. A token copied from another
    /// client belongs to that client's device and is refused.
    #[arg(
        long,
        help_heading = "Account",
        group = "method",
        conflicts_with = "device_name"
    )]
    pub token_stdin: bool,
    /// Name of the bot's device, shown in its session list [default: nanobot]
    #[arg(long, value_name = "NAME", help_heading = "Account", value_hint = ValueHint::Other)]
    pub device_name: Option<String>,
    /// Where to store the access token [default: file, or the configured one]
    ///
    /// The keyring belongs to a desktop session; a systemd system service cannot read it.
    #[arg(long, value_enum, value_name = "STORE", help_heading = "Account")]
    pub token_store: Option<TokenStoreChoice>,
    /// Allow plain HTTP to another machine; everything is then sent unencrypted
    #[arg(long, help_heading = "Account")]
    pub allow_http: bool,
    /// Allow this user to talk to the bot; "*" allows everyone (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Access", value_hint = ValueHint::Other)]
    pub allow_from: Vec<String>,
    /// Read and answer in encrypted rooms [default: yes, or as configured]
    #[arg(long, help_heading = "Access")]
    pub e2ee: bool,
    /// Ignore encrypted rooms
    #[arg(long, help_heading = "Access", conflicts_with = "e2ee")]
    pub no_e2ee: bool,
    /// Options about recovery.
    #[command(flatten)]
    pub recovery: RecoveryOptions,
    /// Never ask; fail if something is missing
    #[arg(long)]
    pub no_input: bool,
}

/// Options about the recovery key, which verifies a new device and opens the key backup.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub struct RecoveryOptions {
    /// Verify the new device with the recovery key in this file
    ///
    /// This also restores the room keys in the backup, so that the bot can read its history.
    #[arg(long, alias = "key-file", value_name = "FILE", group = "recovery_key")]
    #[arg(help_heading = "Recovery", value_hint = ValueHint::FilePath)]
    pub recovery_key_file: Option<PathBuf>,
    /// Verify the new device with the recovery key from standard input
    #[arg(
        long,
        alias = "key-stdin",
        help_heading = "Recovery",
        group = "recovery_key"
    )]
    #[arg(conflicts_with_all = ["password_stdin", "token_stdin"])]
    pub recovery_key_stdin: bool,
    /// Verify the new device with the recovery key in the system's keyring
    #[arg(long, help_heading = "Recovery", group = "recovery_key")]
    pub recovery_key_keyring: bool,
    /// Set up recovery, and show the new recovery key once
    ///
    /// The homeserver then stores the account's identity and a backup of the bot's room keys,
    /// both encrypted with the recovery key.
    #[arg(long, help_heading = "Recovery", conflicts_with = "recovery_key")]
    pub recovery: bool,
    /// Also write the new recovery key to this file, readable only by you
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Recovery",
        requires = "recovery"
    )]
    #[arg(value_hint = ValueHint::FilePath)]
    pub save_recovery_key: Option<PathBuf>,
    /// Also store the recovery key in the system's keyring
    ///
    /// `verify recovery` and `store reset` find it there.
    #[arg(long, help_heading = "Recovery")]
    pub save_recovery_key_keyring: bool,
}

const LOGOUT_EXAMPLES: &str = "\
Examples:
  nanobot logout
  nanobot logout --keep-store       Leave the encryption store where it is
  nanobot logout --recovery-key-file recovery-key.txt";

/// Options of `logout`.
#[derive(Args, Clone, Debug)]
#[command(after_help = LOGOUT_EXAMPLES)]
pub struct Logout {
    /// Leave the encryption store where it is
    #[arg(long)]
    pub keep_store: bool,
    /// Check the recovery key in this file before logging out
    ///
    /// A wrong key, which could not restore the bot, is refused.
    #[arg(long, value_name = "FILE", help_heading = "Recovery")]
    #[arg(group = "recovery_key", value_hint = ValueHint::FilePath)]
    pub recovery_key_file: Option<PathBuf>,
    /// Check the recovery key from standard input before logging out
    #[arg(long, help_heading = "Recovery", group = "recovery_key")]
    pub recovery_key_stdin: bool,
    /// Do not ask, even if the cross-signing identity would be lost
    #[arg(short, long)]
    pub yes: bool,
}
