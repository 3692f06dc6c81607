//! Permissions, and directories that are not there.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::repair::{Change, Repair};
use crate::{
    config::Paths,
    doctor::{checks::store::is_open, probe::Context, probes::store},
};

const STORE: &str = "store.permissions";

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
pub fn config_file(context: &Context) -> Vec<Repair> {
    // Without one there is nothing to fix.
    let file = fs::canonicalize(context.paths.config_file()).ok();
    let file = file.and_then(|file| Some((fs::metadata(&file).ok()?, file)));
    let open = file.filter(|(metadata, _)| {
        metadata.is_file() && metadata.permissions().mode() & 0o777 & FORBIDDEN.0 != 0
    });
    let open = open.into_iter();
    open.map(|(metadata, file)| tighten("config.permissions", &file, &metadata))
        .collect()
}

/// The bot's directories and the files of its store.
pub fn store_files(context: &Context) -> Vec<Repair> {
    let paths = &context.paths;
    let open = store::files(paths).into_iter().filter(is_open);
    open.filter_map(|file| {
        // What has gone since needs no fixing.
        let place = fs::canonicalize(&file.path).ok()?;
        let metadata = fs::metadata(&file.path).ok()?;
        Some(match foreign(paths, &file.path, &place) {
            None => tighten(STORE, &place, &metadata),
            Some(why) => Repair::new(STORE, closed(&place, &metadata)).blocked(why, None),
        })
    })
    .collect()
}

/// Why a place is not for us to touch.
fn foreign(paths: &Paths, path: &Path, place: &Path) -> Option<&'static str> {
    if path == paths.dir() {
        return (!is_ours_alone(paths, place)).then_some(
            "the directory contains other files than the bot's; use a directory for the bot alone, \
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
    (place != own_place).then_some("it is the target of a link outside of the bot's directory")
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

/// The change that takes the others' permissions away.
fn closed(place: &Path, metadata: &fs::Metadata) -> Change {
    let (file, directory) = FORBIDDEN;
    let forbidden = if metadata.is_dir() { directory } else { file };
    Change::Permit {
        path: place.to_owned(),
        mode: metadata.permissions().mode() & 0o7777 & !forbidden,
    }
}

/// Takes the others' permissions away, if that is for this user to do.
fn tighten(check: &'static str, place: &Path, metadata: &fs::Metadata) -> Repair {
    let repair = Repair::new(check, closed(place, metadata));
    let us = rustix::process::geteuid();
    if us.is_root() || us.as_raw() == metadata.uid() {
        return repair;
    }
    let why = format!("it belongs to another user (uid {})", metadata.uid());
    let command = format!("sudo {}", repair.effect);
    repair.blocked(why, Some(command))
}

/// The directory for media. Never the store: an empty one in the place of a device's keys would
/// hide that they are gone.
pub fn missing_directories(context: &Context) -> Vec<Repair> {
    let media: PathBuf = context.paths.media();
    // A link that leads nowhere may lead to a disk that comes back.
    let is_missing =
        fs::symlink_metadata(&media).is_err() && !media.parent().is_some_and(Path::is_symlink);
    if context.paths.config_file().is_file() && is_missing {
        vec![Repair::new("store.writable", Change::MakeDirectory(media))]
    } else {
        Vec::new()
    }
}
