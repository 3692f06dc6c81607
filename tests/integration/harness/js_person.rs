//! A person with Element's encryption: matrix-js-sdk in `js/person.mjs`.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::driver::Driver;
use super::eventually::PATIENCE;
use super::node::node;

/// A logged-in client that syncs in the background. Dropping it ends it.
#[derive(Debug)]
pub struct JsPerson {
    driver: Driver,
    login: Login,
}

#[derive(Debug, Deserialize)]
struct Login {
    user_id: String,
    device_id: String,
    access_token: String,
}

/// Which of the client's verifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request(u64);

/// What a client shows for comparing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Shown {
    /// Symbols and their names.
    pub emoji: Vec<(String, String)>,
    /// The same as numbers.
    pub decimals: [u16; 3],
}

/// How far a client's verification is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct State {
    /// The client's name of it, e.g. `Requested`, `Done`, `Cancelled`.
    pub phase: String,
    /// Why it was cancelled, e.g. `m.mismatched_sas`.
    pub code: Option<String>,
    /// Who cancelled it.
    pub by: Option<String>,
    /// The protocol's name of it.
    pub transaction: Option<String>,
}

/// An event as the client shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct JsEvent {
    /// Its ID.
    pub event_id: String,
    /// Who sent it.
    pub sender: String,
    /// The decrypted type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The decrypted content, with its newest edit.
    pub content: Value,
    /// Whether it came encrypted.
    pub encrypted: bool,
    /// Whether it could not be decrypted.
    pub failed: bool,
    /// The thread it is shown in.
    pub thread: Option<String>,
    /// The event that it is shown as a reply to.
    pub reply: Option<String>,
    /// The question of the poll that it is shown as.
    pub poll: Option<String>,
    /// The reactions to it: each one's sender and key.
    pub reactions: Vec<String>,
}

impl JsPerson {
    /// Logs a registered user in on a new device; with `identity`, the account gets a cross-signing identity. `None`,
    /// said aloud, where the client cannot be had. As every method here: panics with the client's own words when it
    /// fails.
    pub async fn login(base_url: &str, user: &str, password: &str, identity: bool) -> Option<Self> {
        let node = node()?;
        let name = format!("{user}'s matrix-js-sdk");
        let driver = Driver::spawn(&name, node.script("person.mjs"), |_| {});
        let arguments = json!({
            "homeserver": base_url, "user": user, "password": password, "identity": identity,
        });
        let login = call(&driver, "login", arguments).await;
        Some(Self { driver, login })
    }

    /// The full user ID.
    pub fn user_id(&self) -> &str {
        &self.login.user_id
    }

    /// This client's device.
    pub fn device_id(&self) -> &str {
        &self.login.device_id
    }

    /// This client's token, for what the client itself would never do.
    pub fn access_token(&self) -> &str {
        &self.login.access_token
    }

    /// Creates an encrypted chat with somebody.
    pub async fn create_room(&self, invite: &str) -> String {
        self.call("create_room", json!({"invite": invite})).await
    }

    /// Invites somebody.
    pub async fn invite(&self, room: &str, user_id: &str) {
        let arguments = json!({"room_id": room, "user_id": user_id});
        self.call::<()>("invite", arguments).await;
    }

    /// Joins a room.
    pub async fn join(&self, room: &str) {
        self.call::<()>("join", json!({"room_id": room})).await;
    }

    /// Waits until somebody has joined.
    pub async fn wait_for_member(&self, room: &str, user_id: &str) {
        let arguments = json!({"room_id": room, "user_id": user_id});
        self.call::<()>("wait_for_member", arguments).await;
    }

    /// Sends a text message, encrypted where the room is, and returns its id.
    pub async fn send_text(&self, room: &str, body: &str) -> String {
        let arguments = json!({"room_id": room, "body": body});
        self.call("send_text", arguments).await
    }

    /// Has the client do something of its own kind in a room, such as `poll`, and returns its result: of what is sent,
    /// the event's ID.
    pub async fn act(&self, what: &str, room: &str, mut arguments: Value) -> Value {
        arguments["room_id"] = json!(room);
        self.call(what, arguments).await
    }

