//! Text for a person: the cause first, quiet about what is fine, and no wider than the terminal.

use std::collections::BTreeSet;

use console::{StyledObject, style};

use super::document::{Detail, Report, Row, Summary};
use crate::{
    doctor::check::Status,
    text::{break_command, break_lines, columns, counted},
};

/// How far the lines of a finding are indented.
const INDENT: usize = 2;
/// How many lines a finding may have before `-v` is asked for.
const LINES: usize = 8;

impl Report {
    /// The report for a person, as wide as the terminal.
    pub fn to_text(&self, detail: Detail) -> String {
        self.to_text_of_width(detail, columns())
    }

    fn to_text_of_width(&self, detail: Detail, columns: usize) -> String {
        let mut page = Page {
            text: String::new(),
            columns,
            is_verbose: detail == Detail::Verbose,
        };
        let mut skipped: Vec<_> = self.checks.iter().collect();
        skipped.retain(|row| !row.because.is_empty());
        for row in self.causes_first() {
            page.finding(row);
            // Each is shown once, with the first of its causes.
            let (because, others): (Vec<_>, Vec<_>) = skipped
                .into_iter()
                .partition(|skipped| skipped.because.contains(&row.id));
            page.consequences(&because);
            skipped = others;
            page.blank();
        }
        if detail != Detail::Quiet {
            page.passed(&self.checks);
            page.tally(self);
        }
        let mut text = page.text;
        text.truncate(text.trim_end().len());
        text
    }
}

/// The text so far.
struct Page {
    text: String,
    columns: usize,
    is_verbose: bool,
}

impl Page {
    fn line(&mut self, words: &str, indent: usize) {
        let lines = break_lines(words, indent, self.columns);
        self.text.extend([&lines, "\n"]);
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn finding(&mut self, row: &Row) {
        let took = if self.is_verbose {
            format!(" ({} ms)", row.duration.as_millis())
        } else {
            String::new()
        };
        let id = style(row.id).bold();
        let mut details = row.detail.lines();
        let first = details.next().unwrap_or_default();
        self.line(&format!("{} {id}{took}: {first}", mark(row.status)), INDENT);
        let more: Vec<_> = details.collect();
        let shown = if self.is_verbose { more.len() } else { LINES };
        for words in more.iter().take(shown) {
            self.line(&format!("  {words}"), INDENT + 2);
        }
        if let Some(rest @ 1..) = more.len().checked_sub(shown) {
            self.line(&format!("  … and {rest} more (use -v)"), INDENT);
        }
        let Some(remedy) = &row.remedy else {
            return;
        };
        self.line(&format!("  fix: {}", remedy.text), INDENT + 5);
        for command in &remedy.commands {
            let lines = break_command(command, INDENT + 7, self.columns);
            for line in lines.lines() {
                let styled = style(line.trim_start()).cyan();
                let indent = line.len() - line.trim_start().len();
                let margin = " ".repeat(indent);
                self.text.extend([&margin, &styled.to_string(), "\n"]);
            }
        }
    }

    /// What could not be checked because of a failure.
    fn consequences(&mut self, skipped: &[&Row]) {
        if skipped.is_empty() {
            return;
        }
        let count = counted(skipped.len(), "check");
        let categories = names(skipped.iter().copied());
        let words = format!("  skipped because of this: {count} ({categories})");
        self.line(&style(words).dim().to_string(), INDENT + 2);
    }

    /// What is fine: one line for all parts of the bot without a finding, or every check.
    fn passed(&mut self, rows: &[Row]) {
        let is_verbose = self.is_verbose;
        for row in rows.iter().filter(|row| row.is_note && !is_verbose) {
            let mut lines = row.detail.lines();
            let first = lines.next().unwrap_or_default();
            self.line(&format!("- {}: {first}", style(row.id).bold()), INDENT);
            lines.for_each(|words| self.line(&format!("  {words}"), INDENT + 2));
        }
        if self.is_verbose {
            let others = rows.iter().filter(|row| !row.is_finding());
            others.for_each(|row| self.finding(row));
            return;
        }
        let fine: Vec<_> = rows
            .chunk_by(|a, b| a.category == b.category)
            .filter(|rows| {
                let Summary {
                    pass, warn, fail, ..
                } = Summary::of(rows);
                pass > 0 && warn == 0 && fail == 0
            })
            .flatten()
            .filter(|row| row.status == Status::Pass)
            .collect();
        if !fine.is_empty() {
            let count = counted(fine.len(), "check");
            let categories = names(fine.iter().copied());
            let words = format!("{} {count} passed: {categories}", mark(Status::Pass));
            self.line(&words, INDENT);
        }
    }

    fn tally(&mut self, report: &Report) {
        self.line(&format!("\n{}.", report.summary), 0);
        if let Some(first) = report.causes_first().first() {
            let command = format!("nanobot explain {}", first.id);
            self.line(&format!("Run `{command}` for details on any check."), 0);
        }
    }
}

/// The categories of these rows, in their order.
fn names<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut seen = BTreeSet::new();
    let categories = rows.map(|row| row.category);
    let categories: Vec<_> = categories.filter(|name| seen.insert(*name)).collect();
    categories.join(", ")
}

