//! Sending what was recorded, each event once, also in the place of its draft.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Delivery, Outlet};
use crate::{
    error::Error,
    gateway::{
        permits::Undone,
        render::{append, edit},
    },
    ipc::crash_point,
    journal::{DraftEvent, POLL, Part, PartOf, REACTION, Waiting},
    session::RoomFailure,
};

/// The type of the events of words and files.
pub const MESSAGE: &str = "m.room.message";
/// What marks a message that is still being written (MSC4357).
const LIVE: &str = "org.matrix.msc4357.live";
/// What is said where an answer was stopped while it was written.
const STOPPED: &str = "[Stopped here.]";

impl<O: Outlet> Delivery<O> {
    /// Sends what remains of the recorded answer to a message; whether it did. It does not go on
    /// with one that was taken back meanwhile. It may be called again, in a later run too: each
    /// part is there once.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached, or the journal fails.
    pub async fn send(&self, waiting: &Waiting, parts: &[Part]) -> Result<bool, Undone> {
        for (index, part) in parts.iter().enumerate() {
            // The first was read or recorded a moment ago.
            if index > 0 && !self.journal.waits(waiting.seq).await? {
                return Ok(false);
            }
            crash_point("send");
            let event_id = self.send_part(waiting, part).await?;
            crash_point("close");
            let sent = self.journal.part_sent(waiting.seq, part.part, event_id);
            sent.await?;
        }
        Ok(true)
    }

    /// Sends one part. Where it has a draft in the room, the draft becomes it. Returns the event
    /// that shows it.
    pub async fn send_part(&self, waiting: &Waiting, part: &Part) -> Result<String, Undone> {
        let transaction_id = transaction_id(waiting, part.part);
        let drafts = self.journal.drafts(waiting.seq).await?;
        let Some(draft) = drafts.into_iter().find(|draft| draft.part == part.part) else {
            let content = marked(waiting, parsed(&part.content)?, part.part, Stage::Whole);
            let kind = event_type(part.part);
            let sending = self.outlet.send(waiting, kind, &content, &transaction_id);
            return match sending.await {
                // The bot has reacted so before, or may not react: that is no reason to say all
                // else again. Nobody asks for its event.
                Err(RoomFailure::Never(error)) if part.part == REACTION => {
                    tracing::info!(room_id = waiting.room_id, "cannot react: {error}");
                    Ok(String::new())
                }
                sent => Ok(sent?),
            };
        };
        let event_id = self.event_id(waiting, &draft).await?;
        // Also where it says nothing new: only then is it not live any more.
        let edit = edit_of(waiting, part, &event_id, Stage::Whole)?;
        let transaction_id = format!("{transaction_id}-final");
        let sending = self.outlet.send(waiting, MESSAGE, &edit, &transaction_id);
        sending.await?;
        Ok(event_id)
    }

    /// Takes back what is left of the draft of a message that has its answer, or will have it with
    /// a later one: it has become shorter, or is given together with that of another message.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached, or the journal fails. What the homeserver refuses
    /// stays in the room.
    pub async fn take_back_draft(&self, waiting: &Waiting) -> Result<(), Undone> {
        let drafts = self.journal.drafts(waiting.seq).await?;
        if drafts.is_empty() {
            return Ok(());
        }
        let redacted = async {
            for draft in drafts {
                let event_id = self.event_id(waiting, &draft).await?;
                let transaction_id = format!("{}-back", transaction_id(waiting, draft.part));
                let redacting = self.outlet.redact(waiting, &event_id, &transaction_id);
                redacting.await?;
            }
            Ok(())
        };
        self.forget_drafts_after(waiting, redacted.await).await
    }

    /// Says in the drafts of messages that were closed without an answer, of these or of all, that
    /// nothing more will come.
    ///
    /// # Errors
    ///
    /// As [`Self::take_back_draft`].
    pub async fn end_drafts(&self, of: Option<&[i64]>) -> Result<(), Undone> {
        for waiting in self.journal.abandoned_drafts().await? {
            if of.is_none_or(|of| of.contains(&waiting.seq)) {
                self.end_draft(&waiting).await?;
            }
        }
        Ok(())
    }

