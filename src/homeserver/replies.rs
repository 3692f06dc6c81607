//! What a user has said in a room, as the homeserver keeps it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{account::Account, endpoint::segment, failure::Result};

/// Events per page, and pages.
const PAGE: usize = 100;
const MAX_PAGES: usize = 50;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    chunk: Vec<Value>,
    #[serde(default)]
    end: Option<String>,
}

impl Account {
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
