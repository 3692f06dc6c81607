//! What events mean for those before them: edits, redactions, the bot's own answers, leaving.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;

use super::{
    Affected, Changes, FIRST_FILE, Own, Protection, Received, answers::close, commit::affected,
};

/// A message that is not done.
struct Open {
    seq: i64,
    state: String,
    conversation: Option<String>,
    sender: Option<String>,
    protection: Option<String>,
    payload: String,
}

/// The message with this id, if it is not done.
fn find(
    transaction: &Transaction<'_>,
    room_id: &str,
    event_id: &str,
) -> rusqlite::Result<Option<Open>> {
    transaction
        .prepare_cached(
            "SELECT seq, state, conversation, sender, protection, payload FROM event
             WHERE room_id = ?1 AND event_id = ?2
               AND state IN ('waiting', 'parked', 'undecryptable')",
        )?
        .query_row(params![room_id, event_id], |row| {
            Ok(Open {
                seq: row.get(0)?,
                state: row.get(1)?,
                conversation: row.get(2)?,
                sender: row.get(3)?,
                protection: row.get(4)?,
                payload: row.get(5)?,
            })
        })
        .optional()
}

/// Puts the new words of an edit in the place of those of a message that waits. One whose reply is
/// recorded stays as it is.
///
/// An edit counts only from the message's own sender, and encrypted where the message was: a
/// homeserver can claim anything to be an edit (spec, "Validity of replacement events").
pub(super) fn edit(
    transaction: &Transaction<'_>,
    room_id: &str,
    target: &str,
    received: &Received,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let Some(open) = find(transaction, room_id, target)? else {
        return Ok(());
    };
    if open.state == "undecryptable" {
        // One that cannot count must not take the place of one that may.
        if !received.protection.is_encrypted() || open.sender.as_deref() != Some(&*received.sender)
        {
            return Ok(());
        }
        let (protection, ..) = received.protection.columns();
        return transaction
            .execute(
                "INSERT OR REPLACE INTO edit (seq, sender, protection, payload)
                 VALUES (?1, ?2, ?3, ?4)",
                params![open.seq, received.sender, protection, received.payload],
            )
            .map(drop);
    }
    replace(transaction, open, received, changes)
}

/// Does the same with an edit that came before the key of its message.
pub(super) fn apply_kept_edit(
    transaction: &Transaction<'_>,
    seq: i64,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let kept = transaction
        .query_row(
            "DELETE FROM edit WHERE seq = ?1 RETURNING sender, protection, payload",
            [seq],
            |row| {
                let protection: String = row.get(1)?;
                Ok(Received {
                    sender: row.get(0)?,
                    protection: Protection::of_columns(Some(&protection), None, None),
                    payload: row.get(2)?,
                })
            },
        )
        .optional()?;
    let Some(edit) = kept else {
        return Ok(());
    };
    let target: (String, String) = transaction.query_row(
        "SELECT room_id, event_id FROM event WHERE seq = ?1",
        [seq],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match find(transaction, &target.0, &target.1)? {
        Some(open) => replace(transaction, open, &edit, changes),
        None => Ok(()),
    }
}

fn replace(
    transaction: &Transaction<'_>,
    open: Open,
    edit: &Received,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let is_valid = open.sender.as_deref() == Some(&*edit.sender)
        && (open.protection.as_deref() != Some("encrypted") || edit.protection.is_encrypted());
    let Some(payload) = edited(&open.payload, &edit.payload).filter(|_| is_valid) else {
        return Ok(());
    };
    let replaced = transaction.execute(
        "UPDATE event SET payload = ?2, revision = revision + 1 WHERE seq = ?1 AND state = 'waiting'
           AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.seq = event.seq)",
        params![open.seq, payload],
    )?;
    if replaced > 0 {
        changes.edited.extend(affected(open.seq, open.conversation));
    }
    Ok(())
}

/// An event with the content that its edit gives it. What it relates to stays.
fn edited(original: &str, edit: &str) -> Option<String> {
    let mut event: Value = serde_json::from_str(original).ok()?;
    let mut edit: Value = serde_json::from_str(edit).ok()?;
    let mut content = edit.get_mut("content")?.get_mut("m.new_content")?.take();
    let fields = content.as_object_mut()?;
    fields.remove("m.relates_to");
    if let Some(relation) = event["content"].get("m.relates_to") {
        fields.insert("m.relates_to".to_owned(), relation.clone());
    }
    event["content"] = content;
    Some(event.to_string())
}

