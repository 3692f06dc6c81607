//! The messages that others reply to: looked up, and shown to the agent where the policy lets it
//! read them. What is shown is fetched again after a crash.

use std::sync::Arc;

use super::filter::Admitted;
use crate::{
    agent::{Attachment, Content, Missing, Quote, Quoted, Said, Sender},
    gateway::{media::Media, message::Message},
    journal::Protection,
    policy::{Policy, Protection as Came},
    session::{Envelope, Found, RoomFailure, Rooms, Trust},
};

/// Looks up what messages reply to.
pub struct Quotes {
    pub rooms: Rooms,
    pub media: Arc<Media>,
    pub policy: Policy,
    pub user_id: String,
}

impl Quotes {
    /// What a message replies to, and the file that came with that; nothing where it is no reply.
    /// Whatever cannot be had is told to the agent, and keeps nobody waiting.
    ///
    /// # Errors
    ///
    /// When a store fails.
    pub async fn of(
        &self,
        asked: &Admitted,
    ) -> Result<(Option<Quote>, Option<Attachment>), RoomFailure> {
        let Some(event_id) = &asked.message.replies_to else {
            return Ok((None, None));
        };
        let (content, file) = match self.read(asked, event_id).await? {
            Ok(message) => {
                let file = self.file(&message).await;
                let said = self.said(&asked.waiting.room_id, message).await;
                (Quoted::Read(said), file)
            }
            Err(missing) => (Quoted::Missing { missing }, None),
        };
        let event_id = event_id.clone();
        Ok((Some(Quote { event_id, content }), file))
    }

    /// A message of the same room, as it reads now, where the agent may be shown it.
    ///
    /// # Errors
    ///
    /// When a store fails.
    pub async fn read(
        &self,
        asked: &Admitted,
        event_id: &str,
    ) -> Result<Result<Message, Missing>, RoomFailure> {
        let room_id = &*asked.waiting.room_id;
        let looking = self.rooms.look_up(room_id, event_id, asked.encrypted);
        let (payload, protection) = match looking.await {
            Ok(Found::Readable {
                payload,
                protection,
            }) => (payload, protection),
            Ok(Found::Deleted) => return Ok(Err(Missing::Deleted)),
            Ok(Found::Unreadable) => return Ok(Err(Missing::Unreadable)),
            Err(RoomFailure::Store(error)) => return Err(RoomFailure::Store(error)),
            Err(failure) => {
                tracing::info!(room_id, event_id, "no quote: {failure}");
                return Ok(Err(Missing::Unreadable));
            }
        };
        let Some(event) = Envelope::of(&payload) else {
            return Ok(Err(Missing::Unreadable));
        };
        let is_own = event.sender == self.user_id;
        let rule = self
            .policy
            .not_shown(&event.sender, came(&protection), is_own);
        if let Some(rule) = rule {
            tracing::info!(
                room_id,
                event_id,
                sender = event.sender,
                "not quoted: {rule}"
            );
            return Ok(Err(Missing::NotAllowed));
        }
        Ok(Message::quoted(&event).ok_or(Missing::Unreadable))
    }

    /// Whether the agent may be shown what this user said and how it came.
    pub fn may_show(&self, sender: &str, protection: &Protection) -> bool {
        let is_own = sender == self.user_id;
        let rule = self.policy.not_shown(sender, came(protection), is_own);
        rule.is_none()
    }

    /// A message as the agent is told it.
    pub async fn said(&self, room_id: &str, message: Message) -> Said {
        let (rooms, text) = (&self.rooms, message.text());
        Said {
            by_bot: message.sender == self.user_id,
            sender: Sender {
                display_name: rooms.display_name(room_id, &message.sender).await,
                user_id: message.sender,
            },
            text,
        }
    }

    /// The file that came with a message.
    pub async fn file(&self, message: &Message) -> Option<Attachment> {
        let file = message.file.as_ref()?;
        let fetched = self.media.fetch(&message.event_id, file).await;
        let content = match fetched {
            Ok(fetched) => fetched.content,
            Err(failure) => {
                tracing::info!(event_id = message.event_id, "no quoted file: {failure}");
                Content::Failed
            }
        };
        Some(file.attachment(content, true))
    }
}

/// How a message came, by what was known when it did.
pub fn came(protection: &Protection) -> Came {
    match protection {
        Protection::Clear => Came::Clear,
        Protection::Exposed => Came::Exposed,
        Protection::Encrypted { trust, .. } => Came::Encrypted(Trust::from_name(trust)),
    }
}
