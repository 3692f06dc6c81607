//! Everything of a room that is new and for the bot: what a sync brought, and the gap before it.

use matrix_sdk::{
    deserialized_responses::TimelineEvent,
    room::MessagesOptions,
    ruma::{RoomId, UInt, assign},
    sync::JoinedRoomUpdate,
};

use super::{
    failure::{status, translate},
    open::Session,
    sync::TIMELINE_LIMIT,
    timeline::{self, Boundary, Envelope},
};
use crate::{
    error::{Kind, Result},
    inbox::{Arrival, Entry},
};

/// Pages of one gap; beyond that the oldest events are given up, loudly.
const MAX_PAGES: usize = 200;
/// Bytes of one gap; the same.
const MAX_BYTES: usize = 64 << 20;
/// How often a homeserver that is well otherwise may fail to give a room's gap.
const MAX_GAP_FAILURES: u32 = 5;

impl Session {
    /// On a device's very first sync everything is the past: only remembered, never answered.
    pub(super) fn anchors(&self, room_id: &RoomId, update: &JoinedRoomUpdate) -> Vec<Entry> {
        let entries = self.to_entries(room_id, update.timeline.events.iter());
        let forget = |entry| Entry {
            arrival: Arrival::Seen,
            ..entry
        };
        entries.into_iter().map(forget).collect()
    }

    /// Everything of a room that is new and for the bot, oldest first.
    pub(super) async fn entries(
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
        self.sort(room_id, &mut entries).await;
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
            if back.bytes > MAX_BYTES {
                break;
            }
            let options = assign!(MessagesOptions::backward(), {
                from: from.take(),
                limit: UInt::from(TIMELINE_LIMIT),
            });
            let page = match room.messages(options).await {
                Ok(page) => page,
                Err(error) => return self.gap_failed(room_id, &error).await,
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
    /// and again while it is well otherwise, must not keep every other room waiting.
    async fn gap_failed(&mut self, room_id: &RoomId, error: &matrix_sdk::Error) -> Result<()> {
        let words = translate("read the messages that a sync left out", error);
        let refused = words.kind() == Kind::Failure && status(error).is_some();
        let given_up = match words.kind() {
            Kind::Unreachable
                if status(error) != Some(429) && self.client.whoami().await.is_ok() =>
            {
                let failures = self.gap_failures.entry(room_id.to_owned()).or_default();
                *failures += 1;
                *failures >= MAX_GAP_FAILURES
            }
            _ => refused,
        };
        if given_up {
            tracing::error!(room = %room_id, error = %words, "messages of this room are skipped");
            return Ok(());
        }
        Err(words)
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
}

/// Events of one room from the newest back to where the bot's view of it begins.
struct LookBack {
    own_id: String,
    was_invited: bool,
    newest_first: Vec<TimelineEvent>,
    bytes: usize,
    /// Nothing further back is for the bot.
    reached: bool,
}

impl LookBack {
    fn new(own_id: &str, was_invited: bool) -> Self {
        Self {
            own_id: own_id.to_owned(),
            was_invited,
            newest_first: Vec::new(),
            bytes: 0,
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
            self.bytes += event.raw().json().get().len();
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
