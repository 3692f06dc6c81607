//! Every fault and warning of a config at once.

use std::path::Path;

use super::{
    Document, Env, Position, doubts, placeholder,
    save::MODE,
    schema::{self, KEYS},
    setting::{Problem, Setting, settings},
    shape::entry_words,
    suggest::{did_you_mean, nearest},
    syntax::{Body, Member, Node},
};

/// The keys the Python tool knows at the root; it refuses a file that has others.
pub(super) const ROOT_KEYS: [&str; 8] = [
    "agents",
    "channels",
    "transcription",
    "providers",
    "api",
    "gateway",
    "tools",
    "modelPresets",
];

/// The stable names of everything that can be found.
pub const FINDINGS: [&str; 20] = [
    "comments",
    "invalid-value",
    "no-group-rooms",
    "old-spelling",
    "open-to-everyone",
    "password-in-file",
    "permissions",
    "plain-http",
    "short-room-id",
    "syntax",
    "token-in-file",
    "token-without-device",
    "too-large",
    "two-spellings",
    "unknown-key",
    "unknown-root-key",
    "unknown-section",
    "unknown-variable",
    "unset-variable",
    "zero-downloads",
];

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, and perhaps not as meant.
    Warning,
    /// The config is refused.
    Error,
}

/// A fault or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable name of this sort of finding, one of [`FINDINGS`].
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The full path of the key it is about.
    pub key: Option<String>,
    /// Where it is in the file.
    pub position: Option<Position>,
    /// What is found: a sentence without a full stop, which never quotes a value.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// Lists every fault and warning, in the order of the file; what has no place in it comes first.
#[must_use]
pub fn validate(document: &Document, env: Env<'_>) -> Vec<Finding> {
    let settings = settings(document, env);
    let mut findings = about_file(document);
    findings.extend(about_root(document));
    findings.extend(about_spellings(document));
    for setting in &settings {
        let entries = about_entries(document, setting, env);
        // The entries' faults say it better, but they do not tell of a missing variable.
        let told =
            |problem: &Problem| !entries.is_empty() && matches!(problem, Problem::Invalid(_));
        if !setting.value.as_ref().is_err_and(told) {
            findings.extend(about_setting(setting));
        }
        findings.extend(entries);
    }
    findings.extend(doubts::doubts(document, &settings));
    findings.sort_by_key(|finding| finding.position);
    findings
}

fn about_file(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(about_mode(document.path(), document.mode()));
    if let Some(position) = document.first_comment() {
        findings.push(Finding {
            id: "comments",
            severity: Severity::Warning,
            key: None,
            position: Some(position),
            message: "the file has comments, and the Python tool refuses a file that has"
                .to_owned(),
            fix: "take them out if the Python tool is to read this file too".to_owned(),
        });
    }
    findings
}

/// The permission bits of the file at this path, where others may do something with it.
pub(super) fn about_mode(path: &Path, mode: Option<u32>) -> Option<Finding> {
    let mode = mode.filter(|mode| mode & !MODE & 0o777 != 0)?;
    Some(Finding {
        id: "permissions",
        severity: Severity::Warning,
        key: None,
        position: None,
        message: format!("the file has mode {mode:04o}; others may be able to read its secrets"),
        fix: format!("chmod 600 {}", path.display()),
    })
}

fn about_root(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in document.root().members().unwrap_or_default() {
        let name = member.name.as_str();
        let snake = name == "model_presets";
        if !ROOT_KEYS.contains(&name) && !snake {
            findings.push(Finding {
                id: "unknown-root-key",
                severity: Severity::Warning,
                key: Some(name.to_owned()),
                position: Some(document.place(member.start)),
                message: format!(
                    "{name:?} is not a key of this file, and the Python tool refuses it{}",
                    did_you_mean(name, ROOT_KEYS)
                ),
                fix: format!("rename or remove {name:?}"),
            });
        }
    }
    let channels = document
        .root()
        .member("channels")
        .map(|member| &member.node);
    if let Some(member) = channels.and_then(misspelled_section) {
        findings.push(Finding {
            id: "unknown-section",
            severity: Severity::Warning,
            key: Some(format!("channels.{}", member.name)),
            position: Some(document.place(member.start)),
            message: format!(
                "there is no channels.matrix; is channels.{} meant to be it?",
                member.name
            ),
            fix: "rename it to \"matrix\"".to_owned(),
        });
    }
    findings
}

