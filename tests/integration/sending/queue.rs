//! `nanobot queue`: what failed and what waits, tried again and discarded.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::front::{Scene, sends};
use crate::harness::account::LONG;
use crate::harness::eventually::{PATIENCE, eventually};

const FORBIDDEN: (StatusCode, &str) = (
    StatusCode::FORBIDDEN,
    "{\"errcode\": \"M_FORBIDDEN\", \"error\": \"not in this room\"}",
);
/// In the one answer there is.
const WORDS: &str = "a secret of theirs";

impl Scene {
    /// What `nanobot queue …` says as JSON.
    async fn queue(&self, words: &[&str]) -> Value {
        let line = [&["queue"], words, &["--json"]].concat();
        self.bot.home.run(&line, "").await.expect_code(0).json()
    }

    /// Asks in a room where nothing may be sent, until the answer is given up. Returns the event and
    /// its ID in the queue.
    async fn fail(&self, room: &str, words: &str) -> (String, String) {
        self.front.answer(|path| sends(path).then_some(FORBIDDEN));
        let before = self.status().await.backlog.unwrap().parked.count;
        let question = self.ann.send_text(room, words).await;
        self.status_when(LONG, |status| {
            let backlog = status.backlog.as_ref();
            backlog.is_some_and(|it| it.parked.count == before + 1)
        })
        .await;
        self.front.pass();
        let shown = self.queue(&["show", &question]).await;
        (question, shown["message"]["id"].to_string())
    }
}

/// An agent that counts how often it is asked.
fn counting(scene: &Scene) -> impl Fn() -> usize + use<> {
    let asked = scene.bot.home.path().join("asked");
    let shell = format!("echo x >>{}; echo {WORDS}", asked.display());
    scene
        .bot
        .set("agent", json!({"type": "command", "shell": shell}));
    move || std::fs::read_to_string(&asked).map_or(0, |lines| lines.lines().count())
}

#[tokio::test]
async fn a_failed_answer_is_sent_later_and_the_agent_is_not_asked_again() {
    let scene = Scene::new().await;
    let asked = counting(&scene);
    let gateway = scene.run().await;
    let room = scene.direct().await;
    let (question, id) = scene.fail(&room, "blocked").await;
    assert_eq!(asked(), 1);

    // Words are shown only to those who ask for them.
    let listed = scene.bot.home.run(&["queue", "list"], "").await;
    let line = format!("{} in {room}", scene.ann.user_id());
    assert!(listed.stdout.contains(&line), "{listed}");
    assert!(listed.stdout.contains("not in this room"), "{listed}");
    assert!(!listed.stdout.contains("blocked"), "{listed}");
    let shown = scene.queue(&["show", &id]).await["message"].clone();
    let fields = [
        "state",
        "event_id",
        "answer_parts",
        "sent_parts",
        "encrypted",
    ];
    let fields = fields.map(|field| shown[field].clone());
    assert_eq!(
        fields,
        [
            json!("parked"),
            json!(question),
            json!(1),
            json!(0),
            json!(false)
        ]
    );
    assert!(
        shown["text"].is_null() && shown["answer"].is_null(),
        "{shown}"
    );
    let shown = scene.queue(&["show", &id, "--text"]).await["message"].clone();
    let texts = (shown["text"].as_str(), shown["answer"].as_str());
    assert_eq!(texts, (Some("blocked"), Some(WORDS)));
    let row = scene.doctor("gateway.parked").await;
    assert_eq!(row["remedy"]["commands"][0], "nanobot queue list", "{row}");

    assert_eq!(scene.front.paths("/send/m.room.message/").len(), 1);
    let retried = scene.bot.home.run(&["queue", "retry", &id], "").await;
    assert_eq!(
        retried.stdout.trim(),
        "Trying 1 message again.",
        "{retried}"
    );
    scene.wait_until_answered(&room, &[question]).await;
    assert_eq!(asked(), 1);
    let again = scene.bot.home.run(&["queue", "retry", &id], "").await;
    assert!(again.stderr.contains("no message"), "{again}");
    // The homeserver knows it as the same, had it taken the first.
    let mut sent = scene.front.paths("/send/m.room.message/");
    sent.dedup();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn without_a_gateway_the_next_one_tries_again() {
    let scene = Scene::new().await;
    let asked = counting(&scene);
    let gateway = scene.run().await;
    let room = scene.direct().await;
    let (question, id) = scene.fail(&room, "first").await;
    let (dropped, _) = scene.fail(&room, "second").await;
    let (_, unwanted) = scene.fail(&room, "third").await;
    // Something may hold its directory and not be a gateway.
    assert_eq!(gateway.terminate().await, 0);

    let counts = scene.queue(&["list"]).await["counts"].clone();
    assert_eq!(
        counts,
        json!({"parked": 3, "waiting": 0, "undecryptable": 0})
    );
    scene.queue(&["drop", &dropped]).await;
    scene.queue(&["retry", &id]).await;
    let listed = scene.bot.home.run(&["queue", "list"], "").await;
    assert!(listed.stdout.contains("the gateway, which is not running"));
    assert!(listed.stdout.contains("Failed (1)"), "{listed}");
    let _gateway = scene.run().await;
    scene
        .wait_until_answered(&room, std::slice::from_ref(&question))
        .await;
    let left = scene.queue(&["drop", "--all"]).await;
    assert_eq!(left["messages"][0]["id"].to_string(), unwanted);
    let status = scene.status().await.backlog.unwrap();
    assert_eq!((status.waiting, status.parked.count, asked()), (0, 0, 3));
}

#[tokio::test]
async fn a_message_that_waits_is_discarded_while_the_agent_is_at_it() {
    let scene = Scene::new().await;
    scene
        .bot
        .set("agent", json!({"type": "command", "shell": "sleep 600"}));
    let _gateway = scene.run().await;
    let room = scene.direct().await;
    let slow = scene.ann.send_text(&room, "slow").await;
    let behind = scene.ann.send_text(&room, "behind").await;
    eventually("the agent at work", PATIENCE, || async {
        let list = scene.queue(&["list"]).await;
        let waits_for = |index: usize| list["messages"][index]["waits_for"].clone();
        let is_so = waits_for(0) == "agent" && waits_for(1) == "earlier_message";
        is_so.then_some(()).ok_or_else(|| list.to_string())
    })
    .await;
    scene.queue(&["drop", &slow]).await;
    eventually("the next one", PATIENCE, || async {
        let list = scene.queue(&["list"]).await;
        let first = &list["messages"][0];
        let is_so = first["event_id"] == behind.as_str() && first["waits_for"] == "agent";
        is_so.then_some(()).ok_or_else(|| list.to_string())
    })
    .await;
}
