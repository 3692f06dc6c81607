//! Workers, the broker and the gateway die: nothing is lost, and each question has one answer.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::scene::{Marks, Scene, ask, command, question, until, words};
use crate::harness::disk::SmallDisk;
use crate::harness::eventually::PATIENCE;

/// Says who it is as long as it is told to wait.
fn slow(marks: &Marks) -> serde_json::Value {
    let (begun, end) = (marks.path(), marks.path().with_extension("end"));
    let (begun, end) = (begun.display(), end.display());
    command(&format!(
        "echo x >>{begun}; until [ -e {end} ]; do sleep 0.05; done; echo $$"
    ))
}

fn let_end(marks: &Marks) {
    std::fs::write(marks.path().with_extension("end"), "").unwrap();
}

#[tokio::test]
async fn a_worker_that_dies_or_hangs_is_replaced() {
    let scene = Scene::new().await;
    let marks = Marks::new();
    let gateway = scene.gateway();
    let first = scene.worker(slow(&marks)).await;
    let asked = ask(&gateway, question("one", "?"));
    marks.wait_for(1).await;
    first.process.kill().await;
    let hangs = scene.worker(slow(&marks)).await;
    marks.wait_for(2).await;
    hangs.process.signal(Signal::STOP);
    let _third = scene.worker(slow(&marks)).await;
    marks.wait_for(3).await;
    let_end(&marks);
    let answer = words(asked).await;
    // The one that was stopped goes on: its answer comes too late.
    hangs.process.signal(Signal::CONT);
    let again = words(ask(&scene.gateway(), question("one", "?"))).await;
    assert_eq!(again, answer);
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_or_gives_back() {
    let scene = Scene::new().await;
    let marks = Marks::new();
    // Long after this test: only what is given back is taken by another.
    let gateway = scene.gateway_with(&json!({"workerTimeoutSeconds": 600}));
    let first = scene.worker(slow(&marks)).await;
    let asked = ask(&gateway, question("one", "?"));
    marks.wait_for(1).await;
    first.process.signal(Signal::TERM);
    first
        .process
        .expect_line("finishing 1 question", PATIENCE)
        .await;
    assert_eq!(first.process.wait(PATIENCE).await.code, 0);
    let second = scene.worker(slow(&marks)).await;
    marks.wait_for(2).await;
    second.process.signal(Signal::TERM);
    let_end(&marks);
    words(asked).await;
    assert_eq!(second.process.wait(PATIENCE).await.code, 0);
    assert_eq!(marks.lines(), 2);
}

#[tokio::test]
async fn a_broker_that_dies_or_forgets_everything_pauses_answers_and_loses_none() {
    let mut scene = Scene::new().await;
    let marks = Marks::new();
    let gateway = scene.gateway();
    let worker = scene.worker(slow(&marks)).await;
    let working = ask(&gateway, question("working", "?"));
    marks.wait_for(1).await;
    scene.broker.kill().await;
    until(&gateway, "the outage", |known| {
        known.broker_away_since.is_some()
    })
    .await;
    // Asked and done while it is away.
    let waiting = ask(&gateway, question("waiting", "?"));
    let_end(&marks);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!working.is_finished() && !waiting.is_finished());
    scene.broker.restart().await;
    words(working).await;
    words(waiting).await;
    until(&gateway, "the broker", |known| {
        known.broker_away_since.is_none()
    })
    .await;

    std::fs::remove_file(marks.path().with_extension("end")).unwrap();
    let before = marks.lines();
    worker.process.kill().await;
    let lost = ask(&gateway, question("lost", "?"));
    until(&gateway, "the question", |known| {
        known.queue.as_ref().is_some_and(|queue| queue.waiting == 1)
    })
    .await;
    scene.broker.kill().await;
    scene.broker.wipe();
    scene.broker.restart().await;
    let_end(&marks);
    let _worker = scene.worker(slow(&marks)).await;
    words(lost).await;
    assert_eq!(marks.lines(), before + 1);
    assert!(gateway.workers().unwrap().republished >= 1);
}

#[tokio::test]
async fn a_worker_waits_for_a_broker_that_comes_later_with_its_queue() {
    let mut scene = Scene::new().await;
    scene.broker.kill().await;
    let worker = scene.begin_worker(json!({"type": "echo"}), &json!({}));
    worker
        .process
        .expect_line("cannot reach the message broker", PATIENCE)
        .await;
    scene.broker.restart().await;
    worker
        .process
        .expect_line("waiting for the gateway", PATIENCE)
        .await;
    let gateway = scene.gateway();
    worker.process.expect_line("is ready", PATIENCE).await;
    assert_eq!(
        words(ask(&gateway, question("one", "hello"))).await,
        "hello"
    );
}

#[tokio::test]
async fn a_broker_without_room_pauses_answers_and_loses_none() {
    let mut scene = Scene::new().await;
    let gateway = scene.gateway();
    let _worker = scene.worker(command("wc -c")).await;
    words(ask(&gateway, question("small", "hello"))).await;
    scene.broker.kill().await;
    scene.broker.max_store = 1 << 20;
    scene.broker.restart().await;
    let large = "x".repeat(3_000_000);
    let asked = ask(&gateway, question("large", &large));
    until(&gateway, "the refusal", |known| {
        known.broker_fault.is_some()
    })
    .await;
    assert!(!asked.is_finished());
    scene.broker.kill().await;
    scene.broker.max_store = 1 << 40;
    scene.broker.restart().await;
    let count: usize = words(asked).await.trim().parse().unwrap();
    assert!(count > 3_000_000);
}

#[tokio::test]
async fn a_broker_whose_disk_is_full_pauses_answers_and_loses_none() {
    let Some(disk) = SmallDisk::mount(16) else {
        return;
    };
    let mut scene = Scene::new().await;
    scene.broker.kill().await;
    scene.broker.disk = Some(disk);
    scene.broker.restart().await;
    let gateway = scene.gateway();
    let marks = Marks::new();
    let _worker = scene.worker(slow(&marks)).await;
    let working = ask(&gateway, question("working", "?"));
    marks.wait_for(1).await;
    let filler = scene.broker.disk.as_ref().unwrap().fill();
    let waiting = ask(&gateway, question("waiting", &"x".repeat(100_000)));
    let_end(&marks);
    until(&gateway, "the refusal", |known| {
        known.broker_fault.is_some()
    })
    .await;
    assert!(!working.is_finished() && !waiting.is_finished());
    std::fs::remove_file(filler).unwrap();
    // NATS stores nothing more until it is started anew.
    scene.broker.kill().await;
    scene.broker.restart().await;
    words(working).await;
    words(waiting).await;
    assert_eq!(marks.lines(), 2);
    assert_eq!(gateway.workers().unwrap().broker_fault, None);
}
