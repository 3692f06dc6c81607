//! `nanobot store`: what the encryption store holds, its room keys in and out, and its replacement.

mod archives;
mod export_keys;
mod import_keys;
mod passphrase;
mod reset;
mod status;

pub(super) use reset::refuse_unfinished;

use super::{Outcome, environment, paths, signals::stop_signal};
use crate::{
    cli::{
        Global,
        store::{Store, StoreCommand},
    },
    error::{Error, Kind, Result},
    terminal::Terminal,
};

pub(super) async fn run(args: &Store, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let terminal = Terminal::new(!global.json);
    match &args.command {
        StoreCommand::Status => unless_stopped(status::run(&paths, terminal)).await,
        StoreCommand::ExportKeys(args) => {
            unless_stopped(export_keys::run(args, &paths, terminal)).await
        }
        StoreCommand::ImportKeys(args) => {
            unless_stopped(import_keys::run(args, &paths, terminal)).await
        }
        // It undoes what it did before it ends.
        StoreCommand::Reset(args) => Box::pin(reset::run(args, global)).await,
    }
}

/// Ends some work when the process is told to, so that a copy of keys that was made on the way is
/// removed.
async fn unless_stopped(work: impl Future<Output = Result<Outcome>>) -> Result<Outcome> {
    let stop = stop_signal()?;
    tokio::select! {
        outcome = work => outcome,
        () = stop => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}
