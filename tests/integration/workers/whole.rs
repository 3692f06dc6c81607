//! A real gateway with Matrix in front of workers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::scene::{Marks, Scene, command};
use crate::harness::account::{Bot, person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::monitoring::exported::{documented, exported};
use crate::monitoring::scene::Endpoint;

async fn status(bot: &Bot) -> Value {
    let told = bot.home.run(&["status", "--json"], "").await;
    serde_json::from_str(&told.stdout).unwrap()
}

#[tokio::test]
async fn a_room_is_answered_by_workers_through_every_death() {
    let mut scene = Scene::new().await;
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let nats =
        json!({"type": "nats", "servers": [scene.broker.address()], "workerTimeoutSeconds": 2});
    bot.set("agent", nats);
    let check = bot.home.run(&["agent", "check"], "").await;
    let check = check.expect_code(1);
    assert!(
        check.stdout.contains("no worker is running"),
        "{}",
        check.stdout
    );
    let gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = ann
        .create_room(&RoomSpec::direct(&bot.user_id).encrypted())
        .await;
    ann.wait_for_member(&room, &bot.user_id).await;

    // Nobody is there: the question waits, and that is seen.
    let question = ann.send_text(&room, "one").await;
    eventually("the problem", PATIENCE, || async {
        let status = status(&bot).await;
        let problems = status["problems"].to_string();
        let is_seen = problems.contains("no worker is running; 1 question in the queue");
        is_seen.then_some(()).ok_or(problems)
    })
    .await;
    let marks = Marks::new();
    let agent = command(&format!(
        "echo x >>{0}; until [ -e {0}.end ]; do sleep 0.05; done; echo \"by $$\"",
        marks.path().display()
    ));
    let first = scene.worker(agent.clone()).await;
    marks.wait_for(1).await;
    first.process.kill().await;
    gateway.kill().await;
    scene.broker.kill().await;
    std::fs::write(format!("{}.end", marks.path().display()), "").unwrap();
    scene.broker.restart().await;
    let _second = scene.worker(agent).await;
    // The worker that was given it is dead; the next finds it without the gateway.
    marks.wait_for(2).await;
    let endpoint = Endpoint::start(&bot, &[]).await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert!(reply.body.unwrap().starts_with("by "));
    assert_eq!(
        marks.lines(),
        2,
        "the answer was there, and not asked for again"
    );
    let check = bot.home.run(&["agent", "check"], "").await;
    let check = check.expect_code(0);
    assert!(
        check.stdout.contains("1 worker running"),
        "{}",
        check.stdout
    );

    // A broker that is away is seen, and nothing else stops.
    scene.broker.kill().await;
    let question = ann.send_text(&room, "two").await;
    eventually("the outage", PATIENCE, || async {
        let status = status(&bot).await;
        let problems = status["problems"].to_string();
        let is_seen = problems.contains("the message broker has been unreachable");
        is_seen.then_some(()).ok_or(problems)
    })
    .await;
    let command = ann.send_text(&room, "!status").await;
    let said = ann
        .wait_for_reply(&room, &command, &bot.user_id)
        .await
        .body
        .unwrap();
    assert!(said.contains("Agent: nats"), "{said}");
    let doctor = bot.home.run(&["doctor"], "").await;
    assert!(
        doctor.stdout.contains("cannot reach the message broker"),
        "{}",
        doctor.stdout
    );
    scene.broker.restart().await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert!(reply.body.unwrap().starts_with("by "));
    eventually("the workers", PATIENCE, || async {
        let status = status(&bot).await;
        let workers = &status["workers"];
        let is_seen = workers["running"][0]["answered"].as_u64() >= Some(1);
        is_seen.then_some(()).ok_or(workers.to_string())
    })
    .await;
    // The queue is looked at now and then.
    eventually("an empty queue in the status", PATIENCE, || async {
        let shown = bot.home.run(&["status"], "").await.stdout;
        let is_empty = shown.contains("Workers     queue: 0 waiting");
        is_empty.then_some(()).ok_or(shown)
    })
    .await;
    let page = endpoint.get("/metrics").await.text;
    let all: BTreeSet<_> = documented().into_iter().flatten().collect();
    assert_eq!(exported(&page), all);
    assert_eq!(endpoint.gateway.terminate().await, 0);
}
