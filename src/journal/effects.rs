//! What events mean for those before them: edits, redactions, the bot's own answers, leaving.

use rusqlite::{OptionalExtension, Params};
use serde_json::Value;

use super::{
    Affected, Conversation, FIRST_FILE, Own, Protection, Received, all,
    answers::{Ended, close, forget_draft},
    commit::Commit,
};

/// A message that is not done.
struct Open {
    seq: i64,
    state: String,
    conversation: Option<Conversation>,
    sender: Option<String>,
    protection: Option<String>,
}

impl Commit<'_> {
    /// The messages of which this SQL is true and that are not done.
    fn open(&self, which: &str, params: impl Params) -> rusqlite::Result<Vec<Open>> {
        let sql = format!(
            "SELECT seq, room_id, state, conversation, sender, protection FROM event
             WHERE state IN ('waiting', 'parked', 'undecryptable') AND {which}"
        );
        all(self.db, &sql, params, |row| {
            Ok(Open {
                seq: row.get("seq")?,
                state: row.get("state")?,
                conversation: Conversation::from_row(row)?,
                sender: row.get("sender")?,
                protection: row.get("protection")?,
            })
        })
    }

    /// The message with this id, if it is not done.
    fn find(&self, room_id: &str, event_id: &str) -> rusqlite::Result<Option<Open>> {
        let which = "room_id = ?1 AND event_id = ?2";
        Ok(self.open(which, (room_id, event_id))?.pop())
    }

    /// Closes a message that is not to be answered any more.
    fn withdraw(&mut self, open: Open) -> rusqlite::Result<()> {
        close(self.db, &[open.seq], Ended::Withdrawn)?;
        let withdrawn = Affected::of(open.seq, open.conversation);
        self.changes.withdrawn.extend(withdrawn);
        Ok(())
    }

    /// Puts the new words of an edit in the place of those of a message that waits. One whose
    /// reply is recorded stays as it is.
    ///
    /// An edit counts only from the message's own sender, and encrypted where the message was: a
    /// homeserver can claim anything to be an edit (spec, "Validity of replacement events").
    pub fn edit(
        &mut self,
        room_id: &str,
        target: &str,
        received: &Received,
    ) -> rusqlite::Result<()> {
        let Some(open) = self.find(room_id, target)? else {
            return Ok(());
        };
        if open.state != "undecryptable" {
            return self.replace(open, received);
        }
        // One that cannot count must not take the place of one that may.
        if received.protection.is_encrypted() && open.sender.as_ref() == Some(&received.sender) {
            let sql = "INSERT OR REPLACE INTO edit (seq, sender, protection, payload)
                       VALUES (?1, ?2, ?3, ?4)";
            let (protection, ..) = received.protection.columns();
            let (sender, payload) = (&received.sender, &received.payload);
            self.run(sql, (open.seq, sender, protection, payload))?;
        }
        Ok(())
    }

    /// Does the same with an edit that came before the key of its message.
    pub fn apply_kept_edit(&mut self, seq: i64) -> rusqlite::Result<()> {
        let sql = "DELETE FROM edit WHERE seq = ?1
                   RETURNING sender, protection, NULL AS trust, NULL AS session_id, payload";
        let kept = self.db.prepare_cached(sql)?.query_row([seq], |row| {
            Ok(Received {
                sender: row.get("sender")?,
                protection: Protection::from_row(row)?,
                payload: row.get("payload")?,
            })
        });
        let Some(edit) = kept.optional()? else {
            return Ok(());
        };
        match self.open("seq = ?1", [seq])?.pop() {
            Some(open) => self.replace(open, &edit),
            None => Ok(()),
        }
    }

    fn replace(&mut self, open: Open, edit: &Received) -> rusqlite::Result<()> {
        let is_valid = open.sender.as_ref() == Some(&edit.sender)
            && (open.protection.as_deref() != Some("encrypted") || edit.protection.is_encrypted());
        let sql = "SELECT payload FROM event WHERE seq = ?1";
        let original: String = self.db.query_row(sql, [open.seq], |row| row.get(0))?;
        let Some(payload) = edited(&original, &edit.payload).filter(|_| is_valid) else {
            return Ok(());
        };
        let sql = "UPDATE event SET payload = ?2, revision = revision + 1
                   WHERE seq = ?1 AND state = 'waiting'
                     AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.seq = event.seq)";
        if self.run(sql, (open.seq, payload))? > 0 {
            let edited = Affected::of(open.seq, open.conversation);
            self.changes.edited.extend(edited);
        }
        Ok(())
    }

    /// Withdraws a message that was taken back, or whose answer was.
    pub fn redact(&mut self, room_id: &str, target: &str) -> rusqlite::Result<()> {
        let which = "room_id = ?1 AND (event_id = ?2
                       OR seq IN (SELECT seq FROM reply WHERE event_id = ?2)
                       OR seq IN (SELECT seq FROM draft WHERE event_id = ?2))";
        for open in self.open(which, (room_id, target))? {
            // What was taken back is not to be edited any more.
            let sql = "DELETE FROM draft WHERE seq = ?1 AND event_id = ?2";
            self.run(sql, (open.seq, target))?;
            self.withdraw(open)?;
        }
        Ok(())
    }

    /// Records that a part of an answer is in the room; or that there is an answer that this
    /// device did not give, so that it gives none.
    pub fn own(&mut self, room_id: &str, event_id: &str, own: &Own) -> rusqlite::Result<()> {
        let question = own.part.as_ref().map(|part| &part.question);
        let Some(question) = question.or(own.replies_to.as_ref()) else {
            return Ok(());
        };
        let Some(open) = self.find(room_id, question)? else {
            return Ok(());
        };
        let seq = open.seq;
        // The event that people see, whatever edits it.
        let event_id = own.replaces.as_deref().unwrap_or(event_id);
        let begun: bool = self.db.query_row(
            "SELECT EXISTS (SELECT 1 FROM reply WHERE seq = ?1)
                 OR EXISTS (SELECT 1 FROM draft WHERE seq = ?1)",
            [seq],
            |row| row.get(0),
        )?;
        match &own.part {
            // It was taken back before it came back.
            Some(part) if !begun && part.draft && own.by_this_device => Ok(()),
            _ if !begun => {
                tracing::info!(room_id, event_id = %question,
                    "the room has its answer already");
                self.withdraw(open)
            }
            Some(part) if part.draft => {
                let sql = "UPDATE draft SET event_id = ?3
                           WHERE seq = ?1 AND part = ?2 AND event_id IS NULL";
                self.run(sql, (seq, part.part, event_id)).map(drop)
            }
            Some(part) => {
                let sql = "UPDATE reply SET sent = 1, event_id = ?3
                           WHERE seq = ?1 AND part = ?2 AND sent = 0";
                self.run(sql, (seq, part.part, event_id))?;
                forget_draft(self.db, seq, part.part)
            }
            None => self.unreadable_part(seq, event_id),
        }
    }

    /// Counts an event of an answer that this device cannot read: parts are sent in their order.
    fn unreadable_part(&self, seq: i64, event_id: &str) -> rusqlite::Result<()> {
        let is_known: bool = self.db.query_row(
            "SELECT EXISTS (SELECT 1 FROM draft WHERE seq = ?1 AND event_id = ?2)
                 OR EXISTS (SELECT 1 FROM reply WHERE seq = ?1 AND event_id = ?2)",
            (seq, event_id),
            |row| row.get(0),
        )?;
        if is_known {
            return Ok(());
        }
        let sql = "UPDATE draft SET event_id = ?2 WHERE seq = ?1 AND part =
                     (SELECT min(part) FROM draft WHERE seq = ?1 AND event_id IS NULL)";
        if self.run(sql, (seq, event_id))? > 0 {
            return Ok(());
        }
        let sql = "UPDATE reply SET sent = 1, event_id = ?2 WHERE seq = ?1 AND part =
                     (SELECT part FROM reply WHERE seq = ?1 AND sent = 0
                      ORDER BY part < ?3, part LIMIT 1)";
        self.run(sql, (seq, event_id, FIRST_FILE)).map(drop)
    }

    /// Withdraws everything that is not done in a room that the bot is not in.
    pub fn leave(&mut self, room_id: &str) -> rusqlite::Result<()> {
        for open in self.open("room_id = ?1", [room_id])? {
            // Nobody can end what is shown there.
            self.run("DELETE FROM draft WHERE seq = ?1", [open.seq])?;
            self.withdraw(open)?;
        }
        Ok(())
    }
}

/// An event with the content that its edit gives it. What it relates to stays.
fn edited(original: &str, edit: &str) -> Option<String> {
    let mut event: Value = serde_json::from_str(original).ok()?;
    let mut edit: Value = serde_json::from_str(edit).ok()?;
    let is_alike = edit["type"] == event["type"];
    let mut content = edit.get_mut("content")?.get_mut("m.new_content")?.take();
    // One without words, or a poll's, takes nothing away.
    let is_poll = |key| content[key]["question"].is_object();
    let has_words = content["body"].is_string();
    if !is_alike || !has_words && !is_poll("org.matrix.msc3381.poll.start") && !is_poll("m.poll") {
        return None;
    }
    let fields = content.as_object_mut()?;
    fields.remove("m.relates_to");
    if let Some(relation) = event["content"].get("m.relates_to") {
        fields.insert("m.relates_to".to_owned(), relation.clone());
    }
    event["content"] = content;
    Some(event.to_string())
}
