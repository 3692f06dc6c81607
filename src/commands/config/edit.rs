//! `nanobot config edit`: the file in an editor, saved only when it is valid.

use std::io::{self, IsTerminal};

use serde_json::json;

use super::{
    Outcome,
    editor::{self, Copy, Signals},
    outcome,
    words::{finding, finding_json, saved_notes, tally},
};
use crate::{
    config::{Draft, Finding, Paths, Severity},
    error::{Error, Kind, Result},
    terminal::{Question, Terminal},
};

pub(super) async fn run(paths: &Paths) -> Result<Outcome> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Error::new(Kind::Usage, "`config edit` needs a terminal")
            .hint("change a single key with `nanobot config set KEY VALUE`"));
    }
    let terminal = Terminal::new(true);
    let draft = Draft::load(paths.config_file())?;
    let copy = Copy::of(paths.config_file(), draft.bytes())?;
    let mut signals = Signals::catch()?;
    let command = editor::command();
    loop {
        editor::edit(&command, &copy.path(), &mut signals).await?;
        let bytes = copy.read()?;
        if bytes == draft.bytes() {
            return Ok(done(paths, false, &[]));
        }
        let findings = draft.judge(&bytes);
        for found in &findings {
            terminal.note(&finding(found, true));
        }
        if findings
            .iter()
            .any(|found| found.severity == Severity::Error)
        {
            again(terminal, &findings).await?;
            continue;
        }
        for note in saved_notes(&draft.save(&bytes)?, paths.config_file()) {
            terminal.note(&note);
        }
        return Ok(done(paths, true, &findings));
    }
}

/// Asks whether to open the editor again.
async fn again(terminal: Terminal, findings: &[Finding]) -> Result<()> {
    let words = format!("{}. Edit again, or n to drop the changes?", tally(findings));
    let question = Question {
        default: Some("y"),
        ..Question::new(&words, "an answer")
    };
    let read = |answer: &str| match answer.to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err("Answer y or n.".to_owned()),
    };
    if terminal.ask(question, read).await? {
        return Ok(());
    }
    let error = Error::config("the changes are invalid, so they were dropped");
    Err(error.hint("the file is as it was"))
}

fn done(paths: &Paths, changed: bool, findings: &[Finding]) -> Outcome {
    let file = paths.config_file();
    let text = if changed {
        format!("Saved {}", file.display())
    } else {
        format!("{} is unchanged", file.display())
    };
    outcome(
        text,
        [
            ("file", json!(file)),
            ("changed", json!(changed)),
            ("warnings", findings.iter().map(finding_json).collect()),
        ],
    )
}
