//! `nanobot doctor`: what is wrong with the bot, and what mends it.

mod fix;
mod list;
mod show;
mod wait;

use std::time::Duration;

use super::{Outcome, environment, paths};
use crate::{
    cli::{Global, doctor as cli},
    config::{Paths, PrivateFile},
    doctor::{Examination, Report, Selection, Subject},
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
    let limit = args.timeout.map(Duration::from_secs);
    let usual = if args.live { LIVE_LIMIT } else { LIMIT };
    let examination = Examination {
        subject: subject(paths(global)?, args.live),
        selection,
        offline: args.offline,
        strict: args.strict,
        // A wait is made of many examinations.
        limit: limit.filter(|_| !args.wait).unwrap_or(usual),
    };
    let file = args.report.as_deref().map(PrivateFile::prepare);
    let file = file.transpose()?;
    let json = global.json || args.format == Some(cli::Format::Json);
    let terminal = Terminal::new(!json);
    let report = if args.wait {
        wait::run(&examination, limit).await?
    } else if args.fix {
        fix::run(&examination, args.yes, terminal).await?
    } else {
        terminal
            .during("Examining the bot", examination.run())
            .await
    };
    show::show(report, file, args, global)
}

/// Examines this bot without using its device, and leaves these checks or categories out.
pub(super) async fn examine(paths: Paths, skip: &[&str]) -> Report {
    let examination = Examination {
        subject: subject(paths, false),
        selection: Selection {
            only: Vec::new(),
            skip: skip.iter().map(ToString::to_string).collect(),
        },
        offline: false,
        strict: false,
        limit: LIMIT,
    };
    examination.run().await
}

fn subject(paths: Paths, live: bool) -> Subject {
    let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    Subject {
        paths,
        environment,
        variables: variables.collect(),
        live,
        patience: LIMIT,
    }
}
