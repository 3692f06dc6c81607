//! What people tell the bot itself: help, new, stop, status.

use std::time::{Duration, Instant};

use nanobot::testing::agent::WhileBusy;
use nanobot::testing::config::GroupPolicy;
use nanobot::testing::policy::AllowFrom;
use serde_json::{Value, json};

use super::puppet::UNFORGETTABLE;
use super::scene::Scene;
use crate::harness::account::{http_person, person};
use crate::harness::entry::Wanted;
use crate::harness::eventually::PATIENCE;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// How soon it stops: a second, and what a busy machine takes to carry the words to and fro.
const SOON: Duration = Duration::from_secs(4);

fn body(event: &Value) -> &str {
    event["content"]["body"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn it_stops_at_once_even_when_all_places_are_taken() {
    let mut scene = Scene::new().await;
    scene.conversations = 1;
    let running = scene.run().await;
    let (working, queued) = (scene.direct().await, scene.direct().await);
    scene.ann.send_text(&working, "wait for ever").await;
    scene.puppet.wait_for("wait for ever").await;
    scene.ann.send_text(&working, "after that").await;
    scene.ann.send_text(&queued, "for a place").await;

    let begun = Instant::now();
    let stopped = scene.ask(&queued, "!stop").await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(body(&stopped), "Stopped. One message will not be answered.");
    assert_eq!(stopped["content"]["msgtype"], "m.notice");
    assert_eq!(scene.puppet.given_up(), 0);

    let begun = Instant::now();
    let stopped = scene.ask(&working, "/stop").await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(body(&stopped), "Stopped. 2 messages will not be answered.");
    // The place is free again, and what comes next is answered.
    let next = scene.ask(&queued, "next").await;
    assert_eq!(body(&next), "answer to next");
    assert_eq!(scene.puppet.given_up(), 1);
    assert_eq!(scene.puppet.texts(), ["wait for ever", "next"]);
    let stopped = scene.ask(&working, "!stop").await;
    assert_eq!(body(&stopped), "Nothing to stop here.");
    assert_eq!(scene.said(&working).await.len(), 2);
    running.stop().await;
}

#[tokio::test]
async fn what_was_stopped_while_it_was_away_stays_stopped() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    scene.ann.send_text(&room, "wait for ever").await;
    scene.puppet.wait_for("wait for ever").await;
    running.stop().await;
    scene.ann.send_text(&room, "and this").await;
    let stop = scene.ann.send_text(&room, "!stop").await;
    let after = scene.ann.send_text(&room, "after all").await;
    let running = scene.run().await;
    scene.reply(&room, &after).await;
    let stopped = scene.reply(&room, &stop).await;
    assert_eq!(body(&stopped), "Stopped. 2 messages will not be answered.");
    assert_eq!(scene.said(&room).await.len(), 2);
    running.stop().await;
}

#[tokio::test]
async fn each_command_is_obeyed_where_messages_are_handed_over_together() {
    let mut scene = Scene::new().await;
    scene.while_busy = WhileBusy::Together;
    let running = scene.run().await;
    let room = scene.direct().await;
    running.stop().await;
    let mut questions = Vec::new();
    for text in ["!help", "one", "two", "!hlep", "!status", "three"] {
        questions.push(scene.ann.send_text(&room, text).await);
    }
    let running = scene.run().await;
    for answered in [0, 3, 4, 5] {
        scene.reply(&room, &questions[answered]).await;
    }
    let said = scene.puppet.texts().join("\n\n");
    assert_eq!(said, "one\n\ntwo\n\nthree");
    running.stop().await;
}

#[tokio::test]
async fn a_thread_is_stopped_and_forgotten_by_itself() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let begun = scene.ann.send_text(&room, "wait in the room").await;
    scene.puppet.wait_for("wait in the room").await;
    let in_thread = |text: &str| message::in_thread(&begun, &begun, text);
    let threaded = in_thread("wait in the thread");
    scene.ann.send(&room, "m.room.message", &threaded).await;
    scene.puppet.wait_for("wait in the thread").await;

    let new = scene
        .ann
        .send(&room, "m.room.message", &in_thread("!new"))
        .await;
    let forgotten = scene.reply(&room, &new).await;
    assert_eq!(body(&forgotten), "I have forgotten this conversation.");
    let relation = &forgotten["content"]["m.relates_to"];
    assert_eq!(relation["event_id"], begun.as_str());
    assert_eq!(relation["rel_type"], "m.thread");
    assert_eq!(
        scene.puppet.forgotten(),
        [format!("matrix:{room}:thread:{begun}")]
    );
    assert_eq!(scene.puppet.given_up(), 1);

    let warned = scene.ask(&room, "!new ideas are welcome").await;
    assert!(
        body(&warned).starts_with("Nothing was forgotten."),
        "{warned}"
    );
    scene.puppet.let_go(1);
    scene.reply(&room, &begun).await;
    scene.ask(&room, "/new").await;
    assert_eq!(scene.puppet.forgotten()[1..], [format!("matrix:{room}")]);
    assert_eq!(scene.puppet.given_up(), 1);
    running.stop().await;
}

#[tokio::test]
async fn an_agent_that_breaks_down_while_it_forgets_does_not_end_the_bot() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    scene.ask(&room, UNFORGETTABLE).await;
    let reply = scene.ask(&room, "!new").await;
    let words = "I cannot forget this conversation. See the bot's log for the reason.";
    assert_eq!(body(&reply), words);
    scene.ask(&room, "and now?").await;
    running.stop().await;
}

