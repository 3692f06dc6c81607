//! Conversations with an agent that takes its time, fails, and is told to stop.

mod changed;
mod commands;
mod context;
mod element;
mod kinds;
mod load;
mod manner;
mod marks;
mod missing_keys;
mod puppet;
mod quotes;
mod reactions;
mod scene;
mod watcher;

use std::fs;

use nanobot::testing::agent::WhileBusy;
use reqwest::Method;
use serde_json::json;

use self::puppet::{OUT_OF_ORDER, Puppet};
use self::scene::{Scene, said};
use self::watcher::Watcher;
use crate::harness::account::{Bot, http_person, person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::stress::die_at;

async fn call_oneself(person: &HttpPerson, name: &str) {
    let path = ["v3", "profile", person.user_id(), "displayname"];
    let name = json!({"displayname": name});
    person.call(Method::PUT, &path, Some(&name)).await;
}

#[tokio::test]
async fn the_agent_is_told_who_speaks_and_where() {
    let scene = Scene::new().await;
    call_oneself(&scene.ann, "Ann\n\u{202e}A.").await;
    let running = scene.run().await;
    let direct = scene.direct().await;
    scene.ask(&direct, "directly").await;
    let told = scene.puppet.wait_for("directly").await;
    assert_eq!(told.sender.user_id, scene.ann.user_id());
    assert_eq!(told.sender.display_name.as_deref(), Some("Ann A."));
    assert_eq!((told.room.direct, told.room.encrypted), (true, false));
    assert_eq!(told.room.name, None);
    assert_eq!(told.conversation(), format!("matrix:{direct}"));

    let ben = person(shared_synapse().await, "ben").await;
    let group = RoomSpec::group(&[&scene.bot.user_id, scene.ann.user_id()]);
    let group = ben.create_room(&group.encrypted().named("The lab")).await;
    scene.ann.join(&group).await;
    ben.wait_for_member(&group, &scene.bot.user_id).await;
    ben.wait_for_member(&group, scene.ann.user_id()).await;
    let root = ben.send_text(&group, "to all").await;
    ben.wait_for_reply(&group, &root, &scene.bot.user_id).await;
    let threaded = message::in_thread(&root, &root, "in a thread");
    let threaded = ben.send(&group, "m.room.message", threaded).await;
    let reply = ben
        .wait_for_reply(&group, &threaded, &scene.bot.user_id)
        .await;
    assert_eq!(reply.content["m.relates_to"]["event_id"], root.as_str());
    let told = scene.puppet.wait_for("in a thread").await;
    assert_eq!((told.room.direct, told.room.encrypted), (false, true));
    assert_eq!(told.room.name.as_deref(), Some("The lab"));
    assert_eq!(told.event_id, threaded);
    assert_eq!(told.conversation(), format!("matrix:{group}:thread:{root}"));
    running.stop().await;
}

#[tokio::test]
async fn typing_is_shown_while_it_works_and_always_taken_back() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let watcher = Watcher::new(&scene.ann, &room).await;
    let bot = scene.bot.user_id.as_str();

    let question = scene.ann.send_text(&room, "wait for it").await;
    watcher.typing(bot, true).await;
    scene.puppet.let_go(1);
    scene.reply(&room, &question).await;
    watcher.typing(bot, false).await;

    // Two threads of one room: the first that is done takes nothing back.
    let begun = scene.ann.send_text(&room, "wait here").await;
    let threaded = message::in_thread(&begun, &begun, "wait there");
    scene.puppet.wait_for("wait here").await;
    let threaded = scene.ann.send(&room, "m.room.message", &threaded).await;
    scene.puppet.wait_for("wait there").await;
    watcher.typing(bot, true).await;
    let times = watcher.times_typing(bot);
    scene.puppet.let_go(1);
    scene.reply(&room, &begun).await;
    watcher.typing(bot, true).await;
    assert_eq!(watcher.times_typing(bot), times);
    scene.puppet.let_go(1);
    scene.reply(&room, &threaded).await;
    watcher.typing(bot, false).await;

    scene.ann.send_text(&room, "wait for ever").await;
    watcher.typing(bot, true).await;
    scene.ask(&room, "!stop").await;
    watcher.typing(bot, false).await;

    scene.ann.send_text(&room, "wait until the end").await;
    watcher.typing(bot, true).await;
    running.stop().await;
    watcher.typing(bot, false).await;
    assert_eq!(scene.puppet.given_up(), 2);
}

