//! Many conversations at once, each with an agent that takes its time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::puppet::Puppet;
use super::scene::Scene;
use crate::harness::account::LONG;
use crate::harness::eventually::eventually;
use crate::harness::message;

const ROOMS: usize = 10;
const THREADS: usize = 19;
const AT_ONCE: usize = 25;
const TAKES: Duration = Duration::from_secs(5);

/// How soon a command is answered meanwhile, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_conversations_wait_for_nothing_but_the_agent() {
    let mut scene = Scene::with(Puppet::slow(TAKES)).await;
    scene.conversations = AT_ONCE;
    let running = scene.run().await;
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(scene.direct().await);
    }
    running.stop().await;
    // All of them wait when it starts, so that nothing is measured but the bot.
    let mut questions = HashMap::new();
    for room in &rooms {
        let text = format!("in {room}");
        let question = scene.ann.send_text(room, &text).await;
        questions.insert(question, (room.clone(), text));
        for number in 0..THREADS {
            let root = json!({"msgtype": "m.notice", "body": "the root of a thread"});
            let root = scene.ann.send(room, "m.room.message", &root).await;
            let text = format!("in thread {number} of {room}");
            let content = message::in_thread(&root, &root, &text);
            let question = scene.ann.send(room, "m.room.message", &content).await;
            questions.insert(question, (room.clone(), text));
        }
    }
    let running = scene.run().await;
    eventually("every place taken", LONG, || async {
        let asked = scene.puppet.asked().len();
        (asked >= AT_ONCE).then_some(()).ok_or(asked)
    })
    .await;
    let begun = Instant::now();
    scene.ask(&rooms[ROOMS - 1], "!status").await;
    let answered_after = begun.elapsed();
    eventually("the agent's answers", LONG, || async {
        let missing = questions.len() - scene.puppet.finished();
        (missing == 0).then_some(()).ok_or(missing)
    })
    .await;
    let answers = eventually("all answers", LONG, || async {
        let mut answers = Vec::new();
        for room in &rooms {
            let said = scene.said(room).await.into_iter();
            answers.extend(said.map(|(to, body)| (to, room.clone(), body)));
        }
        let missing = questions.len() + 1 - answers.len();
        (missing == 0).then_some(answers).ok_or(missing)
    })
    .await;
    let took = scene.puppet.began().elapsed();
    running.stop().await;

    for (to, room, body) in answers {
        if let Some((asked_in, text)) = questions.remove(&to) {
            assert_eq!((asked_in, format!("answer to {text}")), (room, body));
        }
    }
    assert!(questions.is_empty(), "not answered: {questions:?}");
    assert_eq!(scene.puppet.most(), AT_ONCE);
    assert!(answered_after < SOON, "a command waited {answered_after:?}");
    let rounds = u32::try_from((ROOMS * (THREADS + 1)).div_ceil(AT_ONCE)).unwrap();
    let allowed = TAKES * rounds * 3 / 2;
    assert!(took < allowed, "{took:?} where {allowed:?} are allowed");
}
