//! What the doctor can mend by itself: permissions, a missing directory, the spelling of keys.
//!
//! A repair never touches encryption keys, never drops a setting, and never touches what is not
//! the bot's. It looks afresh, says what it would do, and is done only when that is wanted.

mod effect;
mod keys;
mod places;

use serde::Serialize;

pub use effect::Effect;

use super::{selection::Selection, subject::Subject};
use crate::{doctor::checks, error::Error};

/// A row of the table: the checks whose findings it mends, and how it finds out what to do.
struct Repair {
    checks: &'static [&'static str],
    /// Looks, and plans what mends the findings of these checks, some of the above.
    plan: fn(&Subject, &[&'static str]) -> Plan,
}

/// In the order in which they are made: a file must be writable to its owner only before it is
/// written anew.
const REPAIRS: &[Repair] = &[
    Repair {
        checks: &["config.permissions"],
        plan: places::config_file,
    },
    Repair {
        checks: &["store.permissions"],
        plan: places::store_files,
    },
    Repair {
        checks: &["store.writable"],
        plan: places::missing_directories,
    },
    Repair {
        checks: &[keys::UNKNOWN, keys::SPELLING],
        plan: keys::misspelled,
    },
];

/// What can be mended, and what cannot.
#[derive(Debug, Default)]
pub struct Plan {
    /// What would be done, in its order.
    pub effects: Vec<Effect>,
    /// What would be needed and is not for this program to do.
    pub obstacles: Vec<Obstacle>,
}

/// Something that has to be mended by somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The check that finds it.
    pub check: &'static str,
    /// What would mend it.
    pub effect: String,
    /// Why that is not done.
    pub why: String,
    /// A command that helps, to be given by a person.
    pub command: Option<String>,
}

/// What became of a repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// The check that finds what it mends.
    pub check: &'static str,
    /// What it does.
    pub effect: String,
    /// Whether it was done.
    pub done: bool,
    /// Why it cannot be done; `None` where it was done, or not wanted.
    pub why: Option<String>,
    /// A command that helps where it was not done, to be given by a person.
    #[serde(skip)]
    pub command: Option<String>,
}

impl Plan {
    /// Looks what there is to mend of what these checks find. Changes nothing.
    #[must_use]
    pub fn make(subject: &Subject, selection: &Selection) -> Self {
        let wanted = |id: &&&str| checks::find(id).is_some_and(|check| selection.wants(check));
        let mut all = Self::default();
        for repair in REPAIRS {
            let ids: Vec<_> = repair.checks.iter().filter(wanted).copied().collect();
            if !ids.is_empty() {
                let plan = (repair.plan)(subject, &ids);
                all.effects.extend(plan.effects);
                all.obstacles.extend(plan.obstacles);
            }
        }
        all
    }

    /// Does what is planned; one that fails does not keep the others from being done. What became
    /// of the effects comes first, in their order.
    #[must_use]
    pub fn carry_out(&self) -> Vec<Repaired> {
        self.settle(|effect| match effect.apply() {
            Ok(()) => (true, None),
            Err(error) => (false, Some(words(&error))),
        })
    }

    /// Does nothing of what is planned.
    #[must_use]
    pub fn decline(&self) -> Vec<Repaired> {
        self.settle(|_| (false, None))
    }

    fn settle(&self, treat: impl Fn(&Effect) -> (bool, Option<String>)) -> Vec<Repaired> {
        let settled = self.effects.iter().map(|effect| {
            let (done, why) = treat(effect);
            Repaired {
                check: effect.check(),
                effect: effect.to_string(),
                done,
                why,
                command: None,
            }
        });
        let blocked = self.obstacles.iter().map(|obstacle| Repaired {
            check: obstacle.check,
            effect: obstacle.effect.clone(),
            done: false,
            why: Some(obstacle.why.clone()),
            command: obstacle.command.clone(),
        });
        settled.chain(blocked).collect()
    }
}

fn words(error: &Error) -> String {
    match error.hint_text() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    }
}
