//! What is on the disk.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::writability::{nearest, unwritable};
use crate::{
    config::Paths,
    doctor::{
        facts::{Disk, Facts, FileFacts, StoreFacts, known},
        probe::{Probe, ask, ask_blocking},
    },
    error::Result,
    files::Space,
    ipc::{Gateway, Lock, is_reset_unfinished},
    journal::{Summary, damaged_databases},
    session::StoreAccount,
};

/// The permission bits with which others can put files into a directory.
const WRITABLE_BY_OTHERS: u32 = 0o022;

pub fn probes() -> Vec<Probe> {
    vec![
        Probe::local("files", &[], |context, _| {
            ask_blocking(|facts| &mut facts.store, move || look(&context.paths))
        }),
        // Opening writes, so nobody else reads the files then. What is damaged is left alone.
        Probe::local("account", &["gateway", "databases"], |context, facts| {
            let damaged = known(facts.damaged.as_ref()).ok()?;
            (no_gateway(facts) && damaged.is_empty()).then_some(())?;
            ask(|facts| &mut facts.account, async move {
                read_account(&context.paths).await
            })
        }),
        Probe::local("databases", &["gateway"], |context, facts| {
            let store = no_gateway(facts).then(|| context.paths.store())?;
            ask(|facts| &mut facts.damaged, async move {
                damaged_databases(&store).await
            })
        }),
        Probe::local("journal", &["gateway"], |context, facts| {
            let store = no_gateway(facts).then(|| context.paths.store())?;
            ask(|facts| &mut facts.journal, async move {
                Summary::read(&store).await
            })
        }),
    ]
}

/// A store is opened only when no one else is using it.
fn no_gateway(facts: &Facts) -> bool {
    matches!(facts.gateway(), Ok(Gateway::Stopped))
}

async fn read_account(paths: &Paths) -> Result<Option<StoreAccount>> {
    if !paths.store().is_dir() {
        return Ok(None);
    }
    let _lock = Lock::acquire(paths.dir())?;
    StoreAccount::read(&paths.store()).await
}

fn look(paths: &Paths) -> StoreFacts {
    let directory = paths.store();
    StoreFacts {
        exists: directory.exists(),
        reset_unfinished: is_reset_unfinished(paths.dir()),
        unwritable: unwritable(paths),
        disk: disk(&directory),
        directory,
        files: files(paths),
    }
}

/// The bot's directories that are there, and the files in the store.
pub fn files(paths: &Paths) -> Vec<FileFacts> {
    let store = paths.store();
    let mut files: Vec<_> = file_facts(paths.dir()).into_iter().collect();
    // What is in there is closed by itself, so others may look around: it may be a directory of
    // the system, or the Python tool's.
    files.retain(|home| home.is_directory && home.mode & WRITABLE_BY_OTHERS != 0);
    let places = [store.clone(), paths.media()];
    files.extend(places.iter().filter_map(|path| file_facts(path)));
    files.extend(files_in(&store));
    files
}

fn files_in(directory: &Path) -> Vec<FileFacts> {
    // Another check reports a directory that cannot be listed.
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| file_facts(&entry.path()))
        .collect()
}

fn file_facts(path: &Path) -> Option<FileFacts> {
    let metadata = fs::metadata(path).ok()?;
    Some(FileFacts {
        path: PathBuf::from(path),
        mode: metadata.permissions().mode() & 0o7777,
        is_directory: metadata.is_dir(),
        size: metadata.len(),
    })
}

fn disk(directory: &Path) -> Option<Disk> {
    let place = nearest(directory)?;
    Some(Disk {
        space: Space::of(place).ok()?,
        network: network_filesystem(place),
    })
}

/// The network filesystem that a place is on, by the numbers of `statfs(2)`. The locks of
/// `SQLite` do not hold on them.
#[cfg(target_os = "linux")]
fn network_filesystem(place: &Path) -> Option<&'static str> {
    const KINDS: [(i64, &str); 7] = [
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0xfe53_4d42, "SMB2"),
        (0x0102_1997, "9P"),
        (0x00c3_6400, "Ceph"),
        (0x5346_414f, "AFS"),
    ];
    let kind = rustix::fs::statfs(place).ok()?.f_type;
    // The number's type is another one on other processors.
    #[allow(clippy::useless_conversion)]
    let kind = i64::from(kind);
    let known = KINDS.iter().find(|(number, _)| *number == kind);
    known.map(|(_, name)| *name)
}

#[cfg(not(target_os = "linux"))]
fn network_filesystem(_place: &Path) -> Option<&'static str> {
    None
}
