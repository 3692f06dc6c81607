//! When things go wrong: deaths at every point, many conversations, slow and hung homeservers,
//! refused keys.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::account::{Bot, LONG, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::Wanted;
use crate::harness::eventually::PATIENCE;
use crate::harness::message;
use crate::harness::process::Process;
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

/// The points at which the work on a message can be cut short, in the order they are reached.
const CRASH_POINTS: [&str; 4] = ["journal", "dispatch", "send", "close"];
const DEATHS_PER_POINT: usize = 10;

/// Runs the gateway until it dies where it was told to.
pub async fn die_at(bot: &Bot, point: &str) {
    let mut command = bot.home.command(&["gateway"]);
    command.env("NANOBOT_CRASH_POINT", point);
    let process = Process::spawn(command, bot.home.record());
    process.give(b"");
    let output = process.wait(PATIENCE).await;
    assert_eq!(
        output.code,
        128 + 9,
        "it did not die at {point}: {output:?}"
    );
}

#[tokio::test]
async fn dying_at_every_point_loses_nothing_and_doubles_nothing() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = person(synapse, "ann").await;
    let gateway = bot.run().await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    gateway.terminate().await;

    let mut questions = Vec::new();
    for number in 0..DEATHS_PER_POINT {
        ann.rotate_session(&room).await;
        questions.push(ann.send_text(&room, &format!("message {number}")).await);
        // Each start takes the same message a step further than the last.
        for point in CRASH_POINTS {
            die_at(&bot, point).await;
        }
    }
    let _gateway = bot.run().await;
    let last = ann.send_text(&room, "the last one").await;
    questions.push(last.clone());
    ann.wait_for_reply(&room, &last, &bot.user_id).await;
    let answered: Vec<_> = ann
        .timeline(&room)
        .await
        .into_iter()
        .filter(|event| event.sender == bot.user_id && event.msgtype.is_some())
        .filter_map(|event| event.in_reply_to)
        .collect();
    assert_eq!(answered, questions);
}

#[tokio::test]
async fn fifty_conversations_are_answered_side_by_side() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let _gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let mut rooms = Vec::new();
    for _ in 0..50 {
        rooms.push(ann.create_room(&RoomSpec::direct(&bot.user_id)).await);
    }
    for room in &rooms {
        ann.wait_for_member(room, &bot.user_id).await;
    }
    let mut questions = Vec::new();
    for round in 0..3 {
        for room in &rooms {
            let question = ann.send_text(room, &format!("round {round}")).await;
            questions.push((room, question));
        }
    }
    for (room, question) in questions {
        ann.wait_for_reply(room, &question, &bot.user_id).await;
    }
}

#[tokio::test]
async fn a_burst_of_two_hundred_is_answered_in_order() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let _gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let texts: Vec<_> = (0..200).map(|number| format!("message {number}")).collect();
    ann.send_many(&room, &texts, true).await;
    let wanted = Wanted {
        sender: Some(&bot.user_id),
        msgtype: Some("m.text"),
        ..Wanted::default()
    };
    let replies = ann.wait_for_many(&room, &wanted, texts.len(), LONG).await;
    let timeline = ann.timeline(&room).await;
    let questions = timeline
        .iter()
        .filter(|event| event.sender == ann.user_id() && event.msgtype.is_some());
    let questions: Vec<_> = questions.map(|event| event.event_id.as_str()).collect();
    let answered: Vec<_> = replies
        .iter()
        .filter_map(|reply| reply.in_reply_to.as_deref())
        .collect();
    assert_eq!(answered, questions);
}

