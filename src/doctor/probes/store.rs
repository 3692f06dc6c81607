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
        facts::{Disk, FileFacts, StoreFacts, Trouble},
    },
    inbox::Summary,
    instance::Lock,
    session::StoreAccount,
};

pub(super) const PROBES: &[Probe] = &[
    Probe::local("files", &[], |subject, _| {
        ask_blocking(
            move || look(&subject.paths),
            |facts, store| facts.store = Some(store),
        )
    }),
    // A store is opened only when nobody else has it open.
    Probe::local("account", &["gateway"], |subject, facts| {
        facts
            .gateway
            .as_ref()?
            .as_ref()
            .ok()?
            .is_stopped()
            .then_some(())?;
        let paths = subject.paths.clone();
        ask(
            async move { read_account(&paths).await },
            |facts, account| facts.account = Some(account),
        )
    }),
    Probe::local("journal", &["gateway"], |subject, facts| {
        facts
            .gateway
            .as_ref()?
            .as_ref()
            .ok()?
            .is_stopped()
            .then_some(())?;
        let store = subject.paths.store();
        ask(
            async move { Summary::read(&store).await.map_err(Trouble::from) },
            |facts, journal| facts.journal = Some(journal),
        )
    }),
];

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
        unwritable: write_there(&directory).err().map(|error| error.to_string()),
        disk: disk(paths.dir()),
        directory,
        files: files(paths),
    }
}

/// The bot's directories that are there, and the files in the store.
pub(in crate::doctor) fn files(paths: &Paths) -> Vec<FileFacts> {
    let store = paths.store();
    let places = [paths.dir().to_owned(), store.clone(), paths.media()];
    let mut files: Vec<_> = places.iter().filter_map(|path| file_facts(path)).collect();
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

/// The network filesystem that a place is on, by the numbers of `statfs(2)`. SQLite's locks do
/// not hold on them.
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
    let kind = i64::from(rustix::fs::statfs(place).ok()?.f_type);
    let known = KINDS.iter().find(|(number, _)| *number == kind);
    known.map(|(_, name)| *name)
}

#[cfg(not(target_os = "linux"))]
fn network_filesystem(_place: &Path) -> Option<&'static str> {
    None
}
