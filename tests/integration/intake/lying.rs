//! A homeserver that lies about whatever it is asked: every question is answered once, in order, and
//! none that came encrypted in clear. `NANOBOT_LIES_SEED` chooses the lies, `NANOBOT_LIES` their number.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;

use crate::harness::account::{Bot, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// What requests are lied to, by a part of their path.
const ENDPOINTS: [&str; 6] = [
    "/sync",
    "/send/",
    "/keys/query",
    "/keys/claim",
    "/typing/",
    "/receipt/",
];

/// Lies that do not refuse: a refused answer is parked by design.
const ANSWERS: [(u16, &str); 8] = [
    (
        429,
        r#"{"errcode":"M_LIMIT_EXCEEDED","error":"lie","retry_after_ms":300}"#,
    ),
    (429, r#"{"errcode":"M_LIMIT_EXCEEDED","error":"lie"}"#),
    (500, r#"{"errcode":"M_UNKNOWN","error":"lie"}"#),
    (502, "<html>bad gateway</html>"),
    (503, ""),
    (504, "<html>timeout</html>"),
    (200, "{broken"),
    (200, "{}"),
];

type Lie = (&'static str, (u16, &'static str), u32);

#[derive(Clone, Default)]
struct Liar(Arc<Mutex<Option<Lie>>>);

impl Meddler for Liar {
    fn replace(&self, path: &str) -> Option<(StatusCode, &'static str)> {
        let mut lie = self.0.lock().unwrap();
        let (endpoint, (status, body), left) = lie.as_mut()?;
        if *left == 0 || !path.contains(*endpoint) {
            return None;
        }
        *left -= 1;
        Some((StatusCode::from_u16(*status).unwrap(), *body))
    }
}

fn number(name: &str, default: usize) -> usize {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

#[tokio::test]
async fn every_question_is_answered_after_the_lies() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let liar = Liar::default();
    bot.set("homeserver", relay(synapse.base_url(), liar.clone()).await);
    let _gateway = Gateway::connected(&bot.home, &[]).await;
    let (ann, bob) = (
        http_person(synapse, "ann").await,
        person(synapse, "bob").await,
    );
    let plain = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    let secret = RoomSpec::direct(&bot.user_id).encrypted();
    let secret = bob.create_room(&secret).await;
    ann.wait_for_member(&plain, &bot.user_id).await;
    bob.wait_for_member(&secret, &bot.user_id).await;
    let (mut questions, mut hidden_questions) = (Vec::new(), Vec::new());
    let mut seed = number("NANOBOT_LIES_SEED", 1);
    println!("seed {seed}");
    for _ in 0..number("NANOBOT_LIES", 16) {
        seed = (seed * 1_103_515_245 + 12_345) % (1 << 31);
        let endpoint = ENDPOINTS[(seed >> 8) % ENDPOINTS.len()];
        let answer = ANSWERS[(seed >> 16) % ANSWERS.len()];
        println!("{endpoint} {answer:?}");
        *liar.0.lock().unwrap() = Some((endpoint, answer, 2));
        bob.rotate_session(&secret).await;
        let open = ann.send_text(&plain, "in clear").await;
        let hidden = bob.send_text(&secret, "in secret").await;
        ann.wait_for_reply(&plain, &open, &bot.user_id).await;
        bob.wait_for_reply(&secret, &hidden, &bot.user_id).await;
        // The homeserver is asked for syncs and takes answers in every round.
        if ["/sync", "/send/"].contains(&endpoint) {
            let left = liar.0.lock().unwrap().map(|(.., left)| left);
            assert_eq!(left, Some(0), "nobody was lied to: {endpoint}");
        }
        questions.push(open);
        hidden_questions.push(hidden);
    }
    let events = ann.events(&plain).await;
    let replies = events
        .iter()
        .filter(|event| event["sender"] == *bot.user_id && event["type"] == "m.room.message");
    let answered: Vec<_> = replies
        .filter_map(|event| message::answers(&event["content"]))
        .collect();
    assert_eq!(answered, questions);
    let timeline = bob.timeline(&secret).await;
    let replies = timeline
        .into_iter()
        .filter(|event| event.sender == bot.user_id && event.msgtype.is_some());
    let answered: Vec<_> = replies.filter_map(|event| event.in_reply_to).collect();
    assert_eq!(answered, hidden_questions);
    let watcher = HttpPerson::with_token(&synapse.base_url(), bob.access_token()).await;
    let events = watcher.events(&secret).await;
    let is_clear = |event: &&serde_json::Value| {
        event["sender"] == *bot.user_id && event["type"] == "m.room.message"
    };
    assert_eq!(events.iter().find(is_clear), None);
}
