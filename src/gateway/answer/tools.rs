//! What answering takes whatever the settings are, and the answerer that is made of both.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{
    Answerer, Asker, Attachments, Filter, Gatherer,
    context::{Context, Joined},
    quotes::Quotes,
};
use crate::{
    gateway::{
        chat_commands::ChatCommands,
        delivery::Delivery,
        health::Health,
        in_flight::InFlight,
        media::{Media, MediaDirectory},
        pauses::Pauses,
        presence::{Marker, Receipts, Typing},
        settings::Settings,
    },
    homeserver::Account,
    journal::Journal,
    session::{Rooms, Session},
};

/// What answering takes whatever the settings are.
pub struct Tools {
    pub journal: Journal,
    pub rooms: Rooms,
    pub typing: Typing,
    pub receipts: Receipts,
    pub marker: Marker,
    pub in_flight: InFlight,
    pub pauses: Pauses,
    pub health: Health,
    /// Notified when a file was received.
    pub grown: Arc<Notify>,
    joined: Joined,
    account: Account,
    user_id: String,
}

impl Tools {
    /// For a device; messages up to `left` in the journal were taken in by an earlier run.
    pub fn new(session: &Session, health: &Health, left: i64) -> Self {
        let (rooms, pauses) = (session.rooms(), health.pauses.clone());
        let account = session.account.clone();
        let user_id = session.credentials.user_id.clone();
        Self {
            journal: session.journal.clone(),
            typing: Typing::new(rooms.clone(), pauses.clone()),
            receipts: Receipts::new(rooms.clone(), pauses.clone()),
            in_flight: InFlight::default(),
            health: health.clone(),
            grown: Arc::default(),
            marker: Marker::new(account.clone(), user_id.clone(), pauses.clone(), left),
            joined: Arc::default(),
            rooms,
            pauses,
            account,
            user_id,
        }
    }

    /// What answers messages by these settings.
    pub fn answerer(&self, settings: Arc<Settings>) -> Answerer {
        let (journal, rooms) = (self.journal.clone(), self.rooms.clone());
        let (pauses, health) = (self.pauses.clone(), self.health.clone());
        let media = Media::new(self.account.clone(), &settings.media, pauses.clone());
        let files = MediaDirectory::new(&settings.media, Some(journal.clone()), self.grown.clone());
        let media = Arc::new(media.with(files));
        let quotes = Arc::new(Quotes {
            rooms: rooms.clone(),
            media: media.clone(),
            policy: settings.policy.clone(),
            user_id: self.user_id.clone(),
        });
        let context = Context {
            quotes: quotes.clone(),
            joined: self.joined.clone(),
            of_room: settings.agent.room_context,
        };
        Answerer {
            gatherer: self.gatherer(&settings),
            filter: Filter::new(
                journal.clone(),
                rooms.clone(),
                settings.clone(),
                self.account.clone(),
                self.user_id.clone(),
                health.clone(),
            ),
            attachments: Attachments {
                rooms: rooms.clone(),
                media: media.clone(),
                settings: settings.clone(),
            },
            commands: ChatCommands {
                journal: journal.clone(),
                rooms: rooms.clone(),
                settings: settings.clone(),
                user_id: self.user_id.clone(),
                in_flight: self.in_flight.clone(),
                marker: self.marker.clone(),
                health: health.clone(),
            },
            asker: Asker {
                settings: settings.clone(),
                rooms: rooms.clone(),
                media,
                quotes,
                context,
                typing: self.typing.clone(),
                marker: self.marker.clone(),
                in_flight: self.in_flight.clone(),
                metrics: health.metrics.clone(),
            },
            delivery: Delivery::new(journal.clone(), rooms, &health),
            receipts: self.receipts.clone(),
            marker: self.marker.clone(),
            settings,
            journal,
            pauses,
            health,
        }
    }

    fn gatherer(&self, settings: &Arc<Settings>) -> Gatherer {
        Gatherer {
            journal: self.journal.clone(),
            rooms: self.rooms.clone(),
            settings: settings.clone(),
            user_id: self.user_id.clone(),
        }
    }
}
