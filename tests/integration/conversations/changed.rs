//! Questions that are edited or deleted while the agent is at them, and answers that are taken
//! back.

use axum::http::StatusCode;

use super::puppet::Puppet;
use super::scene::Scene;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::message::edit;

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

#[tokio::test]
async fn the_rest_of_an_answer_that_a_moderator_takes_back_is_not_sent() {
    let (mut scene, front) = (Scene::new().await, crate::sending::Front::default());
    scene.homeserver = crate::harness::relay::relay(scene.homeserver.clone(), front.clone()).await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let long = format!("{} the end", "word ".repeat(20_000));
    let mut sent = 0;
    front.answer(move |path| {
        if !path.contains("/send/m.room.message/") {
            return None;
        }
        sent += 1;
        (sent > 1).then_some((
            StatusCode::TOO_MANY_REQUESTS,
            "{\"errcode\": \"M_LIMIT_EXCEEDED\", \"error\": \"\", \"retry_after_ms\": 3000}",
        ))
    });
    // Too long for one event; the puppet says it back, in several.
    scene.puppet.say_at_length(&long);
    let question = scene.ann.send_text(&room, "at length").await;
    let first = scene.reply(&room, &question).await;
    let first = first["event_id"].as_str().unwrap();
    scene.ann.redact(&room, first).await;
    eventually("the withdrawal", PATIENCE, || async {
        let waiting = scene.status().await.backlog.map_or(1, |it| it.waiting);
        (waiting == 0).then_some(()).ok_or(waiting)
    })
    .await;
    front.pass();
    let next = scene.ask(&room, "next").await;
    assert_eq!(next["content"]["body"], "answer to next");
    running.stop().await;
    let said = scene.said(&room).await;
    assert_eq!(said.len(), 2, "{said:.200?}");
}
