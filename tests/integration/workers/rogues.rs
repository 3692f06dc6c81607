//! Workers that do what they should not: nobody who asked notices.

use async_nats::jetstream::{self, Context, consumer::pull, message::PublishMessage};
use futures_util::StreamExt;
use nanobot::testing::agent::Agent;
use serde_json::{Value, json};

use super::scene::{Scene, ask, command, question, until, words};
use std::sync::Arc;

/// A worker that is made by hand.
struct Rogue {
    context: Context,
}

impl Rogue {
    async fn new(scene: &Scene, gateway: &Arc<dyn Agent>) -> Self {
        until(gateway, "the queue", |known| known.queue.is_some()).await;
        Self {
            context: scene.context().await,
        }
    }

    /// Takes a question.
    async fn take(&self) -> (Value, jetstream::Message) {
        let consumer = self
            .context
            .get_consumer_from_stream::<pull::Config, _, _>("workers", "NANOBOT_nanobot_JOBS")
            .await
            .unwrap();
        let mut batch = consumer.batch().max_messages(1).messages().await.unwrap();
        let message = batch.next().await.unwrap().unwrap();
        (serde_json::from_slice(&message.payload).unwrap(), message)
    }

    /// Claims that this is the answer to a question; whether the broker takes it.
    async fn claim(&self, id: &str, receipt: &str, text: &str) -> bool {
        let outcome = json!({"answer": {"text": text, "files": []}});
        let reply = json!({"receipt": receipt, "worker": "rogue", "outcome": outcome});
        self.publish(id, reply.to_string()).await
    }

    async fn publish(&self, id: &str, payload: String) -> bool {
        let message = PublishMessage::build()
            .payload(payload.into())
            .expected_last_subject_sequence(0);
        let subject = format!("nanobot.nanobot.reply.{id}");
        let sent = self.context.send_publish(subject, message).await.unwrap();
        sent.await.is_ok()
    }

    async fn tell(&self, id: &str, event: &Value) {
        let subject = format!("nanobot.nanobot.event.{id}");
        let payload = event.to_string();
        self.context
            .client()
            .publish(subject, payload.into())
            .await
            .unwrap();
    }
}

fn text_of<'a>(job: &'a Value, key: &str) -> &'a str {
    job[key].as_str().unwrap()
}

#[tokio::test]
async fn one_that_answers_twice_or_late_is_heard_once() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let rogue = Rogue::new(&scene, &gateway).await;
    let asked = ask(&gateway, question("one", "?"));
    let (job, _) = rogue.take().await;
    let (id, receipt) = (text_of(&job, "id"), text_of(&job, "receipt"));
    assert!(rogue.claim(id, receipt, "first").await);
    assert!(!rogue.claim(id, receipt, "second").await);
    rogue
        .tell(id, &json!({"delivery": 1, "what": "stored"}))
        .await;
    assert_eq!(words(asked).await, "first");
    assert!(!rogue.claim(id, receipt, "late").await);
    assert_eq!(words(ask(&gateway, question("one", "?"))).await, "first");
}

#[tokio::test]
async fn what_is_no_answer_is_refused_and_the_question_is_answered_by_another() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let rogue = Rogue::new(&scene, &gateway).await;
    let asked = ask(&gateway, question("one", "?"));
    let (job, message) = rogue.take().await;
    let (id, receipt) = (text_of(&job, "id"), text_of(&job, "receipt"));
    let stored = json!({"delivery": 1, "what": "stored"});
    let poison = [
        // Somebody who was never given the question.
        json!({"receipt": "guessed", "worker": "w", "outcome": {"answer": {"text": "lie", "files": []}}}),
        json!({"receipt": receipt, "worker": "w", "outcome": "forgotten"}),
        json!({"receipt": receipt, "worker": "w", "outcome": {"answer": {"text": "x", "files":
            vec![json!({"name": "a", "object": "o", "size": 1, "sha256": "x"}); 21]}}}),
        json!({"stored": {"object": "nowhere", "size": 5, "sha256": "x"}}),
        json!({"stored": {"object": "nowhere", "size": 1_u64 << 60, "sha256": "x"}}),
        json!("nothing"),
    ];
    for (number, reply) in poison.iter().enumerate() {
        assert!(rogue.publish(id, reply.to_string()).await, "{reply}");
        rogue.tell(id, &stored).await;
        let refused = number as u64 + 1;
        until(&gateway, "the refusal", |known| {
            known.refused_answers == refused
        })
        .await;
    }
    assert!(!asked.is_finished());
    // What it tells in between is bounded.
    for event in [
        json!({"delivery": 1, "what": {"text": "x".repeat(500_000)}}),
        json!({"delivery": -1, "what": 5}),
    ] {
        rogue.tell(id, &event).await;
    }
    message.ack().await.unwrap();
    let _worker = scene.worker(command("echo right")).await;
    rogue.tell(id, &stored).await;
    assert_eq!(words(asked).await, "right");
}

#[tokio::test]
async fn a_question_that_kills_its_workers_is_given_up() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let rogue = Rogue::new(&scene, &gateway).await;
    let asked = ask(&gateway, question("one", "?"));
    for _ in 0..20 {
        let (_, message) = rogue.take().await;
        message
            .ack_with(jetstream::AckKind::Nak(None))
            .await
            .unwrap();
    }
    let _worker = scene.worker(command("echo fine")).await;
    let failure = asked.await.unwrap().unwrap_err();
    assert!(
        failure.words.contains("every attempt broke off"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn what_a_worker_says_of_itself_is_cleaned() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let rogue = Rogue::new(&scene, &gateway).await;
    let said = json!({"name": "evil\u{1b}[2J", "version": "x".repeat(3000), "busy": 1});
    let subject = "nanobot.nanobot.worker.evil";
    rogue
        .context
        .client()
        .publish(subject, said.to_string().into())
        .await
        .unwrap();
    until(&gateway, "the worker", |known| !known.running.is_empty()).await;
    let running = gateway.workers().unwrap().running;
    assert_eq!(running[0].name, "evil [2J");
    assert!(running[0].version.chars().count() <= 201);
}
