//! What relates to an event: reactions, and its thread. And taking events back.

use serde_json::{Value, json};

use super::account::Account;
use crate::homeserver::transport::{Call, Failure, Result, segment};

/// The most reactions to one event that are looked at, and the most events of a thread per page.
const MOST: usize = 100;
/// The most pages of a thread that are looked at.
const MOST_PAGES: usize = 5;

/// A reaction of an account to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Its own event.
    pub event_id: String,
    /// The emoji.
    pub key: String,
}

impl Account {
    /// Reacts to an event (spec, "m.reaction"), and returns the reaction's event; `None` where this
    /// account has reacted so already (`M_DUPLICATE_ANNOTATION`).
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn react(
        &self,
        room_id: &str,
        event_id: &str,
        key: &str,
        transaction_id: &str,
    ) -> Result<Option<String>> {
        let (room, transaction) = (segment(room_id)?, segment(transaction_id)?);
        let path = format!("/_matrix/client/v3/rooms/{room}/send/m.reaction/{transaction}");
        let relation = json!({"rel_type": "m.annotation", "event_id": event_id, "key": key});
        match self.write(&path, json!({"m.relates_to": relation})).await {
            Err(Failure::Refused { errcode, .. }) if errcode == "M_DUPLICATE_ANNOTATION" => {
                Ok(None)
            }
            written => written.map(Some),
        }
    }

    /// The reactions of this user to an event
    /// (spec, "GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn reactions_of(
        &self,
        user_id: &str,
        room_id: &str,
        event_id: &str,
    ) -> Result<Vec<Reaction>> {
        let (room, event) = (segment(room_id)?, segment(event_id)?);
        let path =
            format!("/_matrix/client/v1/rooms/{room}/relations/{event}/m.annotation/m.reaction");
        let reply = self.ask(&path, &[("limit", MOST.to_string())]).await?;
        let events: Vec<Value> = reply.member("chunk")?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let theirs = events.iter().filter(|event| event["sender"] == user_id);
        let reactions = theirs.filter_map(|event| {
            Some(Reaction {
                event_id: text(&event["event_id"])?,
                key: text(&event["content"]["m.relates_to"]["key"])?,
            })
        });
        Ok(reactions.collect())
    }

    /// Whether this user takes part in the thread that begins with this event: sent that, or one of
    /// the newest 500 in it
    /// (spec, "GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}").
    ///
    /// The flag `current_user_participated` is not enough: Synapse goes on with what it said first.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn takes_part(&self, user_id: &str, room_id: &str, root: &str) -> Result<bool> {
        let event = self.event(room_id, root).await?;
        let thread = &event["unsigned"]["m.relations"]["m.thread"];
        if event["sender"] == user_id || thread["current_user_participated"] == true {
            return Ok(true);
        }
        let (room_id, root) = (segment(room_id)?, segment(root)?);
        let path = format!("/_matrix/client/v1/rooms/{room_id}/relations/{root}/m.thread");
        let query = vec![("limit", MOST.to_string())];
        self.any_by(user_id, &path, query, MOST_PAGES).await
    }

    /// Takes an event back (spec, "Redactions").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn redact(&self, room_id: &str, event_id: &str, transaction_id: &str) -> Result<()> {
        let (room, event) = (segment(room_id)?, segment(event_id)?);
        let transaction = segment(transaction_id)?;
        let path = format!("/_matrix/client/v3/rooms/{room}/redact/{event}/{transaction}");
        self.write(&path, json!({})).await.map(drop)
    }

    /// Puts an event into a room, and returns its ID.
    async fn write(&self, path: &str, content: Value) -> Result<String> {
        let call = self.sign(Call::put(self.homeserver.url(path), content));
        self.homeserver.http.send(&call).await?.member("event_id")
    }
}