#[tokio::test]
async fn help_status_and_slips_are_answered_beside_a_running_answer() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let ben = person(shared_synapse().await, "ben").await;
    let room = RoomSpec::direct(&scene.bot.user_id).encrypted();
    let room = ben.create_room(&room).await;
    ben.wait_for_member(&room, &scene.bot.user_id).await;
    ben.send_text(&room, "wait for ever").await;
    scene.puppet.wait_for("wait for ever").await;
    ben.send_text(&room, "second").await;
    let ask = async |text: &str| {
        let question = ben.send_text(&room, text).await;
        let reply = ben
            .wait_for_reply(&room, &question, &scene.bot.user_id)
            .await;
        assert!(reply.decrypted, "{reply:?}");
        assert_eq!(reply.msgtype.as_deref(), Some("m.notice"), "{reply:?}");
        reply.body.unwrap()
    };
    let help = ask("!help").await;
    for command in ["!help", "!new", "!stop", "!status"] {
        assert!(help.contains(command), "{help}");
    }
    let status = ask("/status").await;
    for words in [
        concat!("nanobot ", env!("CARGO_PKG_VERSION"), ", up for "),
        "Agent: puppet",
        "in progress: 1 of 16",
        "Messages waiting: 1",
        "This room is encrypted.",
    ] {
        assert!(status.contains(words), "{status}");
    }
    assert_eq!(
        ask("!hlep").await,
        "Unknown command !hlep. Did you mean !help?"
    );
    assert_eq!(ask("/models").await, "Unknown command /models. Try /help.");
    assert_eq!(scene.puppet.texts(), ["wait for ever"]);
    running.stop().await;
}

#[tokio::test]
async fn what_only_looks_like_a_command_is_for_the_agent() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    for text in [
        "/etc/passwd is broken",
        "!!!",
        "!important, read this",
        "say !help",
    ] {
        let reply = scene.ask(&room, text).await;
        assert_eq!(body(&reply), format!("answer to {text}"));
    }
    running.stop().await;
}

#[tokio::test]
async fn commands_are_taken_after_a_mention_and_only_from_those_who_are_answered() {
    let mut scene = Scene::new().await;
    let eve = http_person(shared_synapse().await, "eve").await;
    scene.policy.allow_from = AllowFrom::Users(vec![scene.ann.user_id().to_owned()]);
    scene.policy.group_policy = GroupPolicy::Mention;
    super::call_oneself(&scene.bot.account().await, "Nano Bot").await;
    let running = scene.run().await;
    let room = RoomSpec::group(&[&scene.bot.user_id, eve.user_id()]);
    let room = scene.ann.create_room(&room).await;
    eve.join(&room).await;
    scene.ann.wait_for_member(&room, &scene.bot.user_id).await;
    let bot = scene.bot.user_id.as_str();

    let pill = format!("<a href=\"https://matrix.to/#/{bot}\">An old name</a>: !help");
    let mut with_pill = message::mention("An old name: !help", &[bot]);
    with_pill["format"] = json!("org.matrix.custom.html");
    with_pill["formatted_body"] = json!(pill);
    let ignored = [
        eve.send(&room, "m.room.message", &message::mention("!help", &[bot]))
            .await,
        eve.send(&room, "m.room.message", &message::mention("!stop", &[bot]))
            .await,
        scene.ann.send_text(&room, "!help").await,
    ];
    for content in [
        message::mention("!help", &[bot]),
        message::mention(&format!("{bot}: !help"), &[bot]),
        message::mention("Nano Bot: /help", &[bot]),
        message::mention("@nano bot !help", &[bot]),
        with_pill,
    ] {
        let question = scene.ann.send(&room, "m.room.message", &content).await;
        let reply = scene.reply(&room, &question).await;
        assert!(
            body(&reply).starts_with("Write to me"),
            "{content}: {reply}"
        );
    }
    // Commands are answered in order, so nothing more comes for those before.
    let answered: Vec<_> = scene.said(&room).await;
    assert!(
        !answered.iter().any(|(to, _)| ignored.contains(to)),
        "{answered:?}"
    );
    assert!(scene.puppet.texts().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn killed_while_it_obeys_it_answers_a_command_once() {
    let synapse = shared_synapse().await;
    let bot = crate::harness::account::Bot::new(synapse).await;
    let gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
    let command = ann.send_text(&room, "!new").await;
    for point in ["journal", "dispatch", "send", "close"] {
        crate::stress::die_at(&bot, point).await;
    }
    let _gateway = bot.run().await;
    let last = ann.send_text(&room, "the last one").await;
    ann.wait_for_reply(&room, &last, &bot.user_id).await;
    let wanted = Wanted {
        sender: Some(&bot.user_id),
        kind: Some("m.room.message"),
        ..Wanted::default()
    };
    let said = ann.wait_for_many(&room, &wanted, 2, PATIENCE).await;
    let answered: Vec<_> = said
        .iter()
        .filter_map(|event| event.in_reply_to.as_deref())
        .collect();
    assert_eq!(answered, [&command, &last]);
    let all = ann.timeline(&room).await.into_iter();
    let all = all.filter(|event| event.sender == bot.user_id && event.msgtype.is_some());
    assert_eq!(all.count(), 2);
}
