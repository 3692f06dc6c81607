//! What a check is: a row of a table, and a pure judgement over the facts.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    command::apart,
    facts::{Facts, Trouble},
    report::{Remedy, Status},
};
use crate::{error::Kind, homeserver::Failure};

/// A check: its stable name, what it reads, how it judges, and what is to be said about it.
///
/// Adding one is adding a row to a table, and a probe where nobody has asked its question yet.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name, `category.topic`. Never given to another check.
    pub id: &'static str,
    /// What holds when it passes.
    pub title: &'static str,
    /// The probe whose answer it judges.
    pub(super) probe: &'static str,
    /// The checks that must not have failed for this one to mean anything.
    pub(super) needs: &'static [&'static str],
    /// Judges the facts; `None` when they do not tell.
    pub(super) judge: fn(&Facts) -> Option<Verdict>,
    /// What it means, why it matters, what causes it: for `nanobot explain` and the manual.
    pub explanation: Explanation,
    /// What to do about a finding, as a rule.
    pub remedy: Advice,
}

/// What `nanobot explain` tells about a check.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// What is looked at.
    pub meaning: &'static str,
    /// What happens to the bot when it does not hold.
    pub matters: &'static str,
    /// What usually causes a finding, the most frequent first.
    pub causes: &'static [&'static str],
}

/// What to do about a finding: a sentence, and commands to copy.
#[derive(Clone, Copy, Debug)]
pub struct Advice {
    /// What to do, in a sentence.
    pub text: &'static str,
    /// Commands to copy, in their order.
    pub commands: &'static [&'static str],
}

impl Check {
    /// The part of the bot it is about.
    #[must_use]
    pub fn category(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }

    /// What to do in a case, filled up with what is to be done as a rule.
    pub(super) fn remedy(&self, case: Remedy, has_usual_commands: bool) -> Remedy {
        let (words, command) = apart(&case.text);
        let mut commands: Vec<_> = command.map(str::to_owned).into_iter().collect();
        if case.commands.is_empty() && has_usual_commands {
            commands.extend(self.remedy.commands.iter().map(ToString::to_string));
        } else {
            commands.extend(case.commands);
        }
        let mut seen = BTreeSet::new();
        commands.retain(|command| seen.insert(command.clone()));
        Remedy {
            text: match words {
                "" | "run" => self.remedy.text,
                words => words,
            }
            .to_owned(),
            commands,
            url: case.url,
        }
    }
}

/// What a judgement says.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) status: Status,
    pub(super) detail: String,
    /// Replaces the check's usual remedy.
    pub(super) remedy: Option<Remedy>,
    /// Whether the check's usual commands help, where the case names none.
    pub(super) has_usual_commands: bool,
    /// What sort of failure it is, where it fails.
    pub(super) kind: Kind,
    pub(super) evidence: Map<String, Value>,
}

impl Verdict {
    fn new(status: Status, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            remedy: None,
            has_usual_commands: true,
            kind: Kind::Failure,
            evidence: Map::new(),
        }
    }

    /// It is as it should be.
    pub(super) fn pass(detail: impl Into<String>) -> Self {
        Self::new(Status::Pass, detail)
    }

    /// It works, and perhaps not for long or not as meant.
    pub(super) fn warn(detail: impl Into<String>) -> Self {
        Self::new(Status::Warn, detail)
    }

    /// It is broken.
    pub(super) fn fail(detail: impl Into<String>) -> Self {
        Self::new(Status::Fail, detail)
    }

    /// There is nothing to judge.
    pub(super) fn skip(detail: impl Into<String>) -> Self {
        Self::new(Status::Skip, detail)
    }

    /// A call failed that had to succeed.
    pub(super) fn failed(failure: &Failure) -> Self {
        Self::fail(failure.to_string())
            .kind(failure.kind())
            .advice(failure.hint())
    }

    /// An error of ours, as it is.
    pub(super) fn troubled(trouble: &Trouble) -> Self {
        let verdict = Self::fail(&trouble.message).kind(trouble.kind);
        match &trouble.hint {
            Some(hint) => verdict.advice(hint),
            None => verdict,
        }
    }

    /// A question was not answered that is worth asking, and nothing stands or falls with it.
    pub(super) fn unanswered(failure: &Failure) -> Self {
        Self::warn(format!("cannot tell: {failure}")).advice(failure.hint())
    }

    /// This sort of failure, which decides the exit code, and whether it may pass by itself.
    pub(super) fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// What to do in this very case, in a sentence.
    pub(super) fn advice(mut self, text: impl Into<String>) -> Self {
        self.remedy = Some(Remedy {
            text: text.into(),
            ..self.remedy.unwrap_or_default()
        });
        self
    }

    /// A command that helps in this very case.
    pub(super) fn command(mut self, command: impl Into<String>) -> Self {
        let mut remedy = self.remedy.unwrap_or_default();
        remedy.commands.push(command.into());
        self.remedy = Some(remedy);
        self
    }

    /// The check's usual commands do not help in this very case.
    pub(super) fn without_commands(self) -> Self {
        Self {
            has_usual_commands: false,
            ..self
        }
    }

    /// A figure or a name for programs.
    pub(super) fn evidence(mut self, name: &str, value: impl serde::Serialize) -> Self {
        self.evidence.insert(name.to_owned(), json!(value));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::checks::find;

    #[test]
    fn the_usual_remedy_fills_what_a_case_leaves_open() {
        let check = find("config.permissions").unwrap();
        let case = |verdict: Verdict| check.remedy(verdict.remedy.unwrap_or_default(), true);
        let usual = case(Verdict::fail("x"));
        assert_eq!(usual.text, check.remedy.text);
        assert_eq!(usual.commands, check.remedy.commands);
        let hint = case(Verdict::fail("x").advice("chmod 600 /x"));
        assert_eq!(hint.text, check.remedy.text);
        assert_eq!(hint.commands[0], "chmod 600 /x");
        assert_eq!(hint.commands[1..], *check.remedy.commands);
        let own = case(
            Verdict::fail("x")
                .advice("stop it")
                .command("nanobot logout"),
        );
        assert_eq!(
            (own.text.as_str(), own.commands),
            ("stop it", vec!["nanobot logout".to_owned()])
        );
    }
}
