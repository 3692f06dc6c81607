//! Reactions that say how far the bot is with a message.

use nanobot::testing::config::GroupPolicy;
use nanobot::testing::gateway::Marks;
use nanobot::testing::policy::AllowFrom;
use serde_json::Value;

use super::scene::Scene;
use crate::harness::account::{http_person, person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

async fn scene() -> Scene {
    let mut scene = Scene::new().await;
    scene.marks = Marks {
        seen: Some("👀".into()),
        working: Some("⏳".into()),
        failed: Some("❌".into()),
    };
    scene
}

/// The bot's reactions to an event, also those that were taken back: each with its emoji.
async fn reactions(scene: &Scene, room: &str, of: &str) -> (Vec<String>, usize) {
    let events = scene.ann.events(room).await.into_iter();
    let own = events.filter(|event| {
        event["type"] == "m.reaction" && event["sender"] == scene.bot.user_id.as_str()
    });
    let (there, gone): (Vec<_>, Vec<_>) =
        own.partition(|event| event["content"]["m.relates_to"].is_object());
    let of_it = |event: &Value| event["content"]["m.relates_to"]["event_id"] == of;
    let keys = there.iter().filter(|event| of_it(event)).map(|event| {
        let key = event["content"]["m.relates_to"]["key"].as_str();
        key.unwrap().to_owned()
    });
    (keys.collect(), gone.len())
}

async fn until(scene: &Scene, room: &str, of: &str, expected: &[&str]) {
    eventually(&format!("{expected:?}"), PATIENCE, || async {
        match reactions(scene, room, of).await {
            (there, _) if there == expected => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_shows_how_far_it_is() {
    let scene = scene().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let asked = scene.ann.send_text(&room, "wait").await;
    until(&scene, &room, &asked, &["⏳"]).await;
    scene.puppet.let_go(1);
    scene.reply(&room, &asked).await;
    until(&scene, &room, &asked, &[]).await;
    let failed = scene.ann.send_text(&room, "fail").await;
    until(&scene, &room, &failed, &["❌"]).await;
    // Whoever takes their question back finds nothing left of it.
    let deleted = scene.ann.send_text(&room, "wait in vain").await;
    until(&scene, &room, &deleted, &["⏳"]).await;
    scene.ann.redact(&room, &deleted).await;
    until(&scene, &room, &deleted, &[]).await;
    // Nor whoever stops the answer.
    let stopped = scene.ann.send_text(&room, "wait again").await;
    until(&scene, &room, &stopped, &["⏳"]).await;
    scene.ask(&room, "!stop").await;
    until(&scene, &room, &stopped, &[]).await;
    running.stop().await;
}

#[tokio::test]
async fn what_waits_behind_another_message_is_marked_at_once() {
    let mut scene = scene().await;
    let eve = http_person(shared_synapse().await, "eve").await;
    scene.policy.allow_from = AllowFrom::Users(vec![scene.ann.user_id().to_owned()]);
    scene.policy.group_policy = GroupPolicy::Mention;
    let running = scene.run().await;
    let bot = &*scene.bot.user_id;
    let room = RoomSpec::group(&[bot, eve.user_id()]);
    let room = scene.ann.create_room(&room).await;
    eve.join(&room).await;
    scene.ann.wait_for_member(&room, bot).await;
    let ask = async |words| {
        let words = message::mention(words, &[bot]);
        scene.ann.send(&room, "m.room.message", &words).await
    };
    let first = ask("wait").await;
    until(&scene, &room, &first, &["⏳"]).await;
    let second = ask("wait too").await;
    until(&scene, &room, &second, &["👀"]).await;
    let third = ask("wait in vain").await;
    until(&scene, &room, &third, &["👀"]).await;
    // What is not going to be answered is not.
    let not_meant = scene.ann.send_text(&room, "not for the bot").await;
    scene.ann.redact(&room, &third).await;
    until(&scene, &room, &third, &[]).await;
    scene.puppet.let_go(1);
    scene.reply(&room, &first).await;
    until(&scene, &room, &second, &["⏳"]).await;
    let last = ask("!stop").await;
    scene.reply(&room, &last).await;
    until(&scene, &room, &second, &[]).await;
    assert_eq!(reactions(&scene, &room, &not_meant).await.0, [""; 0]);
    running.stop().await;
}

#[tokio::test]
async fn a_start_takes_up_the_marks_of_the_last_run() {
    let scene = scene().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let asked = scene.ann.send_text(&room, "wait").await;
    until(&scene, &room, &asked, &["⏳"]).await;
    running.stop().await;
    assert_eq!(
        reactions(&scene, &room, &asked).await,
        (vec!["⏳".to_owned()], 0)
    );
    let running = scene.run().await;
    eventually("it is asked again", PATIENCE, || async {
        let times = scene.puppet.texts().len();
        if times == 2 {
            Ok(())
        } else {
            Err(times.to_string())
        }
    })
    .await;
    scene.puppet.let_go(1);
    scene.reply(&room, &asked).await;
    until(&scene, &room, &asked, &[]).await;
    // It was there once, whichever run set it.
    assert_eq!(reactions(&scene, &room, &asked).await, (vec![], 1));
    running.stop().await;
}

#[tokio::test]
async fn an_encrypted_message_is_marked_in_clear() {
    let scene = scene().await;
    let running = scene.run().await;
    let bot = &*scene.bot.user_id;
    let ben = person(shared_synapse().await, "ben").await;
    let room = ben.create_room(&RoomSpec::direct(bot).encrypted()).await;
    ben.wait_for_member(&room, bot).await;
    let asked = ben.send_text(&room, "wait").await;
    let is_mark = |entry: &&crate::harness::entry::Entry| {
        entry.kind == "m.reaction" && entry.sender == bot && !entry.decrypted
    };
    eventually("a mark", PATIENCE, || async {
        let timeline = ben.timeline(&room).await;
        let mark = timeline
            .iter()
            .find(is_mark)
            .map(|entry| entry.content.clone());
        let relation = mark.map(|content| content["m.relates_to"].clone());
        match relation {
            Some(relation) if relation["event_id"] == asked.as_str() => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    scene.puppet.let_go(1);
    ben.wait_for_reply(&room, &asked, bot).await;
    running.stop().await;
}
