//! `nanobot config`: read, change and check the configuration.

mod change;
mod edit;
mod findings;
mod get;
mod list;
mod print;
mod set;
mod validate;

use super::{Outcome, paths};
use crate::{
    cli::{
        Global,
        config::{Config, ConfigCommand},
    },
    config::Paths,
    error::Result,
    terminal::Terminal,
};

pub async fn run(args: &Config, global: &Global) -> Result<Outcome> {
    if matches!(args.command, ConfigCommand::Schema) {
        // It is the same for every file, so it needs none.
        return Ok(print::schema());
    }
    let paths = paths(global)?;
    match &args.command {
        ConfigCommand::Get(args) => get::run(args, &paths),
        ConfigCommand::Set(args) => set::run(args, &paths, Terminal::new(!global.json)).await,
        ConfigCommand::Unset(args) => change::unset(args, &paths),
        ConfigCommand::List(args) => list::run(*args, &paths),
        ConfigCommand::Show => print::show(&paths),
        ConfigCommand::Edit => edit::run(&paths).await,
        ConfigCommand::Path => Ok(print::path(&paths)),
        ConfigCommand::Validate(args) => validate::run(args, &paths),
        ConfigCommand::Schema => Ok(print::schema()),
    }
}
