//! The command line of `store`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot store status              What the store holds, and what others see of the device
  nanobot store export-keys keys.txt
                                    The keys to past messages, for Element or another bot
  nanobot store import-keys keys.txt
  nanobot store reset               Give a broken bot a new device";

/// Options of `store`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Store {
    /// What to do with the store.
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// The commands of `store`.
#[derive(Clone, Debug, Subcommand)]
pub enum StoreCommand {
    /// Say what the store holds, and what others see of the device
    #[command(after_help = STATUS_EXAMPLES)]
    Status,
    /// Write the room keys into a file that Element and other clients import
    ExportKeys(ExportKeys),
    /// Take room keys from an exported file or from an archived store
    ImportKeys(ImportKeys),
    /// Replace a device whose encryption is broken by a new one, and keep what can be kept
    Reset(Reset),
}

const STATUS_EXAMPLES: &str = "\
Examples:
  nanobot store status
  nanobot store status --json";

const EXPORT_EXAMPLES: &str = "\
Examples:
  nanobot store export-keys keys.txt
  nanobot store export-keys keys.txt --passphrase-file passphrase.txt --force
  nanobot store export-keys keys.txt --from matrix-store.old-1790000000";

/// Options of `store export-keys`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct ExportKeys {
    /// The file to write, which only you can read then
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Export from this archived store, which stays as it is
    #[arg(long, value_name = "ARCHIVE", value_hint = ValueHint::DirPath)]
    pub from: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
    /// What the file is encrypted with.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  nanobot store import-keys element-keys.txt
  nanobot store import-keys keys.txt --passphrase-stdin <passphrase.txt
  nanobot store import-keys --from matrix-store.old-1790000000";

/// Options of `store import-keys`.
#[derive(Args, Clone, Debug)]
#[command(after_help = IMPORT_EXAMPLES)]
pub struct ImportKeys {
    /// A file that Element, nanobot or another client has exported
    #[arg(value_hint = ValueHint::FilePath, required_unless_present = "from")]
    pub file: Option<PathBuf>,
    /// Import from this archived store, which stays as it is
    #[arg(long, value_name = "ARCHIVE", value_hint = ValueHint::DirPath)]
    #[arg(conflicts_with_all = ["file", "passphrase"])]
    pub from: Option<PathBuf>,
    /// What the file is encrypted with.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// Where a file's passphrase comes from. Without it, it is asked for.
#[derive(Args, Clone, Debug)]
#[group(id = "passphrase", multiple = false)]
pub struct Passphrase {
    /// Read the passphrase from standard input
    #[arg(long)]
    pub passphrase_stdin: bool,
    /// Read the passphrase from a file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}

const RESET_EXAMPLES: &str = "\
Examples:
  nanobot store reset --dry-run
  nanobot store reset
  nanobot store reset --yes --password-file password.txt
  nanobot store reset --yes --password-file password.txt --recovery-key-file recovery-key.txt

Without a recovery key, the one in the system's keyring is taken where the old store cannot restore
the account's identity.

The new device is made beside the old one and takes its place only when it is proven to work. Until
then every failure leaves the bot as it was, unless the account has got a new identity: that is
kept. The same command goes on then, and finishes a reset that was killed.";

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
    /// With a new identity, set up a new recovery key too, and show it once
    ///
    /// The old one, and the backup of room keys that it opens, belong to the identity that is no
    /// more.
    #[arg(long, requires = "reset_identity")]
    pub recovery: bool,
    /// Keep the recovery key, given or new, in the system's keyring too
    #[arg(long)]
    pub save_recovery_key_keyring: bool,
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
