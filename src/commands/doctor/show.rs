//! A report, shown in the wanted format and kept in a file for others.

use crate::{
    cli::{Global, doctor as cli},
    commands::Outcome,
    config::PrivateFile,
    doctor::{Detail, Format, Report},
    error::Result,
    terminal::Terminal,
};

/// Shows a report, and writes it, redacted, to this file.
pub(super) fn show(
    report: Report,
    file: Option<PrivateFile>,
    args: &cli::Doctor,
    global: &Global,
) -> Result<Outcome> {
    if args.redact {
        let report = report.redacted()?;
        keep(&report, file)?;
        return outcome(&report, args, global);
    }
    let outcome = outcome(&report, args, global)?;
    if file.is_some() {
        keep(&report.redacted()?, file)?;
    }
    Ok(outcome)
}

fn keep(redacted: &Report, file: Option<PrivateFile>) -> Result<()> {
    let Some(file) = file else {
        return Ok(());
    };
    let text = redacted.render(Format::Json, Detail::default())?;
    let path = file.write(&format!("{text}\n"))?;
    let note = format!("Redacted report written to {}", path.display());
    Terminal::new(false).note(&note);
    Ok(())
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
        ..Outcome::default()
    })
}
