//! A person with an independent encrypted client: matrix-nio in `person.py`.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::driver::Driver;
use super::entry::{Entry, Wanted};
use super::eventually::{PATIENCE, eventually};
use super::message::{reply, text};
use super::room::RoomSpec;
use super::shared::python;

/// For commands that send thousands of messages or wait for a given time themselves.
const COMMAND_LIMIT: Duration = Duration::from_mins(10);

/// A logged-in client that syncs in the background. Dropping it ends it.
#[derive(Debug)]
pub struct Person {
    driver: Driver,
    login: Login,
}

#[derive(Debug, Deserialize)]
struct Login {
    user_id: String,
    device_id: String,
    access_token: String,
}

/// A device as the server shows it to this person, its signature by itself checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SeenDevice {
    /// The device's id.
    pub device_id: String,
    /// Its signing key.
    pub ed25519: String,
    /// Its identity key.
    pub curve25519: String,
}

impl Person {
    /// Logs a registered user in on a new device, its keys uploaded. As every method here: panics with the client's own
    /// words when it fails.
    pub async fn login(base_url: &str, user: &str, password: &str) -> Self {
        let driver = Driver::spawn(
            &format!("{user}'s client"),
            python().script("person.py"),
            |_| {},
        );
        let arguments = json!({
            "homeserver": base_url, "user": user, "password": password, "device_name": "matrix-nio",
        });
        let login = call(&driver, "login", arguments).await;
        Self { driver, login }
    }

    /// The full user ID.
    pub fn user_id(&self) -> &str {
        &self.login.user_id
    }

    /// This client's device.
    pub fn device_id(&self) -> &str {
        &self.login.device_id
    }

    /// This client's token, for what the client itself cannot do.
    pub fn access_token(&self) -> &str {
        &self.login.access_token
    }

    /// The client's process id.
    pub fn pid(&self) -> u32 {
        self.driver.pid()
    }

    /// What the client logged.
    pub fn log(&self) -> String {
        self.driver.stderr()
    }

    /// Creates a room and returns its id, with the keys of all invited known: the next message is readable by them.
    pub async fn create_room(&self, room: &RoomSpec) -> String {
        self.call(
            "create_room",
            serde_json::to_value(room).expect("plain data"),
        )
        .await
    }

    /// Invites somebody and asks for their keys.
    pub async fn invite(&self, room: &str, user_id: &str) {
        self.call::<()>("invite", json!({"room_id": room, "user_id": user_id}))
            .await;
    }

    /// Joins a room this person is invited to, and knows its members' keys then.
    pub async fn join(&self, room: &str) {
        self.call::<()>("join", json!({"room_id": room})).await;
    }

    /// Waits for an invitation (also one that came earlier) and returns the room.
    pub async fn wait_for_invite(&self, from: Option<&str>, limit: Duration) -> String {
        let arguments = json!({"sender": from, "seconds": limit.as_secs_f64()});
        self.call("wait_for_invite", arguments).await
    }

    /// Leaves a room, or rejects an invitation.
    pub async fn leave(&self, room: &str) {
        self.call::<()>("leave", json!({"room_id": room})).await;
    }

    /// Forgets a room that was left.
    pub async fn forget(&self, room: &str) {
        self.call::<()>("forget", json!({"room_id": room})).await;
    }

    /// The members and whether each is in by `join` or `invite`.
    pub async fn members(&self, room: &str) -> std::collections::BTreeMap<String, String> {
        self.call("members", json!({"room_id": room})).await
    }

    /// Waits until somebody has joined.
    pub async fn wait_for_member(&self, room: &str, user_id: &str) {
        eventually(&format!("{user_id} in the room"), PATIENCE, || async {
            let members = self.members(room).await;
            let joined = members.get(user_id).is_some_and(|how| how == "join");
            joined.then_some(()).ok_or_else(|| format!("{members:?}"))
        })
        .await;
    }

    /// Sends any event, encrypted where the room is, and returns its id.
    pub async fn send(&self, room: &str, kind: &str, content: Value) -> String {
        self.call(
            "send",
            json!({"room_id": room, "type": kind, "content": content}),
        )
        .await
    }

    /// Sends a text message.
    pub async fn send_text(&self, room: &str, body: &str) -> String {
        self.send(room, "m.room.message", text(body)).await
    }

    /// Sends a text message as a reply.
    pub async fn send_reply(&self, room: &str, to: &str, body: &str) -> String {
        self.send(room, "m.room.message", reply(to, body)).await
    }

    /// Sends text messages and returns their ids: one after another, or `at_once`, when the server decides the order.
    pub async fn send_many(&self, room: &str, bodies: &[String], at_once: bool) -> Vec<String> {
        let arguments = json!({"room_id": room, "bodies": bodies, "at_once": at_once});
        self.call("send_many", arguments).await
    }

    /// Uploads a file, encrypted where the room is, and sends it. `content` holds at least the `msgtype` and is laid
    /// over what describes the file truthfully.
    pub async fn send_file(
        &self,
        room: &str,
        path: &Path,
        mimetype: &str,
        content: Value,
    ) -> String {
        let arguments =
            json!({"room_id": room, "path": path, "mimetype": mimetype, "content": content});
        self.call("send_file", arguments).await
    }

