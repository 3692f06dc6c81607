//! `nanobot config unset`: remove a key from the file.

use super::{Outcome, change, get};
use crate::{
    cli::config::Unset,
    config::{Document, KeyPath, Paths},
    error::{Error, Result},
};

pub(super) fn run(args: &Unset, paths: &Paths) -> Result<Outcome> {
    let before = Document::load(paths.config_file())?;
    let path = KeyPath::resolve(&args.key, &before)?;
    let mut after = before.clone();
    if !after.unset(&path.path())? {
        return Err(absent(&path, &before));
    }
    let notes = get::spellings(&before, &path);
    change::Change {
        verb: "Removed",
        path,
        before,
        after,
        notes,
        dry_run: args.dry_run,
    }
    .make()
}

fn absent(path: &KeyPath, document: &Document) -> Error {
    if !path.is_known() {
        return Error::failure(path.unknown()).hint("`nanobot config list` shows every key");
    }
    let message = format!("{} is not in {}", path.path(), document.path().display());
    Error::failure(message).hint("there is nothing to remove")
}
