//! JUnit XML: a test suite for each part of the bot, a test case for each check.
//!
//! The dialect is the one that Jenkins, GitLab and their parsers share.

use std::{io, time::Duration};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use crate::{
    doctor::report::{Report, Row, Status},
    error::{Error, Result},
};

type Xml = Writer<Vec<u8>>;

pub(super) fn render(report: &Report) -> Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut xml, report).map_err(failed)?;
    String::from_utf8(xml.into_inner()).map_err(failed)
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::failure("cannot write the report as JUnit XML").because(error)
}

fn write(xml: &mut Xml, report: &Report) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = Counts::of(report, report.checks());
    xml.create_element("testsuites")
        .with_attribute(("name", "nanobot doctor"))
        .with_attributes(suites.attributes())
        .write_inner_content(|xml| {
            let mut parts = report.checks().chunk_by(|a, b| a.category == b.category);
            parts.try_for_each(|rows| suite(xml, report, rows))
        })?;
    Ok(())
}

fn suite(xml: &mut Xml, report: &Report, rows: &[Row]) -> io::Result<()> {
    let name = rows.first().map_or("", |row| row.category);
    xml.create_element("testsuite")
        .with_attribute(("name", name))
        .with_attributes(Counts::of(report, rows).attributes())
        .write_inner_content(|xml| rows.iter().try_for_each(|row| case(xml, report, row)))?;
    Ok(())
}

fn case(xml: &mut Xml, report: &Report, row: &Row) -> io::Result<()> {
    let class = format!("nanobot.{}", row.category);
    let time = seconds(row.duration);
    let case = xml
        .create_element("testcase")
        .with_attribute(("classname", class.as_str()))
        .with_attribute(("name", row.id))
        .with_attribute(("time", time.as_str()));
    if row.status == Status::Pass {
        case.write_empty()?;
    } else {
        case.write_inner_content(|xml| result(xml, report, row))?;
    }
    Ok(())
}

/// What is said of a check that did not pass. A warning is no failure unless `--strict` says so.
fn result(xml: &mut Xml, report: &Report, row: &Row) -> io::Result<()> {
    let first = row.detail.lines().next().unwrap_or_default();
    if report.counts_as_failure(row) {
        xml.create_element("failure")
            .with_attribute(("type", row.status.name()))
            .with_attribute(("message", first))
            .write_text_content(BytesText::new(&story(row)))?;
    } else if row.status == Status::Skip {
        xml.create_element("skipped")
            .with_attribute(("message", first))
            .write_empty()?;
    } else {
        let story = format!("warning: {}", story(row));
        xml.create_element("system-out")
            .write_text_content(BytesText::new(&story))?;
    }
    Ok(())
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

/// The figures of a suite. Its checks wait for the same answers at the same time, so it takes as
/// long as the longest of them.
struct Counts {
    tests: String,
    failures: String,
    skipped: String,
    time: String,
}

impl Counts {
    fn of(report: &Report, rows: &[Row]) -> Self {
        let failures = rows.iter().filter(|row| report.counts_as_failure(row));
        let skipped = rows.iter().filter(|row| row.status == Status::Skip);
        let longest = rows.iter().map(|row| row.duration).max();
        Self {
            tests: rows.len().to_string(),
            failures: failures.count().to_string(),
            skipped: skipped.count().to_string(),
            time: seconds(longest.unwrap_or_default()),
        }
    }

    fn attributes(&self) -> [(&str, &str); 5] {
        [
            ("tests", &self.tests),
            ("failures", &self.failures),
            ("errors", "0"),
            ("skipped", &self.skipped),
            ("time", &self.time),
        ]
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::render::tests::report;

    #[test]
    fn every_status_has_its_element() {
        let text = render(&report(false)).unwrap();
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
        let text = render(&report(true)).unwrap();
        assert!(text.contains("<failure type=\"warn\" message=\"it is slow"));
        assert!(text.contains("tests=\"4\" failures=\"2\""));
    }
}
