//! What a new device takes over from the journal of the one it replaces: everything. What came
//! after the old device's position is taken in when the gateway starts.

use std::{fs, io, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{FILE_NAME, Stored, Summary, schema, tables::to_this_version};
use crate::{
    error::{Error, Result},
    threads::aside,
};

/// Where the image of an old journal lies while it is copied.
const IMAGES: &str = "inbox.old";

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
INSERT OR REPLACE INTO main.room SELECT * FROM old.room;
INSERT OR REPLACE INTO main.alias SELECT * FROM old.alias;
INSERT OR REPLACE INTO main.avatar SELECT * FROM old.avatar;
INSERT OR REPLACE INTO main.told SELECT * FROM old.told;
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
    let (from, images, to) = (from.join(FILE_NAME), to.join(IMAGES), to.join(FILE_NAME));
    aside(move || {
        let failed = |error| Error::failure("cannot copy the old journal").because(error);
        // A process that was killed may have left it.
        clear(&images).map_err(failed)?;
        fs::create_dir(&images).map_err(failed)?;
        let image = images.join(FILE_NAME);
        let copied = copy(&from, &to, &image.to_string_lossy());
        let cleared = clear(&images);
        copied.map_err(|error| schema::failure(&to, error))?;
        // What is copied is copied, and the next copy clears it.
        if let Err(error) = cleared {
            tracing::warn!(%error, "an image of the old journal stays at {}", images.display());
        }
        Ok(())
    })
    .await?;
    Ok(Inheritance {
        taken: summary.backlog.waiting,
        left: summary.backlog.undecryptable.count,
    })
}

/// Copies one journal into another. The old one stays as it is, of whatever version: what is read
/// is an image of it at this path.
fn copy(from: &Path, to: &Path, image: &str) -> rusqlite::Result<()> {
    let old = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    old.execute("VACUUM INTO ?1", [image])?;
    drop(old);
    let mut old = Connection::open(image)?;
    let version = schema::version(&old)?;
    to_this_version(&mut old, version)?;
    drop(old);

    let mut new = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::prepare(&new)?;
    new.execute("ATTACH DATABASE ?1 AS old", [image])?;
    let transaction = new.transaction()?;
    // What its first sync brought is known from the old journal, or comes again.
    schema::empty(&transaction)?;
    transaction.execute_batch(COPY)?;
    transaction.commit()
}

fn clear(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        cleared => cleared,
    }
}
