//! The spelling of keys.

use super::{
    Obstacle, Plan,
    effect::{Deed, Effect},
};
use crate::{
    config::{Document, Finding, respell},
    doctor::{
        checks::config::{SPELLINGS, UNKNOWN_KEYS},
        subject::Subject,
    },
};

pub(super) const SPELLING: &str = "config.spelling";
pub(super) const UNKNOWN: &str = "config.unknown-keys";

/// Names that can only mean one other, and what is left to a person.
pub(super) fn misspelled(subject: &Subject, checks: &[&'static str]) -> Plan {
    // A file that cannot be read is what other checks are about.
    let Ok(document) = Document::load(subject.config_file()) else {
        return Plan::default();
    };
    let mut findings = Vec::new();
    for (check, kinds) in [(SPELLING, SPELLINGS), (UNKNOWN, UNKNOWN_KEYS)] {
        if checks.contains(&check) {
            findings.extend(kinds);
        }
    }
    let (renamings, left) = respell(&document, subject.env(), &findings);
    Plan {
        effects: renamings
            .into_iter()
            .map(|renaming| {
                let check = check_of(renaming.finding);
                let config = subject.config_file().to_owned();
                Effect::new(check, Deed::Rename { config, renaming })
            })
            .collect(),
        obstacles: left.iter().map(obstacle).collect(),
    }
}

fn check_of(finding: &str) -> &'static str {
    if SPELLINGS.contains(&finding) {
        SPELLING
    } else {
        UNKNOWN
    }
}

fn obstacle(finding: &Finding) -> Obstacle {
    let key = finding.key.as_deref().unwrap_or_default();
    let name = key.rsplit('.').next().unwrap_or_default();
    let (why, command) = match finding.id {
        "two-spellings" => (
            "another spelling is there too, and only you know which value is meant",
            format!("nanobot config unset {name}"),
        ),
        _ => (
            "only you know what it was meant to be",
            "nanobot config edit".to_owned(),
        ),
    };
    Obstacle {
        check: check_of(finding.id),
        effect: format!("correct {key:?}"),
        why: why.to_owned(),
        command: Some(command),
    }
}
