//! The command line of `store`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot store status              The state of the store and of the device
  nanobot store export-keys keys.txt
                                    Keys to past messages, for Element
  nanobot store import-keys keys.txt
  nanobot store reset               Replace a broken device";

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
    /// Show the state of the store, and what others see of the device
    #[command(after_help = STATUS_EXAMPLES)]
    Status,
    /// Export the room keys to a file for Element and other clients
    ExportKeys(ExportKeys),
    /// Import room keys from an exported file or an archived store
    ImportKeys(ImportKeys),
    /// Replace a broken device with a new one, and keep what can be kept
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
  nanobot store export-keys keys.txt --from matrix-store.old-1790000000

Stop the gateway first, unless you export from an archived store.";

/// Options of `store export-keys`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct ExportKeys {
    /// The file to write, readable only by you
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Export from this archived store, which is not changed
    #[arg(long, value_name = "ARCHIVE", value_hint = ValueHint::DirPath)]
    pub from: Option<PathBuf>,
    /// Replace the file if it exists
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
  nanobot store import-keys --from matrix-store.old-1790000000

Stop the gateway first. Archived stores are listed by `nanobot store status`.";

/// Options of `store import-keys`.
#[derive(Args, Clone, Debug)]
#[command(after_help = IMPORT_EXAMPLES)]
pub struct ImportKeys {
    /// A file exported by Element, nanobot or another client
    #[arg(value_hint = ValueHint::FilePath, required_unless_present = "from")]
    pub file: Option<PathBuf>,
    /// Import from this archived store, which is not changed
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
  nanobot store reset --yes --recovery-key-file recovery-key.txt

The cross-signing identity is restored from the old store or an archived one, else with the recovery \
key: the one given, the one in the system's keyring, or the one you enter when asked.

The new device is created beside the old one and replaces it only after it was tested. Until then a \
failure leaves the bot unchanged, unless the account has a new identity already: that stays. Run the \
same command again to continue a reset that was interrupted.";

/// Options of `store reset`.
#[derive(Args, Clone, Debug)]
#[command(after_help = RESET_EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
#[expect(clippy::struct_field_names, reason = "a field is named as its option")]
pub struct Reset {
    /// Read the account's password from standard input
    #[arg(long, group = "password")]
    pub password_stdin: bool,
    /// Read the account's password from a file
    #[arg(long, value_name = "FILE", group = "password", value_hint = ValueHint::FilePath)]
    pub password_file: Option<PathBuf>,
    /// Read the account's recovery key from standard input
    #[arg(
        long,
        alias = "key-stdin",
        group = "recovery_key",
        conflicts_with = "password_stdin"
    )]
    pub recovery_key_stdin: bool,
    /// Read the account's recovery key from a file
    #[arg(long, alias = "key-file", value_name = "FILE", group = "recovery_key")]
    #[arg(value_hint = ValueHint::FilePath)]
    pub recovery_key_file: Option<PathBuf>,
    /// Create a new cross-signing identity if nothing restores the existing one
    ///
    /// Everyone who verified the bot gets a warning and must verify it again.
    #[arg(long)]
    pub reset_identity: bool,
    /// With a new identity, also set up a new recovery key, and show it once
    ///
    /// The old recovery key and key backup belong to the old identity and are no longer used.
    #[arg(long, requires = "reset_identity")]
    pub recovery: bool,
    /// Also store the recovery key, given or new, in the system's keyring
    #[arg(long)]
    pub save_recovery_key_keyring: bool,
    /// Leave the old device logged in
    ///
    /// For a token that was copied from another client that is still in use, such as Element.
    #[arg(long)]
    pub keep_old_device: bool,
    /// Reset even if the device is healthy
    #[arg(long)]
    pub force: bool,
    /// Show what would be done without changing anything
    #[arg(long)]
    pub dry_run: bool,
    /// Ask for nothing but a missing password
    #[arg(short, long)]
    pub yes: bool,
}
