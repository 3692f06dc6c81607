//! `nanobot store`: what the encryption store holds, its room keys in and out, and its replacement.

mod archives;
mod export_keys;
mod import_keys;
mod passphrase;
mod reset;
mod status;

pub(super) use reset::refuse_unfinished;

use super::{Outcome, environment, paths, signals::or_stop};
use crate::{
    cli::{
        Global,
        store::{Store, StoreCommand},
    },
    error::Result,
    terminal::Terminal,
};

pub(super) async fn run(args: &Store, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let terminal = Terminal::new(!global.json);
    match &args.command {
        StoreCommand::Status => or_stop(status::run(&paths, terminal)).await,
        StoreCommand::ExportKeys(args) => or_stop(export_keys::run(args, &paths, terminal)).await,
        StoreCommand::ImportKeys(args) => or_stop(import_keys::run(args, &paths, terminal)).await,
        // It undoes what it did before it ends.
        StoreCommand::Reset(args) => Box::pin(reset::run(args, global)).await,
    }
}
