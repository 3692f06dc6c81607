//! From the SDK's sync responses to [intake](super::intake), and late keys.

use futures_util::{FutureExt, StreamExt};
use matrix_sdk::{
    Room,
    ruma::{RoomId, events::room::encrypted::OriginalSyncRoomEncryptedEvent, serde::Raw},
    sync::SyncResponse,
};
use serde_json::Value;

use super::{
    history::{self, Homeserver},
    intake::{Intake, Joined, Response, Timeline, View, classify, inviter},
    open::Session,
};
use crate::{
    error::Result,
    inbox::{Arrival, Changes, Undecryptable},
};

/// Which room keys have come since they were last looked at.
enum NewKeys {
    None,
    Of(Vec<String>),
    Unknown,
}

impl Session {
    /// Journals a response together with the position behind it.
    pub(super) async fn journal(&mut self, response: &SyncResponse) -> Result<()> {
        let response = self.plain(response).await;
        let (intake, mut homeserver, changes) = self.intake();
        intake.journal(response, &mut homeserver, changes).await
    }

    /// Takes in what came between the last sync of the device before this one and the first of
    /// this one.
    pub(super) async fn take_over(&mut self) -> Result<()> {
        if self.inbox.predecessor().await?.is_none() {
            return Ok(());
        }
        let mut rooms = Vec::new();
        for room in self.client.joined_rooms() {
            let is_urgent = self.urgency(room.room_id().as_str()).await;
            rooms.push(Joined {
                is_urgent: Box::new(is_urgent),
                ..self.joined(&room, Timeline::default()).await
            });
        }
        let (intake, mut homeserver, changes) = self.intake();
        intake.take_over(rooms, &mut homeserver, changes).await
    }

    fn intake(&mut self) -> (Intake<'_>, Homeserver<'_>, &mut Changes) {
        let intake = Intake {
            inbox: &self.inbox,
            own_id: self.user_id.as_str(),
            audience: &self.audience,
        };
        let homeserver = Homeserver {
            client: &self.client,
            failures: &mut self.gap_failures,
        };
        (intake, homeserver, &mut self.changes)
    }

    /// What a response brings of rooms.
    async fn plain(&self, response: &SyncResponse) -> Response {
        let rooms = &response.rooms;
        let mut joined = Vec::new();
        for (room_id, update) in &rooms.joined {
            // The SDK knows every room that it has just taken in.
            if let Some(room) = self.client.get_room(room_id) {
                joined.push(self.joined(&room, history::timeline(update)).await);
            }
        }
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
        Response {
            position: response.next_batch.clone(),
            joined,
            invited: invited.collect(),
            left: left.map(ToString::to_string).collect(),
        }
    }

    async fn joined(&self, room: &Room, timeline: Timeline) -> Joined {
        let room_id = room.room_id().to_string();
        // Most updates of rooms are none of their timelines.
        let is_urgent: Box<dyn Fn(&str) -> bool + Send + Sync> = if timeline.is_empty() {
            Box::new(|_| false)
        } else {
            Box::new(self.urgency(&room_id).await)
        };
        Joined {
            is_urgent,
            room_id,
            timeline,
            is_encrypted: room.encryption_state().is_encrypted(),
        }
    }

    /// Tries events again whose keys have come.
    pub(super) async fn retry_undecryptable(&mut self) -> Result<()> {
        let sessions = match self.new_keys() {
            NewKeys::None => return Ok(()),
            NewKeys::Of(sessions) => Some(sessions),
            NewKeys::Unknown => None,
        };
        let mut last = 0;
        loop {
            let waiting = self.inbox.undecryptable(sessions.clone(), last).await?;
            let Some(newest) = waiting.last() else {
                return Ok(());
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
                let changes = self.inbox.looked_at_again(event, arrival).await?;
                self.changes.extend(changes);
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
