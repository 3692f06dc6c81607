//! What a user has said in a room, and in answer to a message, as the homeserver keeps it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{account::Account, endpoint::segment, failure::Result};

/// Events per page, and pages: one user's messages since a message that waits for an answer.
const PAGE: usize = 100;
const MAX_PAGES: usize = 50;

#[derive(Deserialize)]
struct Context {
    #[serde(default)]
    end: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    chunk: Vec<Value>,
    #[serde(default)]
    end: Option<String>,
}

impl Account {
    /// How many messages of this user reply to an event, counted from that event on. Encryption
    /// does not hide what a message replies to
    /// (spec, "GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}" and `…/messages`).
    ///
    /// # Errors
    ///
    /// What any call may meet; a room or event that this account cannot see is
    /// [`Refused`](super::Failure::Refused).
    pub async fn count_replies(&self, room_id: &str, event_id: &str, sender: &str) -> Result<u32> {
        let (room, event) = (segment(room_id)?, segment(event_id)?);
        let path = format!("/_matrix/client/v3/rooms/{room}/context/{event}");
        let limit = [("limit", "0".to_owned())];
        let context: Context = self.get_with(&path, &limit).await?.json()?;
        let path = format!("/_matrix/client/v3/rooms/{room}/messages");
        let filter = words_of(sender);
        let mut from = context.end;
        let mut count = 0;
        for _ in 0..MAX_PAGES {
            let Some(position) = from.take() else { break };
            let query = [
                ("dir", "f".to_owned()),
                ("from", position.clone()),
                ("limit", PAGE.to_string()),
                ("filter", filter.to_string()),
            ];
            let page: Page = self.get_with(&path, &query).await?.json()?;
            count += page
                .chunk
                .iter()
                .filter(|said| is_reply(said, event_id, sender))
                .fold(0, |sum, _| sum + 1);
            from = page.end.filter(|end| *end != position);
        }
        Ok(count)
    }

    /// Whether this user has ever said anything in a room, as far back as this account can see
    /// (spec, "GET /_matrix/client/v3/rooms/{roomId}/messages").
    ///
    /// # Errors
    ///
    /// What any call may meet; a room that this account cannot see is
    /// [`Refused`](super::Failure::Refused).
    pub async fn has_spoken(&self, room_id: &str, sender: &str) -> Result<bool> {
        let room = segment(room_id)?;
        let path = format!("/_matrix/client/v3/rooms/{room}/messages");
        let filter = words_of(sender).to_string();
        let mut from: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut query = vec![
                ("dir", "b".to_owned()),
                ("limit", PAGE.to_string()),
                ("filter", filter.clone()),
            ];
            query.extend(from.clone().map(|position| ("from", position)));
            let page: Page = self.get_with(&path, &query).await?.json()?;
            if page.chunk.iter().any(|event| event["sender"] == sender) {
                return Ok(true);
            }
            match page.end {
                Some(end) if from.as_ref() != Some(&end) => from = Some(end),
                _ => break,
            }
        }
        Ok(false)
    }
}

/// A filter for the messages of one user (spec, "Filtering").
fn words_of(sender: &str) -> Value {
    json!({ "senders": [sender], "types": ["m.room.message", "m.room.encrypted"] })
}

/// Whether an event says something in reply to another. An edit repeats its relation only inside.
fn is_reply(event: &Value, to: &str, sender: &str) -> bool {
    event["sender"] == sender && event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_known_by_its_relation_and_its_sender() {
        let event = |sender: &str, relation: Value| {
            json!({ "sender": sender, "type": "m.room.encrypted",
                "content": { "m.relates_to": relation, "ciphertext": "AwgA" } })
        };
        let reply = json!({ "m.in_reply_to": { "event_id": "$1" } });
        assert!(is_reply(&event("@bot:h", reply.clone()), "$1", "@bot:h"));
        assert!(!is_reply(&event("@eve:h", reply.clone()), "$1", "@bot:h"));
        assert!(!is_reply(&event("@bot:h", reply), "$2", "@bot:h"));
        let edit = json!({ "rel_type": "m.replace", "event_id": "$1" });
        assert!(!is_reply(&event("@bot:h", edit), "$1", "@bot:h"));
    }
}
