//! The command line of `store`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot store status              What the store holds, and what others see of the device
  nanobot store export-keys keys.txt
                                    The keys to past messages, for Element or another bot
  nanobot store import-keys keys.txt";

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
