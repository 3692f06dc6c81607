//! One report in several formats. None of them decides anything: they only show.

mod github;
mod json;
mod junit;
mod text;

use super::report::Report;
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
            Format::Github => Ok(github::render(self)),
        }
    }
}
