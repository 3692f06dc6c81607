//! Permissions, and directories that are not there.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{
    Obstacle, Plan,
    effect::{Deed, Effect, chmod},
};
use crate::{
    config::Paths,
    doctor::{checks::store::is_open, facts::FileFacts, probes::store, subject::Subject},
};

const CONFIG: &str = "config.permissions";
const STORE: &str = "store.permissions";
const WRITABLE: &str = "store.writable";

/// What nobody may do with a file of the bot, and with a directory.
const FORBIDDEN: (u32, u32) = (0o177, 0o077);

/// Names in a directory that is the bot's alone, by how they start.
const OURS: [&str; 5] = [
    "matrix-store",
    "media",
    "nanobot.",
    ".config-",
    "inbox.sqlite3",
];

/// The config, at the end of its links: it is written there too.
pub(super) fn config_file(subject: &Subject, _: &[&'static str]) -> Plan {
    let mut plan = Plan::default();
    // Without one there is nothing to mend.
    let Ok(file) = fs::canonicalize(subject.config_file()) else {
        return plan;
    };
    if let Ok(metadata) = fs::metadata(&file)
        && metadata.is_file()
        && metadata.permissions().mode() & 0o777 & FORBIDDEN.0 != 0
    {
        plan.tighten(CONFIG, &file, &metadata);
    }
    plan
}

/// The bot's directories and the files of its store, those that the check looks at.
pub(super) fn store_files(subject: &Subject, _: &[&'static str]) -> Plan {
    let mut plan = Plan::default();
    for file in store::files(&subject.paths) {
        if is_open(&file) {
            tighten(&mut plan, &subject.paths, &file);
        }
    }
    plan
}

fn tighten(plan: &mut Plan, paths: &Paths, file: &FileFacts) {
    // What has gone since needs no mending.
    let (Ok(place), Ok(metadata)) = (fs::canonicalize(&file.path), fs::metadata(&file.path)) else {
        return;
    };
    match foreign(paths, &file.path, &place) {
        None => plan.tighten(STORE, &place, &metadata),
        Some(why) => plan.obstacles.push(Obstacle {
            check: STORE,
            effect: chmod(&place, tightened(&metadata)),
            why: why.to_owned(),
            command: None,
        }),
    }
}

/// Why a place is not for us to touch.
fn foreign(paths: &Paths, path: &Path, place: &Path) -> Option<&'static str> {
    if path == paths.dir() {
        return (!is_ours_alone(paths, place)).then_some(
            "the directory holds other things than the bot's; give the bot one of its own, named \
             with --config or NANOBOT_HOME",
        );
    }
    if path == paths.store() {
        return None;
    }
    let own_place = if path == paths.media() {
        let directory = fs::canonicalize(paths.dir()).ok()?;
        Paths::of(directory.join("config.json")).media()
    } else {
        fs::canonicalize(paths.store())
            .ok()?
            .join(path.file_name()?)
    };
    (place != own_place).then_some("a link leads there, and it is not the bot's place")
}

/// Whether a directory is the bot's: the one it makes by itself, or one with nothing else in it.
fn is_ours_alone(paths: &Paths, directory: &Path) -> bool {
    if directory.file_name().is_some_and(|name| name == ".nanobot") {
        return true;
    }
    let config = paths.config_file().file_name();
    let Ok(entries) = fs::read_dir(directory) else {
        return false;
    };
    entries.flatten().all(|entry| {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        Some(name.as_os_str()) == config || OURS.iter().any(|start| text.starts_with(start))
    })
}

fn tightened(metadata: &fs::Metadata) -> u32 {
    let (file, directory) = FORBIDDEN;
    let forbidden = if metadata.is_dir() { directory } else { file };
    metadata.permissions().mode() & 0o7777 & !forbidden
}

impl Plan {
    /// Takes the others' permissions away, if that is for this user to do.
    fn tighten(&mut self, check: &'static str, place: &Path, metadata: &fs::Metadata) {
        let mode = tightened(metadata);
        let us = rustix::process::geteuid();
        if us.is_root() || us.as_raw() == metadata.uid() {
            let path = place.to_owned();
            self.effects
                .push(Effect::new(check, Deed::Permit { path, mode }));
            return;
        }
        let command = chmod(place, mode);
        self.obstacles.push(Obstacle {
            check,
            why: format!("it belongs to the user with the number {}", metadata.uid()),
            command: Some(format!("sudo {command}")),
            effect: command,
        });
    }
}

/// The directory for media. Never the store: an empty one in the place of a device's keys would
/// hide that they are gone.
pub(super) fn missing_directories(subject: &Subject, _: &[&'static str]) -> Plan {
    let media: PathBuf = subject.paths.media();
    let mut plan = Plan::default();
    // A link that leads nowhere may lead to a disk that comes back.
    let is_missing =
        fs::symlink_metadata(&media).is_err() && !media.parent().is_some_and(Path::is_symlink);
    if subject.config_file().is_file() && is_missing {
        plan.effects
            .push(Effect::new(WRITABLE, Deed::MakeDirectory(media)));
    }
    plan
}
