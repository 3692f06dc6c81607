//! Requests for a verification, found in what a sync brought.

use matrix_sdk::{
    ruma::{
        OwnedUserId, UserId,
        events::{AnySyncTimelineEvent, AnyToDeviceEvent},
        serde::Raw,
    },
    sync::SyncResponse,
};
use serde::Deserialize;

/// The most bytes of a transaction id that is looked at. Event IDs are no longer either.
const LONGEST_ID: usize = 255;

/// A request for a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub user_id: OwnedUserId,
    /// The protocol's name of the verification, which its sender chose.
    pub transaction: String,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    sender: OwnedUserId,
    event_id: Option<String>,
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    msgtype: String,
    to: String,
    transaction_id: String,
}

/// The requests to this user in a response, in its order.
pub fn found_in<'a>(
    response: &'a SyncResponse,
    own_id: &'a UserId,
) -> impl Iterator<Item = Request> + 'a {
    let direct = response
        .to_device
        .iter()
        .filter_map(|event| to_device(&event.to_raw()));
    let in_rooms = response
        .rooms
        .joined
        .values()
        .flat_map(|update| &update.timeline.events)
        .filter_map(|event| in_room(event.raw(), own_id));
    direct.chain(in_rooms)
}

/// Also of a client that starts without asking first, as `matrix-nio` does.
fn to_device(event: &Raw<AnyToDeviceEvent>) -> Option<Request> {
    let envelope: Envelope = serde_json::from_str(event.json().get()).ok()?;
    let is_request = matches!(
        envelope.kind.as_str(),
        "m.key.verification.request" | "m.key.verification.start"
    );
    is_request.then_some(())?;
    request(envelope.sender, envelope.content.transaction_id)
}

fn in_room(event: &Raw<AnySyncTimelineEvent>, own_id: &UserId) -> Option<Request> {
    let envelope: Envelope = serde_json::from_str(event.json().get()).ok()?;
    let is_request = envelope.kind == "m.room.message"
        && envelope.content.msgtype == "m.key.verification.request"
        // Others verify each other in the bot's rooms too.
        && envelope.content.to == own_id.as_str()
        && envelope.sender != own_id;
    is_request.then_some(())?;
    request(envelope.sender, envelope.event_id?)
}

fn request(user_id: OwnedUserId, transaction: String) -> Option<Request> {
    let is_id = !transaction.is_empty() && transaction.len() <= LONGEST_ID;
    is_id.then_some(Request {
        user_id,
        transaction,
    })
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::user_id;
    use serde_json::{Value, json};

    use super::*;

    fn asking(to: &str) -> Value {
        json!({
            "type": "m.room.message", "sender": "@ann:example.org", "event_id": "$1",
            "content": {"msgtype": "m.key.verification.request", "to": to, "body": "?"},
        })
    }

    #[test]
    fn only_a_request_to_the_bot_is_one() {
        let bot = user_id!("@bot:example.org");
        let heard = |event: &Value| {
            let event = Raw::new(event).unwrap().cast_unchecked();
            in_room(&event, bot).map(|request| request.transaction)
        };
        assert_eq!(heard(&asking(bot.as_str())), Some("$1".to_owned()));
        assert_eq!(heard(&asking("@ben:example.org")), None);
        let mut own = asking(bot.as_str());
        own["sender"] = json!(bot);
        assert_eq!(heard(&own), None);
        let mut text = asking(bot.as_str());
        text["content"]["msgtype"] = json!("m.text");
        assert_eq!(heard(&text), None);
    }

    #[test]
    fn a_device_may_start_without_asking_and_not_with_a_name_without_end() {
        let heard = |kind: &str, id: &str| {
            let event = json!({
                "type": kind, "sender": "@ann:example.org", "content": {"transaction_id": id},
            });
            to_device(&Raw::new(&event).unwrap().cast_unchecked()).is_some()
        };
        assert!(heard("m.key.verification.request", "1"));
        assert!(heard("m.key.verification.start", "1"));
        assert!(!heard("m.key.verification.mac", "1"));
        assert!(!heard("m.key.verification.request", ""));
        assert!(!heard("m.key.verification.request", &"x".repeat(256)));
    }
}
