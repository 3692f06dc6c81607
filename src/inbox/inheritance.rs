//! What a new device takes over from the journal of the one it replaces: everything. What came
//! after the old device's position is taken in when the gateway starts.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use super::{FILE_NAME, Stored, Summary, migration, schema};
use crate::error::{Error, Result};

/// What an old journal held that is not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inheritance {
    /// Messages that were not answered. The new device answers them.
    pub taken: u64,
    /// Messages whose key had not come. The new device answers those that it gets the key of.
    pub left: u64,
}

const COPY: &str = "
INSERT INTO main.event SELECT * FROM old.event;
INSERT INTO main.reply SELECT * FROM old.reply;
INSERT INTO main.draft SELECT * FROM old.draft;
INSERT INTO main.edit SELECT * FROM old.edit;
INSERT OR IGNORE INTO main.encrypted_room SELECT * FROM old.encrypted_room;
INSERT OR IGNORE INTO main.invitation (room_id, inviter)
  SELECT room_id, inviter FROM old.invitation ORDER BY id;
UPDATE main.account SET predecessor =
  (SELECT coalesce(predecessor, position) FROM old.account);
";

/// Copies the journal in one directory into that of another, for a new device of the same user
/// that has not answered anything. Doing it again changes nothing.
///
/// # Errors
///
/// When a journal cannot be read or written.
pub async fn inherit(from: &Path, to: &Path, user_id: &str) -> Result<Inheritance> {
    let Some(Stored::Sound { summary, .. }) = Summary::read(from).await? else {
        return Ok(Inheritance::default());
    };
    let owner = summary.owner.unwrap_or_default();
    if owner.split(' ').next() != Some(user_id) {
        return Ok(Inheritance::default());
    }
    let (from, to) = (from.join(FILE_NAME), to.join(FILE_NAME));
    tokio::task::spawn_blocking(move || {
        copy(&from, &to).map_err(|error| schema::failure(&to, error))
    })
    .await
    .map_err(|error| Error::failure("the journal's thread ended").because(error))??;
    Ok(Inheritance {
        taken: summary.backlog.waiting,
        left: summary.backlog.undecryptable.count,
    })
}

fn copy(from: &Path, to: &Path) -> rusqlite::Result<()> {
    // The old journal stays as it is, of whatever version.
    let mut image = to.as_os_str().to_owned();
    image.push(".old");
    let image = Image(PathBuf::from(image));
    image.remove();
    let old = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    old.execute("VACUUM INTO ?1", [image.0.to_string_lossy()])?;
    drop(old);
    let mut old = Connection::open(&image.0)?;
    let version = schema::version(&old)?;
    migration::to_this_version(&mut old, version)?;
    drop(old);

    let mut new = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::prepare(&new)?;
    new.execute(
        "ATTACH DATABASE ?1 AS old",
        params![image.0.to_string_lossy()],
    )?;
    let transaction = new.transaction()?;
    // What its first sync brought is known from the old journal, or comes again.
    schema::empty(&transaction)?;
    transaction.execute_batch(COPY)?;
    transaction.commit()
}

/// A copy of the old journal, for as long as it is needed.
struct Image(PathBuf);

impl Image {
    fn remove(&self) {
        for end in ["", "-journal", "-wal", "-shm"] {
            let mut file = self.0.as_os_str().to_owned();
            file.push(end);
            // What was never there cannot be removed.
            let _ = std::fs::remove_file(PathBuf::from(file));
        }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        self.remove();
    }
}
