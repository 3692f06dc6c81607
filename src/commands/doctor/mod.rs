//! `nanobot doctor`: what is wrong with the bot, and what mends it.

mod list;
mod show;

use std::time::Duration;

use super::{Outcome, environment, paths};
use crate::{
    cli::{Global, doctor as cli},
    config::PrivateFile,
    doctor::{Examination, Selection, Subject},
    error::Result,
    terminal::Terminal,
};

/// The longest everything may take, unless it is said.
const LIMIT: Duration = Duration::from_secs(20);

pub(super) async fn run(args: &cli::Doctor, global: &Global) -> Result<Outcome> {
    let selection = Selection {
        only: args.only.clone(),
        skip: args.skip.clone(),
    };
    selection.validate()?;
    if args.list {
        return Ok(list::list(&selection));
    }
    let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let examination = Examination {
        subject: Subject {
            paths: paths(global)?,
            environment,
            variables: variables.collect(),
            patience: LIMIT,
        },
        selection,
        offline: args.offline,
        strict: args.strict,
        limit: args.timeout.map_or(LIMIT, Duration::from_secs),
    };
    let file = args.report.as_deref().map(PrivateFile::prepare);
    let file = file.transpose()?;
    let terminal = Terminal::new(!global.json);
    let report = terminal
        .during("Examining the bot", examination.run())
        .await;
    show::show(report, file, args, global)
}
