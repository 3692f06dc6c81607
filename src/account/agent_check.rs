//! Whether the agent could answer, asking it a question where nothing else can tell.

use crate::{
    agent::{Agent, Check},
    error::Result,
    terminal::{Question, Terminal},
};

/// Checks the agent. Where only a question could tell, which may cost something, one is asked if
/// it may be or the person at the terminal says so.
pub(crate) async fn check(
    agent: &dyn Agent,
    may_ask: bool,
    terminal: Terminal,
) -> Result<Vec<Check>> {
    let doing = "Checking the agent";
    let checks = terminal.during(doing, agent.check(may_ask)).await;
    let Some(open) = checks.iter().find(|check| check.is_open) else {
        return Ok(checks);
    };
    if may_ask || !terminal.is_interactive() {
        return Ok(checks);
    }
    if let Ok(found) = &open.outcome {
        terminal.note(&format!("{}: {found}.", agent.describe()));
    }
    let question = Question {
        default: Some("no"),
        ..Question::new(
            "Ask it a question of one token? It may cost a little",
            "--ask",
        )
    };
    if terminal.ask_yes_or_no(question).await? {
        return Ok(terminal.during(doing, agent.check(true)).await);
    }
    Ok(checks)
}
