//! A homeserver that takes nothing from the account for now.

use axum::http::StatusCode;
use futures_util::future::join_all;

use super::front::{Scene, sends};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;

/// The refusal's code, its status and its whole answer.
const REFUSALS: [(&str, StatusCode, &str); 4] = [
    (
        "M_CONSENT_NOT_GIVEN",
        StatusCode::FORBIDDEN,
        "{\"errcode\": \"M_CONSENT_NOT_GIVEN\", \"error\": \"agree to the new terms\", \
         \"consent_uri\": \"https://example.org/consent\"}",
    ),
    (
        "M_RESOURCE_LIMIT_EXCEEDED",
        StatusCode::FORBIDDEN,
        "{\"errcode\": \"M_RESOURCE_LIMIT_EXCEEDED\", \"error\": \"too many users\", \
         \"admin_contact\": \"mailto:admin@example.org\", \"limit_type\": \"monthly_active_user\"}",
    ),
    (
        "M_USER_SUSPENDED",
        StatusCode::SERVICE_UNAVAILABLE,
        "{\"errcode\": \"M_USER_SUSPENDED\"}",
    ),
    (
        "M_USER_LOCKED",
        StatusCode::UNAUTHORIZED,
        "{\"errcode\": \"M_USER_LOCKED\", \"error\": \"locked\", \"soft_logout\": true}",
    ),
];

/// A locked account can do nothing at all.
fn is_refused(errcode: &str, path: &str) -> bool {
    errcode == "M_USER_LOCKED" || sends(path)
}

async fn waits_and_answers_everything(refusal: (&'static str, StatusCode, &'static str)) {
    let (errcode, status, body) = refusal;
    let scene = Scene::new().await;
    let gateway = scene.run().await;
    let rooms = [scene.direct().await, scene.direct().await];
    scene.ask(&rooms[0], "before").await;
    let before = scene.answered(&rooms[0]).await;
    scene
        .front
        .answer(move |path| is_refused(errcode, path).then_some((status, body)));
    let mut questions = [before, Vec::new()];
    for number in 0..3 {
        for (room, questions) in rooms.iter().zip(&mut questions) {
            let words = format!("question {number}");
            questions.push(scene.ann.send_text(room, &words).await);
        }
    }
    let status = scene
        .status_when(PATIENCE, |status| {
            let mut refusals = status.pauses.iter().filter_map(|it| it.refusal.as_ref());
            refusals.any(|refusal| refusal.errcode == errcode)
        })
        .await;
    let backlog = status.backlog.unwrap();
    assert_eq!(backlog.parked.count, 0, "{errcode}");
    if errcode == "M_CONSENT_NOT_GIVEN" {
        let row = scene.doctor("gateway.sending").await;
        assert_eq!(row["status"], "fail", "{row}");
        let detail = row["detail"].as_str().unwrap();
        assert!(detail.contains("agree to the new terms"), "{row}");
        assert!(detail.contains("https://example.org/consent"), "{row}");
    }
    // It is tried again more than once.
    scene
        .status_when(PATIENCE, |status| {
            status
                .pauses
                .iter()
                .any(|pause| pause.until > pause.since + 5000)
        })
        .await;
    assert!(gateway.exit_status().is_none(), "{}", gateway.stderr());
    let said = gateway.stderr().matches(errcode).count();
    assert!((1..=2).contains(&said), "{}", gateway.stderr());
    scene.front.pass();
    for (room, questions) in rooms.iter().zip(&questions) {
        scene.wait_until_answered(room, questions).await;
    }
    scene
        .status_when(PATIENCE, |status| status.pauses.is_empty())
        .await;
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_waits_and_answers_everything_afterwards() {
    join_all(REFUSALS.map(waits_and_answers_everything)).await;
}

#[tokio::test]
async fn an_account_that_is_locked_at_the_start_is_waited_for() {
    let scene = Scene::new().await;
    let gateway = scene.run().await;
    let room = scene.direct().await;
    assert_eq!(gateway.terminate().await, 0);
    let question = scene.ann.send_text(&room, "are you there?").await;
    let (_, status, body) = REFUSALS[3];
    scene.front.answer(move |_| Some((status, body)));
    let gateway = Gateway::start(&scene.bot.home, &[]);
    gateway.expect_line("M_USER_LOCKED", PATIENCE).await;
    assert!(!scene.status().await.connected);
    scene.front.pass();
    gateway
        .expect_line("Matrix channel connected", PATIENCE)
        .await;
    scene.wait_until_answered(&room, &[question]).await;
}
