//! From the SDK's sync responses to [intake](crate::session::intake), and late keys.

use futures_util::{FutureExt, StreamExt};
use matrix_sdk::{
    Room,
    ruma::{RoomId, events::room::encrypted::OriginalSyncRoomEncryptedEvent, serde::Raw},
    sync::SyncResponse,
};
use serde_json::Value;

use super::{
    history::{self, Homeserver},
    session::Session,
};
use crate::{
    error::Result,
    homeserver::inviter,
    journal::{Arrival, Undecryptable},
    session::intake::{
        classify::Bot,
        event::Envelope,
        look_back::Timeline,
        record::{Intake, Joined, Response},
    },
};

impl Session {
    /// Journals a response together with the position behind it.
    pub(crate) async fn record(&mut self, response: &SyncResponse) -> Result<()> {
        let events = response.rooms.joined.values();
        let events = events.flat_map(|update| &update.timeline.events);
        self.recovered
            .extend(events.filter_map(history::left_encrypted));
        let response = self.plain(response).await;
        for room in &response.joined {
            let events = room.timeline.newest_first.iter().rev();
            for event in events.filter_map(Envelope::read) {
                self.rooms.newest.shown(&room.room_id, &event);
            }
        }
        self.intake().record(response).await
    }

    /// Takes in what came between the last sync of the device before this one and the first of
    /// this one.
    pub(crate) async fn take_over(&mut self) -> Result<()> {
        if self.journal.predecessor().await?.is_none() {
            return Ok(());
        }
        let mut rooms = Vec::new();
        for room in self.client.joined_rooms() {
            let own_name = self.own_name(room.room_id().as_str()).await;
            rooms.push(Joined {
                own_name,
                ..self.joined(&room, Timeline::default()).await
            });
        }
        self.intake().take_over(rooms).await
    }

    fn intake(&mut self) -> Intake<'_, Homeserver<'_>> {
        Intake {
            journal: &self.journal,
            bot: Bot {
                user_id: self.user_id.as_str(),
                audience: &self.audience,
                reactors: &self.reactors,
                is_command: self.command_rule.unwrap_or(|_, _, _| false),
            },
            histories: Homeserver {
                client: &self.client,
                failures: &mut self.gap_failures,
                recovered: &mut self.recovered,
                progress: &self.progress,
            },
            changes: &mut self.changes,
        }
    }

    /// What the bot goes by in a room, where commands may be addressed to it.
    async fn own_name(&self, room_id: &str) -> Option<String> {
        self.command_rule?;
        let own_id = self.user_id.as_str();
        self.rooms.display_name(room_id, own_id).await
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
        let own_name = if timeline.is_empty() {
            // Most updates of rooms are none of their timelines.
            None
        } else {
            self.own_name(&room_id).await
        };
        Joined {
            room_id,
            timeline,
            is_encrypted: room.encryption_state().is_encrypted(),
            own_name,
        }
    }

    /// Tries events again whose keys have come.
    pub(crate) async fn retry_undecryptable(&mut self) -> Result<()> {
        let sessions = self.new_keys();
        if sessions.as_ref().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let mut last = 0;
        loop {
            let waiting = self.journal.undecryptable(sessions.clone(), last).await?;
            let Some(newest) = waiting.last() else {
                return Ok(());
            };
            last = newest.seq;
            self.progress.made();
            for event in waiting {
                let Some(arrival) = self.decrypt(&event).await else {
                    continue;
                };
                if let Arrival::Undecryptable { reason, .. } = &arrival
                    && event.reason.as_ref() == Some(reason)
                {
                    continue;
                }
                let changes = self.journal.looked_at_again(event, arrival).await?;
                self.changes.extend(changes);
            }
        }
    }

    /// The Megolm sessions whose keys have come since this was last asked; `None` where some of
    /// them are not known.
    fn new_keys(&mut self) -> Option<Vec<String>> {
        let mut sessions = std::mem::take(&mut self.recovered);
        // Keys that came before this process did were never reported to it.
        let mut missed = self.fresh;
        while let Some(Some(update)) = self.room_keys.next().now_or_never() {
            match update {
                Some(keys) => sessions.extend(keys),
                None => missed = true,
            }
        }
        (!missed).then(|| sessions.into_iter().collect())
    }

    /// What an event is that could not be decrypted before; `None` where that cannot be told.
    async fn decrypt(&mut self, event: &Undecryptable) -> Option<Arrival> {
        let room = self.client.get_room(&RoomId::parse(&event.room_id).ok()?)?;
        let raw: Raw<OriginalSyncRoomEncryptedEvent> =
            Raw::from_json_string(event.payload.clone()).ok()?;
        let decrypted = Box::pin(room.decrypt_event(&raw, None)).await;
        let decrypted = decrypted
            .inspect_err(|error| {
                tracing::warn!(room_id = %room.room_id(), %error, "cannot decrypt a kept message");
            })
            .ok()?;
        let own_name = self.own_name(&event.room_id).await;
        let bot = self.intake().bot;
        bot.look_again(event, own_name.as_deref(), &history::event(&decrypted))
    }
}
