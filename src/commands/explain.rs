//! `nanobot explain`: what a check means, why it matters, and what mends it.

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
        text: texts.join("\n\n"),
        json: Map::from_iter([("checks".to_owned(), json!(entries))]),
        ..Outcome::default()
    })
}

fn explain(check: &Check) -> String {
    let explanation = check.explanation;
    let mut lines = vec![
        format!("{}: {}", check.id, check.title),
        String::new(),
        break_lines(explanation.meaning, 0, COLUMNS),
        String::new(),
        break_lines(explanation.matters, 0, COLUMNS),
        String::new(),
        "Usual causes:".to_owned(),
    ];
    let causes = explanation.causes.iter();
    lines.extend(causes.map(|cause| break_lines(&format!("  - {cause}"), 4, COLUMNS)));
    lines.push(String::new());
    lines.push(break_lines(
        &format!("What to do: {}", check.remedy.text),
        2,
        COLUMNS,
    ));
    let commands = check.remedy.commands.iter();
    lines.extend(commands.map(|command| format!("  {command}")));
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