#[tokio::test]
async fn a_failure_is_said_and_typing_taken_back() {
    let scene = Scene::with(Puppet::slow(std::time::Duration::from_secs(1))).await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let watcher = Watcher::new(&scene.ann, &room).await;
    for (text, words) in [("fail", OUT_OF_ORDER), ("panic", "internal error")] {
        let question = scene.ann.send_text(&room, text).await;
        watcher.typing(&scene.bot.user_id, true).await;
        let reply = scene.reply(&room, &question).await;
        let body = reply["content"]["body"].as_str().unwrap();
        assert!(body.contains(words), "{body}");
        assert_eq!(reply["content"]["msgtype"], "m.notice");
        assert!(
            !body.contains("story") && !body.contains("strings"),
            "{body}"
        );
        watcher.typing(&scene.bot.user_id, false).await;
        let told = scene
            .status()
            .await
            .last_error
            .expect("the failure is told")
            .message;
        let story = if text == "fail" {
            "the whole story"
        } else {
            "strings"
        };
        assert!(told.contains(story), "{told}");
    }
    // The next one is answered as if nothing had been.
    let reply = scene.ask(&room, "and now?").await;
    assert_eq!(reply["content"]["body"], "answer to and now?");
    running.stop().await;
}

#[tokio::test]
async fn what_it_has_dealt_with_is_marked_as_read_in_its_thread() {
    let mut scene = Scene::new().await;
    let eve = http_person(shared_synapse().await, "eve").await;
    scene.policy.allow_from =
        nanobot::testing::policy::AllowFrom::Users(vec![scene.ann.user_id().to_owned()]);
    let running = scene.run().await;
    let room = RoomSpec::group(&[&scene.bot.user_id, eve.user_id()]);
    let room = scene.ann.create_room(&room).await;
    eve.join(&room).await;
    scene.ann.wait_for_member(&room, &scene.bot.user_id).await;
    let watcher = Watcher::new(&scene.ann, &room).await;
    let bot = scene.bot.user_id.as_str();

    let stranger = eve.send_text(&room, "from a stranger").await;
    let question = scene.ann.send_text(&room, "in the room").await;
    scene.reply(&room, &question).await;
    assert_eq!(watcher.receipt(&question, bot).await, "main");
    let threaded = message::in_thread(&question, &question, "in a thread");
    let threaded = scene.ann.send(&room, "m.room.message", &threaded).await;
    scene.reply(&room, &threaded).await;
    assert_eq!(watcher.receipt(&threaded, bot).await, question);
    let unanswered = scene.ann.send_text(&room, "nothing to say").await;
    assert_eq!(watcher.receipt(&unanswered, bot).await, "main");
    let stranger_again = eve.send_text(&room, "from a stranger again").await;
    let last = scene.ann.send_text(&room, "!help").await;
    watcher.receipt(&last, bot).await;
    for unread in [stranger, stranger_again] {
        assert!(!watcher.has_receipt(&unread, bot));
    }
    running.stop().await;
}

#[tokio::test]
async fn messages_of_one_conversation_are_answered_in_order_and_others_meanwhile() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let mut questions = Vec::new();
    for text in ["wait for it", "second", "third"] {
        questions.push(scene.ann.send_text(&room, text).await);
    }
    scene.puppet.wait_for("wait for it").await;
    let threaded = message::in_thread(&questions[0], &questions[0], "in a thread");
    let threaded = scene.ann.send(&room, "m.room.message", &threaded).await;
    scene.reply(&room, &threaded).await;
    assert_eq!(scene.puppet.texts(), ["wait for it", "in a thread"]);
    scene.puppet.let_go(1);
    scene.reply(&room, &questions[2]).await;
    let said = scene.said(&room).await;
    let answered: Vec<_> = said.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(
        answered,
        [&threaded, &questions[0], &questions[1], &questions[2]]
    );
    running.stop().await;
}

#[tokio::test]
async fn what_waits_is_handed_over_together_where_that_is_wanted() {
    let mut scene = Scene::new().await;
    scene.while_busy = WhileBusy::Together;
    let ben = http_person(shared_synapse().await, "ben").await;
    call_oneself(&ben, "Ben").await;
    let running = scene.run().await;
    let room = RoomSpec::group(&[&scene.bot.user_id, ben.user_id()]);
    let room = scene.ann.create_room(&room).await;
    ben.join(&room).await;
    scene.ann.wait_for_member(&room, &scene.bot.user_id).await;
    let first = scene.ann.send_text(&room, "wait for it").await;
    scene.puppet.wait_for("wait for it").await;
    scene.ann.send_text(&room, "one").await;
    let last = scene.ann.send_text(&room, "two").await;
    scene.wait_for_backlog(3).await;
    scene.puppet.let_go(1);
    let reply = scene.reply(&room, &last).await;
    assert_eq!(reply["content"]["body"], "answer to one\n\ntwo");
    assert_eq!(scene.puppet.asked()[1].event_id, last);

    let again = scene.ann.send_text(&room, "wait again").await;
    scene.puppet.wait_for("wait again").await;
    scene.ann.send_text(&room, "of ann").await;
    let of_ben = ben.send_text(&room, "of ben").await;
    scene.wait_for_backlog(3).await;
    scene.puppet.let_go(1);
    scene.reply(&room, &of_ben).await;
    let (ann, ben) = (scene.ann.user_id(), ben.user_id());
    let name = ann[1..].split(':').next().unwrap();
    assert_eq!(
        scene.puppet.texts()[3],
        format!("{name} ({ann}):\n> of ann\n\nBen ({ben}):\n> of ben")
    );
    let answered: Vec<_> = scene
        .said(&room)
        .await
        .into_iter()
        .map(|(to, _)| to)
        .collect();
    assert_eq!(answered, [first, last, again, of_ben]);
    running.stop().await;
}

