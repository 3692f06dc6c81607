//! What a person does in rooms over bare HTTP.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::eventually::{PATIENCE, eventually};
use super::http_person::{HttpPerson, string};
use super::message::{answers, text};
use super::room::RoomSpec;
use super::shared::new_name;

impl HttpPerson {
    /// Creates a room and returns its id.
    pub async fn create_room(&self, room: &RoomSpec) -> String {
        let mut body = room.extra.clone();
        let preset = if room.is_direct {
            "trusted_private_chat"
        } else {
            "private_chat"
        };
        body["preset"] = json!(preset);
        body["is_direct"] = json!(room.is_direct);
        body["invite"] = json!(room.invite);
        if let Some(name) = &room.name {
            body["name"] = json!(name);
        }
        if room.encrypted {
            let state = json!({
                "type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"},
            });
            match body["initial_state"].as_array_mut() {
                Some(states) => states.push(state),
                None => body["initial_state"] = json!([state]),
            }
        }
        let answer = self
            .call(Method::POST, &["v3", "createRoom"], Some(&body))
            .await;
        string(&answer["room_id"])
    }

    /// Invites somebody.
    pub async fn invite(&self, room: &str, user_id: &str) {
        let body = json!({"user_id": user_id});
        self.call(Method::POST, &["v3", "rooms", room, "invite"], Some(&body))
            .await;
    }

    /// Joins a room.
    pub async fn join(&self, room: &str) {
        self.call(
            Method::POST,
            &["v3", "rooms", room, "join"],
            Some(&json!({})),
        )
        .await;
    }

    /// Leaves a room, or rejects an invitation.
    pub async fn leave(&self, room: &str) {
        self.call(
            Method::POST,
            &["v3", "rooms", room, "leave"],
            Some(&json!({})),
        )
        .await;
    }

    /// The rooms this user has joined.
    pub async fn joined_rooms(&self) -> Vec<String> {
        let answer = self.call(Method::GET, &["v3", "joined_rooms"], None).await;
        answer["joined_rooms"]
            .as_array()
            .expect("a list")
            .iter()
            .map(string)
            .collect()
    }

    /// A user's membership in a room, e.g. `join`; `None` without any.
    pub async fn membership(&self, room: &str, user_id: &str) -> Option<String> {
        let content = self.state(room, "m.room.member", user_id).await?;
        Some(string(&content["membership"]))
    }

    /// Waits until somebody has joined.
    pub async fn wait_for_member(&self, room: &str, user_id: &str) {
        eventually(&format!("{user_id} in the room"), PATIENCE, || async {
            let membership = self.membership(room, user_id).await;
            (membership.as_deref() == Some("join"))
                .then_some(())
                .ok_or_else(|| format!("{membership:?}"))
        })
        .await;
    }

    /// Sends an event as it is and returns its id. The transaction id is new each time.
    pub async fn send(&self, room: &str, kind: &str, content: &Value) -> String {
        let transaction = new_name("transaction");
        let path = ["v3", "rooms", room, "send", kind, &transaction];
        string(&self.call(Method::PUT, &path, Some(content)).await["event_id"])
    }

    /// Sends a text message.
    pub async fn send_text(&self, room: &str, body: &str) -> String {
        self.send(room, "m.room.message", &text(body)).await
    }

    /// Redacts an event.
    pub async fn redact(&self, room: &str, event_id: &str) -> String {
        let transaction = new_name("transaction");
        let path = ["v3", "rooms", room, "redact", event_id, &transaction];
        string(&self.call(Method::PUT, &path, Some(&json!({}))).await["event_id"])
    }

    /// Sets a state event.
    pub async fn put_state(&self, room: &str, kind: &str, key: &str, content: &Value) {
        self.call(
            Method::PUT,
            &["v3", "rooms", room, "state", kind, key],
            Some(content),
        )
        .await;
    }

    /// The content of a state event.
    pub async fn state(&self, room: &str, kind: &str, key: &str) -> Option<Value> {
        self.try_call(
            Method::GET,
            &["v3", "rooms", room, "state", kind, key],
            None,
        )
        .await
        .ok()
    }

    /// All events of a room as the server stores them, oldest first.
    pub async fn events(&self, room: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut from = None;
        loop {
            let mut query = vec![("dir", "b"), ("limit", "500")];
            query.extend(from.as_deref().map(|token| ("from", token)));
            let path = ["v3", "rooms", room, "messages"];
            let page = self.try_query(Method::GET, &path, &query, None).await;
            let mut page = page.unwrap_or_else(|refused| panic!("messages of {room}: {refused:?}"));
            let chunk = page["chunk"].as_array_mut().expect("a list");
            events.append(chunk);
            from = page["end"].as_str().map(str::to_owned);
            if from.is_none() {
                events.reverse();
                return events;
            }
        }
    }

    /// Waits for an event (also an earlier one) that `matches`.
    pub async fn wait_for(
        &self,
        room: &str,
        limit: Duration,
        matches: impl Fn(&Value) -> bool,
    ) -> Value {
        eventually("an event", limit, || async {
            let events = self.events(room).await;
            let found = events.iter().find(|event| matches(event)).cloned();
            found.ok_or_else(|| {
                let tail = events[events.len().saturating_sub(10)..]
                    .iter()
                    .map(Value::to_string);
                tail.collect::<Vec<_>>().join(
                    "
",
                )
            })
        })
        .await
    }

    /// Waits for the reply to an event.
    pub async fn wait_for_reply(&self, room: &str, to: &str, from: &str) -> Value {
        self.wait_for(room, PATIENCE, |event| {
            event["sender"] == from && answers(&event["content"]) == Some(to)
        })
        .await
    }
}
