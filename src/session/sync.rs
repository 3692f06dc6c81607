//! THE sync step. Every sync of the whole program goes through it.
//!
//! One response is taken from the homeserver, its gaps are filled, and it is journaled together
//! with the position behind it, before the next one is asked for. At most one response is ever
//! between the SDK's store and the journal, and [`Session::open`] steps back to before it.

use std::{collections::BTreeSet, time::Duration};

use futures_util::{FutureExt, StreamExt};
use matrix_sdk::{
    config::SyncSettings,
    deserialized_responses::TimelineEvent,
    room::MessagesOptions,
    ruma::{
        RoomId, UInt,
        api::client::{
            filter::{Filter as EventFilter, FilterDefinition},
            sync::sync_events::v3::Filter,
        },
        assign,
        events::{AnyStrippedStateEvent, room::encrypted::OriginalSyncRoomEncryptedEvent},
        serde::Raw,
    },
    sync::{JoinedRoomUpdate, SyncResponse},
};

use super::{
    failure::{status, translate},
    open::Session,
    timeline::{self, Boundary, Envelope},
};
use crate::{
    error::Result,
    inbox::{Arrival, Batch, Entry, Invitation, Undecryptable},
    instance::crash_point,
};

/// Timeline events per room and sync, and per page of a gap.
const TIMELINE_LIMIT: u32 = 100;
/// Pages of one gap; beyond that the oldest events are given up, loudly.
const MAX_PAGES: usize = 200;
/// How often a homeserver may fail to give a gap before the bot goes on without it.
const MAX_GAP_FAILURES: u32 = 10;