    /// The events of a room, as the client shows them.
    pub async fn timeline(&self, room: &str) -> Vec<JsEvent> {
        self.call("timeline", json!({"room_id": room})).await
    }

    /// Encrypts with another key from now on.
    pub async fn rotate_session(&self, room: &str) {
        self.call::<()>("rotate_session", json!({"room_id": room}))
            .await;
    }

    /// Gives the account another cross-signing identity, which signs this device.
    pub async fn reset_identity(&self) {
        self.call::<()>("reset_identity", json!({})).await;
    }

    /// Asks somebody for a verification, in a room.
    pub async fn ask_in_room(&self, room: &str, user_id: &str) -> Request {
        let arguments = json!({"room_id": room, "user_id": user_id});
        Request(self.call("ask_in_room", arguments).await)
    }

    /// Asks a device for a verification: of its own account, or of somebody in this room.
    pub async fn ask_device(&self, room: Option<&str>, user_id: &str, device_id: &str) -> Request {
        let arguments = json!({"room_id": room, "user_id": user_id, "device_id": device_id});
        Request(self.call("ask_device", arguments).await)
    }

    /// Asks the other devices of its own account for a verification.
    pub async fn ask_own_devices(&self) -> Request {
        Request(self.call("ask_own_devices", json!({})).await)
    }

    /// Waits for the next request by somebody else; returns it, and the room it came in.
    pub async fn wait_for_request(&self, from: &str) -> (Request, Option<String>) {
        let asked: Value = self.call("wait_for_request", json!({})).await;
        assert_eq!(asked["user_id"], from);
        let room = asked["room_id"].as_str().map(str::to_owned);
        (Request(asked["request"].as_u64().expect("a number")), room)
    }

    /// Accepts a request.
    pub async fn accept(&self, request: Request) {
        self.about::<()>("accept", request).await;
    }

    /// Begins the comparison, as soon as the other side has accepted.
    pub async fn start(&self, request: Request) {
        self.about::<()>("start", request).await;
    }

    /// Waits for what is to be compared.
    pub async fn compare(&self, request: Request) -> Shown {
        self.about("compare", request).await
    }

    /// Says that it matches.
    pub async fn confirm(&self, request: Request) {
        self.about::<()>("confirm", request).await;
    }

    /// Says that it does not match.
    pub async fn mismatch(&self, request: Request) {
        self.about::<()>("mismatch", request).await;
    }

    /// Takes a request back.
    pub async fn cancel(&self, request: Request) {
        self.about::<()>("cancel", request).await;
    }

    /// Waits until it is done or cancelled.
    pub async fn wait_for_end(&self, request: Request) -> State {
        self.about("wait_for_end", request).await
    }

    /// How far it is now.
    pub async fn state(&self, request: Request) -> State {
        self.about("state", request).await
    }

    /// Whether this person's identity has signed the user's.
    pub async fn sees_user_verified(&self, user_id: &str) -> bool {
        self.call("sees_user_verified", json!({"user_id": user_id}))
            .await
    }

    /// Whether the device is signed by an identity that this person has verified.
    pub async fn sees_device_verified(&self, user_id: &str, device_id: &str) -> bool {
        let arguments = json!({"user_id": user_id, "device_id": device_id});
        self.call("sees_device_verified", arguments).await
    }

    async fn about<T: DeserializeOwned>(&self, command: &str, request: Request) -> T {
        self.call(command, json!({"request": request.0})).await
    }

    async fn call<T: DeserializeOwned>(&self, command: &str, arguments: Value) -> T {
        call(&self.driver, command, arguments).await
    }
}

async fn call<T: DeserializeOwned>(driver: &Driver, command: &str, arguments: Value) -> T {
    const LIMIT: Duration = Duration::from_mins(3).saturating_add(PATIENCE);
    let shown = arguments.to_string();
    match driver.call(command, arguments, LIMIT).await {
        Ok(value) => serde_json::from_value(value).expect("the client and this file agree"),
        Err(error) => panic!(
            "{command} {shown}: {error}\n--- the client's log\n{}",
            driver.stderr()
        ),
    }
}
