//! `nanobot doctor`: what is wrong with the bot, and what mends it.

mod list;

use std::time::Duration;

use super::{Outcome, environment, paths};
use crate::{
    cli::{Global, doctor as cli},
    doctor::{Detail, Examination, Format, Report, Selection, Subject},
    error::Result,
    terminal::Terminal,
};

/// The longest everything may take, unless it is said.
const LIMIT: Duration = Duration::from_secs(20);
/// The same with a test of the device.
const LIVE_LIMIT: Duration = Duration::from_secs(80);

pub(super) async fn run(args: &cli::Doctor, global: &Global) -> Result<Outcome> {
    let selection = Selection {
        only: args.only.clone(),
        skip: args.skip.clone(),
    };
    selection.validate()?;
    if args.list {
        return Ok(list::list(&selection));
    }
    selection.validate_live(args.live)?;
    let limit = if args.live { LIVE_LIMIT } else { LIMIT };
    let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let examination = Examination {
        subject: Subject {
            paths: paths(global)?,
            environment,
            variables: variables.collect(),
            live: args.live,
            patience: LIMIT,
        },
        selection,
        offline: args.offline,
        strict: args.strict,
        limit: args.timeout.map_or(limit, Duration::from_secs),
    };
    let terminal = Terminal::new(!global.json);
    let report = terminal
        .during("Examining the bot", examination.run())
        .await;
    outcome(&report, args, global)
}

fn outcome(report: &Report, args: &cli::Doctor, global: &Global) -> Result<Outcome> {
    let detail = match (args.quiet, global.verbose) {
        (true, _) => Detail::Quiet,
        (false, 0) => Detail::Normal,
        (false, _) => Detail::Verbose,
    };
    let format = match args.format {
        None | Some(cli::Format::Text) => Format::Text,
        Some(cli::Format::Json) => Format::Json,
        Some(cli::Format::Junit) => Format::Junit,
        Some(cli::Format::Github) => Format::Github,
    };
    Ok(Outcome {
        text: report.render(format, detail)?,
        json: report.to_json()?,
        exit_code: report.exit_code(),
    })
}
