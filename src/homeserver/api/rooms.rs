//! The rooms of an account, as the homeserver tells of them, and what relates to an event in them.

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::Account;
use crate::{
    address::{check_room, is_plain_id},
    homeserver::transport::{Call, Failure, Result, segment},
};

/// How many questions about rooms are under way at once.
const AT_ONCE: usize = 8;
/// Events per page of a room's history or of a thread, and the most reactions to an event, that are
/// looked at.
const PAGE: usize = 100;
/// The most pages of a room's history that are looked at.
const MOST_PAGES: usize = 50;
/// The most pages of a thread that are looked at.
const MOST_THREAD_PAGES: usize = 5;

/// A reaction of an account to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Its own event.
    pub event_id: String,
    /// The emoji.
    pub key: String,
}

impl Account {
    /// The ids of the rooms it has joined (spec, `GET /_matrix/client/v3/joined_rooms`).
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn joined_rooms(&self) -> Result<Vec<String>> {
        let reply = self.ask("/_matrix/client/v3/joined_rooms", &[]).await?;
        let rooms: Vec<String> = reply.member("joined_rooms")?;
        if !rooms.iter().all(|room| is_plain_id(room)) {
            return Err(reply.not_matrix());
        }
        Ok(rooms)
    }

    /// The ID of the room that has this alias; `None` where no room has it
    /// (spec, "GET /_matrix/client/v3/directory/room/{roomAlias}").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn room_of_alias(&self, alias: &str) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Found {
            room_id: String,
        }
        let path = format!("/_matrix/client/v3/directory/room/{}", segment(alias)?);
        let found: Option<Found> = self.find(&path).await?;
        let found = found.map(|found| found.room_id);
        Ok(found.filter(|room| check_room(room).is_ok() && is_plain_id(room)))
    }

    /// The content of a state event, in the words of whoever sent it: `None` when the room has no
    /// such event (spec, "GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}").
    ///
    /// # Errors
    ///
    /// [`Refused`](crate::homeserver::Failure::Refused) for a room the account is not in, and what any call may
    /// meet.
    pub async fn room_state(
        &self,
        room: &str,
        event_type: &str,
        state_key: &str,
    ) -> Result<Option<Value>> {
        let (room, event_type) = (segment(room)?, segment(event_type)?);
        let mut path = format!("/_matrix/client/v3/rooms/{room}/state/{event_type}");
        if !state_key.is_empty() {
            path.push('/');
            path.push_str(&segment(state_key)?);
        }
        self.find(&path).await
    }

    /// The event that made a room, whole where the homeserver gives it so and not only its content;
    /// in the words of whoever made the room
    /// (spec, "GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}").
    ///
    /// # Errors
    ///
    /// As [`Self::room_state`].
    pub async fn room_creation(&self, room: &str) -> Result<Option<Value>> {
        let room = segment(room)?;
        let path = format!("/_matrix/client/v3/rooms/{room}/state/m.room.create");
        let whole = [("format", "event".to_owned())];
        self.ask(&path, &whole).await?.found()
    }

    /// The content of the state event of this type and an empty key in each of these rooms, in
    /// their order. A few rooms are asked about at a time; one that fails leaves the others alone.
    pub async fn room_states(
        &self,
        rooms: &[String],
        event_type: &str,
    ) -> Vec<Result<Option<Value>>> {
        // Collected first: a closure that borrows would not let the whole be sent to a thread.
        let questions: Vec<_> = rooms
            .iter()
            .map(|room| self.room_state(room, event_type, ""))
            .collect();
        stream::iter(questions).buffered(AT_ONCE).collect().await
    }

    /// An event as the server holds it, not decrypted
    /// (spec, "GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}").
    ///
    /// # Errors
    ///
    /// What any call may meet; an event that is not there, or not for this account, is
    /// [`Refused`](crate::homeserver::Failure::Refused).
    pub async fn event(&self, room_id: &str, event_id: &str) -> Result<Value> {
        let (room, event) = (segment(room_id)?, segment(event_id)?);
        let path = format!("/_matrix/client/v3/rooms/{room}/event/{event}");
        self.get(&path).await
    }

    /// Whether this user has ever said anything in a room, as far back as this account can see
    /// (spec, "GET /_matrix/client/v3/rooms/{roomId}/messages").
    ///
    /// # Errors
    ///
    /// What any call may meet; a room that this account cannot see is
    /// [`Refused`](crate::homeserver::Failure::Refused).
    pub async fn has_spoken(&self, room_id: &str, sender: &str) -> Result<bool> {
        let path = format!("/_matrix/client/v3/rooms/{}/messages", segment(room_id)?);
        let types = ["m.room.message", "m.room.encrypted"];
        let filter = json!({ "senders": [sender], "types": types });
        let query = vec![
            ("dir", "b".to_owned()),
            ("limit", PAGE.to_string()),
            ("filter", filter.to_string()),
        ];
        self.any_by(sender, &path, query, MOST_PAGES).await
    }

    /// Whether any event is by this user on the pages that this query gives, up to so many.
    async fn any_by(
        &self,
        user_id: &str,
        path: &str,
        mut query: Vec<(&str, String)>,
        most_pages: usize,
    ) -> Result<bool> {
        #[derive(Deserialize)]
        struct Page {
            #[serde(default)]
            chunk: Vec<Value>,
            /// Where the next page begins: of messages, and of relations.
            end: Option<String>,
            next_batch: Option<String>,
        }
        let own = query.len();
        for _ in 0..most_pages {
            let page: Page = self.ask(path, &query).await?.json()?;
            if page.chunk.iter().any(|event| event["sender"] == user_id) {
                return Ok(true);
            }
            let next = page.end.or(page.next_batch).map(|next| ("from", next));
            let Some(next) = next.filter(|next| query.last() != Some(next)) else {
                break;
            };
            query.truncate(own);
            query.push(next);
        }
        Ok(false)
    }

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
        let reply = self.ask(&path, &[("limit", PAGE.to_string())]).await?;
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
        let query = vec![("limit", PAGE.to_string())];
        self.any_by(user_id, &path, query, MOST_THREAD_PAGES).await
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