#[tokio::test]
async fn default_rate_limits_slow_it_down_and_lose_nothing() {
    let synapse = own_synapse(Config {
        default_rate_limits: true,
        ..Config::default()
    })
    .await;
    let bot = Bot::new(&synapse).await;
    let _gateway = bot.run().await;
    let ann = http_person(&synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let mut questions = Vec::new();
    for number in 0..30 {
        questions.push(send_patiently(&ann, &room, &format!("message {number}")).await);
    }
    crate::harness::eventually::eventually("all answers", LONG, || async {
        let events = ann.events(&room).await;
        let answered: Vec<_> = events
            .iter()
            .filter(|event| event["sender"] == bot.user_id.as_str())
            .filter_map(|event| message::answers(&event["content"]))
            .collect();
        if answered == questions {
            Ok(())
        } else {
            Err(format!("{} of {}", answered.len(), questions.len()))
        }
    })
    .await;
}

/// Sends a text, as often as the homeserver asks for patience.
async fn send_patiently(
    ann: &crate::harness::http_person::HttpPerson,
    room: &str,
    body: &str,
) -> String {
    let transaction = crate::harness::shared::new_name("patient");
    let path = ["v3", "rooms", room, "send", "m.room.message", &transaction];
    let content = json!({"msgtype": "m.text", "body": body});
    let sent = crate::harness::eventually::eventually("a place in the room", LONG, || async {
        ann.try_call(reqwest::Method::PUT, &path, Some(&content))
            .await
            .map_err(|refused| refused.status.to_string())
    })
    .await;
    sent["event_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_hung_homeserver_does_not_end_it() {
    let synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let gateway = bot.run().await;
    let ann = http_person(&synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    synapse.pause();
    gateway
        .expect_line("homeserver unreachable", Duration::from_mins(2))
        .await;
    synapse.resume();
    let question = ann.send_text(&room, "awake?").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
}

/// Refuses the bot's keys.
#[derive(Clone)]
struct RefuseKeys;

impl Meddler for RefuseKeys {
    fn refuse(&self, path: &str, body: &[u8]) -> Option<&'static str> {
        let uploads_keys = path.ends_with("/keys/upload") && body.len() > 2;
        uploads_keys.then_some("{\"errcode\": \"M_UNKNOWN\", \"error\": \"no keys today\"}")
    }
}

#[tokio::test]
async fn while_its_keys_are_refused_it_does_not_call_encryption_enabled() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let account = http_person(synapse, "refused").await;
    let url = relay(synapse.base_url(), RefuseKeys).await;
    bot.home.write_config(
        &json!({"channels": {"matrix": {
            "enabled": true, "homeserver": url, "userId": account.user_id(),
            "accessToken": account.access_token(), "deviceId": account.device_id(),
        }}})
        .to_string(),
    );
    let gateway = Gateway::connected(&bot.home, &[]).await;
    gateway
        .expect_line("encryption does not work", PATIENCE)
        .await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(account.user_id())).await;
    ann.wait_for_member(&room, account.user_id()).await;
    let question = ann.send_text(&room, "in plain words").await;
    ann.wait_for_reply(&room, &question, account.user_id())
        .await;
    assert!(!gateway.stdout().contains("E2EE enabled"));
}

/// The SDK's words for five seconds in which nothing is sent and nothing comes in.
const STALLED: &str = "pending `/keys/query` request which did";

/// That a gateway with a full log never waited for keys.
fn assert_not_stalled(gateway: &Gateway) {
    let log = gateway.stderr();
    assert!(!log.contains(STALLED), "{log}");
}

#[tokio::test]
async fn many_new_encrypted_rooms_do_not_hold_each_other_up() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = Gateway::connected(&bot.home, &["-vvv"]).await;
    let ann = person(synapse, "ann").await;
    let mut rooms = Vec::new();
    for _ in 0..20 {
        let spec = RoomSpec::direct(&bot.user_id).encrypted();
        rooms.push(ann.create_room(&spec).await);
    }
    for room in &rooms {
        ann.wait_for_member(room, &bot.user_id).await;
    }
    let hello = ["hello".to_owned()];
    let asked = join_all(rooms.iter().map(|room| ann.send_many(room, &hello, true))).await;
    for (room, questions) in rooms.iter().zip(&asked) {
        ann.wait_for_reply(room, &questions[0], &bot.user_id).await;
    }
    assert_not_stalled(&gateway);
}

#[tokio::test]
async fn a_member_without_devices_holds_nobody_up() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = Gateway::connected(&bot.home, &["-vvv"]).await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::group(&[]).encrypted();
    let room = ann.create_room(&room).await;
    // More than those of whom the bot hears when it joins.
    for _ in 0..8 {
        let member = http_person(synapse, "eve").await;
        ann.invite(&room, member.user_id()).await;
        member.join(&room).await;
    }
    let words: Vec<_> = (0..25).map(|number| number.to_string()).collect();
    ann.send_many(&room, &words, false).await;
    ann.invite(&room, &bot.user_id).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    for words in ["hello", "are you there"] {
        let question = ann.send_text(&room, words).await;
        ann.wait_for_reply(&room, &question, &bot.user_id).await;
    }
    assert_not_stalled(&gateway);
}
