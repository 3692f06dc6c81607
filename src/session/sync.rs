//! THE sync step. Every sync of the whole program goes through it.
//!
//! One response is taken from the homeserver, its gaps are filled, and it is journaled together
//! with the position behind it, before the next one is asked for. At most one response is ever
//! between the SDK's store and the journal, and [`Session::open`] steps back to before it.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, StreamExt};
use matrix_sdk::{
    config::SyncSettings,
    ruma::{
        RoomId, UInt,
        api::client::{
            filter::{Filter as EventFilter, FilterDefinition},
            sync::sync_events::v3::Filter,
        },
        events::{AnyStrippedStateEvent, room::encrypted::OriginalSyncRoomEncryptedEvent},
        serde::Raw,
    },
    sync::SyncResponse,
};

use super::{failure::translate, lost_keys, open::Session, timeline};
use crate::{
    error::Result,
    inbox::{Arrival, Batch, Invitation, Undecryptable},
    instance::crash_point,
};

/// Timeline events per room and sync, and per page of a gap.
pub(super) const TIMELINE_LIMIT: u32 = 100;
/// Timeline events per room on a device's first sync, which only remembers them.
const FIRST_TIMELINE_LIMIT: u32 = 10;
/// How long a homeserver may take to put together a device's first sync.
const FIRST_SYNC: Duration = Duration::from_mins(5);

/// What a sync step brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Conversations that have something new to answer.
    pub conversations: BTreeSet<String>,
    /// Whether it brought invitations.
    pub invited: bool,
    /// Whether the homeserver had news that are not of rooms: of devices, then, or their keys.
    pub keys: bool,
}