/// Withdraws a message that was taken back, or whose answer was.
pub(super) fn redact(
    transaction: &Transaction<'_>,
    room_id: &str,
    target: &str,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let open = match find(transaction, room_id, target)? {
        Some(open) => Some((open.seq, open.conversation)),
        None => transaction
            .prepare_cached(
                "SELECT seq, conversation FROM event
                 WHERE room_id = ?1 AND state IN ('waiting', 'parked') AND
                   (seq IN (SELECT seq FROM reply WHERE event_id = ?2) OR
                    seq IN (SELECT seq FROM draft WHERE event_id = ?2))",
            )?
            .query_row(params![room_id, target], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?,
    };
    let Some((seq, conversation)) = open else {
        return Ok(());
    };
    close(transaction, &[seq])?;
    // What was taken back is not to be edited any more.
    transaction.execute(
        "DELETE FROM draft WHERE seq = ?1 AND event_id = ?2",
        params![seq, target],
    )?;
    changes.withdrawn.extend(affected(seq, conversation));
    Ok(())
}

/// Records that a part of an answer is in the room; or that there is an answer that this device
/// did not give, so that it gives none.
pub(super) fn own(
    transaction: &Transaction<'_>,
    room_id: &str,
    event_id: &str,
    own: &Own,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let question = own.part.as_ref().map(|part| &part.question);
    let Some(question) = question.or(own.replies_to.as_ref()) else {
        return Ok(());
    };
    let Some(open) = find(transaction, room_id, question)? else {
        return Ok(());
    };
    let seq = open.seq;
    // The event that people see, whatever edits it.
    let event_id = own.replaces.as_deref().unwrap_or(event_id);
    let begun: (bool, bool) = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM reply WHERE seq = ?1),
                EXISTS (SELECT 1 FROM draft WHERE seq = ?1)",
        [seq],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match (&own.part, begun) {
        // It was taken back before it came back.
        (Some(part), (false, false)) if part.draft && own.by_this_device => Ok(()),
        (_, (false, false)) => {
            tracing::info!(room = %room_id, event = %question, "the room has its answer already");
            close(transaction, &[seq])?;
            changes.withdrawn.extend(affected(seq, open.conversation));
            Ok(())
        }
        (Some(part), _) if part.draft => transaction
            .execute(
                "UPDATE draft SET event_id = ?3 WHERE seq = ?1 AND part = ?2 AND event_id IS NULL",
                params![seq, part.part, event_id],
            )
            .map(drop),
        (Some(part), _) => {
            transaction.execute(
                "UPDATE reply SET sent = 1, event_id = ?3
                 WHERE seq = ?1 AND part = ?2 AND sent = 0",
                params![seq, part.part, event_id],
            )?;
            // It is no draft any more, or it would be taken back.
            transaction
                .execute(
                    "DELETE FROM draft WHERE seq = ?1 AND part = ?2",
                    params![seq, part.part],
                )
                .map(drop)
        }
        (None, _) => unreadable_part(transaction, seq, event_id),
    }
}

/// Counts an event of an answer that this device cannot read: parts are sent in their order.
fn unreadable_part(
    transaction: &Transaction<'_>,
    seq: i64,
    event_id: &str,
) -> rusqlite::Result<()> {
    let is_known: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM draft WHERE seq = ?1 AND event_id = ?2)
             OR EXISTS (SELECT 1 FROM reply WHERE seq = ?1 AND event_id = ?2)",
        params![seq, event_id],
        |row| row.get(0),
    )?;
    if is_known {
        return Ok(());
    }
    let drafts = transaction.execute(
        "UPDATE draft SET event_id = ?2 WHERE seq = ?1 AND part =
           (SELECT min(part) FROM draft WHERE seq = ?1 AND event_id IS NULL)",
        params![seq, event_id],
    )?;
    if drafts > 0 {
        return Ok(());
    }
    transaction
        .execute(
            "UPDATE reply SET sent = 1, event_id = ?2 WHERE seq = ?1 AND part =
               (SELECT part FROM reply WHERE seq = ?1 AND sent = 0
                ORDER BY part < ?3, part LIMIT 1)",
            params![seq, event_id, FIRST_FILE],
        )
        .map(drop)
}

/// Withdraws everything that is not done in a room that the bot is not in.
pub(super) fn leave(
    transaction: &Transaction<'_>,
    room_id: &str,
    changes: &mut Changes,
) -> rusqlite::Result<()> {
    let open: Vec<(i64, Option<String>)> = transaction
        .prepare_cached(
            "SELECT seq, conversation FROM event
             WHERE room_id = ?1 AND state IN ('waiting', 'parked', 'undecryptable')",
        )?
        .query_map([room_id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (seq, conversation) in open {
        close(transaction, &[seq])?;
        // Nobody can end what is shown there.
        transaction.execute("DELETE FROM draft WHERE seq = ?1", [seq])?;
        let withdrawn: Option<Affected> = affected(seq, conversation);
        changes.withdrawn.extend(withdrawn);
    }
    Ok(())
}
