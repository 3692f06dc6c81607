//! What a new device takes over from the journal of the one it replaces.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Transaction, params};

use super::{FILE_NAME, FIRST_FILE, Stored, Summary, schema};
use crate::{
    error::{Error, Result},
    instance::now,
};

/// Messages of an old journal that were not answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inheritance {
    /// Those that the new device answers.
    pub taken: u64,
    /// Those that it does not: nobody knows what was said of their answer, or their key never came.
    pub left: u64,
}

/// A message of an old journal whose answer was begun: some of it may be in the room already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The room it was sent to.
    pub room_id: String,
    /// Its id.
    pub event_id: String,
    /// How many parts of the answer are in the room, in their order.
    pub said: u32,
    seq: i64,
}

/// The messages of a journal whose answer was begun, with the parts that are recorded as sent.
/// The last of them may have been sent without being recorded.
///
/// # Errors
///
/// When the journal cannot be read.
pub async fn begun(journal: &Path, user_id: &str) -> Result<Vec<Begun>> {
    if unanswered(journal, user_id).await?.is_none() {
        return Ok(Vec::new());
    }
    work(journal.join(FILE_NAME), |path| {
        list_begun(&read_only(path)?)
    })
    .await
}

/// Copies the messages that wait in the journal of one directory into that of another, for a new
/// device of the same user. Doing it again changes nothing.
///
/// Of an answer that was begun only those are copied that are in `looked_up`, and what was said of
/// them is not said again: a homeserver recognises a repetition only by the device that sent it.
///
/// # Errors
///
/// When a journal cannot be read or written.
pub async fn inherit(
    from: &Path,
    to: &Path,
    user_id: &str,
    looked_up: Vec<Begun>,
) -> Result<Inheritance> {
    let Some(unanswered) = unanswered(from, user_id).await? else {
        return Ok(Inheritance::default());
    };
    let from = from.join(FILE_NAME);
    let taken = work(to.join(FILE_NAME), move |to| copy(&from, to, &looked_up)).await?;
    Ok(Inheritance {
        taken,
        left: unanswered.saturating_sub(taken),
    })
}

/// How many messages of this user are not answered; `None` where the journal is not theirs, or
/// none that can be read.
async fn unanswered(journal: &Path, user_id: &str) -> Result<Option<u64>> {
    let Some(Stored::Sound { summary, .. }) = Summary::read(journal).await? else {
        return Ok(None);
    };
    let owner = summary.owner.unwrap_or_default();
    let is_theirs = owner.split(' ').next() == Some(user_id);
    let backlog = summary.backlog;
    Ok(is_theirs.then_some(backlog.waiting + backlog.undecryptable.count))
}

/// Works on a journal away from the async threads.
async fn work<T: Send + 'static>(
    path: std::path::PathBuf,
    work: impl FnOnce(&Path) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(move || {
        work(&path).map_err(|error| schema::failure(&path, error))
    });
    done.await
        .map_err(|error| Error::failure("the journal's thread ended").because(error))?
}

fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn list_begun(journal: &Connection) -> rusqlite::Result<Vec<Begun>> {
    journal
        .prepare(
            "SELECT room_id, event_id, sum(sent), seq FROM event JOIN reply USING (seq)
             WHERE state = 'waiting' GROUP BY seq ORDER BY seq",
        )?
        .query_map([], |row| {
            Ok(Begun {
                room_id: row.get(0)?,
                event_id: row.get(1)?,
                said: row.get(2)?,
                seq: row.get(3)?,
            })
        })?
        .collect()
}