/// Which room keys have come since they were last looked at.
enum NewKeys {
    None,
    Of(Vec<String>),
    Unknown,
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
        let begun = Instant::now();
        let response = match self.held.take() {
            Some(response) => response,
            None => self
                .sync(poll)
                .await
                .inspect(|response| self.hear(response))?,
        };
        // Without any news it would have waited.
        let keys = response.rooms.is_empty() && begun.elapsed() < poll;
        let journaled = self.take_in(&response).await;
        if journaled.is_err() {
            self.held = Some(response);
        }
        let mut step = journaled?;
        step.keys = keys;
        self.gap_failures.clear();
        step.conversations.extend(self.retry_undecryptable().await?);
        self.fresh = false;
        Ok(step)
    }

    /// Whether a response waits to be journaled; then the homeserver was there a moment ago.
    #[must_use]
    pub fn holds_response(&self) -> bool {
        self.held.is_some()
    }

    fn hear(&self, response: &SyncResponse) {
        if let Some(ear) = &self.verification_ear {
            ear.hear(response);
        }
    }

    async fn sync(&self, poll: Duration) -> Result<SyncResponse> {
        // A first sync is answered as soon as it can be, whatever time it is given.
        let (poll, limit) = match self.inbox.position().await? {
            Some(_) => (poll, TIMELINE_LIMIT),
            None => (FIRST_SYNC, FIRST_TIMELINE_LIMIT),
        };
        let settings = SyncSettings::new()
            .timeout(poll)
            .filter(Filter::FilterDefinition(filter(limit)));
        self.client
            .sync_once(settings)
            .await
            .map_err(|error| translate("sync with the homeserver", &error))
    }

    async fn take_in(&mut self, response: &SyncResponse) -> Result<Step> {
        // Before the position moves on: the homeserver gives a message to a device only once.
        let recovered = lost_keys::recover(&self.store, &response.to_device).await?;
        self.recovered.extend(recovered);
        self.journal(response).await
    }

    async fn journal(&mut self, response: &SyncResponse) -> Result<Step> {
        let first = self.inbox.position().await?.is_none();
        let invitations = self.invitations(response);
        let mut batch = Batch {
            position: response.next_batch.clone(),
            settled: response
                .rooms
                .joined
                .keys()
                .chain(response.rooms.left.keys())
                .map(ToString::to_string)
                .collect(),
            ..Batch::default()
        };
        let invited = invited_rooms(self.inbox.invitations().await?);
        for (room_id, update) in &response.rooms.joined {
            let entries = if first {
                self.anchors(room_id, update)
            } else {
                let was_invited = invited.contains(room_id.as_str());
                self.entries(room_id, update, was_invited).await?
            };
            batch.entries.extend(entries);
        }
        let invited = !invitations.is_empty();
        batch.invitations = invitations;
        if !batch.entries.is_empty() {
            crash_point("journal");
        }
        let conversations = self.inbox.commit(batch).await?;
        Ok(Step {
            conversations,
            invited,
            keys: false,
        })
    }

    fn invitations(&self, response: &SyncResponse) -> Vec<Invitation> {
        let own_id = self.user_id.as_str();
        response
            .rooms
            .invited
            .iter()
            .filter_map(|(room_id, update)| {
                let inviter = inviter(&update.invite_state.events, own_id);
                if inviter.is_none() {
                    tracing::warn!(room = %room_id, "an invitation without inviter");
                }
                Some(Invitation {
                    room_id: room_id.to_string(),
                    inviter: inviter?,
                })
            })
            .collect()
    }

    /// Tries events again whose keys have come, and returns what they gave to answer.
    async fn retry_undecryptable(&mut self) -> Result<BTreeSet<String>> {
        let sessions = match self.new_keys() {
            NewKeys::None => return Ok(BTreeSet::new()),
            NewKeys::Of(sessions) => Some(sessions),
            NewKeys::Unknown => None,
        };
        let mut conversations = BTreeSet::new();
        let mut last = 0;
        loop {
            let waiting = self.inbox.undecryptable(sessions.clone(), last).await?;
            let Some(newest) = waiting.last() else {
                return Ok(conversations);
            };
            last = newest.seq;
            for event in waiting {
                let Some(arrival) = self.decrypt(&event).await else {
                    continue;
                };
                match &arrival {
                    Arrival::Undecryptable { reason, .. }
                        if event.reason.as_ref() == Some(reason) =>
                    {
                        continue;
                    }
                    Arrival::Message { conversation, .. } => {
                        conversations.insert(conversation.clone());
                    }
                    _ => {}
                }
                self.inbox.looked_at_again(event.seq, arrival).await?;
            }
        }
    }

    fn new_keys(&mut self) -> NewKeys {
        let mut sessions = std::mem::take(&mut self.recovered);
        // Keys that came before this process did were never reported to it.
        let mut missed = self.fresh;
        while let Some(Some(update)) = self.room_keys.next().now_or_never() {
            match update {
                Some(keys) => sessions.extend(keys),
                None => missed = true,
            }
        }
        match (missed, sessions.is_empty()) {
            (true, _) => NewKeys::Unknown,
            (false, true) => NewKeys::None,
            (false, false) => NewKeys::Of(sessions),
        }
    }

    /// What an event is that could not be decrypted before; `None` where that cannot be told.
    async fn decrypt(&self, event: &Undecryptable) -> Option<Arrival> {
        let room = self.client.get_room(&RoomId::parse(&event.room_id).ok()?)?;
        let raw: Raw<OriginalSyncRoomEncryptedEvent> =
            Raw::from_json_string(event.payload.clone()).ok()?;
        let event = match room.decrypt_event(&raw, None).await {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(room = %room.room_id(), %error, "cannot decrypt a kept message");
                return None;
            }
        };
        let mut entry = timeline::entry(room.room_id().as_str(), &event, self.user_id.as_str())?;
        self.sort(room.room_id(), std::slice::from_mut(&mut entry))
            .await;
        Some(entry.arrival)
    }
}

fn filter(limit: u32) -> FilterDefinition {
    let mut filter = FilterDefinition::with_lazy_loading();
    filter.room.timeline.limit = Some(UInt::from(limit));
    filter.room.ephemeral.not_types = vec!["*".to_owned()];
    filter.presence = EventFilter::ignore_all();
    filter
}

fn invited_rooms(invitations: Vec<Invitation>) -> BTreeSet<String> {
    invitations
        .into_iter()
        .map(|invitation| invitation.room_id)
        .collect()
}

/// Who sent an invitation, as the stripped state tells (`m.room.member` of the invitee).
fn inviter(state: &[Raw<AnyStrippedStateEvent>], own_id: &str) -> Option<String> {
    state.iter().find_map(|event| {
        let field = |name: &str| event.get_field::<String>(name).ok().flatten();
        let is_ours = field("type").as_deref() == Some("m.room.member")
            && field("state_key").as_deref() == Some(own_id);
        is_ours.then(|| field("sender")).flatten()
    })
}
