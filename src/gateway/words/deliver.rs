//! Saying an answer, each of its events once: as a new event, or in the place of its draft.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{event::edit, interrupted};
use crate::{
    error::Error,
    inbox::{DraftEvent, Inbox, Part, PartOf, Waiting},
    session::RoomFailure,
};

/// What is said where an answer was stopped while it was written.
const STOPPED: &str = "[Stopped here.]";

/// Where events go.
pub(in crate::gateway) trait Outlet: Sync {
    /// Sends a content and returns its event's id. The same transaction id gives the same event,
    /// with the content that it had first.
    fn send<'a>(
        &'a self,
        content: &'a str,
        transaction_id: &'a str,
    ) -> BoxFuture<'a, Result<String, RoomFailure>>;

    /// Takes back an event.
    fn redact<'a>(
        &'a self,
        event_id: &'a str,
        transaction_id: &'a str,
    ) -> BoxFuture<'a, Result<(), RoomFailure>>;
}

/// The saying of one answer.
#[derive(Clone, Copy)]
pub(in crate::gateway) struct Delivery<'a> {
    pub(in crate::gateway) outlet: &'a dyn Outlet,
    pub(in crate::gateway) inbox: &'a Inbox,
    /// What is answered.
    pub(in crate::gateway) waiting: &'a Waiting,
}

impl Delivery<'_> {
    /// Sends one part of the recorded answer. Where it has a draft in the room, the draft becomes
    /// it.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached, or the journal fails. It may be called
    /// again, in a later run too: the part is there once.
    ///
    /// Returns the event that shows it.
    pub(in crate::gateway) async fn send(&self, part: &Part) -> Result<String, RoomFailure> {
        let transaction_id = self.transaction_id(part.part);
        let Some(draft) = self
            .drafts()
            .await?
            .into_iter()
            .find(|draft| draft.part == part.part)
        else {
            let content = self.marked(&parsed(&part.content)?, part.part, false);
            return self.outlet.send(&content, &transaction_id).await;
        };
        let event_id = self.event_id(&draft).await?;
        if draft.content != part.content {
            let edit = self.edit_of(part, &event_id, false)?;
            let transaction_id = format!("{transaction_id}-final");
            self.outlet.send(&edit, &transaction_id).await?;
        }
        Ok(event_id)
    }

    /// Takes back what is left of the draft once the answer is there: it has become shorter, or
    /// was given together with that of a later message.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached, or the journal fails. What the homeserver refuses
    /// stays in the room.
    pub(in crate::gateway) async fn take_back_draft(&self) -> Result<(), RoomFailure> {
        self.forget_draft_after(self.redact_draft().await).await
    }

    async fn redact_draft(&self) -> Result<(), RoomFailure> {
        for draft in self.drafts().await? {
            let event_id = self.event_id(&draft).await?;
            let transaction_id = format!("{}-back", self.transaction_id(draft.part));
            self.outlet.redact(&event_id, &transaction_id).await?;
        }
        Ok(())
    }

    /// Says in the draft, if there is one, that nothing more will come.
    ///
    /// # Errors
    ///
    /// As [`Self::take_back_draft`].
    pub(in crate::gateway) async fn end_draft(&self) -> Result<(), RoomFailure> {
        self.forget_draft_after(self.mark_draft().await).await
    }

    async fn mark_draft(&self) -> Result<(), RoomFailure> {
        let Some(draft) = self.drafts().await?.pop() else {
            return Ok(());
        };
        let event_id = self.event_id(&draft).await?;
        let ended = Part {
            part: draft.part,
            content: with_words(&draft.content, STOPPED)?,
        };
        let transaction_id = format!("{}-end", self.transaction_id(draft.part));
        let edit = self.edit_of(&ended, &event_id, true)?;
        self.outlet.send(&edit, &transaction_id).await.map(drop)
    }

    async fn drafts(&self) -> Result<Vec<DraftEvent>, RoomFailure> {
        let drafts = self.inbox.drafts(self.waiting.seq).await;
        drafts.map_err(RoomFailure::Store)
    }

    /// Forgets the draft when the last was done for it, or when that is refused for good, as in a
    /// room that the bot is not in any more.
    async fn forget_draft_after(&self, done: Result<(), RoomFailure>) -> Result<(), RoomFailure> {
        match done {
            Err(RoomFailure::Never(error)) => {
                tracing::debug!(room = %self.waiting.room_id, %error, "a draft stays as it is");
            }
            done => done?,
        }
        let forgotten = self.inbox.forget_drafts(self.waiting.seq).await;
        forgotten.map_err(RoomFailure::Store)
    }

    /// The event of a draft. Where it was sent without being recorded, the homeserver gives it
    /// again; where it never came there, it comes now. It shows the same either way.
    pub(super) async fn event_id(&self, draft: &DraftEvent) -> Result<String, RoomFailure> {
        if let Some(event_id) = &draft.event_id {
            return Ok(event_id.clone());
        }
        let transaction_id = self.transaction_id(draft.part);
        let content = self.marked(&parsed(&draft.content)?, draft.part, true);
        self.outlet.send(&content, &transaction_id).await
    }

    /// The content that puts a part in the place of this event's.
    pub(super) fn edit_of(
        &self,
        part: &Part,
        event_id: &str,
        draft: bool,
    ) -> Result<String, RoomFailure> {
        let edit = edit(&parsed(&part.content)?, event_id);
        Ok(self.marked(&edit, part.part, draft))
    }

    /// A content that says which part of which answer it is: when the event comes back, the
    /// journal knows that the part is in the room, whoever sent it when.
    fn marked(&self, content: &Value, part: u32, draft: bool) -> String {
        let mut content = content.clone();
        content[PartOf::FIELD] = json!(PartOf {
            question: self.waiting.event_id.clone(),
            part,
            draft,
        });
        content.to_string()
    }

    /// The same for the same part of the answer to the same message, whenever it is sent: the
    /// homeserver then keeps only one.
    fn transaction_id(&self, part: u32) -> String {
        let Waiting {
            room_id, event_id, ..
        } = self.waiting;
        let hash = Sha256::digest(format!("{room_id} {event_id}"));
        format!("nanobot-{hash:.32x}-{part}")
    }
}

/// A recorded content with more words.
fn with_words(content: &str, words: &str) -> Result<String, RoomFailure> {
    let mut content = parsed(content)?;
    let body = content["body"].as_str().unwrap_or_default();
    content["body"] = interrupted(body, words).into();
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
