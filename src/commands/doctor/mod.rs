//! `nanobot doctor`: check the bot's health and show how to fix problems.

mod fix;

use std::time::Duration;

use serde_json::json;

use super::{HeldLog, Outcome, explain, paths};
use crate::{
    cli::{
        Global,
        doctor::{Doctor, Format},
    },
    doctor::{Detail, Examination, Report, Row, Selection, catalogue},
    error::{Error, Kind, Result},
    files::PrivateFile,
    terminal::{Progress, Terminal, stop_signal},
};

/// The longest it is waited, unless it is said.
const WAIT_LIMIT: Duration = Duration::from_mins(1);

pub async fn run(args: &Doctor, global: &Global, log: &HeldLog) -> Result<Outcome> {
    if !args.redact {
        return check(args, global, str::to_owned, log).await;
    }
    let redactor = Examination::new(paths(global)?, args.live).redactor()?;
    let outcome = check(args, global, |text| redactor.text(text), log).await;
    // What was not printed with the report belongs to a failure.
    log.print(|text| redactor.text(text));
    outcome.map_err(|error| {
        let remedy = error.remedy().clone();
        Error::new(error.kind(), redactor.text(&error.to_string())).with_remedy(remedy)
    })
}

/// Runs the checks; what is said on the way is changed by `hide`.
async fn check(
    args: &Doctor,
    global: &Global,
    hide: impl Fn(&str) -> String,
    log: &HeldLog,
) -> Result<Outcome> {
    let selection = Selection {
        only: args.only.clone(),
        skip: args.skip.clone(),
    };
    selection.validate(args.live || args.list)?;
    if args.list {
        let checks = catalogue().filter(|check| selection.wants(check.id));
        return Ok(explain::list(&checks.collect::<Vec<_>>()));
    }
    let mut examination = Examination {
        selection,
        offline: args.offline,
        strict: args.strict,
        ..Examination::new(paths(global)?, args.live)
    };
    let file = args.report.as_deref().map(PrivateFile::prepare);
    let file = file.transpose()?;
    let terminal = Terminal::new(!global.json && args.format != Some(Format::Json));
    let limit = args.timeout.map(Duration::from_secs);
    let report = if args.wait {
        // A wait is made of many examinations.
        wait(&examination, limit.unwrap_or(WAIT_LIMIT), &hide).await?
    } else {
        examination.limit = limit.unwrap_or(examination.limit);
        if args.fix {
            fix::run(&examination, args.yes, terminal, &hide).await?
        } else {
            let examining = examination.run();
            terminal.during("Checking the bot", examining).await
        }
    };
    show(report, file, args, global, log)
}

/// Waits this long at most; each examination keeps the limit that it has.
async fn wait(
    examination: &Examination,
    limit: Duration,
    hide: &impl Fn(&str) -> String,
) -> Result<Report> {
    let stop = stop_signal()?;
    let progress = Progress::start("Checking the bot");
    let tell = |row: &Row| {
        let what = row.detail.lines().next().unwrap_or_default();
        progress.step(&format!("Waiting for {}: {}", row.id, hide(what)));
    };
    tokio::select! {
        report = examination.wait(limit, tell) => Ok(report),
        () = stop => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}

/// Shows a report, and writes it, redacted, to this file.
fn show(
    mut report: Report,
    file: Option<PrivateFile>,
    args: &Doctor,
    global: &Global,
    log: &HeldLog,
) -> Result<Outcome> {
    let redactor = report.redactor()?;
    if args.redact {
        log.print(|text| redactor.text(text));
        report = report.redacted(&redactor);
    }
    let detail = match (args.quiet, global.verbose) {
        (true, _) => Detail::Quiet,
        (false, 0) => Detail::Normal,
        (false, _) => Detail::Verbose,
    };
    let text = match args.format {
        None | Some(Format::Text | Format::Json) => report.to_text(detail),
        Some(Format::Junit) => report.to_junit(),
        Some(Format::Github) => report.to_github(detail),
    };
    let outcome = Outcome {
        exit_code: report.exit_code,
        ..Outcome::new(text, &report)
    };
    if let Some(file) = file {
        if !args.redact {
            report = report.redacted(&redactor);
        }
        let path = file.write(&format!("{}\n", json!(report)))?;
        let note = format!("Redacted report written to {}", path.display());
        let hidden = args.redact.then(|| redactor.text(&note));
        Terminal::new(false).note(&hidden.unwrap_or(note));
    }
    Ok(outcome)
}
