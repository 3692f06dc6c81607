//! `nanobot store`: what the encryption store holds, and its room keys in and out.

mod archives;
mod export_keys;
mod import_keys;
mod passphrase;
mod status;

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
    let work = async {
        match &args.command {
            StoreCommand::Status => status::run(&paths, terminal).await,
            StoreCommand::ExportKeys(args) => export_keys::run(args, &paths, terminal).await,
            StoreCommand::ImportKeys(args) => import_keys::run(args, &paths, terminal).await,
        }
    };
    // So that a copy of keys that was made on the way is removed.
    tokio::select! {
        outcome = work => outcome,
        () = stop_signal()? => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}
