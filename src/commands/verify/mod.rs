//! `nanobot verify`: the bot's device, vouched for by its owner.

mod recovery;

use super::{Outcome, credentials, environment, paths, recovery_key, secret_input};
use crate::{
    cli::{
        Global,
        verify::{Verify, VerifyCommand},
    },
    error::Result,
};

pub(super) async fn run(args: &Verify, global: &Global) -> Result<Outcome> {
    match &args.command {
        VerifyCommand::Recovery(args) => recovery::run(args, global).await,
    }
}
