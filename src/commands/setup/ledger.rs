//! What became of each step, told as it goes.

use std::sync::Arc;

use console::{Style, Term};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    commands::{Afterwards, recovery_key::PendingKey},
    config::Secret,
    error::{Error, Result},
    instance::crash_point,
    terminal::{clean_line, print, print_to_reader, wrap},
};

/// How far what is told of a step is indented.
const MARGIN: usize = 11;

/// A step of the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    Login,
    Access,
    Identity,
    Recovery,
    Agent,
    Doctor,
    Greeting,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
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

#[derive(Debug, Serialize)]
struct Entry {
    id: Step,
    status: Status,
    detail: String,
}

/// The steps so far.
#[derive(Debug)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
    /// The step that is under way.
    current: Step,
    recovery_key: Option<Secret>,
    /// The same on the disk, until the document that shows it is printed.
    unshown: Option<Arc<PendingKey>>,
    /// Everything is told in one document at the end.
    json: bool,
}

impl Ledger {
    pub(super) fn new(json: bool) -> Self {
        Self {
            entries: Vec::new(),
            current: Step::Login,
            recovery_key: None,
            unshown: None,
            json,
        }
    }

    /// What fails from now on fails this step.
    pub(super) fn begin(&mut self, step: Step) {
        self.current = step;
    }

    /// Tells how the step that is under way ended.
    pub(super) fn end(&mut self, status: Status, detail: &str) -> Result<()> {
        let entry = Entry {
            id: self.current,
            status,
            detail: clean_line(detail),
        };
        self.tell(&entry.line())?;
        let name = entry.id.name();
        self.entries.push(entry);
        crash_point(&format!("setup-{name}"));
        Ok(())
    }

    /// Shows a new recovery key, the only time that it is shown.
    pub(super) fn reveal(&mut self, key: &Secret) -> Result<()> {
        let shown = key.expose();
        let words = "The recovery key, shown only this once:";
        let text = format!("\n  {words}\n\n    {shown}\n");
        if !self.json && !print_to_reader(&text).map_err(cannot_print)? {
            return Err(Error::failure("nobody is there to read the recovery key")
                .hint("run `nanobot setup` again, which shows it"));
        }
        self.recovery_key = Some(key.clone());
        Ok(())
    }

    /// Removes the key from the disk that was revealed, and kept where it was wished to be.
    pub(super) fn is_shown(&mut self, key: Arc<PendingKey>) -> Result<()> {
        if self.json {
            self.unshown = Some(key);
            return Ok(());
        }
        key.forget_if(true)
    }

    /// What is left to do when the document is printed.
    pub(super) fn afterwards(&self) -> Option<Afterwards> {
        let unshown = self.unshown.as_ref()?;
        Some(unshown.forget_when_shown(None))
    }

    /// Tells more than fits into a line.
    pub(super) fn tell(&self, text: &str) -> Result<()> {
        if self.json {
            return Ok(());
        }
        print(text).map_err(cannot_print)
    }

    /// Whether a step is done by now.
    pub(super) fn is_begun(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Notes what ended the set-up.
    pub(super) fn fail(&mut self, error: &Error) {
        self.entries.push(Entry {
            id: self.current,
            status: Status::Failed,
            detail: error.to_string(),
        });
    }

    pub(super) fn into_json(self) -> Map<String, Value> {
        let mut json = Map::from_iter([("steps".to_owned(), json!(self.entries))]);
        if let Some(key) = &self.recovery_key {
            json.insert("recovery_key".to_owned(), json!(key.expose()));
        }
        json
    }
}

fn cannot_print(error: std::io::Error) -> Error {
    Error::failure("cannot write the result").because(error)
}

impl Entry {
    fn line(&self) -> String {
        let (mark, look) = match self.status {
            Status::Done | Status::AlreadyDone => ("✓", Style::new().green()),
            Status::Skipped => ("-", Style::new().dim()),
            Status::Open | Status::Failed => ("!", Style::new().yellow()),
        };
        let already = match self.status {
            Status::AlreadyDone => "already done: ",
            _ => "",
        };
        let width = MARGIN - 2;
        let line = format!(
            "{} {:<width$}{already}{}",
            look.apply_to(mark),
            self.id.name(),
            self.detail
        );
        wrap(&line, MARGIN, &Term::stdout())
    }
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Access => "access",
            Self::Identity => "identity",
            Self::Recovery => "recovery",
            Self::Agent => "agent",
            Self::Doctor => "doctor",
            Self::Greeting => "greeting",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_with_what_shows_that_it_is_done() {
        let entry = |status| Entry {
            id: Step::Access,
            status,
            detail: "it is".to_owned(),
        };
        let line = |status| console::strip_ansi_codes(&entry(status).line()).into_owned();
        assert_eq!(line(Status::Done), "✓ access   it is");
        let already = "✓ access   already done: it is";
        assert_eq!(line(Status::AlreadyDone), already);
        assert_eq!(line(Status::Open), "! access   it is");
        let json = json!(entry(Status::AlreadyDone));
        let expected = json!({"id": "access", "status": "already_done", "detail": "it is"});
        assert_eq!(json, expected);
    }

    #[test]
    fn the_document_has_the_failed_step_and_a_key_that_was_made() {
        let mut ledger = Ledger::new(true);
        ledger.reveal(&Secret::new("the key")).unwrap();
        ledger.begin(Step::Doctor);
        ledger.fail(&Error::failure("broken"));
        let json = Value::Object(ledger.into_json());
        let step = json!({"id": "doctor", "status": "failed", "detail": "broken"});
        assert_eq!(json, json!({"steps": [step], "recovery_key": "the key"}));
    }
}