/// A channel that looks like a misspelled `matrix`, where there is no `matrix`.
fn misspelled_section(channels: &Node) -> Option<&Member> {
    if channels.member("matrix").is_some() {
        return None;
    }
    let mut members = channels.members()?.iter();
    members.find(|member| nearest(&member.name, ["matrix"]).is_some())
}

fn about_spellings(document: &Document) -> Vec<Finding> {
    let Some(section) = document.section() else {
        return Vec::new();
    };
    let finding = |id, member: &Member, message, fix| Finding {
        id,
        severity: Severity::Warning,
        key: Some(format!("channels.matrix.{}", member.name)),
        position: Some(document.place(member.start)),
        message,
        fix,
    };
    let about = |member: &Member| {
        let name = member.name.as_str();
        let Some(key) = schema::find(name) else {
            let suggestion = did_you_mean(name, KEYS.iter().map(|key| key.name));
            let message = format!("channels.matrix has no key {name:?}{suggestion}");
            let fix = format!("correct or remove {name:?}");
            return Some(finding("unknown-key", member, message, fix));
        };
        let winner = key
            .spellings()
            .find(|name| section.member(name).is_some())?;
        if winner != name {
            let message =
                format!("{name:?} does nothing, because {winner:?} is there too and wins");
            let fix = format!("`nanobot config unset {name}` removes it");
            return Some(finding("two-spellings", member, message, fix));
        }
        key.legacy.contains(&name).then(|| {
            let message = format!("{name:?} is an old spelling that few programs read");
            let fix = format!("rename it to {:?}", key.name);
            finding("old-spelling", member, message, fix)
        })
    };
    let members = section.members().unwrap_or_default();
    members.iter().filter_map(about).collect()
}

/// The faults of the single entries of a list in the file, each at its place.
fn about_entries(document: &Document, setting: &Setting, env: Env<'_>) -> Vec<Finding> {
    let Some(place) = setting.origin.position() else {
        return Vec::new();
    };
    let members = document
        .section()
        .and_then(Node::members)
        .unwrap_or_default();
    let member = members
        .iter()
        .find(|member| document.place(member.start) == place);
    let Some(Body::List(entries)) = member.map(|member| &member.node.body) else {
        return Vec::new();
    };
    let about = |(index, entry): (usize, &Node)| {
        let mut value = entry.to_value();
        // What cannot be filled has a finding of its own.
        placeholder::fill(&mut value, env).ok()?;
        let fault = setting.key.shape.entry_fault(&value)?;
        Some(Finding {
            id: "invalid-value",
            severity: Severity::Error,
            key: Some(setting.key.path()),
            position: Some(document.place(entry.span.start)),
            message: format!("{} {}", setting.key.path(), entry_words(index, &fault)),
            fix: format!("correct or remove that entry of {}", setting.key.name),
        })
    };
    entries.iter().enumerate().filter_map(about).collect()
}

fn about_setting(setting: &Setting) -> Option<Finding> {
    let problem = setting.value.as_ref().err()?;
    let (id, severity) = match problem {
        Problem::Invalid(_) => ("invalid-value", Severity::Error),
        // The gateway may run in another environment, a service's, that has it.
        Problem::Missing { .. } => ("unset-variable", Severity::Warning),
    };
    Some(Finding {
        id,
        severity,
        key: Some(setting.key.path()),
        position: setting.origin.position(),
        message: setting.sentence(problem),
        fix: setting.fix(problem),
    })
}

#[cfg(test)]
mod tests;
