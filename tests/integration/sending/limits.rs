//! Rate limits.

use std::time::Duration;

use axum::http::StatusCode;

use super::front::{Scene, sends};
use crate::harness::eventually::PATIENCE;

const LIMITED: (StatusCode, &str) = (
    StatusCode::TOO_MANY_REQUESTS,
    "{\"errcode\": \"M_LIMIT_EXCEEDED\", \"error\": \"slow down\", \"retry_after_ms\": 8000}",
);
const ASKED: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_limit_on_sending_pauses_all_of_it_as_long_as_it_asks() {
    let scene = Scene::new().await;
    let _gateway = scene.run().await;
    let rooms = [
        scene.direct().await,
        scene.direct().await,
        scene.direct().await,
    ];
    let before = scene.front.requests("/send/m.room.").len();
    let mut left = 1;
    scene.front.answer(move |path| {
        if left == 0 || !sends(path) {
            return None;
        }
        left -= 1;
        Some(LIMITED)
    });
    let mut questions = vec![scene.ann.send_text(&rooms[0], "first").await];
    let status = scene
        .status_when(PATIENCE, |status| !status.pauses.is_empty())
        .await;
    assert_eq!(
        (&*status.pauses[0].of, &status.pauses[0].refusal),
        ("sending", &None)
    );
    for room in &rooms[1..] {
        questions.push(scene.ann.send_text(room, "while it waits").await);
    }
    for (room, question) in rooms.iter().zip(questions) {
        scene.wait_until_answered(room, &[question]).await;
    }
    let sent = scene.front.requests("/send/m.room.").split_off(before);
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert!(sent[1] - sent[0] >= ASKED, "{:?}", sent[1] - sent[0]);
    assert_eq!(scene.status().await.backlog.unwrap().parked.count, 0);
}

#[tokio::test]
async fn other_limits_pause_nothing_else() {
    let scene = Scene::new().await;
    scene.bot.set(
        "agent",
        serde_json::json!({"type": "command", "shell": "sleep 1; cat > /dev/null; echo done"}),
    );
    let _gateway = scene.run().await;
    let room = scene.direct().await;
    scene.front.answer(|path| {
        let limited = path.contains("/typing/") || path.contains("/receipt/");
        limited.then_some(LIMITED)
    });
    for words in ["one", "two"] {
        assert_eq!(scene.ask(&room, words).await, "done");
    }
    let typed = scene.front.requests("/typing/");
    assert_eq!(typed.len(), 1, "{typed:?}");
    let pauses = scene.status().await.pauses;
    assert!(
        pauses.iter().any(|pause| pause.of == "typing notices"),
        "{pauses:?}"
    );
}
