//! What goes wrong with a bot's keys, made for real.

use std::fs;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person, person};
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::room::RoomSpec;
use crate::harness::synapse::Synapse;

/// Puts a copy of a store in the place of another.
pub fn copy_store(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    copy_files(from, to);
}

pub fn copy_files(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// Takes one-time keys of a device as anybody may; returns the last: its id and the key.
pub async fn claim(anybody: &HttpPerson, bot: &Bot, count: u64) -> (String, Value) {
    let (user, device) = (&bot.user_id, bot.device_id());
    let body = json!({"one_time_keys": {user: {&device: "signed_curve25519"}}});
    let mut last = Value::Null;
    for _ in 0..count {
        let path = ["v3", "keys", "claim"];
        let mut answer = anybody.call(Method::POST, &path, Some(&body)).await;
        last = answer["one_time_keys"][user][&device].take();
    }
    let (id, key) = last.as_object().unwrap().iter().next().unwrap();
    (id.clone(), key.clone())
}

/// Two copies of one store, used in turn: what somebody does who restores a backup. The next
/// gateway meets keys under its own names that are not its own.
pub async fn put_back_from_a_copy(synapse: &Synapse, bot: &Bot) {
    let store = bot.home.path().join("matrix-store");
    let backup = bot.home.user_dir().join("backup");
    copy_store(&store, &backup);
    let ann = http_person(synapse, "ann").await;
    // Oldest first: so of the keys that this run publishes, some are still there when the other
    // copy publishes its own under the same names.
    claim(&ann, bot, 30).await;
    assert_eq!(bot.run().await.terminate().await, 0);
    claim(&ann, bot, 30).await;
    copy_store(&backup, &store);
    forget_generation(bot).await;
}

/// Lets the account forget how often the gateway was started, as if another nanobot of the same
/// account had overwritten it: the older copy is not recognised then.
pub async fn forget_generation(bot: &Bot) {
    let path = [
        "v3",
        "user",
        &bot.user_id,
        "account_data",
        "nanobot.journal",
    ];
    let account = bot.account().await;
    account.call(Method::PUT, &path, Some(&json!({}))).await;
}

/// A message to the bot that it has no key of.
pub struct Unreadable {
    pub ann: HttpPerson,
    pub room: String,
    pub event_id: String,
    pub content: Value,
}

/// Sends one to the bot, whose gateway runs: it is encrypted for another room.
pub async fn send_unreadable(synapse: &Synapse, bot: &Bot) -> Unreadable {
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let elsewhere = ann.create_room(&RoomSpec::group(&[]).encrypted()).await;
    ann.send_text(&elsewhere, "not for the bot").await;
    let ann = HttpPerson::with_token(&synapse.base_url(), ann.access_token()).await;
    let is_encrypted = |event: &Value| event["type"] == "m.room.encrypted";
    let event = ann.wait_for(&elsewhere, PATIENCE, is_encrypted).await;
    let content = event["content"].clone();
    let event_id = ann.send(&room, "m.room.encrypted", &content).await;
    Unreadable {
        ann,
        room,
        event_id,
        content,
    }
}
