//! The journal as a person works with it: what is not done, trying it again, discarding it.

use rusqlite::{Connection, Row, Transaction};
use serde_json::Value;

use super::{
    Affected, Conversation, Journal, all,
    answers::{Ended, close},
    excerpt_of,
};
use crate::{
    error::{Error, Result},
    ipc::{QueuePage, QueueRequest, QueueState, QueuedMessage, WaitsFor, Which},
    text::{clean, cut, excerpt},
};

/// Messages that are told at a time: as many as an answer of the socket can hold.
const PAGE: u32 = 200;
/// The most characters of a text, and of an answer, that are shown of one message.
const LONGEST: usize = 50_000;

/// What is told of a message that is not done.
const COLUMNS: &str = "
    seq, state, room_id, conversation, event_id, sender, protection, taken_at, attempts,
    failing_since, reason, payload,
    (SELECT count(*) FROM reply WHERE reply.seq = event.seq) AS parts,
    (SELECT count(*) FROM reply WHERE reply.seq = event.seq AND sent) AS sent,
    EXISTS (SELECT 1 FROM event AS first WHERE first.state = 'waiting'
            AND first.conversation = event.conversation AND first.seq < event.seq) AS is_behind";

/// What came of a request about the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// What is answered.
    pub page: QueuePage,
    /// Messages that wait again.
    pub retried: Vec<Affected>,
    /// Messages that are not to be answered any more.
    pub dropped: Vec<Affected>,
}

/// A row of the queue.
struct Queued {
    message: QueuedMessage,
    conversation: Option<Conversation>,
    payload: Option<String>,
}

impl Journal {
    /// Does what is asked of the queue. What its messages wait for is told as far as the journal
    /// knows.
    ///
    /// # Errors
    ///
    /// When a message is not there, or cannot be tried again; then nothing is changed. When the
    /// journal cannot be read or written.
    pub async fn handle(&self, request: QueueRequest) -> Result<Handled> {
        let handled = self.transact(move |db| match request {
            QueueRequest::List { after, text } => list(db, after, text).map(Ok),
            QueueRequest::Show { id, text } => show(db, &id, text),
            QueueRequest::Retry(which) => retry(db, &which),
            QueueRequest::Drop(which) => discard(db, &which),
        });
        handled.await?
    }
}

fn list(db: &Connection, after: i64, text: bool) -> rusqlite::Result<Handled> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event
         WHERE state IN ('waiting', 'parked', 'undecryptable') AND seq > ?1 ORDER BY seq LIMIT ?2"
    );
    let mut found = all(db, &sql, (after, PAGE + 1), Queued::from_row)?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let messages = found.into_iter().map(|mut queued| {
        queued.message.text = queued.body().filter(|_| text).map(|body| excerpt(&body));
        queued.message
    });
    Ok(Handled {
        page: QueuePage {
            messages: messages.collect(),
            more,
        },
        ..Handled::default()
    })
}

fn show(db: &Connection, id: &str, text: bool) -> rusqlite::Result<Result<Handled>> {
    let Some(mut queued) = find(db, id)? else {
        return Ok(Err(missing(id)));
    };
    if text {
        queued.message.text = queued.body().as_deref().map(shown);
        queued.message.answer = answer(db, queued.message.id)?.as_deref().map(shown);
    }
    Ok(Ok(Handled {
        page: QueuePage {
            messages: vec![queued.message],
            more: false,
        },
        ..Handled::default()
    }))
}

/// Lets failed messages wait again, as if they had never failed. What is recorded of their answers
/// stays, so that it is sent as the same events.
fn retry(db: &Transaction<'_>, which: &Which) -> rusqlite::Result<Result<Handled>> {
    let (meant, more) = match meant(db, which, "conversation IS NOT NULL")? {
        Ok(meant) => meant,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(error) = meant.iter().find_map(Queued::refusal) {
        return Ok(Err(error));
    }
    let (retried, page) = change(meant, more, |seq| {
        let sql = "UPDATE event SET state = 'waiting', attempts = 0, failing_since = NULL,
                     reason = NULL
                   WHERE seq = ?1 AND state = 'parked'";
        db.execute(sql, [seq]).map(drop)
    })?;
    Ok(Ok(Handled {
        page,
        retried,
        ..Handled::default()
    }))
}

fn discard(db: &Transaction<'_>, which: &Which) -> rusqlite::Result<Result<Handled>> {
    let (meant, more) = match meant(db, which, "true")? {
        Ok(meant) => meant,
        Err(error) => return Ok(Err(error)),
    };
    let close = |seq| close(db, &[seq], Ended::Dropped);
    let (dropped, page) = change(meant, more, close)?;
    Ok(Ok(Handled {
        page,
        dropped,
        ..Handled::default()
    }))
}

/// Changes these messages, each by its place in the journal, and tells of them.
fn change(
    meant: Vec<Queued>,
    more: bool,
    change: impl Fn(i64) -> rusqlite::Result<()>,
) -> rusqlite::Result<(Vec<Affected>, QueuePage)> {
    let mut affected = Vec::new();
    let mut messages = Vec::new();
    for queued in meant {
        change(queued.message.id)?;
        affected.extend(Affected::of(queued.message.id, queued.conversation));
        messages.push(queued.message);
    }
    Ok((affected, QueuePage { messages, more }))
}

/// The messages that are meant, and whether there are more of them; of all that failed, those of
/// which this SQL is true.
fn meant(
    db: &Connection,
    which: &Which,
    of_all: &str,
) -> rusqlite::Result<Result<(Vec<Queued>, bool)>> {
    match which {
        Which::Ids(ids) => {
            let mut meant = Vec::new();
            for id in ids {
                match find(db, id)? {
                    Some(queued) => meant.push(queued),
                    None => return Ok(Err(missing(id))),
                }
            }
            Ok(Ok((meant, false)))
        }
        Which::Parked => {
            let sql = format!(
                "SELECT {COLUMNS} FROM event WHERE state = 'parked' AND {of_all}
                 ORDER BY seq LIMIT ?1"
            );
            let mut meant = all(db, &sql, [PAGE + 1], Queued::from_row)?;
            let more = meant.len() > PAGE as usize;
            meant.truncate(PAGE as usize);
            Ok(Ok((meant, more)))
        }
    }
}

fn find(db: &Connection, id: &str) -> rusqlite::Result<Option<Queued>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event
         WHERE state IN ('waiting', 'parked', 'undecryptable') AND (seq = ?1 OR event_id = ?2)"
    );
    let params = (id.parse::<i64>().ok(), id);
    Ok(all(db, &sql, params, Queued::from_row)?.pop())
}

