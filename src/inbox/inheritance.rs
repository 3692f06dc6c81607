//! What a new device takes over from the journal of the one it replaces.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, params};

use super::{FILE_NAME, Stored, Summary, schema};
use crate::{
    error::{Error, Result},
    instance::now,
};

/// Messages of an old journal that were not answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inheritance {
    /// Those that the new device answers.
    pub taken: u64,
    /// Those that it does not: half an answer may have been sent, or their key never came.
    pub left: u64,
}

/// Copies the messages that wait in the journal of one directory into that of another, for a new
/// device of the same user.
///
/// A message whose answer was begun stays behind: only the old device could repeat what it sent
/// without saying it twice.
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
    let unanswered = summary.backlog.waiting + summary.backlog.undecryptable.count;
    let (from, to) = (from.join(FILE_NAME), to.join(FILE_NAME));
    let copied = tokio::task::spawn_blocking(move || {
        copy(&from, &to).map_err(|error| schema::failure(&to, error))
    });
    let taken = copied
        .await
        .map_err(|error| Error::failure("the journal's thread ended").because(error))??;
    Ok(Inheritance {
        taken,
        left: unanswered.saturating_sub(taken),
    })
}

fn copy(from: &Path, to: &Path) -> rusqlite::Result<u64> {
    let from = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut to = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut waiting = from.prepare(
        "SELECT room_id, event_id, conversation, payload FROM event
         WHERE state = 'waiting' AND seq NOT IN (SELECT seq FROM reply) ORDER BY seq",
    )?;
    let mut rows = waiting.query([])?;
    let transaction = to.transaction()?;
    let mut copied = 0;
    while let Some(row) = rows.next()? {
        let (room_id, event_id): (String, String) = (row.get(0)?, row.get(1)?);
        let (conversation, payload): (String, String) = (row.get(2)?, row.get(3)?);
        // The new device's first sync may have shown it already, as something of the past.
        transaction.execute(
            "INSERT INTO event (room_id, event_id, state, conversation, payload, taken_at)
             VALUES (?1, ?2, 'waiting', ?3, ?4, ?5)
             ON CONFLICT (room_id, event_id) DO UPDATE SET
                 state = 'waiting', conversation = ?3, payload = ?4, taken_at = ?5",
            params![
                room_id,
                event_id,
                conversation,
                payload,
                i64::try_from(now()).ok()
            ],
        )?;
        copied += 1;
    }
    transaction.commit()?;
    Ok(copied)
}