/// What a sync step brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Conversations that have something new to answer.
    pub conversations: BTreeSet<String>,
    /// Whether there are invitations that were not there before.
    pub invited: bool,
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
        let response = match self.held.take() {
            Some(response) => response,
            None => self.sync(poll).await?,
        };
        let journaled = self.journal(&response).await;
        if journaled.is_err() {
            self.held = Some(response);
        }
        let mut step = journaled?;
        self.gap_failures = 0;
        step.conversations.extend(self.retry_undecryptable().await?);
        self.fresh = false;
        Ok(step)
    }

    async fn sync(&self, poll: Duration) -> Result<SyncResponse> {
        let settings = SyncSettings::new()
            .timeout(poll)
            .filter(Filter::FilterDefinition(filter()));
        self.client
            .sync_once(settings)
            .await
            .map_err(|error| translate("sync with the homeserver", &error))
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
        let step = Step {
            invited: invitations
                .iter()
                .any(|invitation| !invited.contains(&invitation.room_id)),
            conversations: BTreeSet::new(),
        };
        batch.invitations = invitations;
        if !batch.entries.is_empty() {
            crash_point("journal");
        }
        let conversations = self.inbox.commit(batch).await?;
        Ok(Step {
            conversations,
            ..step
        })
    }

    /// On a device's very first sync everything is the past: only remembered, never answered.
    fn anchors(&self, room_id: &RoomId, update: &JoinedRoomUpdate) -> Vec<Entry> {
        self.to_entries(room_id, update.timeline.events.iter())
            .into_iter()
            .map(|entry| Entry {
                arrival: Arrival::Seen,
                ..entry
            })
            .collect()
    }

    /// Everything of a room that is new and for the bot, oldest first.
    async fn entries(
        &mut self,
        room_id: &RoomId,
        update: &JoinedRoomUpdate,
        was_invited: bool,
    ) -> Result<Vec<Entry>> {
        let mut back = LookBack::new(self.user_id.as_str(), was_invited);
        back.take(update.timeline.events.iter().rev());
        let gap = update.timeline.limited && !back.reached;
        // A room without anchors that the bot was not invited to is one that a new journal meets
        // in the middle: its history has no end to stop at.
        if gap && (was_invited || self.inbox.knows_room(room_id.as_str()).await?) {
            let from = update.timeline.prev_batch.clone();
            self.fill_gap(room_id, from, &mut back).await?;
        }
        for event in &back.newest_first {
            if let Some(reason) = timeline::undecryptable_because(event) {
                tracing::warn!(room = %room_id, event = event.event_id().map(tracing::field::display),
                    "cannot decrypt a message yet: {reason}");
            }
        }
        let mut entries = self.to_entries(room_id, back.newest_first.iter());
        entries.reverse();
        Ok(entries)
    }

    /// Pages back from the sync response to the newest event that is known.
    async fn fill_gap(
        &mut self,
        room_id: &RoomId,
        mut from: Option<String>,
        back: &mut LookBack,
    ) -> Result<()> {
        let Some(room) = self.client.get_room(room_id) else {
            return Ok(());
        };
        let mut unchecked = back.event_ids(0);
        for _ in 0..MAX_PAGES {
            let known = self.inbox.known(room_id.as_str(), unchecked).await?;
            if back.reached || from.is_none() || !known.is_empty() {
                return Ok(());
            }
            let options = assign!(MessagesOptions::backward(), {
                from: from.take(),
                limit: UInt::from(TIMELINE_LIMIT),
            });
            let page = match room.messages(options).await {
                Ok(page) => page,
                Err(error) => return self.gap_failed(room_id, &error),
            };
            let taken = back.newest_first.len();
            back.take(page.chunk.iter());
            unchecked = back.event_ids(taken);
            from = page.end;
        }
        tracing::error!(room = %room_id, "the gap is too long; its oldest messages are skipped");
        Ok(())
    }

    /// Decides whether a gap is asked for again or given up.
    ///
    /// A homeserver that is away comes back; one that refuses this room, or fails on it again
    /// and again, must not keep every other room waiting.
    fn gap_failed(&mut self, room_id: &RoomId, error: &matrix_sdk::Error) -> Result<()> {
        let final_answer = match status(error) {
            Some(500) => {
                self.gap_failures += 1;
                self.gap_failures >= MAX_GAP_FAILURES
            }
            Some(401 | 429) | None => false,
            Some(status) => status < 500,
        };
        let error = translate("read the messages that a sync left out", error);
        if final_answer {
            tracing::error!(room = %room_id, %error, "messages of this room are skipped");
            return Ok(());
        }
        Err(error)
    }

    fn to_entries<'a>(
        &self,
        room_id: &RoomId,
        events: impl Iterator<Item = &'a TimelineEvent>,
    ) -> Vec<Entry> {
        let own_id = self.user_id.as_str();
        events
            .filter_map(|event| timeline::entry(room_id.as_str(), event, own_id))
            .collect()
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
        let waiting = match self.new_keys() {
            NewKeys::None => return Ok(BTreeSet::new()),
            NewKeys::Of(sessions) => self.inbox.undecryptable(Some(sessions)).await?,
            NewKeys::Unknown => self.inbox.undecryptable(None).await?,
        };
        let mut conversations = BTreeSet::new();
        for event in waiting {
            let seq = event.seq;
            let Some(arrival) = self.decrypt(event).await else {
                continue;
            };
            if let Arrival::Message { conversation, .. } = &arrival {
                conversations.insert(conversation.clone());
            }
            self.inbox.decrypted(seq, arrival).await?;
        }
        Ok(conversations)
    }

    fn new_keys(&mut self) -> NewKeys {
        let mut sessions = Vec::new();
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

    async fn decrypt(&self, event: Undecryptable) -> Option<Arrival> {
        let room = self.client.get_room(&RoomId::parse(&event.room_id).ok()?)?;
        let raw: Raw<OriginalSyncRoomEncryptedEvent> = Raw::from_json_string(event.payload).ok()?;
        let event = match room.decrypt_event(&raw, None).await {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(room = %room.room_id(), %error, "cannot decrypt a kept message");
                return None;
            }
        };
        if event.kind.is_utd() {
            return None;
        }
        timeline::entry(room.room_id().as_str(), &event, self.user_id.as_str())
            .map(|entry| entry.arrival)
    }
}

/// Events of one room from the newest back to where the bot's view of it begins.
struct LookBack {
    own_id: String,
    was_invited: bool,
    newest_first: Vec<TimelineEvent>,
    /// Nothing further back is for the bot.
    reached: bool,
}

impl LookBack {
    fn new(own_id: &str, was_invited: bool) -> Self {
        Self {
            own_id: own_id.to_owned(),
            was_invited,
            newest_first: Vec::new(),
            reached: false,
        }
    }

    fn take<'a>(&mut self, newest_first: impl Iterator<Item = &'a TimelineEvent>) {
        for event in newest_first {
            if self.reached {
                return;
            }
            let boundary = Envelope::read(event).map_or(Boundary::None, |envelope| {
                envelope.boundary(&self.own_id, self.was_invited)
            });
            self.reached = boundary == Boundary::Start;
            self.newest_first.push(event.clone());
        }
    }

    fn event_ids(&self, from: usize) -> Vec<String> {
        self.newest_first[from..]
            .iter()
            .filter_map(|event| {
                Envelope::read(event).map(|envelope| envelope.event_id().to_owned())
            })
            .collect()
    }
}

fn filter() -> FilterDefinition {
    let mut filter = FilterDefinition::with_lazy_loading();
    filter.room.timeline.limit = Some(UInt::from(TIMELINE_LIMIT));
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
