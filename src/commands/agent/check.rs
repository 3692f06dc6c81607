//! `nanobot agent check`: could the configured agent answer?

use serde::Serialize;
use serde_json::{Value, json};

use super::Outcome;
use crate::{
    account::agent_check::check,
    agent::{Check, Configured},
    error::{Error, Result},
    terminal::Terminal,
    text::clean_line,
};

#[derive(Serialize)]
struct Report<'a> {
    kind: &'static str,
    agent: String,
    passed_over: Option<&'a str>,
    checks: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Error>,
}

pub async fn run(may_ask: bool, configured: &Configured, terminal: Terminal) -> Result<Outcome> {
    let checks = check(configured.agent.as_ref(), may_ask, terminal).await?;
    let report = Report {
        kind: configured.kind,
        agent: configured.describe(),
        passed_over: configured.passed_over.as_deref(),
        checks: checks.iter().map(entry).collect(),
        error: checks.iter().find_map(|check| check.outcome.as_ref().err()),
    };
    let mut lines = vec![format!("Agent: {}", report.agent)];
    lines.extend(
        report
            .passed_over
            .map(|why| format!("The model configured in agents.defaults cannot be used: {why}")),
    );
    lines.extend(checks.iter().map(line));
    if checks.iter().any(|check| check.is_open) {
        lines.push("  → to test the model with one token: `nanobot agent check --ask`".to_owned());
    }
    Ok(Outcome {
        exit_code: report.error.map_or(0, |error| error.kind().exit_code()),
        ..Outcome::new(lines.join("\n"), &report)
    })
}

fn line(check: &Check) -> String {
    let id = check.id;
    match &check.outcome {
        Ok(found) => {
            let mark = if check.is_open {
                console::style("open").yellow()
            } else {
                console::style("ok").green()
            };
            format!("{mark} {id}: {}", clean_line(found))
        }
        Err(error) => {
            let mark = console::style("failed").red().bold();
            let hint = hint(error).map(|hint| format!("\n  → {hint}"));
            let words = clean_line(&error.to_string());
            format!("{mark} {id}: {words}{}", hint.unwrap_or_default())
        }
    }
}

/// What to do, but for what was done just now.
fn hint(error: &Error) -> Option<String> {
    let mut remedy = error.remedy().clone();
    remedy
        .commands
        .retain(|command| command != "nanobot agent check");
    (!remedy.is_empty()).then(|| remedy.to_string())
}

fn entry(
    Check {
        id,
        outcome,
        is_open,
    }: &Check,
) -> Value {
    match outcome {
        Ok(found) => json!({"id": id, "ok": true, "open": is_open, "detail": found}),
        Err(error) => json!({
            "id": id,
            "ok": false,
            "open": false,
            "detail": error.to_string(),
            "hint": hint(error),
        }),
    }
}
