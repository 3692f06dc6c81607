//! Every fault and warning of a config at once.

use std::path::Path;

use jsonc_parser::{
    ast::{Object, ObjectProp, Value},
    common::Ranged,
};
use serde_json::Value as Json;

use super::{
    Finding, Renaming,
    lints::{OPEN, lints},
    misspelled_allow_from::{MISSPELLED, mark_misspelled},
    right_name::only_right_name,
};
use crate::{
    config::{
        Env,
        file::Document,
        keys::{self, KEYS, ROOT_KEYS, SECTION, is_root_key},
        placeholder,
        values::{Problem, Setting, settings},
    },
    error::Remedy,
    files::MODE,
    text::{did_you_mean, nearest, shell_quote},
};

/// Lists every fault and warning, in the order of the file; what has no place in it comes first.
pub fn validate(document: &Document, env: Env<'_>) -> Vec<Finding> {
    let settings = settings(document, env);
    let mut findings = about_file(document);
    findings.extend(about_names(document));
    mark_misspelled(&mut findings, &settings);
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
    // The misspelled list says it better.
    let is_misspelled = findings.iter().any(|finding| finding.id == MISSPELLED);
    let lints = lints(document, &settings).into_iter();
    findings.extend(lints.filter(|lint| !(is_misspelled && lint.id == OPEN)));
    findings.sort_by_key(|finding| finding.position);
    findings
}

/// The misspelled allowFrom that leaves the bot open to everyone, if there is one.
pub fn misspelled_allow_from(document: &Document, env: Env<'_>) -> Option<Finding> {
    let mut findings = validate(document, env).into_iter();
    findings.find(|finding| finding.id == MISSPELLED)
}

fn about_file(document: &Document) -> Vec<Finding> {
    let mode = about_mode(document.path(), document.mode());
    let comment = document.parsed().comments.into_iter().next();
    let comments = comment.map(|comment| Finding {
        position: Some(document.place(comment.start)),
        ..Finding::warning(
            "comments",
            "the file has comments, and the Python tool refuses a file that has",
            "take them out if the Python tool is to read this file too",
        )
    });
    let bom = document.has_bom().then(|| {
        Finding::warning(
            "byte-order-mark",
            "the file begins with a byte order mark (BOM), and the Python tool refuses a file that does",
            "save it as UTF-8 without one; the next `nanobot config set` does",
        )
    });
    mode.into_iter().chain(bom).chain(comments).collect()
}

/// The permission bits of the file at this path, where others may do something with it.
pub fn about_mode(path: &Path, mode: Option<u32>) -> Option<Finding> {
    let mode = mode.filter(|mode| mode & !MODE & 0o777 != 0)?;
    let file = shell_quote(&path.display().to_string());
    Some(Finding::warning(
        "permissions",
        format!("the file has mode {mode:04o}; others may be able to read its secrets"),
        Remedy::command(format!("chmod 600 {file}")),
    ))
}

/// The names that nobody knows, or that do not count.
fn about_names(document: &Document) -> Vec<Finding> {
    let [channels, matrix] = SECTION;
    let root = document.parsed().root;
    let channels = root.get_object(channels);
    let section = channels.and_then(|channels| channels.get_object(matrix));
    let objects = [Some(&root), channels, section];
    let findings = objects.iter().enumerate().filter_map(|(depth, object)| {
        let (path, object) = (&SECTION[..depth], (*object)?);
        let members = object.properties.iter();
        let about = move |member: &ObjectProp<'_>| {
            let name = member.name.as_str();
            let (id, message, mut fix) = about_name(path, object, name)?;
            let position = document.place(member.start());
            let names = [path, &[name]].concat();
            let right_name = only_right_name(path, object, name);
            if right_name.is_some() {
                fix = fix.and_command("nanobot doctor --fix");
            }
            Some(Finding {
                renaming: right_name.map(|right_name| Renaming {
                    finding: id,
                    path: names.iter().map(|name| (*name).to_owned()).collect(),
                    name: right_name,
                    line: position.line,
                }),
                ..Finding::warning(id, message, fix).at(names.join("."), Some(position))
            })
        };
        Some(members.filter_map(about).collect::<Vec<_>>())
    });
    findings.flatten().collect()
}