fn copy(from: &Path, to: &Path, looked_up: &[Begun]) -> rusqlite::Result<u64> {
    let from = read_only(from)?;
    let version = schema::version(&from)?;
    let mut to = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut waiting = from.prepare(
        "SELECT room_id, event_id, conversation, payload, seq, seq IN (SELECT seq FROM reply)
         FROM event WHERE state = 'waiting' ORDER BY seq",
    )?;
    let mut rows = waiting.query([])?;
    let transaction = to.transaction()?;
    let mut copied = 0;
    while let Some(row) = rows.next()? {
        let (old_seq, is_begun): (i64, bool) = (row.get(4)?, row.get(5)?);
        let answer = looked_up.iter().find(|answer| answer.seq == old_seq);
        if is_begun && answer.is_none() {
            continue;
        }
        let seq = copy_message(&transaction, row)?;
        let drafts = if version >= schema::KEEPS_DRAFTS {
            copy_drafts(&from, &transaction, old_seq, seq)?
        } else {
            Vec::new()
        };
        if let Some(answer) = answer {
            copy_answer(&from, &transaction, answer, seq, &drafts)?;
        }
        copied += 1;
    }
    transaction.commit()?;
    Ok(copied)
}

/// Copies a message, and returns its place in the new journal.
fn copy_message(to: &Transaction<'_>, row: &rusqlite::Row<'_>) -> rusqlite::Result<i64> {
    let (room_id, event_id): (String, String) = (row.get(0)?, row.get(1)?);
    let (conversation, payload): (String, String) = (row.get(2)?, row.get(3)?);
    // The new device's first sync may have shown it already, as something of the past.
    to.query_row(
        "INSERT INTO event (room_id, event_id, state, conversation, payload, taken_at)
         VALUES (?1, ?2, 'waiting', ?3, ?4, ?5)
         ON CONFLICT (room_id, event_id) DO UPDATE SET
             state = 'waiting', conversation = ?3, payload = ?4, taken_at = ?5
         RETURNING seq",
        params![
            room_id,
            event_id,
            conversation,
            payload,
            i64::try_from(now()).ok()
        ],
        |row| row.get(0),
    )
}

/// Copies what is known of an answer that was shown while it was written: the new device goes on
/// in the same events. Returns the parts that have a draft in the room, or may have one.
fn copy_drafts(
    from: &Connection,
    to: &Transaction<'_>,
    old_seq: i64,
    seq: i64,
) -> rusqlite::Result<Vec<u32>> {
    let mut drafts =
        from.prepare_cached("SELECT part, event_id, content FROM draft WHERE seq = ?1")?;
    let mut rows = drafts.query(params![old_seq])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        let (part, event_id, content): (u32, Option<String>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        parts.push(part);
        // Only the old device can find out which event it became.
        let Some(event_id) = event_id else { continue };
        to.execute(
            "INSERT OR REPLACE INTO draft (seq, part, event_id, content) VALUES (?1, ?2, ?3, ?4)",
            params![seq, part, event_id, content],
        )?;
    }
    Ok(parts)
}

/// Copies the recorded answer to a message: the same words and files, of which some are said. A
/// draft is not yet the part that it will be; where one may be in the room, what is said twice is
/// better than what is lost.
fn copy_answer(
    from: &Connection,
    to: &Transaction<'_>,
    answer: &Begun,
    seq: i64,
    drafts: &[u32],
) -> rusqlite::Result<()> {
    // Drafts reply to the message as well.
    let mut said = usize::try_from(answer.said).unwrap_or(usize::MAX);
    said = said.saturating_sub(drafts.len());
    let mut parts = from.prepare_cached(
        "SELECT part, content, sent FROM reply WHERE seq = ?1 ORDER BY part < ?2, part",
    )?;
    let mut rows = parts.query(params![answer.seq, FIRST_FILE])?;
    while let Some(row) = rows.next()? {
        let (part, content, is_recorded): (u32, String, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let is_said = is_recorded || (said > 0 && !drafts.contains(&part));
        said = said.saturating_sub(is_said.into());
        to.execute(
            "INSERT OR REPLACE INTO reply (seq, part, content, sent) VALUES (?1, ?2, ?3, ?4)",
            params![seq, part, content, is_said],
        )?;
    }
    Ok(())
}
