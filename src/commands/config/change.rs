//! What `set` and `unset` have in common: judge the edit, show it or save it, and say what it did.

use serde_json::json;

use super::{
    Outcome, environment, outcome,
    words::{self, finding_json, is_file, saved_notes},
};
use crate::{
    config::{Document, Env, Finding, KeyPath, Saved, Severity, diff, settings, validate},
    error::{Error, Kind, Result},
    terminal::Terminal,
};

/// An edit of one key.
pub(super) struct Change {
    /// What was done, as the first word of a sentence about the key.
    pub(super) verb: &'static str,
    pub(super) path: KeyPath,
    pub(super) before: Document,
    pub(super) after: Document,
    /// What the person should know beside the result.
    pub(super) notes: Vec<String>,
    /// Show it only.
    pub(super) dry_run: bool,
}

impl Change {
    /// Makes the edit, or shows it.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when it would bring an error into the file, otherwise as
    /// [`Document::save`].
    pub(super) fn make(mut self) -> Result<Outcome> {
        self.refuse_errors()?;
        let warnings = self.new_findings(&environment, Severity::Warning);
        self.notes.extend(self.overruled());
        let saved = if self.dry_run {
            None
        } else {
            Some(self.after.save()?)
        };
        if let Some(saved) = &saved {
            self.notes.extend(saved_notes(saved, self.after.path()));
        }
        self.tell(&warnings);
        Ok(self.outcome(saved.as_ref(), &warnings))
    }

    /// What the edit brought that was not there before.
    fn new_findings(&self, env: Env<'_>, severity: Severity) -> Vec<Finding> {
        let old = validate(&self.before, env);
        let known = |finding: &Finding| {
            let same = |old: &Finding| {
                (old.id, &old.key, &old.message) == (finding.id, &finding.key, &finding.message)
            };
            old.iter().any(same)
        };
        let mut new = validate(&self.after, env);
        new.retain(|finding| finding.severity == severity && !known(finding));
        new
    }

    /// An edit of something larger than a key can bring errors that no key's reading saw.
    fn refuse_errors(&self) -> Result<()> {
        let errors = self.new_findings(&|_| None, Severity::Error);
        match errors.into_iter().next() {
            Some(error) => Err(Error::new(Kind::Usage, error.message)
                .hint("correct the value; nothing was written")),
            None => Ok(()),
        }
    }

    /// Says what counts instead of the file.
    fn overruled(&self) -> Option<String> {
        let key = self.path.key()?;
        let mut settings = settings(&self.after, &environment).into_iter();
        let setting = settings.find(|setting| setting.key.name == key.name)?;
        let is_ours = is_file(&setting.origin) || setting.origin.name() == "default";
        (!is_ours).then(|| {
            format!(
                "In effect is the value from the {}, not the file's.",
                setting.origin
            )
        })
    }

    fn tell(&self, warnings: &[Finding]) {
        let terminal = Terminal::new(false);
        for warning in warnings {
            terminal.note(&words::finding(warning, true));
        }
        for note in &self.notes {
            terminal.note(note);
        }
    }

    fn outcome(self, saved: Option<&Saved>, warnings: &[Finding]) -> Outcome {
        let changed = self.before.text() != self.after.text();
        let file = self.after.path().display();
        let key = self.path.path();
        let text = match (changed, self.dry_run) {
            (false, _) => format!("{key} is already so in {file}; nothing changed"),
            (true, true) => diff(&self.before, &self.after).trim_end().to_owned(),
            (true, false) => match self.after.position(&key) {
                Some(place) => format!("{} {key} in {file}, line {}", self.verb, place.line),
                None => format!("{} {key} in {file}", self.verb),
            },
        };
        let difference = (self.dry_run && changed).then(|| diff(&self.before, &self.after));
        outcome(
            text,
            [
                ("key", json!(key)),
                (
                    "file",
                    json!(saved.map_or(self.after.path(), |saved| &saved.file)),
                ),
                ("changed", json!(changed && !self.dry_run)),
                ("dry_run", json!(self.dry_run)),
                ("diff", json!(difference)),
                ("warnings", warnings.iter().map(finding_json).collect()),
                ("notes", json!(self.notes)),
            ],
        )
    }
}
