//! Showing an answer while it is being written: its first words at once, the rest as edits.

use std::{future::pending, pin::pin, time::Duration};

use matrix_sdk::ruma::TransactionId;
use tokio::{
    sync::{Mutex, watch},
    time::{sleep, timeout},
};

use super::{
    Delivery, Outlet,
    send::{MESSAGE, Stage, edit_of},
};
use crate::{
    gateway::permits::Undone,
    ipc::crash_point,
    journal::{DraftEvent, Part, Waiting},
};

/// How seldom it becomes while the homeserver takes nothing.
const SELDOM: Duration = Duration::from_secs(30);
/// How long an edit under way may hold up the whole answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes the events of an answer of what there is of its words.
pub type Compose<'a> = &'a (dyn Fn(&str) -> Vec<Part> + Sync);

impl<O: Outlet> Delivery<O> {
    /// Waits for an answer and meanwhile shows what there is of it. Nothing of this is needed for
    /// the answer itself: what fails here is left to the next edit, and to [`Self::send`].
    pub async fn show_until<T>(
        &self,
        answer: impl Future<Output = T>,
        (waiting, compose): (&Waiting, Compose<'_>),
        draft: watch::Receiver<String>,
    ) -> T {
        let under_way = Mutex::new(());
        let mut showing = pin!(self.show((waiting, compose), draft, &under_way));
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
        (waiting, compose): (&Waiting, Compose<'_>),
        mut draft: watch::Receiver<String>,
        under_way: &Mutex<()>,
    ) -> T {
        let shown = self.journal.drafts(waiting.seq).await;
        let mut shown = shown.unwrap_or_else(|error| {
            tracing::debug!("cannot show an answer while it is written: {error}");
            Vec::new()
        });
        let mut pause = self.every;
        loop {
            let parts = compose(&draft.borrow_and_update());
            let stale = parts.into_iter().find(|part| !is_shown(part, &shown));
            let Some(part) = stale else {
                if draft.changed().await.is_err() {
                    return pending().await;
                }
                continue;
            };
            let step = {
                let _under_way = under_way.lock().await;
                self.show_part(waiting, part, &mut shown).await
            };
            pause = match step {
                Ok(()) => self.every,
                Err(failure) => {
                    tracing::debug!(room_id = waiting.room_id, "cannot edit a draft: {failure}");
                    (pause * 2).min(SELDOM)
                }
            };
            sleep(pause).await;
        }
    }

    /// Sends a part of a draft, or an edit of it where it is there.
    async fn show_part(
        &self,
        waiting: &Waiting,
        part: Part,
        shown: &mut Vec<DraftEvent>,
    ) -> Result<(), Undone> {
        let seq = waiting.seq;
        let known = shown.iter().position(|draft| draft.part == part.part);
        let at = known.unwrap_or(shown.len());
        if known.is_none() {
            // Before it is sent: once it may be in the room, nothing else takes its place.
            self.journal.begin_draft(seq, part.clone()).await?;
            shown.push(DraftEvent {
                part: part.part,
                event_id: None,
                content: part.content.clone(),
            });
        }
        let draft = &mut shown[at];
        if let Some(event_id) = &draft.event_id {
            let edit = edit_of(waiting, &part, event_id, Stage::Live)?;
            let transaction_id = TransactionId::new();
            let sending = self
                .outlet
                .send(waiting, MESSAGE, &edit, transaction_id.as_str());
            sending.await?;
            draft.content = part.content;
        } else {
            let event_id = self.event_id(waiting, draft).await?;
            crash_point("draft");
            draft.event_id = Some(event_id);
        }
        Ok(self.journal.draft_shown(seq, draft.clone()).await?)
    }
}

fn is_shown(part: &Part, shown: &[DraftEvent]) -> bool {
    shown.iter().any(|draft| {
        draft.part == part.part && draft.event_id.is_some() && draft.content == part.content
    })
}
