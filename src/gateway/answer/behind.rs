//! Marking what waits behind the message that is being answered: it will be, too.

use std::{convert::Infallible, future::pending};

use tokio::sync::Notify;

use super::Answerer;
use crate::{
    error::Result,
    gateway::{panics::caught, presence::Mark},
    journal::{Conversation, Lane},
};

/// The most messages that are marked at a time: marks count towards the homeserver's rate limit, and
/// answers come first.
const MOST: u32 = 10;

impl Answerer {
    /// Marks the messages of a conversation that come after this place in the journal and are going to
    /// be answered; then those that came in since, each time when something did. Nobody else may be at
    /// them meanwhile: a mark must not come after its message is done.
    pub async fn mark_behind(
        &self,
        conversation: &Conversation,
        mut after: i64,
        came: &Notify,
    ) -> Infallible {
        if self.settings.marks.seen.is_none() || conversation.lane != Lane::Message {
            return pending().await;
        }
        loop {
            let marking = Box::pin(self.mark_after(conversation, &mut after));
            let marking = caught("the bot", marking).await;
            if let Err(error) = marking.flatten() {
                tracing::debug!("cannot mark what waits: {error}");
            }
            came.notified().await;
        }
    }

    async fn mark_after(&self, conversation: &Conversation, after: &mut i64) -> Result<()> {
        let behind = self.journal.waiting_after(conversation, *after, MOST);
        for waiting in behind.await? {
            *after = waiting.seq;
            let Some(asked) = self.filter.expects(waiting).await else {
                continue;
            };
            if asked.may_be_marked() {
                let marks = &self.settings.marks;
                self.marker.show(&asked.waiting, marks, Mark::Seen);
                // Whoever closed it before that had nothing to take back.
                if !self.journal.waits(asked.waiting.seq).await? {
                    self.marker.end(asked.waiting.seq, None);
                }
            }
        }
        Ok(())
    }
}
