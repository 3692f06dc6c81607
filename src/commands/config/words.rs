//! How values, places and findings are put, for a person and for a program.

use console::Term;
use serde_json::{Value, json};

use crate::{
    config::{Finding, Origin, Saved, Severity},
    terminal::wrap,
};

/// A value as one line: a text bare, everything else as JSON.
pub(super) fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An origin for a program.
pub(super) fn origin(origin: &Origin) -> Value {
    let mut value = json!({"kind": origin.name()});
    match origin {
        Origin::Default => {}
        Origin::File { path, position } => {
            value["path"] = json!(path);
            value["line"] = json!(position.line);
            value["column"] = json!(position.column);
        }
        Origin::Environment { variable } => value["variable"] = json!(variable),
        Origin::Credential { path } => value["path"] = json!(path),
        Origin::Keyring { entry } => value["entry"] = json!(entry.name()),
    }
    value
}

/// Whether an origin is the file.
pub(super) fn is_file(origin: &Origin) -> bool {
    matches!(origin, Origin::File { .. })
}

/// The name of a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A finding in two lines, for standard error or standard output.
pub(super) fn finding(finding: &Finding, on_stderr: bool) -> String {
    let style = match finding.severity {
        Severity::Error => console::Style::new().red().bold(),
        Severity::Warning => console::Style::new().yellow().bold(),
    };
    let style = if on_stderr { style.for_stderr() } else { style };
    let place = match finding.position {
        Some(position) => format!("{position}: "),
        None => String::new(),
    };
    let severity = style.apply_to(format!("{}:", severity(finding.severity)));
    let terminal = if on_stderr {
        Term::stderr()
    } else {
        Term::stdout()
    };
    let message = format!("{severity} {place}{}", finding.message);
    let fix = format!("  → {}", finding.fix);
    format!(
        "{}\n{}",
        wrap(&message, 2, &terminal),
        wrap(&fix, 4, &terminal)
    )
}

/// A finding for a program.
pub(super) fn finding_json(finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "severity": severity(finding.severity),
        "key": finding.key,
        "line": finding.position.map(|place| place.line),
        "column": finding.position.map(|place| place.column),
        "message": finding.message,
        "fix": finding.fix,
    })
}

/// `1 error, 2 warnings`.
pub(super) fn tally(findings: &[Finding]) -> String {
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let words = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
    ];
    let words = words
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {word}{plural}")
        });
    words.collect::<Vec<_>>().join(", ")
}

/// What a save did that was not asked for.
pub(super) fn saved_notes(saved: &Saved, named: &std::path::Path) -> Vec<String> {
    let mut notes = Vec::new();
    let file = saved.file.display();
    if saved.created {
        notes.push(format!("{file} is new; only you can read it (0600)."));
    }
    if let Some(mode) = saved.tightened {
        notes.push(format!(
            "{file} is now only yours to read (0600; it was {:04o}).",
            mode & 0o7777
        ));
    }
    if saved.file != named {
        notes.push(format!(
            "{} is a link; {file} was written.",
            named.display()
        ));
    }
    notes
}