fn about_name(
    path: &[&str],
    object: &Object<'_>,
    name: &str,
) -> Option<(&'static str, String, Remedy)> {
    match path {
        [] if is_root_key(name) => None,
        [] => {
            let meant = did_you_mean(name, ROOT_KEYS);
            let message = format!(
                "{name:?} is not a key of this file, and the Python tool refuses it{meant}"
            );
            let fix = format!("rename or remove {name:?}");
            Some(("unknown-root-key", message, fix.into()))
        }
        [_] => {
            nearest(name, ["matrix"]).filter(|matrix| object.get(matrix).is_none())?;
            let message =
                format!("there is no channels.matrix; is channels.{name} meant to be it?");
            Some(("unknown-section", message, "rename it to \"matrix\"".into()))
        }
        _ => about_key(object, name),
    }
}

fn about_key(section: &Object<'_>, name: &str) -> Option<(&'static str, String, Remedy)> {
    let Some(key) = keys::find(name) else {
        let meant = did_you_mean(name, KEYS.iter().map(|key| key.name));
        let message = format!("channels.matrix has no key {name:?}{meant}");
        return Some((
            "unknown-key",
            message,
            format!("correct or remove {name:?}").into(),
        ));
    };
    let winner = key.spellings().find(|name| section.get(name).is_some())?;
    if winner != name {
        let message = format!("{name:?} has no effect, because {winner:?} overrides it");
        let fix = Remedy::from("remove the one that has no effect")
            .and_command(format!("nanobot config unset {}", shell_quote(name)));
        return Some(("two-spellings", message, fix));
    }
    key.is_legacy(name).then(|| {
        let message = format!("{name:?} is an old spelling that few programs read");
        (
            "old-spelling",
            message,
            format!("rename it to {:?}", key.name).into(),
        )
    })
}

/// The faults of the single entries of a list in the file, each at its place.
fn about_entries(document: &Document, setting: &Setting, env: Env<'_>) -> Vec<Finding> {
    let (key, section) = (setting.key, document.section());
    let stands = |member: &&ObjectProp<'_>| {
        Some(document.place(member.start())) == setting.origin.position()
    };
    let member = section
        .as_ref()
        .and_then(|section| section.properties.iter().find(stands));
    let Some(Value::Array(list)) = member.map(|member| &member.value).filter(|_| key.is_list())
    else {
        return Vec::new();
    };
    // What cannot be filled has a finding of its own.
    let fill = |entry: &Value<'_>| {
        let mut entry = Json::from(entry.clone());
        placeholder::fill(&mut entry, env).ok().map(|()| entry)
    };
    let filled: Vec<_> = list.elements.iter().map(fill).collect();
    let finding = |(index, fault): (usize, String)| {
        let message = format!("{} {fault}", key.path());
        let fix = format!("correct or remove that entry of {}", key.name);
        let place = document.place(list.elements[index].start());
        Finding::warning("invalid-value", message, fix)
            .error()
            .at(key.path(), Some(place))
    };
    key.entry_faults(filled.iter().map(Option::as_ref))
        .map(finding)
        .collect()
}

fn about_setting(setting: &Setting) -> Option<Finding> {
    let problem = setting.value.as_ref().err()?;
    let about = |id| {
        Finding::warning(id, setting.sentence(problem), setting.fix(problem))
            .at(setting.key.path(), setting.origin.position())
    };
    Some(match problem {
        Problem::Invalid(_) => about("invalid-value").error(),
        // The gateway may run in another environment, a service's, that has it.
        Problem::Missing(_) => about("unset-variable"),
    })
}

#[cfg(test)]
mod tests;
