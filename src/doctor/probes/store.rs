//! What is on the disk.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{
    config::Paths,
    doctor::{
        engine::{Probe, ask, ask_blocking},
        facts::{Disk, Facts, FileFacts, StoreFacts, Trouble},
    },
    inbox::{Summary, damaged_databases},
    instance::{Lock, is_reset_unfinished},
    session::StoreAccount,
};

/// The permission bits with which others can put files into a directory.
const WRITABLE_BY_OTHERS: u32 = 0o022;

pub(super) const PROBES: &[Probe] = &[
    Probe::local("files", &[], |subject, _| {
        ask_blocking(
            move || look(&subject.paths),
            |facts, store| facts.store = Some(store),
        )
    }),
    // Opening writes, so nobody else reads the files then. What is damaged is left alone.
    Probe::local("account", &["gateway", "databases"], |subject, facts| {
        no_gateway(facts)?;
        facts
            .damaged
            .as_ref()?
            .as_ref()
            .ok()?
            .is_empty()
            .then_some(())?;
        let paths = subject.paths.clone();
        ask(
            async move { read_account(&paths).await },
            |facts, account| facts.account = Some(account),
        )
    }),
    Probe::local("databases", &["gateway"], |subject, facts| {
        no_gateway(facts)?;
        let store = subject.paths.store();
        ask(
            async move { damaged_databases(&store).await.map_err(Trouble::from) },
            |facts, damaged| facts.damaged = Some(damaged),
        )
    }),
    Probe::local("journal", &["gateway"], |subject, facts| {
        no_gateway(facts)?;
        let store = subject.paths.store();
        ask(
            async move { Summary::read(&store).await.map_err(Trouble::from) },
            |facts, journal| facts.journal = Some(journal),
        )
    }),
];

/// Something where no gateway runs: a store is looked into only when nobody else has it open.
fn no_gateway(facts: &Facts) -> Option<()> {
    let gateway = facts.gateway.as_ref()?.as_ref().ok()?;
    gateway.is_stopped().then_some(())
}

async fn read_account(paths: &Paths) -> Result<Option<StoreAccount>, Trouble> {
    if !paths.store().is_dir() {
        return Ok(None);
    }
    let _lock = Lock::acquire(paths.dir())?;
    Ok(StoreAccount::read(&paths.store()).await?)
}

fn look(paths: &Paths) -> StoreFacts {
    let directory = paths.store();
    StoreFacts {
        exists: directory.exists(),
        reset_unfinished: is_reset_unfinished(paths.dir()),
        // Without the name that the file would have had, which is another one each time.
        unwritable: write_there(&directory)
            .err()
            .map(|error| error.kind().to_string()),
        disk: disk(&directory),
        directory,
        files: files(paths),
    }
}

/// The bot's directories that are there, and the files in the store.
pub(in crate::doctor) fn files(paths: &Paths) -> Vec<FileFacts> {
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

/// Writes a file where the store's are, or would be, and takes it away again.
fn write_there(directory: &Path) -> io::Result<()> {
    let Some(place) = nearest(directory) else {
        return Ok(());
    };
    let mut file = tempfile::NamedTempFile::new_in(place)?;
    file.write_all(&[0; 4096])?;
    file.as_file().sync_all()
}

/// The directory itself, or the first above it that is there.
fn nearest(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|path| path.exists())
}

fn files_in(directory: &Path) -> Vec<FileFacts> {
    // A directory that cannot be listed is told by what cannot be written in it.
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
    let space = rustix::fs::statvfs(place).ok()?;
    Some(Disk {
        free: space.f_bavail.saturating_mul(space.f_frsize),
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
