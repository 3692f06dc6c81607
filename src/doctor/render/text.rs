//! Text for a person: grouped, quiet about what is fine, and no wider than 80 columns.

use std::fmt::Write;

use console::{Style, style};

use super::Detail;
use crate::{
    doctor::report::{Report, Row, Status},
    terminal::break_lines,
};

const COLUMNS: usize = 80;
/// How far the lines below a category are indented.
const INDENT: usize = 4;

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
    let shown: Vec<_> = rows
        .iter()
        .filter(|row| detail == Detail::Verbose || row.is_finding())
        .collect();
    if detail != Detail::Quiet {
        line(text, &heading(rows), INDENT);
    }
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
    format!("{} {name:<11} {}{because}", mark(worst), counts.join(", "))
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
    let mut details = row.detail.lines();
    let first = details.next().unwrap_or_default();
    let took = match detail {
        Detail::Verbose => format!(" ({} ms)", row.duration.as_millis()),
        Detail::Quiet | Detail::Normal => String::new(),
    };
    let id = style(row.id).bold();
    line(
        text,
        &format!("  {} {id}: {first}{took}", mark(row.status)),
        INDENT,
    );
    for more in details {
        line(text, &format!("    {more}"), INDENT);
    }
    let Some(remedy) = &row.remedy else {
        return;
    };
    line(text, &format!("    → {}", remedy.text), INDENT + 2);
    for command in &remedy.commands {
        // Never broken: it is there to be copied.
        let _ = writeln!(text, "      {}", style(command).cyan());
    }
}

fn tally(text: &mut String, report: &Report) {
    let summary = report.summary();
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
    line(
        text,
        &format!("\n{verdict}; {} ok{skipped}.", summary.pass),
        0,
    );
    if summary.fail + summary.warn > 0 {
        line(text, "`nanobot explain ID` tells more about a check.", 0);
    }
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
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
