//! JUnit XML: a test suite for each part of the bot, a test case for each check.
//!
//! The dialect is the one that Jenkins, GitLab and their parsers share.

use std::time::Duration;

use quick_xml::escape::escape;

use super::document::{Report, Row, Summary};
use crate::doctor::check::Status;

impl Report {
    /// The report as JUnit XML.
    pub fn to_junit(&self) -> String {
        let parts = self.checks.chunk_by(|a, b| a.category == b.category);
        let suites = parts.map(|rows| {
            let cases: Vec<_> = rows.iter().map(|row| self.case(row)).collect();
            let name = rows.first().map_or("", |row| row.category);
            self.suite("testsuite", name, rows, &cases.join("\n    "))
        });
        let suites: Vec<_> = suites.collect();
        let suites = suites.join("\n  ");
        let whole = self.suite("testsuites", "nanobot doctor", &self.checks, &suites);
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{whole}")
    }

    /// An element with the figures of these rows. Checks wait for the same answers at the same
    /// time, so a suite takes as long as the longest of them.
    fn suite(&self, element: &str, name: &str, rows: &[Row], content: &str) -> String {
        let tests = rows.len();
        let failures = rows
            .iter()
            .filter(|row| self.counts_as_failure(row))
            .count();
        let skipped = Summary::of(rows).skip;
        let longest = rows.iter().map(|row| row.duration).max();
        let time = seconds(longest.unwrap_or_default());
        format!(
            "<{element} name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
             skipped=\"{skipped}\" time=\"{time}\">\n  {content}\n</{element}>"
        )
    }

    /// What is said of a check. A warning is no failure unless `--strict` says so.
    fn case(&self, row: &Row) -> String {
        let (category, id, time) = (row.category, row.id, seconds(row.duration));
        let case =
            format!("<testcase classname=\"nanobot.{category}\" name=\"{id}\" time=\"{time}\"");
        let first = escape(row.detail.lines().next().unwrap_or_default());
        let story = story(row);
        let story = escape(&story);
        let result = match row.status {
            Status::Pass => return format!("{case}/>"),
            Status::Skip => format!("<skipped message=\"{first}\"/>"),
            Status::Warn if !self.counts_as_failure(row) => {
                format!("<system-out>warning: {story}</system-out>")
            }
            status => {
                let kind = if status == Status::Fail {
                    "fail"
                } else {
                    "warn"
                };
                format!("<failure type=\"{kind}\" message=\"{first}\">{story}</failure>")
            }
        };
        format!("{case}>{result}</testcase>")
    }
}

/// What was found and what to do, as lines.
fn story(row: &Row) -> String {
    let mut lines = vec![row.detail.as_str()];
    if let Some(remedy) = &row.remedy {
        lines.extend(["", &remedy.text]);
        lines.extend(remedy.commands.iter().map(String::as_str));
    }
    lines.join("\n")
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use crate::doctor::report::tests::report;

    #[test]
    fn every_status_has_its_element() {
        let text = report(false).to_junit();
        for expected in [
            "<testsuites name=\"nanobot doctor\" tests=\"4\" failures=\"1\" errors=\"0\" \
             skipped=\"1\" time=\"0.012\">",
            "<testsuite name=\"net\" tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"1\" ",
            "<testcase classname=\"nanobot.net\" name=\"net.fine\" time=\"0.012\"/>",
            "<failure type=\"fail\" message=\"100% of it:\">100% of it:\n&lt;b&gt;broken",
            "<skipped message=\"the detail of net.unknown\"/>",
            "<system-out>warning: it is slow",
        ] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn strict_makes_failures_of_warnings() {
        let text = report(true).to_junit();
        assert!(text.contains("<failure type=\"warn\" message=\"it is slow"));
        assert!(text.contains("tests=\"4\" failures=\"2\""));
    }
}
