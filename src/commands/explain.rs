//! `nanobot explain`: what a check means, common causes, and how to fix it.

use std::collections::BTreeSet;

use console::style;
use serde_json::{Value, json};

use super::Outcome;
use crate::{
    cli::doctor::Explain,
    doctor::{Check, about, catalogue, find_named},
    error::{Error, Result},
    text::{break_lines, columns},
};

/// How wide the ids are in a list.
const IDS: usize = 28;

pub fn run(args: &Explain) -> Result<Outcome> {
    let Some(id) = &args.id else {
        return Ok(list(&catalogue().collect::<Vec<_>>()));
    };
    let checks =
        find_named(id).map_err(|message| Error::failure(message).command("nanobot explain"))?;
    let columns = columns();
    let texts: Vec<_> = checks.iter().map(|check| explain(check, columns)).collect();
    let entries: Vec<Value> = checks.iter().map(|check| entry(check)).collect();
    let explained = json!({"checks": entries});
    Ok(Outcome::new(texts.join("\n\n\n"), &explained))
}

/// These checks by category, one line each.
pub fn list(checks: &[&Check]) -> Outcome {
    let columns = columns();
    let mut categories: Vec<_> = checks.iter().map(|check| check.category()).collect();
    let mut seen = BTreeSet::new();
    categories.retain(|category| seen.insert(*category));
    let groups = categories.into_iter().map(|category| {
        let head = format!("{}: {}", style(category).bold(), about(category));
        let checks = checks.iter().filter(|check| check.category() == category);
        let lines = checks.map(|check| {
            let title = check.explanation().title;
            let width = IDS - 3;
            break_lines(&format!("  {:<width$} {title}", check.id), IDS, columns)
        });
        let lines: Vec<_> = lines.collect();
        format!("{}\n{}", break_lines(&head, 2, columns), lines.join("\n"))
    });
    let text: Vec<_> = groups.collect();
    let entry = |check: &&Check| {
        let title = check.explanation().title;
        json!({"id": check.id, "category": check.category(), "title": title})
    };
    let entries: Vec<Value> = checks.iter().map(entry).collect();
    Outcome::new(text.join("\n\n"), &json!({"checks": entries}))
}

fn explain(check: &Check, columns: usize) -> String {
    let said = check.explanation();
    let paragraph = |text: &str| break_lines(text, 0, columns);
    let mut causes = vec!["Common causes:".to_owned()];
    let cause = |cause: &String| break_lines(&format!("  - {cause}"), 4, columns);
    causes.extend(said.causes.iter().map(cause));
    let mut fix = vec![paragraph(&format!("How to fix it: {}", said.fix))];
    let command = |command: &&str| format!("  {}", style(command).cyan());
    fix.extend(said.commands.iter().map(command));
    [
        paragraph(&format!("{}: {}", style(check.id).bold(), said.title)),
        paragraph(&said.meaning),
        paragraph(&said.matters),
        causes.join("\n"),
        fix.join("\n"),
    ]
    .join("\n\n")
}

fn entry(check: &Check) -> Value {
    let said = check.explanation();
    json!({
        "id": check.id,
        "category": check.category(),
        "title": said.title,
        "meaning": said.meaning,
        "matters": said.matters,
        "causes": said.causes,
        "remedy": {"text": said.fix, "commands": said.commands},
    })
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;

    #[test]
    fn every_explanation_fits_a_terminal() {
        for columns in [60, 80, 120] {
            for check in catalogue() {
                let text = explain(check, columns);
                for line in text.lines() {
                    let is_command = check.explanation().commands.contains(&line.trim());
                    assert!(is_command || measure_text_width(line) <= columns, "{line}");
                }
                assert!(text.contains("Common causes:\n  - ") && text.contains("How to fix it: "));
            }
        }
    }

    #[test]
    fn without_an_id_every_check_has_a_line() {
        let outcome = list(&catalogue().collect::<Vec<_>>());
        for check in catalogue() {
            assert!(
                outcome.text.contains(&format!("  {} ", check.id)),
                "{}",
                check.id
            );
            assert!(!about(check.category()).is_empty(), "{}", check.category());
        }
        assert!(
            outcome
                .text
                .lines()
                .all(|line| measure_text_width(line) <= 96)
        );
    }
}