fn mark(status: Status) -> StyledObject<&'static str> {
    match status {
        Status::Pass => style("✓").green(),
        Status::Warn => style("!").yellow(),
        Status::Fail => style("✗").red().bold(),
        Status::Skip => style("-").dim(),
    }
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;
    use crate::{
        doctor::report::tests::{report, row},
        error::Kind,
    };

    const COLUMNS: usize = 80;

    fn text(report: &Report, detail: Detail) -> String {
        report.to_text_of_width(detail, COLUMNS)
    }

    #[test]
    fn every_line_fits_the_terminal() {
        for columns in [40, 60, 80, 120] {
            for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
                for line in report(false).to_text_of_width(detail, columns).lines() {
                    let is_word = !line.trim().trim_end_matches('\\').trim().contains(' ');
                    assert!(is_word || measure_text_width(line) <= columns, "{line}");
                }
            }
        }
    }

    #[test]
    fn a_failure_names_what_was_skipped_because_of_it() {
        let text = text(&report(false), Detail::Normal);
        assert!(text.starts_with("✗ config.broken: "), "{text}");
        let expected = "  skipped because of this: 1 check (net)\n";
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("net.unknown"), "{text}");
        assert!(
            text.contains("1 failure, 1 warning; 1 passed, 1 skipped."),
            "{text}"
        );
        assert!(text.contains("`nanobot explain config.broken`"), "{text}");
        let verbose = report(false).to_text_of_width(Detail::Verbose, COLUMNS);
        assert!(verbose.contains("net.unknown (12 ms): "), "{verbose}");
    }

    #[test]
    fn the_cause_comes_first_and_what_is_fine_takes_one_line() {
        let rows = [
            row("a.fine", Status::Pass, Kind::Failure),
            row("b.warned", Status::Warn, Kind::Failure),
            row("c.fine", Status::Pass, Kind::Failure),
            row("d.rejected", Status::Fail, Kind::NotLoggedIn),
            row("e.away", Status::Fail, Kind::Unreachable),
        ];
        let text = text(&Report::new(rows.to_vec(), false), Detail::Normal);
        let at = |words: &str| {
            text.find(words)
                .unwrap_or_else(|| panic!("{words}: {text}"))
        };
        assert!(at("e.away") < at("d.rejected") && at("d.rejected") < at("b.warned"));
        assert!(at("b.warned") < at("✓ 2 checks passed: a, c\n"), "{text}");
    }

    #[test]
    fn a_note_is_shown_although_nothing_is_wrong() {
        let mut note = row("a.b", Status::Pass, Kind::Failure);
        note.is_note = true;
        let report = Report::new(vec![note], true);
        assert!(text(&report, Detail::Normal).contains("- a.b: the detail of a.b\n"));
        assert_eq!(text(&report, Detail::Quiet), "");
    }

    #[test]
    fn quiet_is_silent_where_nothing_is_found() {
        let fine = [
            row("a.b", Status::Pass, Kind::Failure),
            row("a.c", Status::Skip, Kind::Failure),
        ];
        let fine = Report::new(fine.to_vec(), true);
        assert_eq!(text(&fine, Detail::Quiet), "");
        let text = text(&report(false), Detail::Quiet);
        assert!(
            text.starts_with("✗ config.broken: 100% of it:\n  <b>"),
            "{text}"
        );
    }

    #[test]
    fn a_long_finding_is_cut_and_whole_with_v() {
        let mut long = row("a.b", Status::Warn, Kind::Failure);
        long.detail = (0..30)
            .map(|number| format!("line {number}\n"))
            .collect::<Vec<_>>()
            .concat();
        let report = Report::new(vec![long], false);
        let normal = text(&report, Detail::Normal);
        assert!(normal.contains("  … and 21 more (use -v)\n"), "{normal}");
        assert!(!normal.contains("line 29"));
        assert!(text(&report, Detail::Verbose).contains("line 29"));
    }
}
