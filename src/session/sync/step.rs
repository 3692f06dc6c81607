//! THE sync step. Every sync of the whole program goes through it.
//!
//! One response is taken from the homeserver, its gaps are filled, and it is journaled together
//! with the position behind it, before the next one is asked for. At most one response is ever
//! between the SDK's store and the journal, and [`Session::open`] steps back to before it.

use std::time::{Duration, Instant};

use matrix_sdk::{
    config::SyncSettings,
    deserialized_responses::TimelineEvent,
    ruma::{
        UInt,
        api::client::{
            filter::{Filter as EventFilter, FilterDefinition},
            sync::sync_events::v3::Filter,
        },
    },
    sync::{State, SyncResponse},
};
use serde::de::IgnoredAny;

use super::{
    pace::{Answer, SyncFault},
    session::Session,
};
use crate::{
    error::Result,
    journal::Changes,
    session::{crypto::lost_keys, sdk},
};

/// Timeline events per room and sync.
const TIMELINE_LIMIT: u32 = 20;
/// The same when there may be much to catch up with: on a device's first sync, which only
/// remembers them, and on the first of a process. The rest is a gap, which is read bit by bit.
const CATCH_UP_LIMIT: u32 = 10;
/// The same when the journal was lost.
const LOST_LIMIT: u32 = 100;
/// How long a homeserver may take to put together a device's first sync.
pub const FIRST_SYNC: Duration = Duration::from_mins(5);

/// What a sync step brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What it changed in the journal.
    pub changes: Changes,
    /// Whether it brought invitations.
    pub invited: bool,
    /// Whether it brought any state of rooms that the bot is in.
    pub rooms: bool,
    /// Whether the homeserver had news that are not of rooms: of devices, then, or their keys.
    pub keys: bool,
    /// What is wrong with the homeserver's answers.
    pub fault: Option<SyncFault>,
    /// How long it took from the answer of the homeserver.
    pub taking_in: Duration,
}

impl Session {
    /// Takes one sync response, waiting up to `poll` for something to happen, and journals it.
    ///
    /// After an error the step may be repeated: nothing is lost and nothing is taken twice. A
    /// step that was dropped half-way must not be followed by another on this session.
    ///
    /// # Errors
    ///
    /// [`Unreachable`](crate::error::Kind::Unreachable) when the homeserver does not answer,
    /// [`NotLoggedIn`](crate::error::Kind::NotLoggedIn) when it rejects the token, otherwise when
    /// a store or the journal fails.
    pub async fn step(&mut self, poll: Duration) -> Result<Step> {
        Box::pin(self.take_over()).await?;
        self.pace.wait().await;
        let begun = Instant::now();
        let before = self.journal.position().await?;
        let response = match self.held.take() {
            Some(response) => response,
            None => self.sync(poll, before.is_none()).await?,
        };
        let took = begun.elapsed();
        if let Err(error) = Box::pin(self.take_in(&response)).await {
            self.held = Some(response);
            return Err(error);
        }
        self.gap_failures.clear();
        self.check_for_rival(&response).await?;
        Box::pin(self.retry_undecryptable()).await?;
        self.fresh = false;
        // Also what was committed by steps that failed afterwards.
        let changes = std::mem::take(&mut self.changes);
        let answer = Answer {
            took,
            poll,
            has_moved: before.as_ref() != Some(&response.next_batch),
            has_news: changes.new_events > 0,
            is_silent: response.rooms.is_empty() && response.to_device.is_empty(),
        };
        let fault = self.pace.observe(&answer, Instant::now());
        if !answer.is_silent {
            self.keep_counting().await?;
        }
        let is_missing = self.rooms.sent.is_missing(&changes.own);
        Ok(Step {
            taking_in: begun.elapsed().saturating_sub(took),
            invited: !response.rooms.invited.is_empty(),
            rooms: brings_state(&response),
            // Without any news it would have waited.
            keys: response.rooms.is_empty() && took < poll,
            fault: fault.or(is_missing.then_some(SyncFault::EchoMissing)),
            changes,
        })
    }

    /// Whether a response waits to be journaled; then the homeserver was there a moment ago.
    pub(crate) fn holds_response(&self) -> bool {
        self.held.is_some()
    }

    async fn sync(&self, poll: Duration, is_first: bool) -> Result<SyncResponse> {
        // A first sync is answered as soon as it can be, whatever time it is given.
        let poll = if is_first { FIRST_SYNC } else { poll };
        let limit = match (self.fresh, is_first) {
            (false, _) => TIMELINE_LIMIT,
            // Without anchors a gap has no end.
            (true, false) if self.journal.newest().await? == 0 => LOST_LIMIT,
            (true, _) => CATCH_UP_LIMIT,
        };
        let settings = SyncSettings::new()
            .timeout(poll)
            .filter(Filter::FilterDefinition(filter(limit)));
        let syncing = self.client.sync_once(settings);
        let response = sdk::call("sync with the homeserver", syncing).await?;
        self.progress.made();
        if let Some(listener) = &self.sync_listener {
            listener(&response);
        }
        Ok(response)
    }

    async fn take_in(&mut self, response: &SyncResponse) -> Result<()> {
        // Before the position moves on: the homeserver gives a message to a device only once.
        let recovered = lost_keys::recover(&self.store, &response.to_device).await?;
        self.recovered.extend(recovered);
        self.record(response).await
    }
}

/// Whether a response has a state event of a room that the bot is in.
fn brings_state(response: &SyncResponse) -> bool {
    response.rooms.joined.values().any(|update| {
        let (State::Before(events) | State::After(events)) = &update.state;
        let is_state = |event: &TimelineEvent| {
            matches!(
                event.raw().get_field::<IgnoredAny>("state_key"),
                Ok(Some(_))
            )
        };
        !events.is_empty() || update.timeline.events.iter().any(is_state)
    })
}

fn filter(limit: u32) -> FilterDefinition {
    let mut filter = FilterDefinition::with_lazy_loading();
    filter.room.timeline.limit = Some(UInt::from(limit));
    filter.room.ephemeral.not_types = vec!["*".to_owned()];
    filter.presence = EventFilter::ignore_all();
    filter
}
