//! One report in several formats. None of them decides anything: they only show.

mod github;
mod json;
mod junit;
mod text;

use super::report::{Report, Summary};
use crate::error::Result;

/// A format of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    #[default]
    Text,
    /// One JSON document, `nanobot.report/1`.
    Json,
    /// JUnit XML, as CI systems read it.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

/// How much a text tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Findings only; nothing where all is well.
    Quiet,
    /// A line for each part of the bot, and the findings.
    #[default]
    Normal,
    /// Every check, and how long it took.
    Verbose,
}

impl Report {
    /// The report in this format.
    ///
    /// # Errors
    ///
    /// When it cannot be written down, which is a mistake of this program.
    pub fn render(&self, format: Format, detail: Detail) -> Result<String> {
        match format {
            Format::Text => Ok(text::render(self, detail)),
            Format::Json => json::render(self),
            Format::Junit => junit::render(self),
            Format::Github => Ok(github::render(self, detail)),
        }
    }

    /// The result in one sentence, without its full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        sentence(self.summary())
    }
}

/// The result in one sentence, without its full stop.
fn sentence(summary: Summary) -> String {
    let verdict = match (summary.fail, summary.warn) {
        (0, 0) => "All is well".to_owned(),
        (0, warned) => format!("No failure, {}", count(warned, "warning")),
        (failed, 0) => count(failed, "failure"),
        (failed, warned) => format!("{}, {}", count(failed, "failure"), count(warned, "warning")),
    };
    let skipped = match summary.skip {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    format!("{verdict}; {} ok{skipped}", summary.pass)
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        doctor::report::{Remedy, Row, Status, tests::row},
        error::Kind,
    };

    /// A report with a row of every status, and words that every format has to escape.
    pub(super) fn report(strict: bool) -> Report {
        let remedy = Remedy {
            text: "do this, and that: \"now\" & <here>".to_owned(),
            commands: vec![format!("nanobot config get {}", "a".repeat(90))],
            url: None,
        };
        let failed = Row {
            detail: "100% of it:\n<b>broken</b> & gone".to_owned(),
            remedy: Some(remedy.clone()),
            ..row("config.broken", Status::Fail, Kind::Config)
        };
        let warned = Row {
            detail: format!("it is slow\u{1b}[31m {}", "and slow ".repeat(20)),
            remedy: Some(remedy),
            ..row("net.slow", Status::Warn, Kind::Failure)
        };
        let skipped = Row {
            because: vec!["config.broken"],
            ..row("net.unknown", Status::Skip, Kind::Failure)
        };
        let passed = row("net.fine", Status::Pass, Kind::Failure);
        let rows = vec![failed, warned, skipped, passed];
        Report::new(rows, strict)
    }

    #[test]
    fn no_format_lets_a_control_character_through() {
        let report = report(false);
        for format in [Format::Text, Format::Json, Format::Junit, Format::Github] {
            let text = report.render(format, Detail::Verbose).unwrap();
            let bad = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(bad) && !text.contains("u001b"), "{text:?}");
        }
    }

    #[test]
    fn the_json_says_what_the_report_says() {
        let json = report(true).to_json().unwrap();
        assert_eq!(json["exit_code"], 78);
        assert_eq!(
            json["summary"],
            json!({"pass": 1, "warn": 1, "fail": 1, "skip": 1})
        );
        assert_eq!(json["checks"][2]["because"], json!(["config.broken"]));
    }
}
