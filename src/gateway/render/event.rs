//! The contents of an answer's events, and of their edits.

use serde_json::{Value, json};

use super::{address::Address, pack::Words};

/// The largest content in bytes of JSON. The homeserver takes events of 65,536 bytes; encryption
/// makes the content a third larger, and what the homeserver adds, the ids of earlier events
/// above all, may take 4 KiB.
pub const LARGEST: usize = 44 * 1024;
/// Bytes that an edit needs besides the new content: its relation, and its own short words.
const EDIT: usize = 1536;
/// Bytes that it needs to say which part of which answer an event is
/// ([`PartOf`](crate::journal::PartOf)); ids have at most 255.
pub const MARK: usize = 384;
/// The words of an edit that is too large to say everything twice, in bytes.
const SHORT: usize = 512;

pub const HTML: &str = "org.matrix.custom.html";

/// The bytes that are left in an event for the words of an answer.
pub fn room_for_words(address: Address<'_>) -> usize {
    let empty = Words {
        body: String::new(),
        html: Some(String::new()),
    };
    LARGEST
        - EDIT
        - MARK
        - content(address, &empty, true)
            .to_string()
            .len()
            .min(LARGEST / 2)
}

/// The content of one event of an answer.
pub fn content(address: Address<'_>, words: &Words, is_first: bool) -> Value {
    let mut content = json!({"msgtype": "m.text", "body": words.body});
    address.refer(&mut content, is_first);
    if let Some(html) = &words.html {
        content["format"] = HTML.into();
        content["formatted_body"] = html.as_str().into();
    }
    content
}

/// The content that puts this one in the place of an event's (`m.replace`). It mentions nobody
/// anew.
pub fn edit(content: &Value, event_id: &str) -> Value {
    let mut new_content = content.clone();
    let is_in_thread = content["m.relates_to"]["rel_type"] == "m.thread";
    if let (Some(fields), false) = (new_content.as_object_mut(), is_in_thread) {
        fields.remove("m.relates_to");
    }
    let body = content["body"].as_str().unwrap_or_default();
    let mut edit = json!({
        "msgtype": content["msgtype"], "body": format!("* {body}"), "m.mentions": {},
        "m.new_content": new_content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
    });
    if let Some(html) = content["formatted_body"].as_str() {
        edit["format"] = HTML.into();
        edit["formatted_body"] = format!("* {html}").into();
    }
    if edit.to_string().len() > LARGEST - MARK
        && let Some(fields) = edit.as_object_mut()
    {
        fields.remove("format");
        fields.remove("formatted_body");
        let start = &body[..body.floor_char_boundary(SHORT)];
        fields.insert("body".into(), format!("* {start}…").into());
    }
    edit
}
