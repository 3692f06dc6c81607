//! Messages whose keys do not come: one line says so, and a key that comes later is used.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, LONG, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::Entry;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::person::Person;
use crate::harness::process::Process;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

const CANNOT_READ: &str = "I cannot read ";
const PASSPHRASE: &str = "a passphrase";

/// What this person said encrypted where the bot is not.
async fn unreadable(ben: &Person) -> Value {
    let room = ben.create_room(&RoomSpec::group(&[]).encrypted()).await;
    let said = ben.send_text(&room, "nobody reads this").await;
    raw(&in_clear(ben).await, &room, &said).await
}

/// What this person's client does, without its encryption.
async fn in_clear(person: &Person) -> HttpPerson {
    let base_url = shared_synapse().await.base_url();
    HttpPerson::with_token(&base_url, person.access_token()).await
}

/// An event's content as the homeserver has it.
async fn raw(person: &HttpPerson, room: &str, event_id: &str) -> Value {
    let mut events = person.events(room).await.into_iter();
    let event = events.find(|event| event["event_id"] == event_id);
    event.expect("it was sent")["content"].clone()
}

/// Whom it is said to that something cannot be read, where that is said, and in which thread, in order.
async fn told(ben: &Person, room: &str, bot: &str) -> Vec<(String, Option<String>)> {
    let timeline = ben.timeline(room).await.into_iter();
    timeline
        .filter(|entry| entry.sender == bot)
        .filter(|entry| {
            let body = entry.body.as_deref();
            body.is_some_and(|body| body.starts_with(CANNOT_READ))
        })
        .map(|entry| {
            assert_eq!(entry.content["msgtype"], "m.notice");
            let thread = entry.content["m.relates_to"]["event_id"].as_str();
            let mentioned = &entry.content["m.mentions"]["user_ids"][0];
            let mentioned = mentioned.as_str().unwrap_or_default().to_owned();
            (mentioned, thread.map(str::to_owned))
        })
        .collect()
}

async fn wait_for(ben: &Person, room: &str, bot: &str, whom: &[(&str, Option<&str>)]) {
    eventually("what cannot be read", PATIENCE, || async {
        let told = told(ben, room, bot).await;
        let told = told
            .iter()
            .map(|(whom, thread)| (&**whom, thread.as_deref()));
        let told: Vec<_> = told.collect();
        (told == whom)
            .then_some(())
            .ok_or_else(|| format!("{told:?}"))
    })
    .await;
}

#[tokio::test]
async fn each_sender_who_may_be_answered_is_told_once() {
    let synapse = shared_synapse().await;
    let ben = person(synapse, "ben").await;
    let (cat, dan) = (
        http_person(synapse, "cat").await,
        http_person(synapse, "dan").await,
    );
    let eve = http_person(synapse, "eve").await;
    let bot = Bot::new(synapse).await;
    bot.set("undecryptableNoticeSeconds", 1);
    bot.set(
        "allowFrom",
        json!([ben.user_id(), cat.user_id(), dan.user_id()]),
    );
    let gateway = bot.run().await;
    let others = [&cat, &dan, &eve];
    let invited: Vec<_> = others.iter().map(|person| person.user_id()).collect();
    let invited = [&[&*bot.user_id], &*invited].concat();
    let room = ben
        .create_room(&RoomSpec::group(&invited).encrypted())
        .await;
    for person in others {
        person.join(&room).await;
    }
    ben.wait_for_member(&room, &bot.user_id).await;

    let lost = unreadable(&ben).await;
    let send = async |person: &HttpPerson, relation: Value| {
        let mut content = lost.clone();
        content["m.relates_to"] = relation;
        person.send(&room, "m.room.encrypted", &content).await
    };
    let (ann, bot_id) = (in_clear(&ben).await, &*bot.user_id);
    let begun = ben.send_text(&room, "a root").await;
    ben.wait_for_reply(&room, &begun, bot_id).await;
    // Neither who may not be answered, nor an edit or a vote; all of them were there first.
    send(&eve, Value::Null).await;
    for kind in ["m.replace", "m.reference"] {
        send(&ann, json!({"rel_type": kind, "event_id": begun})).await;
    }
    send(&cat, Value::Null).await;
    let of_cat = (cat.user_id(), None);
    wait_for(&ben, &room, bot_id, &[of_cat]).await;
    send(&ann, json!({"rel_type": "m.thread", "event_id": begun})).await;
    let of_ben = (ben.user_id(), Some(&*begun));
    wait_for(&ben, &room, bot_id, &[of_cat, of_ben]).await;

    // Not again the same day, nor after a restart.
    send(&ann, Value::Null).await;
    assert_eq!(gateway.terminate().await, 0);
    let _gateway = bot.run().await;
    send(&dan, Value::Null).await;
    let of_dan = (dan.user_id(), None);
    wait_for(&ben, &room, bot_id, &[of_cat, of_ben, of_dan]).await;
}

