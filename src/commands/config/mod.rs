//! `nanobot config`: read, change and check the configuration.

mod change;
mod edit;
mod editor;
mod get;
mod list;
mod path;
mod schema;
mod set;
mod show;
mod unset;
mod validate;
mod words;

use serde_json::{Map, Value};

use super::{Outcome, environment, paths};
use crate::{
    cli::{
        Global,
        config::{Config, ConfigCommand},
    },
    config::Paths,
    error::Result,
    terminal::Terminal,
};

pub(super) async fn run(args: &Config, global: &Global) -> Result<Outcome> {
    if matches!(args.command, ConfigCommand::Schema) {
        // It is the same for every file, so it needs none.
        return schema::run();
    }
    let paths = paths(global)?;
    match &args.command {
        ConfigCommand::Get(args) => get::run(args, &paths),
        ConfigCommand::Set(args) => set::run(args, &paths, Terminal::new(!global.json)).await,
        ConfigCommand::Unset(args) => unset::run(args, &paths),
        ConfigCommand::List => list::run(&paths),
        ConfigCommand::Show => show::run(&paths),
        ConfigCommand::Edit => edit::run(&paths).await,
        ConfigCommand::Path => Ok(path::run(&paths)),
        ConfigCommand::Validate(args) => validate::run(args, &paths),
        ConfigCommand::Schema => schema::run(),
    }
}

/// An outcome with this text and these fields.
fn outcome<const N: usize>(text: String, fields: [(&str, Value); N]) -> Outcome {
    Outcome {
        text,
        json: fields
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect::<Map<_, _>>(),
        ..Outcome::default()
    }
}
