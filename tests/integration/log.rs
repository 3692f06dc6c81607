//! What the gateway logs, for a person and for a program.

use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::message::mention;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

/// A named group of ann, ben and the bot, which ignores ben and whatever does not mention it.
async fn group(bot: &Bot, ann: &HttpPerson, ben: &HttpPerson) -> String {
    bot.set("allowFrom", json!([ann.user_id()]));
    bot.set("groupPolicy", "mention");
    let room = RoomSpec::group(&[&bot.user_id, ben.user_id()]).with("name", json!("The room"));
    let room = ann.create_room(&room).await;
    ben.join(&room).await;
    room
}

#[tokio::test]
async fn a_program_reads_an_object_for_each_message() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (ann, ben) = tokio::join!(http_person(synapse, "ann"), http_person(synapse, "ben"));
    let room = group(&bot, &ann, &ben).await;
    let gateway = Gateway::connected(&bot.home, &["-v", "--log-format", "json"]).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    ben.send_text(&room, "canary of ben").await;
    let ignored = ann.send_text(&room, "canary without a mention").await;
    let mention = mention("canary for the bot", &[&bot.user_id]);
    let question = ann.send(&room, "m.room.message", &mention).await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    gateway.expect_line("\"answered\"", PATIENCE).await;
    assert_eq!(gateway.terminate().await, 0);

    let log = gateway.stderr();
    let lines = log.lines().map(serde_json::from_str);
    let lines: Vec<Value> = lines.map(|line| line.expect("an object")).collect();
    let named = |event: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["event"] == event).collect()
    };
    for event in [
        "connecting",
        "connected",
        "joined",
        "encryption_ready",
        "stopped",
    ] {
        assert_eq!(named(event).len(), 1, "{event}: {log}");
    }
    let verdicts: Vec<_> = named("message")
        .iter()
        .map(|line| line["verdict"].clone())
        .collect();
    assert_eq!(
        verdicts,
        ["sender-not-allowed", "not-mentioned", "answered"],
        "{log}"
    );
    let [_, refused, answered] = named("message")[..] else {
        panic!("{log}");
    };
    assert_eq!(refused["event_id"], ignored);
    assert_eq!(answered["event_id"], question);
    assert_eq!(answered["sender"], ann.user_id());
    assert_eq!(answered["room_id"], room);
    assert_eq!(answered["agent"], "echo");
    assert!(answered["ms"].is_u64(), "{answered}");
    assert_eq!(answered["level"], "info");
    let words = answered["message"].as_str().unwrap();
    assert!(
        words.contains("in \"The room\": answered by echo in "),
        "{words}"
    );
    // It repeats what was said in the room, and nowhere else.
    bot.home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn without_options_only_warnings_and_their_ends_are_logged_once() {
    let mut synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let gateway = bot.run().await;
    synapse.stop().await.unwrap();
    let outage = gateway
        .expect_line("homeserver unreachable", PATIENCE)
        .await;
    assert!(outage.is_error);
    synapse.restart().await.unwrap();
    let recovered = gateway
        .expect_line("homeserver reachable again", PATIENCE)
        .await;
    assert!(
        recovered.text.contains("failed attempt"),
        "{}",
        recovered.text
    );
    assert_eq!(gateway.terminate().await, 0);
    let log = gateway.stderr();
    let messages: Vec<_> = log.lines().filter_map(|line| line.get(28..)).collect();
    let [connecting, unreachable, _] = messages[..] else {
        panic!("{log}");
    };
    assert!(
        connecting.starts_with(" INFO connecting to http://"),
        "{log}"
    );
    assert!(
        unreachable.starts_with(" WARN homeserver unreachable ("),
        "{log}"
    );
    assert!(unreachable.contains("); retrying in "), "{log}");
    assert!(!log.contains("SendRequest"), "{log}");
}

#[tokio::test]
async fn an_agent_that_fails_is_told_when_it_begins_and_ends() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let works = bot.home.path().join("works");
    let shell = format!("test -e {} && echo yes", works.display());
    bot.set("agent", json!({"type": "command", "shell": shell}));
    bot.set("allowFrom", json!([ann.user_id()]));
    let gateway = bot.run().await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let ask = async || {
        let question = ann.send_text(&room, "?").await;
        ann.wait_for_reply(&room, &question, &bot.user_id).await;
    };
    for _ in 0..3 {
        ask().await;
    }
    std::fs::write(works, "").unwrap();
    ask().await;
    let end = gateway
        .expect_line("the agent answers again after", PATIENCE)
        .await;
    assert!(end.text.ends_with(" (3 failures)"), "{}", end.text);
    assert_eq!(gateway.terminate().await, 0);
    let log = gateway.stderr();
    let failed: Vec<_> = log.lines().filter(|line| line.contains("failed")).collect();
    let [failed] = failed[..] else {
        panic!("{log}");
    };
    assert!(
        failed.contains(&format!("ERROR {} in ", ann.user_id())),
        "{log}"
    );
}

#[tokio::test]
async fn what_ends_the_gateway_is_a_line_for_a_program_too() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.set("deviceId", "ANOTHER");
    let gateway = ["gateway", "--log-format", "json"];
    let output = bot.home.run(&gateway, "").await.expect_code(1);
    let lines = output.stderr.lines().map(serde_json::from_str::<Value>);
    let mut lines = lines.map(|line| line.expect("an object"));
    let last = lines.next_back().unwrap();
    assert_eq!(last["event"], "failed", "{output}");
    assert_eq!(last["level"], "error");
    assert_eq!(last["exit_code"], 1);
    let message = last["message"].as_str().unwrap();
    assert!(message.contains("but deviceId is ANOTHER"), "{message}");
    let fix = last["fix"].as_str().unwrap();
    assert!(fix.contains("`nanobot login`"), "{fix}");
}
