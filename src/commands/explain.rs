//! `nanobot explain`: what a check means, why it matters, and what mends it.

use console::style;
use serde_json::{Map, Value, json};

use super::Outcome;
use crate::{
    cli::doctor::Explain,
    config::did_you_mean,
    doctor::{Check, catalogue},
    error::{Error, Result},
    terminal::break_lines,
};

const COLUMNS: usize = 80;

pub(super) fn run(args: &Explain) -> Result<Outcome> {
    let asked = |check: &&Check| check.id == args.id || check.category() == args.id;
    let checks: Vec<_> = catalogue().filter(asked).collect();
    if checks.is_empty() {
        let known = catalogue().flat_map(|check| [check.id, check.category()]);
        let suggestion = did_you_mean(&args.id, known);
        let message = format!("there is no check {:?}{suggestion}", args.id);
        return Err(Error::failure(message).hint("see `nanobot doctor --list`"));
    }
    let texts: Vec<_> = checks.iter().map(|check| explain(check)).collect();
    let entries: Vec<Value> = checks.iter().map(|check| entry(check)).collect();
    Ok(Outcome {
        text: texts.join("\n\n\n"),
        json: Map::from_iter([("checks".to_owned(), json!(entries))]),
        ..Outcome::default()
    })
}

fn explain(check: &Check) -> String {
    let explanation = check.explanation;
    let paragraph = |text: &str| break_lines(text, 0, COLUMNS);
    let causes = explanation.causes.iter();
    let causes = causes.map(|cause| break_lines(&format!("  - {cause}"), 4, COLUMNS));
    let remedy = paragraph(&format!("What to do: {}", check.remedy.text));
    let commands = check.remedy.commands.iter();
    let commands = commands.map(|command| format!("  {}", style(command).cyan()));
    [
        format!("{}: {}", style(check.id).bold(), check.title),
        paragraph(explanation.meaning),
        paragraph(explanation.matters),
        lines("Usual causes:".to_owned(), causes),
        lines(remedy, commands),
    ]
    .join("\n\n")
}

fn lines(first: String, more: impl Iterator<Item = String>) -> String {
    let lines: Vec<_> = std::iter::once(first).chain(more).collect();
    lines.join("\n")
}

fn entry(check: &Check) -> Value {
    json!({
        "id": check.id,
        "category": check.category(),
        "title": check.title,
        "meaning": check.explanation.meaning,
        "matters": check.explanation.matters,
        "causes": check.explanation.causes,
        "remedy": {"text": check.remedy.text, "commands": check.remedy.commands},
    })
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;

    #[test]
    fn every_explanation_fits_a_terminal() {
        for check in catalogue() {
            let text = explain(check);
            for line in text.lines() {
                let is_command = check.remedy.commands.contains(&line.trim());
                assert!(is_command || measure_text_width(line) <= COLUMNS, "{line}");
            }
            assert!(text.contains("Usual causes:\n  - ") && text.contains("What to do: "));
        }
    }
}
