//! Figures for docs/scale.md: `cargo test --test integration -- --ignored --nocapture workers::bench`.

use std::time::{Duration, Instant};

use serde_json::json;

use super::scene::{Scene, ask, command, question, words};

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

/// How long after a death an answer is there that was under way.
#[tokio::test]
#[ignore = "measures"]
async fn recovery() {
    let mut scene = Scene::new().await;
    let gateway = scene.gateway_with(&json!({"workerTimeoutSeconds": 30}));
    let agent = command("sleep 1; echo x");
    let mut worker = scene.worker(agent.clone()).await;
    let _other = scene.worker(agent).await;
    let asked = ask(&gateway, question("worker", "x"));
    let rest = async |asked, begun: Instant| {
        words(asked).await;
        begun.elapsed().saturating_sub(Duration::from_secs(1))
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    worker.process.kill().await;
    worker.restart().await;
    let took = rest(asked, Instant::now()).await;
    println!(
        "death of a worker (or of the other; workerTimeoutSeconds 30): {took:?} until answered"
    );
    scene.broker.kill().await;
    scene.broker.restart().await;
    let begun = Instant::now();
    let took = rest(ask(&gateway, question("broker", "x")), begun).await;
    println!("death of the broker: {took:?} after it is back");
    let begun = Instant::now();
    let gateway = scene.gateway();
    let took = rest(ask(&gateway, question("gateway", "x")), begun).await;
    println!("death of the gateway: {took:?} after it is back");
}
