//! The spelling of keys.

use super::repair::{Change, Repair};
use crate::{
    config::{Document, Finding, typo_fixes},
    doctor::{
        checks::config::{SPELLINGS, UNKNOWN_KEYS},
        probe::Context,
    },
    text::shell_quote,
};

const SPELLING: &str = "config.spelling";
const UNKNOWN: &str = "config.unknown-keys";

/// Keys with one obvious right name, and those that a person has to correct, of what the wanted
/// checks find.
pub fn misspelled(context: &Context, wanted: impl Fn(&str) -> bool) -> Vec<Repair> {
    // A file that cannot be read is what other checks are about.
    let Ok(document) = Document::load(context.paths.config_file()) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (check, kinds) in [(SPELLING, SPELLINGS), (UNKNOWN, UNKNOWN_KEYS)] {
        if wanted(check) {
            findings.extend(kinds);
        }
    }
    let (renamings, left) = typo_fixes(&document, context.env(), &findings);
    let renamings = renamings.into_iter().map(|renaming| {
        let config = context.paths.config_file().to_owned();
        let check = check_of(renaming.finding);
        Repair::new(check, Change::Rename { config, renaming })
    });
    renamings.chain(left.iter().map(blocked)).collect()
}

fn check_of(finding: &str) -> &'static str {
    if SPELLINGS.contains(&finding) {
        SPELLING
    } else {
        UNKNOWN
    }
}

fn blocked(finding: &Finding) -> Repair {
    let key = finding.key.as_deref().unwrap_or_default();
    let name = key.rsplit('.').next().unwrap_or_default();
    let (why, command) = match finding.id {
        "two-spellings" => (
            "the file has another spelling too, and only you know which value is right",
            format!("nanobot config unset {}", shell_quote(name)),
        ),
        _ => (
            "only you know which key it should be",
            "nanobot config edit".to_owned(),
        ),
    };
    Repair {
        check: check_of(finding.id),
        effect: format!("correct {key:?}"),
        done: false,
        why: Some(why.to_owned()),
        command: Some(command),
        change: None,
    }
}
