//! `nanobot agent check`: could the configured agent answer?

use serde_json::{Map, Value, json};

use super::{Outcome, of_file};
use crate::{
    agent::Check,
    config::Paths,
    error::Result,
    terminal::{Terminal, clean_line},
};

pub(super) async fn run(paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let configured = of_file(paths)?;
    let agent = &configured.agent;
    let checks = terminal.during("Checking the agent", agent.check()).await;
    let described = agent.describe();
    let mut lines = vec![format!("Answers come from {described}")];
    if let Some(why) = &configured.passed_over {
        lines.push(format!(
            "The model of agents.defaults does not answer: {why}"
        ));
    }
    lines.extend(checks.iter().map(line));
    let mut json = Map::from_iter([
        ("kind".to_owned(), json!(configured.kind)),
        ("agent".to_owned(), json!(described)),
        ("passed_over".to_owned(), json!(configured.passed_over)),
        ("checks".to_owned(), checks.iter().map(entry).collect()),
    ]);
    let failed = checks.iter().find_map(|check| check.outcome.as_ref().err());
    if let Some(error) = failed {
        let kind = error.kind().name();
        let error = json!({"kind": kind, "message": error.to_string(), "hint": error.hint_text()});
        json.insert("error".to_owned(), error);
    }
    Ok(Outcome {
        text: lines.join("\n"),
        json,
        exit_code: failed.map_or(0, |error| error.kind().exit_code()),
        ..Outcome::default()
    })
}

fn line(check: &Check) -> String {
    let id = check.id;
    let (mark, words, hint) = match &check.outcome {
        Ok(found) => (console::style("ok").green(), found.clone(), None),
        Err(error) => (
            console::style("failed").red().bold(),
            error.to_string(),
            error.hint_text(),
        ),
    };
    let line = format!("{mark} {id}: {}", clean_line(&words));
    match hint {
        Some(hint) => format!("{line}\n  → {hint}"),
        None => line,
    }
}

fn entry(check: &Check) -> Value {
    match &check.outcome {
        Ok(found) => json!({"id": check.id, "ok": true, "detail": found}),
        Err(error) => json!({
            "id": check.id,
            "ok": false,
            "detail": error.to_string(),
            "hint": error.hint_text(),
        }),
    }
}