    pub async fn end_draft(&self, waiting: &Waiting) -> Result<(), Undone> {
        let marked = async {
            let Some(draft) = self.journal.drafts(waiting.seq).await?.pop() else {
                return Ok(());
            };
            let event_id = self.event_id(waiting, &draft).await?;
            let ended = Part {
                part: draft.part,
                content: with_words(&draft.content, STOPPED)?,
            };
            let transaction_id = format!("{}-end", transaction_id(waiting, draft.part));
            let edit = edit_of(waiting, &ended, &event_id, Stage::Ended)?;
            let sending = self.outlet.send(waiting, MESSAGE, &edit, &transaction_id);
            sending.await?;
            Ok(())
        };
        self.forget_drafts_after(waiting, marked.await).await
    }

    /// Forgets the drafts when the last was done for them, or when that is refused for good, as in
    /// a room that the bot is not in any more.
    async fn forget_drafts_after(
        &self,
        waiting: &Waiting,
        done: Result<(), Undone>,
    ) -> Result<(), Undone> {
        match done {
            Err(Undone::Failed(RoomFailure::Never(error))) => {
                tracing::debug!(room_id = waiting.room_id, "cannot remove a draft: {error}");
            }
            done => done?,
        }
        Ok(self.journal.forget_drafts(waiting.seq).await?)
    }

    /// The event of a draft. Where it was sent without being recorded, the homeserver gives it
    /// again; where it never came there, it comes now. It shows the same either way.
    pub async fn event_id(&self, waiting: &Waiting, draft: &DraftEvent) -> Result<String, Undone> {
        if let Some(event_id) = &draft.event_id {
            return Ok(event_id.clone());
        }
        let transaction_id = transaction_id(waiting, draft.part);
        let content = marked(waiting, parsed(&draft.content)?, draft.part, Stage::Live);
        let sending = self
            .outlet
            .send(waiting, MESSAGE, &content, &transaction_id);
        Ok(sending.await?)
    }
}

/// How far an event of an answer is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is still being written.
    Live,
    /// It was, and nothing more will come.
    Ended,
    /// It is part of the whole answer.
    Whole,
}

/// The type of the event that is this part of an answer.
fn event_type(part: u32) -> &'static str {
    match part {
        POLL => "org.matrix.msc3381.poll.start",
        REACTION => "m.reaction",
        _ => MESSAGE,
    }
}

/// The content that puts a part in the place of this event's.
pub fn edit_of(
    waiting: &Waiting,
    part: &Part,
    event_id: &str,
    stage: Stage,
) -> Result<String, RoomFailure> {
    let edit = edit(&parsed(&part.content)?, event_id);
    Ok(marked(waiting, edit, part.part, stage))
}

/// A content that says which part of which answer it is: when the event comes back, the journal
/// knows that the part is in the room, whoever sent it when. And while it is written, it says so,
/// also as what it is edited to (MSC4357).
fn marked(waiting: &Waiting, mut content: Value, part: u32, stage: Stage) -> String {
    content[PartOf::FIELD] = json!(PartOf {
        question: waiting.event_id.clone(),
        part,
        draft: stage != Stage::Whole,
    });
    if stage == Stage::Live {
        content[LIVE] = json!({});
        if let Some(new_content) = content.get_mut("m.new_content") {
            new_content[LIVE] = json!({});
        }
    }
    content.to_string()
}

/// The same for the same part of the answer to the same message, whenever it is sent: the
/// homeserver then keeps only one.
fn transaction_id(waiting: &Waiting, part: u32) -> String {
    let hash = Sha256::digest(format!("{} {}", waiting.room_id, waiting.event_id));
    format!("nanobot-{hash:.32x}-{part}")
}

/// A recorded content with more words.
fn with_words(content: &str, words: &str) -> Result<String, RoomFailure> {
    let mut content = parsed(content)?;
    let body = content["body"].as_str().unwrap_or_default();
    content["body"] = append(body, words).into();
    if let Some(html) = content["formatted_body"].as_str() {
        content["formatted_body"] = format!("{html}<p>{words}</p>").into();
    }
    Ok(content.to_string())
}

fn parsed(content: &str) -> Result<Value, RoomFailure> {
    let unreadable = |error| {
        RoomFailure::Never(Error::failure("a recorded reply is no JSON object").because(error))
    };
    let fields: serde_json::Map<_, _> = serde_json::from_str(content).map_err(unreadable)?;
    Ok(Value::Object(fields))
}
