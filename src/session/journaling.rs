//! From a sync response to the journal: rooms, invitations, late keys, and what came between two
//! devices.

use std::collections::BTreeSet;

use futures_util::{FutureExt, StreamExt};
use matrix_sdk::{
    Room,
    ruma::{RoomId, events::room::encrypted::OriginalSyncRoomEncryptedEvent, serde::Raw},
    sync::{JoinedRoomUpdate, SyncResponse},
};
use serde_json::Value;

use super::{
    history::{self, History},
    intake::{News, Timeline, View, classify, inviter, read_room},
    open::Session,
};
use crate::{
    error::Result,
    inbox::{Arrival, Batch, Changes, Undecryptable},
    instance::crash_point,
};

/// Bytes of events that are held in memory before they are committed.
const MAX_BYTES: usize = 4 << 20;

/// Which room keys have come since they were last looked at.
enum NewKeys {
    None,
    Of(Vec<String>),
    Unknown,
}

impl Session {
    /// Journals a response together with the position behind it.
    ///
    /// A room's events are committed all at once, and may be so before the position is: taken
    /// again, they are known.
    pub(super) async fn journal(&mut self, response: &SyncResponse) -> Result<Changes> {
        let position = self.inbox.position().await?;
        // What was there before this account had a device here is the past.
        let is_past = position.is_none() && self.inbox.predecessor().await?.is_none();
        let mut batch = self.memberships(response);
        let mut changes = Changes::default();
        let invited = self.invited_rooms().await?;
        for (room_id, update) in &response.rooms.joined {
            let Some(room) = self.client.get_room(room_id) else {
                continue;
            };
            if room.encryption_state().is_encrypted() && !self.inbox.is_encrypted(room_id.as_str())
            {
                batch.encrypted.push(room_id.to_string());
            }
            if position.is_none() {
                // With a predecessor, all of it is in the gap between the two.
                let past = is_past.then(|| self.past(room_id, update));
                batch.entries.extend(past.into_iter().flatten());
                continue;
            }
            let was_invited = invited.contains(room_id.as_str());
            let timeline = history::timeline(update);
            let news = self
                .news(room, timeline, was_invited, position.clone())
                .await?;
            changes.extend(self.add(&mut batch, news).await?);
        }
        batch.position = Some(response.next_batch.clone());
        if !batch.entries.is_empty() {
            crash_point("journal");
        }
        changes.extend(self.inbox.commit(batch).await?);
        Ok(changes)
    }

    /// Adds what is new of a room to a batch. What would be too much at once is committed first.
    async fn add(&self, batch: &mut Batch, news: News) -> Result<Changes> {
        let mut changes = Changes::default();
        let held: usize = batch
            .entries
            .iter()
            .map(|entry| entry.arrival.bytes())
            .sum();
        if news.after_staged || held > MAX_BYTES {
            changes = self.inbox.commit(std::mem::take(batch)).await?;
            batch.after_staged = news.after_staged;
        }
        batch.entries.extend(news.entries);
        if news.after_staged {
            changes.extend(self.inbox.commit(std::mem::take(batch)).await?);
        }
        Ok(changes)
    }

    /// Where the bot was invited, came in, and went out.
    fn memberships(&self, response: &SyncResponse) -> Batch {
        let rooms = &response.rooms;
        let own_id = self.user_id.as_str();
        let invited = rooms.invited.iter().map(|(room_id, update)| {
            let events = update.invite_state.events.iter();
            // What is no JSON object claims nothing.
            let events: Vec<Value> = events
                .filter_map(|event| serde_json::from_str(event.json().get()).ok())
                .collect();
            (room_id.to_string(), inviter(&events, own_id))
        });
        // Synapse shows a room that was left and invited to since on both lists.
        let left = rooms.left.keys();
        let left = left.filter(|room_id| !rooms.invited.contains_key(*room_id));
        Batch {
            invited: invited.collect(),
            joined: rooms.joined.keys().map(ToString::to_string).collect(),
            left: left.map(ToString::to_string).collect(),
            ..Batch::default()
        }
    }

    async fn invited_rooms(&self) -> Result<BTreeSet<String>> {
        let invitations = self.inbox.invitations().await?;
        let rooms = invitations.into_iter();
        Ok(rooms.map(|invitation| invitation.room_id).collect())
    }

    /// On a device's very first sync everything is the past: only remembered, never answered.
    fn past(&self, room_id: &RoomId, update: &JoinedRoomUpdate) -> Vec<crate::inbox::Entry> {
        let events = update.timeline.events.iter();
        events
            .filter_map(|event| {
                Some(crate::inbox::Entry {
                    room_id: room_id.to_string(),
                    event_id: event.event_id()?.to_string(),
                    is_floor: true,
                    arrival: Arrival::Seen,
                })
            })
            .collect()
    }

