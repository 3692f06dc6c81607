//! What a check is, a row of the catalogue with a pure judgement over the facts, and what such a
//! judgement says.

use std::{collections::BTreeSet, sync::LazyLock};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    explanation::{EXPLANATIONS, Explanation},
    facts::{Answer, Facts, Missing},
};
use crate::{
    error::{Error, Kind, Remedy, without_error_numbers},
    homeserver::Failure,
};

/// A check: its stable name, what it reads, and how it judges.
///
/// Adding one is adding a row to a table and a section to the page of its category, and a probe
/// where nobody has asked its question yet.
pub struct Check {
    /// Its name, `category.topic`. Never given to another check.
    pub id: &'static str,
    /// The probe whose answer it judges.
    pub probe: &'static str,
    /// Another probe whose answer tells what to do, where there is one.
    pub advised_by: Option<&'static str>,
    /// The checks that must not have failed for this one to mean anything.
    pub needs: &'static [&'static str],
    /// Judges the facts.
    pub judge: Box<dyn Fn(&Facts) -> Judgement + Send + Sync>,
}

impl Check {
    /// A check by its name, the probe and the checks that it needs. It has no judgement yet.
    pub fn new(id: &'static str, probe: &'static str, needs: &'static [&'static str]) -> Self {
        Self {
            id,
            probe,
            advised_by: None,
            needs,
            judge: Box::new(|_| Err(Missing.into())),
        }
    }

    /// The same, which judges like this.
    pub fn judge(self, judge: impl Fn(&Facts) -> Judgement + Send + Sync + 'static) -> Self {
        Self {
            judge: Box::new(judge),
            ..self
        }
    }

    /// The same, whose advice depends on this probe's answer, too.
    pub fn advised_by(self, probe: &'static str) -> Self {
        Self {
            advised_by: Some(probe),
            ..self
        }
    }

    /// The part of the bot it is about.
    pub fn category(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }

    /// What is said about it; nothing of a check of a test.
    pub fn explanation(&self) -> &'static Explanation {
        static NOTHING: LazyLock<Explanation> = LazyLock::new(Explanation::default);
        EXPLANATIONS.get(self.id).unwrap_or(&NOTHING)
    }

    /// What to do after this verdict, filled up with what is to be done as a rule.
    pub fn remedy(&self, verdict: &Verdict) -> Remedy {
        let usual = self.explanation();
        let mut remedy = verdict.remedy.clone();
        if remedy.text.is_empty() {
            remedy.text.clone_from(&usual.fix);
        }
        if verdict.usual_commands {
            let commands = usual.commands.iter().map(ToString::to_string);
            remedy.commands.extend(commands);
        }
        let mut seen = BTreeSet::new();
        remedy
            .commands
            .retain(|command| seen.insert(command.clone()));
        remedy
    }
}

/// More names than this are counted only.
const MOST_NAMES: usize = 3;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is well.
    Pass,
    /// It works, but perhaps not for long or not as intended.
    Warn,
    /// It is broken.
    Fail,
    /// It is unknown, or was not asked for.
    Skip,
}

/// What a judgement says.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub status: Status,
    pub detail: String,
    /// What to do in this very case; the check's usual remedy fills what is empty.
    pub remedy: Remedy,
    /// Whether the check's usual commands help too.
    pub usual_commands: bool,
    /// What sort of failure it is, where it fails.
    pub kind: Kind,
    /// Figures and names for programs.
    pub evidence: Map<String, Value>,
    /// Whether it is shown although nothing is wrong.
    pub is_note: bool,
}

/// The result of a judgement. An `Err` is a verdict too: one that `?` ends the judgement with.
pub type Judgement = Result<Verdict, Box<Verdict>>;

impl From<Missing> for Box<Verdict> {
    fn from(_: Missing) -> Self {
        Self::new(Verdict::skip("there is nothing to check"))
    }
}

impl Verdict {
    fn new(status: Status, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: without_error_numbers(&detail.into()).into_owned(),
            remedy: Remedy::default(),
            usual_commands: true,
            kind: Kind::Failure,
            evidence: Map::new(),
            is_note: false,
        }
    }

    /// All is well.
    pub fn pass(detail: impl Into<String>) -> Self {
        Self::new(Status::Pass, detail)
    }

    /// It works, but perhaps not for long or not as intended.
    pub fn warn(detail: impl Into<String>) -> Self {
        Self::new(Status::Warn, detail)
    }

    /// It is broken.
    pub fn fail(detail: impl Into<String>) -> Self {
        Self::new(Status::Fail, detail)
    }

    /// Nothing is wrong, and this explains what may look wrong.
    pub fn note(detail: impl Into<String>) -> Self {
        Self {
            is_note: true,
            ..Self::pass(detail)
        }
    }

    /// A warning where this is true.
    pub fn warn_if(is_wrong: bool, detail: impl Into<String>) -> Self {
        let status = if is_wrong { Status::Warn } else { Status::Pass };
        Self::new(status, detail)
    }

    /// There is nothing to judge.
    pub fn skip(detail: impl Into<String>) -> Self {
        Self::new(Status::Skip, detail)
    }

    /// A warning about each of these names, if there are any.
    pub fn warn_of(
        what: &str,
        names: &[&str],
        well: impl Into<String>,
        found: impl FnOnce(String) -> String,
    ) -> Self {
        if names.is_empty() {
            Self::pass(well)
        } else {
            Self::warn(found(listed(names))).evidence(what, names)
        }
    }

    /// A failure with this error.
    pub fn error(error: &Error) -> Self {
        Self::fail(error.to_string())
            .kind(error.kind())
            .remedy(error.remedy().clone())
    }

    /// A call failed that had to succeed.
    pub fn failed(failure: &Failure) -> Self {
        Self::error(&failure.clone().into())
    }

    /// A question was not answered, and nothing depends on it.
    pub fn unanswered(failure: &Failure) -> Self {
        Self {
            kind: Kind::Failure,
            status: Status::Warn,
            detail: format!("unknown: {failure}"),
            ..Self::failed(failure)
        }
    }

    /// This sort of failure, which decides the exit code, and whether it may pass by itself.
    pub fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// What to do in this very case; the check's usual remedy fills what it leaves open.
    pub fn remedy(self, remedy: Remedy) -> Self {
        Self { remedy, ..self }
    }

    /// What to do in this very case, in a sentence.
    pub fn advice(self, text: impl Into<String>) -> Self {
        self.remedy(text.into().into())
    }

    /// A command that helps in this very case, instead of the check's usual ones.
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.remedy.commands.push(command.into());
        self.without_commands()
    }

    /// The check's usual commands do not help in this very case.
    pub fn without_commands(self) -> Self {
        Self {
            usual_commands: false,
            ..self
        }
    }

    /// A figure or a name for programs.
    pub fn evidence(mut self, name: &str, value: impl Serialize) -> Self {
        self.evidence.insert(name.to_owned(), json!(value));
        self
    }
}

/// The first of these names, and how many more there are.
pub fn listed(names: &[&str]) -> String {
    let shown = names.len().min(MOST_NAMES);
    let more = match names.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names[..shown].join(", "))
}

/// The answer to this question, or the verdict that it is not known.
pub fn answer<T>(fact: Option<&Answer<T>>) -> Result<&T, Box<Verdict>> {
    let answer = fact.ok_or(Missing)?.as_ref();
    answer.map_err(|failure| Box::new(Verdict::unanswered(failure)))
}
