//! Text for a person: grouped, quiet about what is fine, and no wider than 80 columns.

use std::fmt::Write;

use console::{Style, style};

use super::{Detail, sentence};
use crate::{
    doctor::report::{Report, Row, Status},
    terminal::break_lines,
};

const COLUMNS: usize = 80;
/// How far the lines below a category are indented.
const INDENT: usize = 4;
/// How wide the marks and names of the categories are.
const MARGIN: usize = 14;
/// How many lines a finding may have before `-v` is asked for.
const LINES: usize = 8;

pub(super) fn render(report: &Report, detail: Detail) -> String {
    let mut text = String::new();
    for rows in report.checks().chunk_by(|a, b| a.category == b.category) {
        category(&mut text, rows, detail);
    }
    if detail != Detail::Quiet {
        tally(&mut text, report);
    }
    text.truncate(text.trim_end().len());
    text
}

fn category(text: &mut String, rows: &[Row], detail: Detail) {
    if detail != Detail::Quiet {
        line(text, &heading(rows), MARGIN);
    }
    let shown = rows
        .iter()
        .filter(|row| detail == Detail::Verbose || row.is_finding());
    for row in shown {
        finding(text, row, detail);
    }
}

/// The category's worst status, its name, and how many of its checks are what.
fn heading(rows: &[Row]) -> String {
    let of = |status| rows.iter().filter(|row| row.status == status).count();
    let (passed, warned, failed, skipped) = (
        of(Status::Pass),
        of(Status::Warn),
        of(Status::Fail),
        of(Status::Skip),
    );
    let worst = match (failed, warned, passed) {
        (1.., ..) => Status::Fail,
        (0, 1.., _) => Status::Warn,
        (0, 0, 1..) => Status::Pass,
        (0, 0, 0) => Status::Skip,
    };
    let counts = [
        (failed, "failed"),
        (warned, if warned == 1 { "warning" } else { "warnings" }),
        (passed, "ok"),
        (skipped, "skipped"),
    ];
    let counts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let because = because(rows);
    let name = rows.first().map_or("", |row| row.category);
    let width = MARGIN - 3;
    format!(
        "{} {name:<width$} {}{because}",
        mark(worst),
        counts.join(", ")
    )
}

/// For which failures the skipped checks were skipped.
fn because(rows: &[Row]) -> String {
    let mut roots: Vec<_> = rows
        .iter()
        .flat_map(|row| row.because.iter().copied())
        .collect();
    roots.sort_unstable();
    roots.dedup();
    if roots.is_empty() {
        String::new()
    } else {
        format!(" because of {}", roots.join(", "))
    }
}

fn finding(text: &mut String, row: &Row, detail: Detail) {
    let took = match detail {
        Detail::Verbose => format!(" ({} ms)", row.duration.as_millis()),
        Detail::Quiet | Detail::Normal => String::new(),
    };
    let id = style(row.id).bold();
    let mut details = row.detail.lines();
    let first = details.next().unwrap_or_default();
    let head = format!("  {} {id}{took}: {first}", mark(row.status));
    line(text, &head, INDENT);
    let more: Vec<_> = details.collect();
    let shown = match detail {
        Detail::Verbose => more.len(),
        Detail::Quiet | Detail::Normal => more.len().min(LINES),
    };
    for words in &more[..shown] {
        line(text, &format!("    {words}"), INDENT + 2);
    }
    if shown < more.len() {
        let rest = more.len() - shown;
        line(text, &format!("    … and {rest} more, with -v"), INDENT);
    }
    if let Some(remedy) = &row.remedy {
        line(text, &format!("    → {}", remedy.text), INDENT + 2);
        for command in &remedy.commands {
            // Never broken: it is there to be copied.
            let _ = writeln!(text, "      {}", style(command).cyan());
        }
    }
}

fn tally(text: &mut String, report: &Report) {
    line(text, &format!("\n{}.", sentence(report.summary())), 0);
    let mut findings: Vec<_> = report
        .checks()
        .iter()
        .filter(|row| row.is_finding())
        .collect();
    findings.sort_by_key(|row| row.status != Status::Fail);
    if let Some(worst) = findings.first() {
        let more = format!("`nanobot explain {}` tells more about it", worst.id);
        let each = if findings.len() > 1 {
            ", and so on for each"
        } else {
            ""
        };
        line(text, &format!("{more}{each}."), 0);
    }
}

fn line(text: &mut String, words: &str, indent: usize) {
    text.push_str(&break_lines(words, indent, COLUMNS));
    text.push('\n');
}

fn mark(status: Status) -> String {
    let (mark, look) = match status {
        Status::Pass => ("✓", Style::new().green()),
        Status::Warn => ("!", Style::new().yellow()),
        Status::Fail => ("✗", Style::new().red().bold()),
        Status::Skip => ("-", Style::new().dim()),
    };
    look.apply_to(mark).to_string()
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;
    use crate::{
        doctor::{render::tests::report, report::tests::row},
        error::Kind,
    };

    #[test]
    fn only_a_command_is_wider_than_80_columns() {
        for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
            for line in render(&report(false), detail).lines() {
                let is_command = line.trim_start().starts_with("nanobot ");
                let fits = measure_text_width(line) <= COLUMNS;
                assert!(fits || is_command, "{line}");
            }
        }
    }

    #[test]
    fn a_skipped_part_names_the_failure_in_its_one_line() {
        let text = render(&report(false), Detail::Normal);
        let expected = "! net         1 warning, 1 ok, 1 skipped because of config.broken\n";
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("net.unknown"), "{text}");
        assert!(text.contains("1 failure, 1 warning; 1 ok, 1 skipped."));
        assert!(text.contains("`nanobot explain config.broken`"), "{text}");
        assert!(render(&report(false), Detail::Verbose).contains("net.unknown (12 ms): "));
    }

    #[test]
    fn quiet_is_silent_where_nothing_is_found() {
        let fine = [
            row("a.b", Status::Pass, Kind::Failure),
            row("a.c", Status::Skip, Kind::Failure),
        ];
        let fine = Report::new(fine.to_vec(), true);
        assert_eq!(render(&fine, Detail::Quiet), "");
        let text = render(&report(false), Detail::Quiet);
        assert!(text.starts_with("  ✗ config.broken: 100% of it:\n    <b>"));
    }

    #[test]
    fn a_long_finding_is_cut_and_whole_with_v() {
        let mut long = row("a.b", Status::Warn, Kind::Failure);
        long.detail = (0..30)
            .map(|number| format!("line {number}\n"))
            .collect::<Vec<_>>()
            .concat();
        let report = Report::new(vec![long], false);
        let text = render(&report, Detail::Normal);
        assert!(text.contains("    … and 21 more, with -v\n"), "{text}");
        assert!(!text.contains("line 29"));
        assert!(render(&report, Detail::Verbose).contains("line 29"));
    }
}