fn missing(id: &str) -> Error {
    Error::failure(format!("no message {} in the queue", excerpt(id)))
        .hint("list the messages with")
        .command("nanobot queue list")
}

/// The words of a recorded answer.
fn answer(db: &Connection, seq: i64) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT content FROM reply WHERE seq = ?1 ORDER BY part";
    let contents: Vec<String> = all(db, sql, [seq], |row| row.get(0))?;
    let bodies: Vec<_> = contents
        .iter()
        .filter_map(|content| body(content))
        .collect();
    Ok((!bodies.is_empty()).then(|| bodies.join("\n")))
}

/// The text of a message's content; of an image or a file that is its caption or its name.
fn body(content: &str) -> Option<String> {
    let content: Value = serde_json::from_str(content).ok()?;
    Some(content.get("body")?.as_str()?.to_owned())
}

/// Foreign text, its lines kept.
fn shown(text: &str) -> String {
    let mut text = clean(text);
    cut(&mut text, LONGEST);
    text
}

impl Queued {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let conversation = Conversation::from_row(row)?;
        let state = match row.get_ref("state")?.as_str()? {
            "parked" => QueueState::Parked,
            "waiting" => QueueState::Waiting,
            _ => QueueState::Undecryptable,
        };
        let parts: u32 = row.get("parts")?;
        let is_behind: bool = row.get("is_behind")?;
        let waits_for = match state {
            QueueState::Parked => None,
            QueueState::Waiting if is_behind => Some(WaitsFor::EarlierMessage),
            QueueState::Waiting if parts > 0 => Some(WaitsFor::Sending),
            QueueState::Waiting => Some(WaitsFor::Turn),
            _ => Some(WaitsFor::RoomKey),
        };
        let text = |column| excerpt_of(row, column);
        let protection: Option<String> = row.get("protection")?;
        let thread = conversation.as_ref().and_then(|it| it.thread.as_deref());
        Ok(Self {
            message: QueuedMessage {
                id: row.get("seq")?,
                state,
                room_id: text("room_id")?.unwrap_or_default(),
                thread: thread.map(excerpt),
                event_id: text("event_id")?.unwrap_or_default(),
                sender: text("sender")?,
                encrypted: state == QueueState::Undecryptable
                    || protection.as_deref() == Some("encrypted"),
                received_at: row.get("taken_at")?,
                waits_for,
                attempts: row.get("attempts")?,
                failing_since: row.get("failing_since")?,
                reason: text("reason")?,
                answer_parts: parts,
                sent_parts: row.get("sent")?,
                text: None,
                answer: None,
            },
            conversation,
            payload: row.get("payload")?,
        })
    }

    /// The message's text, where it is known.
    fn body(&self) -> Option<String> {
        let event: Value = serde_json::from_str(self.payload.as_deref()?).ok()?;
        Some(event["content"]["body"].as_str()?.to_owned())
    }

    /// Why it cannot be tried again.
    fn refusal(&self) -> Option<Error> {
        let id = self.message.id;
        let refused = |why| Error::failure(format!("cannot retry message {id}: {why}"));
        match self.message.state {
            QueueState::Parked if self.conversation.is_some() => None,
            QueueState::Parked => Some(
                refused("the bot cannot read it")
                    .hint("discard it")
                    .command(format!("nanobot queue drop {id}")),
            ),
            QueueState::Undecryptable => Some(refused("it waits for its room key").hint(
                "it is answered when the key arrives; see `nanobot explain e2ee.undecryptable`",
            )),
            _ => Some(
                refused("it has not failed; it waits for its answer")
                    .hint("see what it waits for")
                    .command(format!("nanobot queue show {id}")),
            ),
        }
    }
}
