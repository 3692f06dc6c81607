//! How findings are put, and what a save did.

use std::path::Path;

use console::Term;

use crate::{
    config::{Finding, Saved, Severity},
    text::{counted, wrap},
};

/// A finding in two lines, for standard error or standard output.
pub fn finding(finding: &Finding, terminal: &Term) -> String {
    let (style, severity) = match finding.severity {
        Severity::Error => (console::Style::new().red(), "error:"),
        Severity::Warning => (console::Style::new().yellow(), "warning:"),
    };
    let style = style.bold();
    let style = match terminal.target() {
        console::TermTarget::Stderr => style.for_stderr(),
        _ => style,
    };
    let place = finding.position.map(|place| format!("{place}: "));
    let (severity, place) = (style.apply_to(severity), place.unwrap_or_default());
    let message = wrap(
        &format!("{severity} {place}{}", finding.message),
        2,
        terminal,
    );
    let fix = wrap(&format!("  → {}", finding.fix), 4, terminal);
    format!("{message}\n{fix}")
}

/// `1 error, 2 warnings`.
pub fn tally(findings: &[Finding]) -> String {
    let all = [(Severity::Error, "error"), (Severity::Warning, "warning")];
    let counts = all.into_iter().filter_map(|(severity, word)| {
        let of = findings.iter().filter(|found| found.severity == severity);
        let count = of.count();
        (count > 0).then(|| counted(count as u64, word))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// What a save did that was not asked for.
pub fn saved_notes(saved: &Saved, named: &Path) -> Vec<String> {
    let file = saved.file.display();
    let created = saved
        .created
        .then(|| format!("Created {file}, readable only by you (0600)."));
    let followed = (saved.file != named).then(|| {
        format!(
            "{} is a symbolic link; {file} was written.",
            named.display()
        )
    });
    [created, saved.tightened_note(), followed]
        .into_iter()
        .flatten()
        .collect()
}
