//! Contents of `m.room.message` events, as Element makes them.

use serde_json::{Value, json};

/// A text message.
pub fn text(body: &str) -> Value {
    json!({"msgtype": "m.text", "body": body, "m.mentions": {}})
}

/// A text message that mentions users the modern way.
pub fn mention(body: &str, user_ids: &[&str]) -> Value {
    json!({"msgtype": "m.text", "body": body, "m.mentions": {"user_ids": user_ids}})
}

/// A text message that mentions the whole room.
pub fn mention_room(body: &str) -> Value {
    json!({"msgtype": "m.text", "body": body, "m.mentions": {"room": true}})
}

/// A text message with a formatted body and no `m.mentions`, as older clients send their pills.
pub fn formatted(body: &str, html: &str) -> Value {
    json!({
        "msgtype": "m.text", "body": body, "format": "org.matrix.custom.html", "formatted_body": html,
    })
}

/// A reply without the quoted fallback.
pub fn reply(to: &str, body: &str) -> Value {
    let mut content = text(body);
    content["m.relates_to"] = json!({"m.in_reply_to": {"event_id": to}});
    content
}

/// A message in a thread, with the fallback for clients that know no threads.
pub fn in_thread(root: &str, latest: &str, body: &str) -> Value {
    let mut content = text(body);
    content["m.relates_to"] = json!({
        "rel_type": "m.thread", "event_id": root, "is_falling_back": true, "m.in_reply_to": {"event_id": latest},
    });
    content
}

/// The message that an event of a bot answers: as a reply to it, or, in a direct chat, by what the
/// bot says of it for itself. An edit answers nothing.
pub fn answers(content: &Value) -> Option<&str> {
    let relation = &content["m.relates_to"];
    if relation["rel_type"] == "m.replace" {
        return None;
    }
    let places = [
        &relation["m.in_reply_to"]["event_id"],
        &relation["nanobot.answer"],
        &content["nanobot.answer"]["question"],
    ];
    places.into_iter().find_map(Value::as_str)
}

/// An edit of an earlier message.
pub fn edit(of: &str, body: &str) -> Value {
    let mut content = text(&format!("* {body}"));
    content["m.new_content"] = text(body);
    content["m.relates_to"] = json!({"rel_type": "m.replace", "event_id": of});
    content
}
