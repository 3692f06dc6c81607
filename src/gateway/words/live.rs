//! Showing an answer while it is being written: its first words at once, the rest as edits.

use std::{future::pending, pin::pin, time::Duration};

use matrix_sdk::ruma::TransactionId;
use tokio::{
    sync::{Mutex, watch},
    time::{sleep, timeout},
};

use super::{Delivery, compose};
use crate::{
    gateway::message::Message,
    inbox::{DraftEvent, Part},
    instance::crash_point,
    session::RoomFailure,
};

/// How often there is something new at most.
const EVERY: Duration = Duration::from_secs(2);
/// How seldom it becomes while the homeserver takes nothing.
const SELDOM: Duration = Duration::from_secs(30);
/// How long an edit under way may hold up the whole answer.
const PATIENCE: Duration = Duration::from_secs(2);

impl Delivery<'_> {
    /// Waits for an answer and meanwhile shows what there is of it. Nothing of this is needed for
    /// the answer itself: what fails here is left to the next edit, and to [`Self::send`].
    pub(in crate::gateway) async fn show_until<T>(
        &self,
        answer: impl Future<Output = T>,
        message: &Message,
        draft: watch::Receiver<String>,
    ) -> T {
        self.show_every(EVERY, answer, message, draft).await
    }

    pub(super) async fn show_every<T>(
        &self,
        every: Duration,
        answer: impl Future<Output = T>,
        message: &Message,
        draft: watch::Receiver<String>,
    ) -> T {
        let under_way = Mutex::new(());
        let mut showing = pin!(self.show(every, message, draft, &under_way));
        let answer = tokio::select! {
            answer = answer => answer,
            never = &mut showing => never,
        };
        // An edit that overtook the whole answer would hide it.
        let idle = timeout(PATIENCE, under_way.lock());
        tokio::select! {
            _ = idle => answer,
            never = &mut showing => never,
        }
    }

    /// Shows a draft for as long as this is polled.
    async fn show<T>(
        &self,
        every: Duration,
        message: &Message,
        mut draft: watch::Receiver<String>,
        under_way: &Mutex<()>,
    ) -> T {
        let mut shown = self
            .inbox
            .drafts(self.waiting.seq)
            .await
            .unwrap_or_else(|error| {
                tracing::debug!(%error, "an answer is not shown while it is written");
                Vec::new()
            });
        let mut pause = every;
        loop {
            let parts = compose(message, &draft.borrow_and_update());
            let stale = parts.into_iter().find(|part| !is_shown(part, &shown));
            let Some(part) = stale else {
                if draft.changed().await.is_err() {
                    return pending().await;
                }
                continue;
            };
            let step = {
                let _under_way = under_way.lock().await;
                self.show_part(part, &mut shown).await
            };
            pause = match step {
                Ok(()) => every,
                Err(failure) => {
                    tracing::debug!(room = %self.waiting.room_id, ?failure, "an edit is left out");
                    (pause * 2).min(SELDOM)
                }
            };
            sleep(pause).await;
        }
    }

    /// Sends a part of a draft, or an edit of it where it is there.
    async fn show_part(&self, part: Part, shown: &mut Vec<DraftEvent>) -> Result<(), RoomFailure> {
        let seq = self.waiting.seq;
        let known = shown.iter().position(|draft| draft.part == part.part);
        let at = known.unwrap_or(shown.len());
        if known.is_none() {
            // Before it is sent: once it may be in the room, nothing else takes its place.
            let begun = self.inbox.begin_draft(seq, part.clone()).await;
            begun.map_err(RoomFailure::Store)?;
            shown.push(DraftEvent {
                part: part.part,
                event_id: None,
                content: part.content.clone(),
            });
        }
        let draft = &mut shown[at];
        if let Some(event_id) = &draft.event_id {
            let edit = self.edit_of(&part, event_id, true)?;
            let transaction_id = TransactionId::new();
            self.outlet.send(&edit, transaction_id.as_str()).await?;
            draft.content = part.content;
        } else {
            let event_id = self.event_id(draft).await?;
            crash_point("draft");
            draft.event_id = Some(event_id);
        }
        let recorded = self.inbox.draft_shown(seq, draft.clone()).await;
        recorded.map_err(RoomFailure::Store)
    }
}

fn is_shown(part: &Part, shown: &[DraftEvent]) -> bool {
    shown.iter().any(|draft| {
        draft.part == part.part && draft.event_id.is_some() && draft.content == part.content
    })
}
