//! What a person sees in a room, and what to look for there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event as the person sees it, decrypted if it could be.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// The event's id.
    pub event_id: String,
    /// Who sent it.
    pub sender: String,
    /// The decrypted type, e.g. `m.room.message`, or `m.room.encrypted` while it cannot be decrypted.
    #[serde(rename = "type")]
    pub kind: String,
    /// There for state events only.
    pub state_key: Option<String>,
    /// The decrypted content.
    pub content: Value,
    /// The content's `body`.
    pub body: Option<String>,
    /// The content's `msgtype`.
    pub msgtype: Option<String>,
    /// The event it replies to, or that it says for itself it answers.
    pub in_reply_to: Option<String>,
    /// Milliseconds since 1970, by the server's clock.
    pub origin_server_ts: u64,
    /// It came encrypted and was decrypted.
    pub decrypted: bool,
    /// It came encrypted and could not be decrypted, as yet.
    pub undecryptable: bool,
    /// It was decrypted, and this person has verified the sender's device.
    pub verified: bool,
    /// The device it was encrypted by, where decrypted and known.
    pub sender_device: Option<String>,
}

/// Which events to wait for: all that is given has to match.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Wanted<'a> {
    /// The sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<&'a str>,
    /// The decrypted type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'a str>,
    /// The state key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_key: Option<&'a str>,
    /// The whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    /// A part of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains_text: Option<&'a str>,
    /// The event it replies to, or answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<&'a str>,
    /// The message's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msgtype: Option<&'a str>,
    /// Whether it was encrypted and could be decrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decrypted: Option<bool>,
    /// Whether it could not be decrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecryptable: Option<bool>,
    /// Keys and values, recursively, the content has at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
    /// Only events behind this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<&'a str>,
}
