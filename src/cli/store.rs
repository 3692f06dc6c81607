//! The command line of `nanobot store`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot store reset --dry-run     What a reset would do, keep and lose
  nanobot store reset               Give a broken bot a new device";

/// Options of `store`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Store {
    /// What to do with the encryption store.
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// What can be done with the encryption store.
#[derive(Clone, Debug, Subcommand)]
pub enum StoreCommand {
    /// Replace a device whose encryption is broken by a new one, and keep what can be kept
    Reset(Reset),
}

const RESET_EXAMPLES: &str = "\
Examples:
  nanobot store reset --dry-run
  nanobot store reset
  nanobot store reset --yes --password-file password.txt
  nanobot store reset --yes --password-file password.txt --recovery-key-file recovery-key.txt

The new device is made beside the old one and takes its place only when it is proven to work. Until
then every failure leaves the bot as it was. A reset that was killed is finished by the same
command.";

/// Options of `store reset`.
#[derive(Args, Clone, Debug)]
#[command(after_help = RESET_EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub struct Reset {
    /// Read the account's password from standard input
    #[arg(long, group = "password")]
    pub password_stdin: bool,
    /// Read the account's password from a file
    #[arg(long, value_name = "FILE", group = "password", value_hint = ValueHint::FilePath)]
    pub password_file: Option<PathBuf>,
    /// Read the account's recovery key from standard input
    #[arg(long, group = "recovery_key", conflicts_with = "password_stdin")]
    pub recovery_key_stdin: bool,
    /// Read the account's recovery key from a file
    #[arg(long, value_name = "FILE", group = "recovery_key", value_hint = ValueHint::FilePath)]
    pub recovery_key_file: Option<PathBuf>,
    /// Replace the account's identity where nothing restores it
    ///
    /// Everyone who verified the bot is warned by their client, and has to verify it again.
    #[arg(long)]
    pub reset_identity: bool,
    /// Leave the old device logged in
    ///
    /// For a token that was copied from another client, such as Element, which is still in use.
    #[arg(long)]
    pub keep_old_device: bool,
    /// Reset although the device is sound
    #[arg(long)]
    pub force: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask for confirmation, nor for anything else
    #[arg(short, long)]
    pub yes: bool,
}
