//! A bot to be reset, and how it is looked at.

use std::fs;

use serde_json::Value;

use crate::harness::account::{Bot, PASSWORD, person};
use crate::harness::http_person::HttpPerson;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::synapse::Synapse;

pub fn delete_store(bot: &Bot) {
    fs::remove_dir_all(bot.home.path().join("matrix-store")).unwrap();
}

pub fn delete_archives(bot: &Bot) {
    for entry in fs::read_dir(bot.home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.to_str().unwrap().contains("matrix-store.old-") {
            fs::remove_dir_all(path).unwrap();
        }
    }
}

/// Another session of the bot's account, which sees all of them.
pub async fn witness(synapse: &Synapse, bot: &Bot) -> HttpPerson {
    HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await
}

/// The account has the bot's device and the witness, and no third.
pub async fn assert_devices(bot: &Bot, witness: &HttpPerson) {
    let mut expected = vec![bot.device_id(), witness.device_id().to_owned()];
    let mut devices = witness.device_ids().await;
    expected.sort();
    devices.sort();
    assert_eq!(devices, expected);
}

/// They have an encrypted conversation with the bot, and can read all of it.
pub async fn assert_talk(bot: &Bot, ann: &Person, room: &str, words: &str) {
    let question = ann.send_text(room, words).await;
    let answer = ann.wait_for_reply(room, &question, &bot.user_id).await;
    assert!(!answer.undecryptable, "{answer:?}");
    let timeline = ann.timeline(room).await;
    assert!(
        !timeline.iter().any(|event| event.undecryptable),
        "{timeline:?}"
    );
}

/// A bot whose gateway has joined a room with a person, and does not run any more.
pub async fn stopped_in_a_room(synapse: &Synapse) -> (Bot, Person, String) {
    let bot = Bot::new(synapse).await;
    let ann = person(synapse, "ann").await;
    let gateway = bot.run().await;
    let room = room_with(&bot, &ann).await;
    assert_eq!(gateway.terminate().await, 0);
    (bot, ann, room)
}

pub async fn room_with(bot: &Bot, ann: &Person) -> String {
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    room
}

/// Whether the owner's self-signing key has signed the bot's device.
pub async fn is_signed(bot: &Bot) -> bool {
    let keys = bot.account().await.query_keys(&bot.user_id).await;
    let (user, device) = (&bot.user_id, bot.device_id());
    let signing = keys["self_signing_keys"][user]["keys"].as_object().unwrap();
    let id = signing.keys().next().unwrap();
    keys["device_keys"][user][device]["signatures"][user]
        .get(id)
        .is_some_and(Value::is_string)
}

/// What the reset left in the data directory besides what belongs there.
pub fn leftovers(bot: &Bot) -> Vec<String> {
    fs::read_dir(bot.home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("reset"))
        .collect()
}
