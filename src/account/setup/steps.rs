//! What became of each step, told as it goes.

use std::{
    io::{self, Write},
    sync::Arc,
};

use console::{Style, Term};
use serde::Serialize;

use crate::{
    account::{Afterwards, recovery_key::PendingKey},
    config::Secret,
    error::{Error, Result},
    ipc::crash_point,
    terminal::print,
    text::{clean_line, wrap},
};

/// How far what is told of a step is indented.
const MARGIN: usize = 11;
/// The step that each part of the set-up begins with, for a person, and what the part is called.
pub const PARTS: [(&str, &str); 5] = [
    ("login", "Account"),
    ("access", "Access"),
    ("identity", "Recovery key"),
    ("agent", "Agent"),
    ("doctor", "Check and first message"),
];

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was done now.
    Done,
    /// It had been done before.
    AlreadyDone,
    /// It was not wanted, or there is nothing to do.
    Skipped,
    /// Something is left for a person, and the bot works without.
    Open,
    /// It failed, and the set-up with it.
    Failed,
}

impl Status {
    /// Done now, or before.
    pub fn done(before: bool) -> Self {
        if before {
            Self::AlreadyDone
        } else {
            Self::Done
        }
    }
}

/// What became of a step.
#[derive(Debug, Serialize)]
pub struct Entry {
    id: &'static str,
    status: Status,
    detail: String,
}

/// The steps so far.
#[derive(Debug)]
pub struct Steps {
    pub entries: Vec<Entry>,
    /// The name of the step that is under way.
    current: &'static str,
    /// One that was made and is shown.
    pub recovery_key: Option<Secret>,
    /// The same on the disk, until the document that shows it is printed.
    unshown: Option<Arc<PendingKey>>,
    /// Everything is told in one document at the end.
    json: bool,
    /// A person is led through it.
    guided: bool,
}

impl Steps {
    pub fn new(json: bool, guided: bool) -> Self {
        Self {
            entries: Vec::new(),
            current: "login",
            recovery_key: None,
            unshown: None,
            json,
            guided,
        }
    }

    /// What fails from now on fails this step.
    pub fn begin(&mut self, step: &'static str) {
        self.current = step;
        let part = PARTS.iter().position(|(first, _)| *first == step);
        if let Some(part) = part.filter(|_| self.guided) {
            let heading = format!("{}/{} {}", part + 1, PARTS.len(), PARTS[part].1);
            // As in `Terminal::note`.
            let _ = writeln!(
                io::stderr(),
                "\n{}",
                Style::new().bold().for_stderr().apply_to(heading)
            );
        }
    }

    /// Tells how the step that is under way ended.
    pub fn end(&mut self, status: Status, detail: &str) -> Result<()> {
        let entry = Entry {
            id: self.current,
            status,
            detail: clean_line(detail),
        };
        self.tell(&entry.line())?;
        self.entries.push(entry);
        crash_point(&format!("setup-{}", self.current));
        Ok(())
    }

    /// Shows a new recovery key, large.
    pub fn reveal(&mut self, key: &Secret) -> Result<()> {
        let large = Style::new().bold();
        let lines = fold_key(key.expose(), usize::from(Term::stdout().size().1));
        let lines: Vec<_> = lines
            .iter()
            .map(|line| format!("    {}", large.apply_to(line)))
            .collect();
        let text = format!(
            "\nYour recovery key. It is shown only now:\n\n{}\n",
            lines.join("\n")
        );
        if !self.json && !print(&text).map_err(cannot_print)? {
            return Err(Error::failure("the recovery key could not be shown")
                .hint("to see it, run again")
                .command("nanobot setup"));
        }
        self.recovery_key = Some(key.clone());
        Ok(())
    }

    /// Removes from the disk the key that was revealed, and kept where that was wished.
    pub fn is_shown(&mut self, key: Arc<PendingKey>) -> Result<()> {
        if self.json {
            self.unshown = Some(key);
            return Ok(());
        }
        key.forget_if(true)
    }

    /// What is left to do when the document is printed.
    pub fn afterwards(&self) -> Option<Afterwards> {
        Some(self.unshown.as_ref()?.forget_when_shown(None))
    }

    /// Tells more than fits into a line.
    pub fn tell(&self, text: &str) -> Result<()> {
        if self.json {
            return Ok(());
        }
        print(text).map_err(cannot_print).map(drop)
    }

    /// Notes what ended the set-up.
    pub fn fail(&mut self, error: &Error) {
        self.entries.push(Entry {
            id: self.current,
            status: Status::Failed,
            detail: error.to_string(),
        });
    }
}

fn cannot_print(error: std::io::Error) -> Error {
    Error::failure("cannot write the result").because(error)
}

/// A recovery key on as many lines as a terminal of this width needs, whole groups on each.
fn fold_key(key: &str, columns: usize) -> Vec<String> {
    let groups: Vec<_> = key.split(' ').collect();
    let lines = if key.len() + MARGIN > columns { 2 } else { 1 };
    let lines = groups.chunks(groups.len().div_ceil(lines).max(1));
    lines.map(|groups| groups.join(" ")).collect()
}

impl Entry {
    fn line(&self) -> String {
        let green = Style::new().green();
        let (mark, look, already) = match self.status {
            Status::Done => ("✓", green, ""),
            Status::AlreadyDone => ("✓", green, "unchanged: "),
            Status::Skipped => ("-", Style::new().dim(), ""),
            Status::Open | Status::Failed => ("!", Style::new().yellow(), ""),
        };
        let width = MARGIN - 2;
        let line = format!(
            "{} {:<width$}{already}{}",
            look.apply_to(mark),
            self.id,
            self.detail
        );
        wrap(&line, MARGIN, &Term::stdout())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_step_is_told_with_what_shows_that_it_is_done() {
        let entry = |status| Entry {
            id: "access",
            status,
            detail: "it is".to_owned(),
        };
        let line = |status| console::strip_ansi_codes(&entry(status).line()).into_owned();
        assert_eq!(line(Status::Done), "✓ access   it is");
        let already = "✓ access   unchanged: it is";
        assert_eq!(line(Status::AlreadyDone), already);
        assert_eq!(line(Status::Open), "! access   it is");
        let json = json!(entry(Status::AlreadyDone));
        let expected = json!({"id": "access", "status": "already_done", "detail": "it is"});
        assert_eq!(json, expected);
    }

    #[test]
    fn a_key_breaks_between_its_groups() {
        let key = ["abcd"; 12].join(" ");
        assert_eq!(fold_key(&key, 80), std::slice::from_ref(&key));
        assert_eq!(fold_key(&key, 60), [&key[..29], &key[30..]]);
        assert_eq!(fold_key("abcd", 10), ["abcd"]);
    }

    #[test]
    fn the_document_has_the_failed_step_and_a_key_that_was_made() {
        let mut steps = Steps::new(true, false);
        steps.reveal(&Secret::new("the key")).unwrap();
        steps.begin("doctor");
        steps.fail(&Error::failure("broken"));
        let step = json!({"id": "doctor", "status": "failed", "detail": "broken"});
        assert_eq!(json!(steps.entries), json!([step]));
        assert_eq!(steps.recovery_key, Some(Secret::new("the key")));
    }
}
