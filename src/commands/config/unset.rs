//! `nanobot config unset`: remove a key from the file.

use super::{Outcome, change};
use crate::{
    cli::config::Unset,
    config::{Document, KeyPath, Paths},
    error::{Error, Result},
};

pub(super) fn run(args: &Unset, paths: &Paths) -> Result<Outcome> {
    let before = Document::load(paths.config_file())?;
    let path = KeyPath::resolve(&args.key, &before)?;
    let mut after = before.clone();
    let mut notes = Vec::new();
    let spellings = path
        .key()
        .map_or_else(Vec::new, |key| before.spellings(key));
    let names: Vec<_> = spellings
        .iter()
        .map(|(name, _)| format!("{name:?}"))
        .collect();
    let is_loser = |(name, _): &(&str, _)| *name == path.spelling();
    if spellings.iter().skip(1).any(is_loser) {
        after.unset_spelling(path.spelling())?;
        notes.push(format!("{} counts and stays.", names[0]));
    } else if !after.unset(&path.path())? {
        return Err(absent(&path, &before));
    } else if names.len() > 1 {
        notes.push(format!("It was there as {}.", names.join(" and ")));
    }
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