/// A room with a message that was sent again after the bot had come, with a key from before.
struct Late {
    bot: Bot,
    gateway: Gateway,
    ben: Person,
    room: String,
    question: String,
}

impl Late {
    async fn new(bot: Bot) -> Self {
        let ben = person(shared_synapse().await, "ben").await;
        let room = ben.create_room(&RoomSpec::group(&[]).encrypted()).await;
        let said = ben.send_text(&room, "can you hear me").await;
        let in_clear = in_clear(&ben).await;
        let content = raw(&in_clear, &room, &said).await;
        let gateway = bot.run().await;
        ben.invite(&room, &bot.user_id).await;
        ben.wait_for_member(&room, &bot.user_id).await;
        let question = in_clear.send(&room, "m.room.encrypted", &content).await;
        Self {
            bot,
            gateway,
            ben,
            room,
            question,
        }
    }

    async fn wait_until_told(&self) {
        // In a direct chat everybody knows who is meant.
        let whom = [("", None)];
        wait_for(&self.ben, &self.room, &self.bot.user_id, &whom).await;
    }

    /// Gives this home of the bot the key.
    async fn import(&self, bot: &Bot) {
        let file = bot.home.user_dir().join("keys.txt");
        self.ben.export_keys(&file, PASSPHRASE).await;
        let file = file.to_str().unwrap();
        let arguments = ["store", "import-keys", file, "--passphrase-stdin"];
        let process = Process::spawn(bot.home.command(&arguments), bot.home.record());
        process.give(PASSPHRASE.as_bytes());
        process.wait(LONG).await.expect_code(0);
    }

    async fn is_answered(&self) {
        let (room, bot) = (&self.room, &self.bot.user_id);
        self.ben.wait_for_reply(room, &self.question, bot).await;
    }
}

#[tokio::test]
async fn a_key_that_comes_after_that_is_used_all_the_same() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.set("undecryptableNoticeSeconds", 1);
    let late = Late::new(bot).await;
    late.wait_until_told().await;
    assert_eq!(late.gateway.terminate().await, 0);
    late.import(&late.bot).await;
    let _gateway = late.bot.run().await;
    late.is_answered().await;
}

#[tokio::test]
async fn a_key_that_another_device_backs_up_is_fetched_and_nothing_is_said() {
    let bot = Bot::registered(shared_synapse().await).await;
    let output = bot
        .log_in(&["--allow-from", "*", "--recovery", "--json"])
        .await;
    let key = output.expect_code(0).json()["recovery_key"].clone();
    bot.set("undecryptableNoticeSeconds", 20);
    let late = Late::new(bot).await;
    late.gateway
        .expect_line("cannot decrypt a message yet", PATIENCE)
        .await;

    let elsewhere = late.bot.elsewhere();
    let file = elsewhere.home.user_dir().join("key");
    fs::write(&file, key.as_str().unwrap()).unwrap();
    let file = ["--recovery-key-file", file.to_str().unwrap()];
    elsewhere.log_in(&file).await.expect_code(0);
    late.import(&elsewhere).await;
    let other = elsewhere.run().await;
    let account = late.bot.account().await;
    eventually("the key in the backup", LONG, || async {
        let path = ["v3", "room_keys", "version"];
        let backup = account.call(Method::GET, &path, None).await;
        (backup["count"] != 0).then_some(()).ok_or(backup)
    })
    .await;
    assert_eq!(other.terminate().await, 0);
    eventually("the key fetched", LONG, || async {
        // A sync that brings nothing takes its time.
        late.ben.send(&late.room, "m.reaction", json!({})).await;
        let timeline = late.ben.timeline(&late.room).await;
        let answers = |entry: &Entry| entry.in_reply_to.as_ref() == Some(&late.question);
        let is_answered = timeline.iter().any(answers);
        is_answered.then_some(()).ok_or("no answer")
    })
    .await;
    assert_eq!(told(&late.ben, &late.room, &late.bot.user_id).await, []);
}
