//! How answers refer to what they answer, and which threads need no mention.

use nanobot::testing::config::{GroupPolicy, ReadReceipts};
use serde_json::{Value, json};

use super::scene::{Scene, said};
use super::watcher::Watcher;
use crate::harness::account::{http_person, person};
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

#[tokio::test]
async fn in_a_direct_chat_an_answer_is_the_next_message() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let plain = scene.ask(&room, "hello").await;
    assert_eq!(plain["content"].get("m.relates_to"), None, "{plain}");
    assert_eq!(plain["content"]["m.mentions"], json!({}));

    // What comes in between needs a word about what is answered, also of one's own.
    let first = scene.ann.send_text(&room, "wait").await;
    scene.puppet.wait_for("wait").await;
    let second = scene.ann.send_text(&room, "and this?").await;
    scene.wait_for_backlog(2).await;
    scene.puppet.let_go(1);
    for question in [&first, &second] {
        let reply = scene.reply(&room, question).await;
        let relation = &reply["content"]["m.relates_to"];
        assert_eq!(relation["m.in_reply_to"]["event_id"], question.as_str());
        assert_eq!(reply["content"]["m.mentions"], json!({}));
    }

    // After a start, too: what was said before it came before the question.
    running.stop().await;
    let running = scene.run().await;
    let plain = scene.ask(&room, "!status").await;
    assert_eq!(plain["content"].get("m.relates_to"), None, "{plain}");
    running.stop().await;
}

#[tokio::test]
async fn an_encrypted_answer_says_in_clear_only_what_it_answers() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let bot = &*scene.bot.user_id;
    let ben = person(shared_synapse().await, "ben").await;
    let room = ben.create_room(&RoomSpec::direct(bot).encrypted()).await;
    ben.wait_for_member(&room, bot).await;
    let question = ben.send_text(&room, "hello").await;
    let answer = ben.wait_for_reply(&room, &question, bot).await;
    let relation = json!({"nanobot.answer": question});
    assert_eq!(answer.content["m.relates_to"], relation);
    assert_eq!(answer.content["m.mentions"], json!({}));
    assert!(answer.decrypted);
    running.stop().await;
}

#[tokio::test]
async fn in_a_group_who_asked_is_mentioned() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let bot = &*scene.bot.user_id;
    let ben = http_person(shared_synapse().await, "ben").await;
    let group = RoomSpec::group(&[bot, ben.user_id()]);
    let room = scene.ann.create_room(&group).await;
    scene.ann.wait_for_member(&room, bot).await;
    ben.join(&room).await;
    let question = scene.ann.send_text(&room, "hello").await;
    let answer = scene.reply(&room, &question).await;
    let content = &answer["content"];
    assert_eq!(
        content["m.relates_to"],
        json!({"m.in_reply_to": {"event_id": question}})
    );
    assert_eq!(
        content["m.mentions"],
        json!({"user_ids": [scene.ann.user_id()]})
    );
    running.stop().await;
}

#[tokio::test]
async fn a_thread_that_the_bot_takes_part_in_needs_no_mention() {
    let mut scene = Scene::new().await;
    scene.policy.group_policy = GroupPolicy::Mention;
    scene.policy.follow_threads = true;
    let running = scene.run().await;
    let bot = scene.bot.user_id.clone();
    let ben = http_person(shared_synapse().await, "ben").await;
    let group = RoomSpec::group(&[&bot, ben.user_id()]);
    let room = scene.ann.create_room(&group).await;
    scene.ann.wait_for_member(&room, &bot).await;
    ben.join(&room).await;
    let send = async |content: &Value| scene.ann.send(&room, "m.room.message", content).await;

    let start = send(&message::text("to all")).await;
    let others = send(&message::text("between us")).await;
    send(&message::in_thread(&start, &start, "not yet")).await;
    let mut called = message::in_thread(&start, &start, "and you?");
    called["m.mentions"] = json!({"user_ids": [bot]});
    let called = send(&called).await;
    scene.reply(&room, &called).await;
    let followed = send(&message::in_thread(&start, &called, "really?")).await;
    scene.reply(&room, &followed).await;
    running.stop().await;

    // The homeserver knows it, also after a start; and of a thread on what the bot said itself.
    let running = scene.run().await;
    send(&message::in_thread(&others, &others, "only we two")).await;
    let again = send(&message::in_thread(&start, &followed, "still there?")).await;
    let answer = scene.reply(&room, &again).await;
    assert_eq!(
        answer["content"]["m.relates_to"]["event_id"],
        start.as_str()
    );
    let mentioned = send(&message::mention("hello bot", &[&bot])).await;
    let answer = scene.reply(&room, &mentioned).await;
    let own = answer["event_id"].as_str().unwrap();
    let below = send(&message::in_thread(own, own, "why?")).await;
    scene.reply(&room, &below).await;
    running.stop().await;
    let answered = said(&scene.ann, &room, &bot).await;
    let answered: Vec<_> = answered.into_iter().map(|(question, _)| question).collect();
    assert_eq!(answered, [called, followed, again, mentioned, below]);
}

#[tokio::test]
async fn what_was_read_is_shown_to_nobody_where_that_is_configured() {
    let mut scene = Scene::new().await;
    scene.read_receipts = ReadReceipts::Private;
    let bot = scene.bot.user_id.clone();
    let running = scene.run().await;
    let room = scene.direct().await;
    let watcher = Watcher::new(&scene.ann, &room).await;
    let own = Watcher::new(&scene.bot.account().await, &room).await;
    let private = scene.ann.send_text(&room, "secretly").await;
    scene.reply(&room, &private).await;
    own.private_receipt(&private, &bot).await;
    running.stop().await;
    scene.read_receipts = ReadReceipts::Public;
    let running = scene.run().await;
    let public = scene.ann.send_text(&room, "openly").await;
    scene.reply(&room, &public).await;
    assert_eq!(watcher.receipt(&public, &bot).await, "main");
    assert!(!watcher.has_receipt(&private, &bot));
    running.stop().await;
}