    /// Everything of a room that is new and for the bot: what came after this position.
    async fn news(
        &mut self,
        room: Room,
        timeline: Timeline,
        was_invited: bool,
        after: Option<String>,
    ) -> Result<News> {
        let room_id = room.room_id().to_string();
        let is_urgent = self.urgency(&room_id).await;
        let view = View {
            room_id: &room_id,
            own_id: self.user_id.as_str(),
            was_invited,
            was_encrypted: self.inbox.is_encrypted(&room_id),
            is_encrypted: room.encryption_state().is_encrypted(),
            audience: &self.audience,
            is_urgent: &is_urgent,
        };
        let mut pages = History {
            client: &self.client,
            room,
            // What came with an invitation is older than the invitation's own sync.
            to: after.filter(|_| !was_invited),
            failures: &mut self.gap_failures,
        };
        self.inbox.forget_staged().await?;
        let news = read_room(&self.inbox, &view, timeline, &mut pages).await?;
        for entry in &news.entries {
            if let Arrival::Undecryptable { reason, .. } = &entry.arrival {
                tracing::warn!(room = %room_id, event = %entry.event_id,
                    "cannot decrypt a message yet: {reason}");
            }
        }
        Ok(news)
    }

    /// Takes in what came between the last sync of the device before this one and the first of
    /// this one.
    pub(super) async fn take_over(&mut self) -> Result<Changes> {
        let mut changes = Changes::default();
        let Some(predecessor) = self.inbox.predecessor().await? else {
            return Ok(changes);
        };
        // Its first sync is still to come.
        let Some(position) = self.inbox.position().await? else {
            return Ok(changes);
        };
        let mut unread = 0;
        for room in self.client.joined_rooms() {
            let timeline = Timeline {
                newest_first: Vec::new(),
                before: Some(position.clone()),
            };
            let room_id = room.room_id().to_string();
            let is_encrypted = room.encryption_state().is_encrypted();
            // Every room that it was in when it came is known; into others it was invited since.
            let is_new = !self.inbox.knows_room(&room_id).await?;
            let news = self.news(room, timeline, is_new, Some(predecessor.clone()));
            let news = news.await?;
            let is_unread = |entry: &&crate::inbox::Entry| {
                matches!(entry.arrival, Arrival::Undecryptable { .. })
            };
            unread += news.entries.iter().filter(is_unread).count();
            let batch = Batch {
                after_staged: news.after_staged,
                entries: news.entries,
                encrypted: is_encrypted.then_some(room_id).into_iter().collect(),
                ..Batch::default()
            };
            changes.extend(self.inbox.commit(batch).await?);
        }
        self.inbox.caught_up().await?;
        tracing::info!(
            events = changes.new_events,
            "took in what came since the bot's device before this one"
        );
        if unread > 0 {
            tracing::warn!(
                messages = unread,
                "messages from before this device cannot be read by it; they are answered if \
                 their keys come: with `nanobot verify recovery`, or `nanobot store import-keys`"
            );
        }
        Ok(changes)
    }

    /// Tries events again whose keys have come, and returns what they gave to answer.
    pub(super) async fn retry_undecryptable(&mut self) -> Result<Changes> {
        let sessions = match self.new_keys() {
            NewKeys::None => return Ok(Changes::default()),
            NewKeys::Of(sessions) => Some(sessions),
            NewKeys::Unknown => None,
        };
        let mut changes = Changes::default();
        let mut last = 0;
        loop {
            let waiting = self.inbox.undecryptable(sessions.clone(), last).await?;
            let Some(newest) = waiting.last() else {
                return Ok(changes);
            };
            last = newest.seq;
            for event in waiting {
                let Some(arrival) = self.decrypt(&event).await else {
                    continue;
                };
                if let Arrival::Undecryptable { reason, .. } = &arrival
                    && event.reason.as_ref() == Some(reason)
                {
                    continue;
                }
                changes.extend(self.inbox.looked_at_again(event, arrival).await?);
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
        let decrypted = match room.decrypt_event(&raw, None).await {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(room = %room.room_id(), %error, "cannot decrypt a kept message");
                return None;
            }
        };
        let is_urgent = self.urgency(&event.room_id).await;
        let view = View {
            room_id: &event.room_id,
            own_id: self.user_id.as_str(),
            was_invited: false,
            was_encrypted: true,
            is_encrypted: true,
            audience: &self.audience,
            is_urgent: &is_urgent,
        };
        classify(&view, &history::event(&decrypted), true).map(|(_, arrival)| arrival)
    }
}
