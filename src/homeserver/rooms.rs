//! The rooms of an account, as the homeserver tells of them.

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::Value;

use super::{account::Account, endpoint::segment, failure::Result, words::is_plain};

/// How many questions about rooms are under way at once.
const AT_ONCE: usize = 8;

impl Account {
    /// The ids of the rooms it has joined (spec, `GET /_matrix/client/v3/joined_rooms`).
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn joined_rooms(&self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Answer {
            joined_rooms: Vec<String>,
        }
        let reply = self.get("/_matrix/client/v3/joined_rooms").await?;
        let answer: Answer = reply.json()?;
        if !answer.joined_rooms.iter().all(|room| is_plain(room)) {
            return Err(reply.not_matrix());
        }
        Ok(answer.joined_rooms)
    }

    /// The content of a state event, in the words of whoever sent it: `None` when the room has no
    /// such event (spec, "GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}").
    ///
    /// # Errors
    ///
    /// [`Refused`](super::Failure::Refused) for a room the account is not in, and what any call may
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
        let path = format!(
            "/_matrix/client/v3/rooms/{}/state/m.room.create",
            segment(room)?
        );
        let whole = [("format", "event".to_owned())];
        let reply = self.get_with(&path, &whole).await?;
        if reply.is_missing() {
            return Ok(None);
        }
        reply.json().map(Some)
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
}