    /// The file of an event that this person has seen, decrypted where it is encrypted.
    ///
    /// # Panics
    ///
    /// When it cannot be had, or its hash is wrong.
    pub async fn fetch_file(&self, event_id: &str) -> Vec<u8> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("file");
        let arguments = json!({"event_id": event_id, "path": path});
        let () = self.call("fetch_file", arguments).await;
        std::fs::read(path).expect("it was written")
    }

    /// Redacts an event and returns the redaction's id.
    pub async fn redact(&self, room: &str, event_id: &str) -> String {
        self.call("redact", json!({"room_id": room, "event_id": event_id}))
            .await
    }

    /// The next message starts a new Megolm session.
    pub async fn rotate_session(&self, room: &str) {
        self.call::<()>("rotate_session", json!({"room_id": room}))
            .await;
    }

    /// Stops syncing (once the request under way has ended), or goes on.
    pub async fn set_online(&self, online: bool) {
        self.call::<()>("set_online", json!({"online": online}))
            .await;
    }

    /// Writes this client's room keys into a file, as Element does.
    pub async fn export_keys(&self, path: &Path, passphrase: &str) {
        let arguments = json!({"path": path, "passphrase": passphrase});
        self.call::<()>("export_keys", arguments).await;
    }

    /// Takes room keys in from a file, and decrypts with them what could not be before.
    pub async fn import_keys(&self, path: &Path, passphrase: &str) {
        let arguments = json!({"path": path, "passphrase": passphrase});
        self.call::<()>("import_keys", arguments).await;
    }

    /// Starts a verification of a device without asking first; returns its name and the numbers to compare.
    pub async fn start_verification(&self, user_id: &str, device_id: &str) -> (String, [u16; 3]) {
        let arguments = json!({"user_id": user_id, "device_id": device_id});
        let mut started: Value = self.call("start_verification", arguments).await;
        let id = started["id"].as_str().expect("a transaction id").to_owned();
        let decimals = serde_json::from_value(started["decimals"].take());
        (id, decimals.expect("three numbers"))
    }

    /// Says that a verification matches; returns whether both sides found so.
    pub async fn confirm_verification(&self, id: &str) -> bool {
        self.call("confirm_verification", json!({"transaction": id}))
            .await
    }

    /// Waits, offline, until no sync is under way: what happens from here on is not learned.
    pub async fn until_idle(&self) {
        self.call::<()>("until_idle", json!({})).await;
    }

    /// A user's devices, asked from the server now.
    pub async fn devices(&self, user_id: &str) -> Vec<SeenDevice> {
        self.call("devices", json!({"user_id": user_id})).await
    }

    /// Waits until a device's keys can be seen.
    pub async fn wait_for_device(&self, user_id: &str, device_id: &str) -> SeenDevice {
        eventually(
            &format!("{user_id}'s device {device_id}"),
            PATIENCE,
            || async {
                let mut devices = self.devices(user_id).await;
                let found = devices
                    .iter()
                    .position(|device| device.device_id == device_id);
                found
                    .map(|index| devices.swap_remove(index))
                    .ok_or_else(|| format!("{devices:?}"))
            },
        )
        .await
    }

    /// All events of a room seen so far, in the room's order, state events too, gaps filled.
    pub async fn timeline(&self, room: &str) -> Vec<Entry> {
        self.call("timeline", json!({"room_id": room})).await
    }

    /// Waits for the first event that matches, also one that came earlier.
    pub async fn wait_for(&self, room: &str, wanted: &Wanted<'_>, limit: Duration) -> Entry {
        self.wait_for_many(room, wanted, 1, limit)
            .await
            .swap_remove(0)
    }

    /// Waits for the first `count` events that match, in the room's order.
    pub async fn wait_for_many(
        &self,
        room: &str,
        wanted: &Wanted<'_>,
        count: usize,
        limit: Duration,
    ) -> Vec<Entry> {
        let mut arguments = serde_json::to_value(wanted).expect("plain data");
        arguments["room_id"] = json!(room);
        arguments["count"] = json!(count);
        arguments["seconds"] = json!(limit.as_secs_f64());
        self.call("wait_for", arguments).await
    }

    /// Waits for the reply to an event.
    pub async fn wait_for_reply(&self, room: &str, to: &str, from: &str) -> Entry {
        let wanted = Wanted {
            sender: Some(from),
            in_reply_to: Some(to),
            ..Wanted::default()
        };
        self.wait_for(room, &wanted, PATIENCE).await
    }

    async fn call<T: DeserializeOwned>(&self, command: &str, arguments: Value) -> T {
        call(&self.driver, command, arguments).await
    }
}

async fn call<T: DeserializeOwned>(driver: &Driver, command: &str, arguments: Value) -> T {
    let shown = arguments.to_string();
    match driver.call(command, arguments, COMMAND_LIMIT).await {
        Ok(value) => serde_json::from_value(value).expect("the client and this file agree"),
        Err(error) => panic!(
            "{command} {shown}: {error}\n--- the client's log\n{}",
            driver.stderr()
        ),
    }
}
