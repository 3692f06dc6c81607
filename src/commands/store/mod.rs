//! `nanobot store`: looking after the encryption store.

mod reset;

pub(super) use reset::refuse_unfinished;

use super::Outcome;
use crate::{
    cli::{
        Global,
        store::{Store, StoreCommand},
    },
    error::Result,
};

pub(super) async fn run(args: &Store, global: &Global) -> Result<Outcome> {
    match &args.command {
        StoreCommand::Reset(args) => reset::run(args, global).await,
    }
}