/// Dies before the one answer is sent, and after it was sent and before that is recorded.
#[tokio::test]
async fn killed_with_messages_together_it_answers_each_of_them_once() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set("agent", json!({"type": "echo", "whileBusy": "together"}));
    let ann = http_person(synapse, "ann").await;
    let gateway = bot.run().await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
    let mut questions = Vec::new();
    for number in 0..3 {
        questions.push(ann.send_text(&room, &format!("before {number}")).await);
    }
    die_at(&bot, "send").await;
    let later = ann.send_text(&room, "later").await;
    die_at(&bot, "close").await;
    let _gateway = bot.run().await;
    ann.wait_for_reply(&room, &later, &bot.user_id).await;
    let together = "before 0\n\nbefore 1\n\nbefore 2";
    assert_eq!(
        said(&ann, &room, &bot.user_id).await,
        [
            (questions.swap_remove(2), together.to_owned()),
            (later, "later".to_owned())
        ]
    );
}

/// Dies while a program works at what was handed over together, and takes up what came meanwhile.
#[tokio::test]
async fn killed_while_a_program_works_it_answers_each_message_once() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (asked, go) = (bot.home.path().join("asked"), bot.home.path().join("go"));
    let script = format!(
        "echo asked >> '{}'; while [ ! -e '{}' ]; do sleep 0.1; done; echo done",
        asked.display(),
        go.display()
    );
    bot.set(
        "agent",
        json!({"type": "command", "shell": script, "whileBusy": "together"}),
    );
    let ann = http_person(synapse, "ann").await;
    let gateway = bot.run().await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    ann.send_text(&room, "one").await;
    eventually("the program", PATIENCE, || async { fs::metadata(&asked) }).await;
    ann.send_text(&room, "two").await;
    let last = ann.send_text(&room, "three").await;
    gateway.kill().await;
    fs::write(&go, "").unwrap();
    let _gateway = bot.run().await;
    ann.wait_for_reply(&room, &last, &bot.user_id).await;
    let after = ann.send_text(&room, "after").await;
    ann.wait_for_reply(&room, &after, &bot.user_id).await;
    let answered: Vec<_> = said(&ann, &room, &bot.user_id).await;
    let done = |to: String| (to, "done".to_owned());
    assert_eq!(answered, [done(last), done(after)]);
    assert_eq!(fs::read_to_string(&asked).unwrap().lines().count(), 3);
}

/// Holds what is to be downloaded.
#[derive(Clone)]
struct NoMedia;

impl Meddler for NoMedia {
    fn hold(&self, path: &str) -> bool {
        path.contains("/media/download/")
    }
}

#[tokio::test]
async fn a_download_that_hangs_takes_no_place_and_can_be_stopped() {
    let mut scene = Scene::new().await;
    scene.conversations = 1;
    scene.homeserver = relay(scene.homeserver, NoMedia).await;
    let running = scene.run().await;
    let (hanging, other) = (scene.direct().await, scene.direct().await);
    let file = json!({"msgtype": "m.file", "body": "a.txt", "url": "mxc://localhost/abc"});
    scene.ann.send(&hanging, "m.room.message", &file).await;
    scene.ask(&other, "meanwhile").await;
    let stopped = scene.ask(&hanging, "!stop").await;
    let words = "Stopped. One message will not be answered.";
    assert_eq!(stopped["content"]["body"], words);
    scene.ask(&hanging, "after").await;
    assert_eq!(scene.puppet.texts(), ["meanwhile", "after"]);
    running.stop().await;
}

#[tokio::test]
async fn what_was_under_way_when_it_was_stopped_is_answered_after_the_next_start() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let question = scene.ann.send_text(&room, "wait for it").await;
    scene.puppet.wait_for("wait for it").await;
    running.stop().await;
    assert_eq!(scene.puppet.given_up(), 1);
    scene.puppet.let_go(1);
    let running = scene.run().await;
    scene.reply(&room, &question).await;
    scene.wait_for_backlog(0).await;
    running.stop().await;
}
