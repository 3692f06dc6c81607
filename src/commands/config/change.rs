//! `nanobot config unset`, and what it has in common with `set`: judge the edit, show it or save it,
//! and say what it did.

use std::path::Path;

use console::Term;
use serde::Serialize;

use super::{
    Outcome,
    findings::{finding, saved_notes},
};
use crate::{
    cli::config::Unset,
    config::{
        Document, Env, Finding, KeyPath, Origin, Paths, Severity, diff, environment, settings,
        validate,
    },
    error::{Error, Kind, Result},
    terminal::Terminal,
};

/// An edit of one key.
pub struct Change {
    /// What was done, as the first word of a sentence about the key.
    pub verb: &'static str,
    pub path: KeyPath,
    pub before: Document,
    pub after: Document,
    /// What the person should know beside the result.
    pub notes: Vec<String>,
    /// Show it only.
    pub dry_run: bool,
}

/// What the edit did.
#[derive(Serialize)]
struct Done<'a> {
    key: &'a str,
    file: &'a Path,
    changed: bool,
    dry_run: bool,
    diff: Option<String>,
    warnings: Vec<Finding>,
    notes: Vec<String>,
}

/// Removes a key from the file.
pub fn unset(args: &Unset, paths: &Paths) -> Result<Outcome> {
    let before = Document::load(paths.config_file())?;
    let path = KeyPath::resolve(&args.key, &before)?;
    let mut after = before.clone();
    let mut notes = Vec::new();
    let spellings = path.key().map(|key| before.spellings(key));
    let names: Vec<_> = spellings
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    if names.iter().skip(1).any(|name| *name == path.spelling()) {
        after.unset_spelling(path.spelling())?;
        notes.push(format!("{:?} is the effective one and stays.", names[0]));
    } else if !after.unset(&path.path())? {
        return Err(if path.is_known() {
            let file = before.path().display();
            let message = format!("{} is not in {file}", path.path());
            Error::failure(message).hint("nothing to remove")
        } else {
            Error::failure(path.unknown()).hint("list the keys with `nanobot config list`")
        });
    } else if names.len() > 1 {
        let names: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
        notes.push(format!(
            "Both spellings were removed: {}.",
            names.join(" and ")
        ));
    }
    Change {
        verb: "Removed",
        path,
        before,
        after,
        notes,
        dry_run: args.dry_run,
    }
    .make()
}

impl Change {
    /// Makes the edit, or shows it.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when it would bring an error into the file, otherwise as
    /// [`Document::save`].
    pub fn make(mut self) -> Result<Outcome> {
        // An edit of something larger than a key can bring errors that no key's reading saw.
        let mut errors = self.new_findings(&|_| None, Severity::Error).into_iter();
        if let Some(error) = errors.next() {
            return Err(Error::new(Kind::Usage, error.message)
                .hint("correct the value; nothing was written"));
        }
        let warnings = self.new_findings(&environment, Severity::Warning);
        self.notes.extend(self.overruled());
        let saved = (!self.dry_run).then(|| self.after.save()).transpose()?;
        let named = self.after.path();
        if let Some(saved) = &saved {
            self.notes.extend(saved_notes(saved, named));
        }
        let terminal = Terminal::new(false);
        let shown = warnings.iter().map(|new| finding(new, &Term::stderr()));
        for note in shown.chain(self.notes.iter().cloned()) {
            terminal.note(&note);
        }

        let (key, place) = (self.path.path(), named.display());
        let change = diff(&self.before, &self.after);
        let changed = self.before.text() != self.after.text();
        let text = match (changed, self.dry_run) {
            (false, _) => format!("{key} already has this value in {place}"),
            (true, true) => change.trim_end().to_owned(),
            (true, false) => match self.after.position(&key) {
                Some(at) => format!("{} {key} in {place}, line {}", self.verb, at.line),
                None => format!("{} {key} in {place}", self.verb),
            },
        };
        let done = Done {
            key: &key,
            file: saved.as_ref().map_or(named, |saved| &saved.file),
            changed: changed && !self.dry_run,
            dry_run: self.dry_run,
            diff: (self.dry_run && changed).then_some(change),
            warnings,
            notes: self.notes,
        };
        Ok(Outcome::new(text, &done))
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

    /// Says what counts instead of the file.
    fn overruled(&self) -> Option<String> {
        let key = self.path.key()?;
        let mut settings = settings(&self.after, &environment).into_iter();
        match settings
            .find(|setting| setting.key.name == key.name)?
            .origin
        {
            Origin::File { .. } | Origin::Default => None,
            origin => Some(format!("The {origin} overrides the file.")),
        }
    }
}
