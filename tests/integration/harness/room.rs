//! What a room is created with.

use serde::Serialize;
use serde_json::{Value, json};

/// A room to be created, by either kind of person.
#[derive(Clone, Debug, Serialize)]
pub struct RoomSpec {
    /// Whether messages in it are encrypted.
    pub encrypted: bool,
    /// Whether it is meant as a direct chat.
    pub is_direct: bool,
    /// User IDs invited at once.
    pub invite: Vec<String>,
    /// The room's name.
    pub name: Option<String>,
    /// Further parameters of `createRoom`, e.g. `power_level_content_override`, `initial_state`, `room_version`.
    pub extra: Value,
}

impl RoomSpec {
    /// A direct chat with one other person.
    pub fn direct(other: &str) -> Self {
        Self {
            is_direct: true,
            ..Self::group(&[other])
        }
    }

    /// A group with others.
    pub fn group(others: &[&str]) -> Self {
        Self {
            encrypted: false,
            is_direct: false,
            invite: others.iter().map(|&other| other.to_owned()).collect(),
            name: None,
            extra: json!({}),
        }
    }

    /// The same, encrypted.
    pub fn encrypted(self) -> Self {
        Self {
            encrypted: true,
            ..self
        }
    }

    /// The same, with a name.
    pub fn named(self, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..self
        }
    }

    /// The same, with another parameter of `createRoom`.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.extra[name] = value;
        self
    }
}
