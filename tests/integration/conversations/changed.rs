//! Questions that are edited or deleted while the agent is at them, answers that are taken back,
//! and what is not even asked.

use serde_json::json;

use super::puppet::Puppet;
use super::scene::Scene;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::message::edit;
use crate::harness::relay::relay;
use crate::harness::room::RoomSpec;
use crate::sending::Front;

#[tokio::test]
async fn an_edit_while_the_agent_is_at_it_is_answered_in_its_new_words() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let question = scene.ann.send_text(&room, "wait for ever").await;
    scene.puppet.wait_for("wait for ever").await;
    let other = scene.ann.send_text(&room, "behind it").await;
    let content = edit(&question, "in other words");
    scene.ann.send(&room, "m.room.message", &content).await;
    scene.reply(&room, &other).await;
    running.stop().await;
    let expected = [
        (question, "answer to in other words".to_owned()),
        (other, "answer to behind it".to_owned()),
    ];
    assert_eq!(scene.said(&room).await, expected);
    assert_eq!(scene.puppet.given_up(), 1);
}

#[tokio::test]
async fn work_that_may_not_be_doubled_is_not_begun_again() {
    let scene = Scene::with(Puppet::unrepeatable()).await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let question = scene.ann.send_text(&room, "wait a moment").await;
    scene.puppet.wait_for("wait a moment").await;
    let content = edit(&question, "in other words");
    scene.ann.send(&room, "m.room.message", &content).await;
    // What is said behind the edit is taken in after it.
    let behind = scene.ann.send_text(&room, "behind it").await;
    scene.wait_for_backlog(2).await;
    scene.puppet.let_go(1);
    scene.reply(&room, &behind).await;
    running.stop().await;
    assert_eq!(scene.puppet.texts(), ["wait a moment", "behind it"]);
    assert_eq!(scene.puppet.given_up(), 0);
}

#[tokio::test]
async fn a_question_that_is_deleted_while_the_agent_is_at_it_stays_without_an_answer() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let question = scene.ann.send_text(&room, "wait for ever").await;
    scene.puppet.wait_for("wait for ever").await;
    scene.ann.redact(&room, &question).await;
    let next = scene.ann.send_text(&room, "next").await;
    scene.reply(&room, &next).await;
    running.stop().await;
    assert_eq!(
        scene.said(&room).await,
        [(next, "answer to next".to_owned())]
    );
    assert_eq!(scene.puppet.given_up(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_an_answer_that_a_moderator_takes_back_is_not_sent() {
    let (mut scene, front) = (Scene::new().await, Front::default());
    scene.homeserver = relay(scene.homeserver.clone(), front.clone()).await;
    let running = scene.run().await;
    let room = scene.direct().await;
    // Too long for one event.
    let long = format!("{} the end", "word ".repeat(20_000));
    scene.puppet.say_at_length(&long);
    let kept_back = front.keep_back();
    let question = scene.ann.send_text(&room, "at length").await;
    let first = scene.reply(&room, &question).await;
    let first = first["event_id"].as_str().unwrap();
    scene.ann.redact(&room, first).await;
    scene.wait_for_backlog(0).await;
    drop(kept_back);
    let next = scene.ask(&room, "next").await;
    assert_eq!(next["content"]["body"], "answer to next");
    running.stop().await;
    let said = scene.said(&room).await;
    assert_eq!(said.len(), 2, "{said:.200?}");
}

#[tokio::test]
async fn what_could_not_be_answered_costs_no_question() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let muted = RoomSpec::group(&[&scene.bot.user_id]).with(
        "power_level_content_override",
        json!({"events_default": 50}),
    );
    let muted = scene.ann.create_room(&muted).await;
    scene.ann.wait_for_member(&muted, &scene.bot.user_id).await;
    let open = scene.direct().await;
    scene.ann.send_text(&muted, "can you speak?").await;
    scene.ann.send_text(&open, " \n\u{200b}").await;
    scene.ask(&open, "and here?").await;
    eventually("the refusal", PATIENCE, || async {
        match scene.status().await.refused.get("room-muted") {
            Some(refused) if refused.count == 1 => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    assert_eq!(scene.puppet.texts(), ["and here?"]);
    // A command is obeyed all the same, without a word.
    scene.ann.send_text(&muted, "!new").await;
    eventually("the command", PATIENCE, || async {
        let forgotten = scene.puppet.forgotten();
        let waiting = scene.status().await.backlog.unwrap_or_default().waiting;
        let is_done = forgotten.len() == 1 && waiting == 0;
        is_done
            .then_some(())
            .ok_or(format!("{forgotten:?}, {waiting}"))
    })
    .await;
    assert!(scene.said(&muted).await.is_empty());
    running.stop().await;
}
