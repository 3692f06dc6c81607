//! Whether the databases of a store are damaged, looked at without changing them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use url::Url;

use super::FILE_NAME;
use crate::{error::Result, files::read_failed, threads::aside};

/// A database larger than this, in bytes, takes too long to be looked through.
const LARGEST: u64 = 256 << 20;

/// A database that is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The name of its file.
    pub file: String,
    /// What `SQLite` says about it.
    pub why: String,
}

/// Looks through the databases beside the journal in this directory, while no gateway runs; the
/// journal itself is looked at by [`Summary::read`](super::Summary::read). Those larger than
/// 256 MiB are left out.
///
/// # Errors
///
/// When one cannot be opened or read.
pub async fn damaged_databases(directory: &Path) -> Result<Vec<Damage>> {
    let directory = directory.to_owned();
    aside(move || look_through(&directory)).await
}

fn look_through(directory: &Path) -> Result<Vec<Damage>> {
    let mut found = Vec::new();
    // What cannot be listed is told where it is written to.
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let file = entry.file_name().to_string_lossy().into_owned();
        let is_database = path.extension().is_some_and(|end| end == "sqlite3");
        let is_small = entry.metadata().is_ok_and(|found| found.len() <= LARGEST);
        if !is_database || !is_small || file == FILE_NAME {
            continue;
        }
        let why = match open_as_it_is(&path).and_then(|db| damage(&db)) {
            Err(error) if is_damage(&error) => Some(error.to_string()),
            outcome => outcome.map_err(|error| {
                read_failed(&path, error).hint("look at the disk this file is on")
            })?,
        };
        found.extend(why.map(|why| Damage { file, why }));
    }
    Ok(found)
}

/// What `SQLite` finds wrong in a whole database.
pub(super) fn damage(db: &Connection) -> rusqlite::Result<Option<String>> {
    let check: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((check != "ok").then_some(check))
}

/// Opens a database for reading only.
///
/// After a clean stop all of it is in its one file, which is then read as it is, so that not even
/// `SQLite`'s own files are made beside it.
pub(super) fn open_as_it_is(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let db = match as_it_is(path) {
        Some(address) => Connection::open_with_flags(address, flags),
        None => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY),
    }?;
    db.busy_timeout(std::time::Duration::from_secs(1))?;
    Ok(db)
}

/// The file's address for reading it as it is; `None` where a log of writes belongs to it.
fn as_it_is(path: &Path) -> Option<String> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if PathBuf::from(log).metadata().is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let mut address = Url::from_file_path(std::path::absolute(path).ok()?).ok()?;
    address.set_query(Some("immutable=1"));
    Some(address.into())
}

/// Whether an error says that the file is damaged.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}
