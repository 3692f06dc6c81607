//! Figures for docs/scale.md: `cargo test --test integration -- --ignored --nocapture workers::bench`.

use std::time::{Duration, Instant};

use serde_json::json;

use super::scene::{Marks, Scene, ask, command, question, words};
use crate::harness::account::{Bot, person};
use crate::harness::bot::Gateway;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// Answers a second with 1, 2 and 4 workers that have 4 places each and an agent of 1 s, and what a
/// question takes that finds a free place.
#[tokio::test]
#[ignore = "measures"]
async fn answers_per_second() {
    for workers in [1, 2, 4] {
        let scene = Scene::new().await;
        let gateway = scene.gateway();
        let mut agent = command("sleep 1; echo x");
        agent["conversations"] = json!(4);
        let mut running = Vec::new();
        for _ in 0..workers {
            running.push(scene.worker(agent.clone()).await);
        }
        let begun = Instant::now();
        let total = workers * 4 * 10;
        let asked: Vec<_> = (0..total)
            .map(|number| ask(&gateway, question(&format!("q{number}"), "x")))
            .collect();
        for asked in asked {
            words(asked).await;
        }
        let rate = f64::from(total) / begun.elapsed().as_secs_f64();
        println!("{workers} workers with 4 places, an agent of 1 s: {rate:.1} answers a second");
    }
}

/// What bringing costs, beside the agent.
#[tokio::test]
#[ignore = "measures"]
async fn overhead() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let _worker = scene.worker(json!({"type": "echo"})).await;
    words(ask(&gateway, question("first", "x"))).await;
    let mut times = Vec::new();
    for number in 0..200 {
        let begun = Instant::now();
        words(ask(&gateway, question(&format!("q{number}"), "x"))).await;
        times.push(begun.elapsed());
    }
    times.sort();
    println!(
        "one question after the other: median {:?}, 99 of 100 within {:?}",
        times[100], times[197]
    );
    let begun = Instant::now();
    let asked: Vec<_> = (0..1000)
        .map(|number| ask(&gateway, question(&format!("many{number}"), "x")))
        .collect();
    for asked in asked {
        words(asked).await;
    }
    let rate = 1000.0 / begun.elapsed().as_secs_f64();
    println!("1,000 questions at once, an agent of no time: {rate:.0} answers a second");
}

/// How often each death is tried.
const ROUNDS: u64 = 5;

/// How long after a death the answer is there that was under way, with an agent of 1 s.
#[tokio::test]
#[ignore = "measures"]
async fn recovery() {
    for seconds in [1, 5] {
        let took = deaths_of_workers(seconds).await;
        println!("death of a worker, workerTimeoutSeconds {seconds}: {took} after it");
    }
    println!(
        "death of the broker: {} after it is back",
        deaths_of_the_broker().await
    );
    let (starts, took) = deaths_of_the_gateway().await;
    println!("death of the gateway: {took} after its start, which takes {starts}");
}

/// An agent of 1 s that says when it begins.
fn agent_of_a_second(marks: &Marks) -> serde_json::Value {
    command(&format!(
        "echo x >>{}; sleep 1; echo x",
        marks.path().display()
    ))
}

async fn deaths_of_workers(seconds: u64) -> String {
    let scene = Scene::new().await;
    let marks = Marks::new();
    let gateway = scene.gateway_with(&json!({"workerTimeoutSeconds": seconds}));
    let mut worker = scene.worker(agent_of_a_second(&marks)).await;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let before = marks.lines();
        let asked = ask(&gateway, question(&format!("q{round}"), "x"));
        marks.wait_for(before + 1).await;
        let next = scene.worker(agent_of_a_second(&marks)).await;
        worker.process.kill().await;
        let died = Instant::now();
        worker = next;
        words(asked).await;
        times.push(died.elapsed());
    }
    spread(times)
}

async fn deaths_of_the_broker() -> String {
    let mut scene = Scene::new().await;
    let marks = Marks::new();
    let gateway = scene.gateway();
    let _worker = scene.worker(agent_of_a_second(&marks)).await;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let before = marks.lines();
        let asked = ask(&gateway, question(&format!("q{round}"), "x"));
        marks.wait_for(before + 1).await;
        scene.broker.kill().await;
        // The agent is done meanwhile. Who waits for the broker tries again at intervals that grow.
        tokio::time::sleep(Duration::from_millis(1500 + 700 * round)).await;
        scene.broker.restart().await;
        let is_back = Instant::now();
        words(asked).await;
        times.push(is_back.elapsed());
    }
    spread(times)
}

/// Of a real one; how long it takes to start, and to send the answer.
async fn deaths_of_the_gateway() -> (String, String) {
    let scene = Scene::new().await;
    let marks = Marks::new();
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set("agent", scene.settings(&json!({"type": "nats"})));
    let mut gateway = bot.run().await;
    let _worker = scene.worker(agent_of_a_second(&marks)).await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let (mut starts, mut times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let before = marks.lines();
        let asked = ann.send_text(&room, "x").await;
        marks.wait_for(before + 1).await;
        gateway.kill().await;
        // The agent is done meanwhile, and its answer waits.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let began = Instant::now();
        gateway = Gateway::connected(&bot.home, &[]).await;
        starts.push(began.elapsed());
        ann.wait_for_reply(&room, &asked, &bot.user_id).await;
        times.push(began.elapsed());
    }
    (spread(starts), spread(times))
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
    format!(
        "{:.1} s (at most {:.1} s)",
        median.as_secs_f64(),
        most.as_secs_f64()
    )
}
