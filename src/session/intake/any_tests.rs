//! Messages in which anything but their words may be anything: none of them is lost.

use arbtest::arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

use super::{
    classify::{Bot, View, classify},
    event::{Event, Secrecy},
};
use crate::journal::Arrival;

/// The words of every message here.
pub const WORDS: &str = "are you there?";

/// Fields that say what an event is, which its homeserver or the encryption vouches for; and the
/// words with their kind.
const KEPT: [&str; 6] = [
    "/type",
    "/sender",
    "/event_id",
    "/content",
    "/content/body",
    "/content/msgtype",
];
/// Fields that are put in where there are none.
const ADDED: [(&str, &str); 14] = [
    ("", "origin_server_ts"),
    ("", "unsigned"),
    ("", "redacts"),
    ("", "room_id"),
    ("", "state_key"),
    ("/content", "m.relates_to"),
    ("/content", "m.mentions"),
    ("/content", "m.new_content"),
    ("/content", "formatted_body"),
    ("/content", "format"),
    ("/content", "filename"),
    ("/content", "info"),
    ("/content", "file"),
    ("/content", "url"),
];

/// A message as clients send it, whose body are [`WORDS`].
fn sound(u: &mut Unstructured<'_>) -> Result<Value> {
    let reply = json!({"m.in_reply_to": {"event_id": "$0:example.org"}});
    let thread = json!({
        "rel_type": "m.thread", "event_id": "$root", "is_falling_back": true,
        "m.in_reply_to": {"event_id": "$0"},
    });
    let mentions = json!({"user_ids": ["@bot:example.org"], "room": true});
    let pill = "<a href=\"https://matrix.to/#/@bot:example.org\">Bot</a> are you there?";
    let file = json!({
        "url": "mxc://example.org/abc", "v": "v2", "iv": "x",
        "key": {"kty": "oct", "alg": "A256CTR", "k": "x", "key_ops": [], "ext": true},
        "hashes": {"sha256": "x"},
    });
    let content = u.choose_iter([
        json!({"msgtype": "m.text", "body": WORDS}),
        json!({"msgtype": "m.text", "body": WORDS, "m.relates_to": reply, "m.mentions": mentions}),
        json!({"msgtype": "m.text", "body": WORDS, "m.relates_to": thread, "m.mentions": {}}),
        json!({
            "msgtype": "m.text", "body": WORDS,
            "format": "org.matrix.custom.html", "formatted_body": pill,
        }),
        json!({
            "msgtype": "m.image", "body": WORDS, "filename": "a.png", "file": file,
            "info": {"mimetype": "image/png", "size": 5, "w": 1, "h": 1},
        }),
    ])?;
    Ok(json!({
        "type": "m.room.message", "sender": "@ann:example.org", "event_id": "$1",
        "origin_server_ts": 1, "unsigned": {"age": 5, "transaction_id": "t"}, "content": content,
    }))
}

/// Anything.
fn any_value(u: &mut Unstructured<'_>, event: &Value) -> Result<Value> {
    let simple = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("$x"),
        json!("$"),
        json!("@x"),
        json!("m.replace"),
        json!("m.thread"),
        json!([]),
        json!({}),
        json!([[[{}]]]),
        json!({"rel_type": "m.thread"}),
        json!({"rel_type": "m.replace"}),
        json!({"m.in_reply_to": {}}),
        json!({"m.in_reply_to": "$x"}),
        json!({"event_id": "x"}),
        json!({"user_ids": ["@bot:example.org", 5, "x"]}),
        json!({"user_ids": {}, "room": "yes"}),
        json!({"mimetype": 5, "size": "large"}),
        json!("x".repeat(70_000)),
    ];
    let places = places(event, "");
    let at = u.choose_index(simple.len() + places.len())?;
    Ok(match simple.get(at) {
        Some(value) => value.clone(),
        // What stands elsewhere in it.
        None => event
            .pointer(&places[at - simple.len()])
            .cloned()
            .unwrap_or_default(),
    })
}

/// The places of all values in this one, as JSON pointers.
fn places(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => (0..).map(|at: usize| at.to_string()).zip(items).collect(),
        _ => Vec::new(),
    };
    let inner = inner.into_iter().flat_map(|(key, value)| {
        let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        let mut all = places(value, &place);
        all.push(place);
        all
    });
    inner.collect()
}

/// A message of which anything but its words was changed.
pub fn any_message(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut event = sound(u)?;
    for _ in 0..u.int_in_range(1..=4)? {
        let value = any_value(u, &event)?;
        let (parent, key) = if u.ratio(1, 3)? {
            let (parent, key) = u.choose(&ADDED)?;
            ((*parent).to_owned(), (*key).to_owned())
        } else {
            let mut places = places(&event, "");
            places.retain(|place| !KEPT.contains(&place.as_str()));
            if places.is_empty() {
                continue;
            }
            let (parent, key) = u.choose(&places)?.rsplit_once('/').unwrap_or_default();
            (parent.to_owned(), key.to_owned())
        };
        let is_removed = u.ratio(1, 5)?;
        match event.pointer_mut(&parent) {
            Some(Value::Object(fields)) if is_removed => drop(fields.remove(&key)),
            Some(Value::Object(fields)) => drop(fields.insert(key, value)),
            Some(Value::Array(items)) => items.push(value),
            _ => {}
        }
    }
    Ok(event)
}

/// Whether it is an edit of something.
fn is_edit(event: &Value) -> bool {
    let relation = &event["content"]["m.relates_to"];
    let target = relation["event_id"].as_str().unwrap_or_default();
    relation["rel_type"] == "m.replace" && target.starts_with('$')
}

#[test]
fn no_message_is_lost_for_what_stands_beside_its_words() {
    arbtest::arbtest(|u| {
        let event = any_message(u)?;
        let audience: super::classify::Audience = Box::new(|_, _| true);
        let view = View {
            bot: Bot {
                user_id: "@bot:example.org",
                audience: &audience,
                reactors: &audience,
                is_command: |_, _, _| false,
            },
            room_id: "!room",
            own_name: None,
            was_invited: false,
            was_encrypted: true,
            is_encrypted: true,
        };
        let decrypted = Event {
            json: event.to_string(),
            secrecy: Secrecy::Decrypted {
                trust: "signed".to_owned(),
                session_id: None,
                is_forged: false,
            },
        };
        let (_, arrival) = classify(&view, &decrypted, false).expect("an event");
        let is_kept = match &arrival {
            Arrival::Message { received, .. } => received.payload == decrypted.json,
            Arrival::Edit { .. } => is_edit(&event),
            _ => false,
        };
        assert!(is_kept, "{event:#}\n{arrival:?}");
        Ok(())
    });
}
