//! Answers that are refused for ever, without a Matrix error, while the homeserver is well.

use std::time::Duration;

use axum::http::StatusCode;

use super::front::{Front, Scene, sends};
use crate::harness::account::LONG;
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::process::Process;

/// A firewall's page.
const PAGE: (StatusCode, &str) = (
    StatusCode::FORBIDDEN,
    "<html>Blocked by the firewall</html>",
);

/// Refuses the next event that is sent, however often it is sent.
fn refuse_the_next(front: &Front) {
    let mut refused: Option<String> = None;
    front.answer(move |path| {
        if sends(path) && refused.is_none() {
            refused = Some(path.to_owned());
        }
        (refused.as_deref() == Some(path)).then_some(PAGE)
    });
}

#[tokio::test]
async fn a_reply_that_is_refused_again_and_again_is_given_up_and_its_room_goes_on() {
    let scene = Scene::new().await;
    let gateway = scene.run().await;
    let (room, other) = (scene.direct().await, scene.direct().await);
    refuse_the_next(&scene.front);
    scene.ann.send_text(&room, "blocked").await;
    gateway
        .expect_line("cannot answer a message in", PATIENCE)
        .await;
    let behind = scene.ann.send_text(&room, "behind it").await;
    scene.ask(&other, "elsewhere").await;
    let status = scene
        .status_when(LONG, |status| {
            status
                .backlog
                .as_ref()
                .is_some_and(|it| it.parked.count == 1)
        })
        .await;
    let parked = status.backlog.unwrap().parked.recent.remove(0);
    assert_eq!((parked.room_id, parked.attempts), (room.clone(), 8));
    assert!(parked.reason.contains("403"), "{}", parked.reason);
    scene.wait_until_answered(&room, &[behind]).await;

    let row = scene.doctor("gateway.parked").await;
    assert_eq!(row["status"], "warn", "{row}");
    let stored = scene.bot.home.run(&["store", "status"], "").await;
    assert!(stored.stdout.contains("Given up"), "{stored}");
    let said = scene.ask(&room, "!status").await;
    assert!(said.contains("Failed messages in all rooms: 1."), "{said}");
    scene.ask(&room, "!new").await;
    let status = scene.status().await;
    assert_eq!(status.backlog.unwrap().parked.count, 0);
}

#[tokio::test]
async fn a_stop_drops_a_reply_that_is_stuck_at_once() {
    let scene = Scene::new().await;
    // Only the first failure is a warning.
    let gateway = Gateway::connected(&scene.bot.home, &["-vv"]).await;
    let room = scene.direct().await;
    refuse_the_next(&scene.front);
    scene.ann.send_text(&room, "blocked").await;
    // The pause behind it is long.
    gateway.expect_line("retrying in 8 s", PATIENCE).await;
    let behind = scene.ann.send_text(&room, "behind it").await;
    let begun = std::time::Instant::now();
    let said = scene.ask(&room, "!stop").await;
    assert!(said.starts_with("Stopped. "), "{said}");
    let last = scene.ann.send_text(&room, "and now?").await;
    scene.reply(&room, &last).await;
    assert!(
        begun.elapsed() < Duration::from_secs(6),
        "{:?}",
        begun.elapsed()
    );
    let answered = scene.answered(&room).await;
    assert!(!answered.contains(&behind), "it was stopped as well");
    let backlog = scene.status().await.backlog.unwrap();
    assert_eq!((backlog.waiting, backlog.parked.count), (0, 0));
}

#[tokio::test]
async fn a_refusal_with_a_matrix_error_is_kept_for_a_person() {
    const FORBIDDEN: &str = "{\"errcode\": \"M_FORBIDDEN\", \"error\": \"not in this room\"}";
    let scene = Scene::new().await;
    let _gateway = scene.run().await;
    let room = scene.direct().await;
    scene
        .front
        .answer(|path| sends(path).then_some((StatusCode::FORBIDDEN, FORBIDDEN)));
    scene.ann.send_text(&room, "refused").await;
    let status = scene
        .status_when(PATIENCE, |status| {
            status
                .backlog
                .as_ref()
                .is_some_and(|it| it.parked.count == 1)
        })
        .await;
    let reason = status.backlog.unwrap().parked.recent.remove(0).reason;
    assert!(reason.contains("not in this room"), "{reason}");
    scene.front.pass();
    let next = scene.ann.send_text(&room, "next").await;
    scene.wait_until_answered(&room, &[next]).await;
}

#[tokio::test]
async fn a_homeserver_in_trouble_costs_nothing() {
    const TROUBLE: (StatusCode, &str) = (StatusCode::BAD_GATEWAY, "<html>Bad gateway</html>");
    let scene = Scene::new().await;
    let gateway = Gateway::connected(&scene.bot.home, &["-vv"]).await;
    let room = scene.direct().await;
    scene.front.answer(|path| {
        let is_down = sends(path) || path.ends_with("/whoami");
        is_down.then_some(TROUBLE)
    });
    let question = scene.ann.send_text(&room, "there?").await;
    gateway.expect_lines("retrying in", 4, PATIENCE).await;
    let path = scene.bot.home.path().join("matrix-store/inbox.sqlite3");
    let journal = rusqlite::Connection::open(path).unwrap();
    let attempts = "SELECT attempts FROM event WHERE state = 'waiting'";
    let attempts: u32 = journal.query_row(attempts, [], |row| row.get(0)).unwrap();
    assert_eq!(attempts, 0);
    scene.front.pass();
    scene.wait_until_answered(&room, &[question]).await;
}

/// What breaks the bot is met again a few times, and not for ever.
#[tokio::test]
async fn a_message_that_breaks_the_bot_is_given_up_and_the_bot_goes_on() {
    let scene = Scene::new().await;
    let gateway = scene.run().await;
    let room = scene.direct().await;
    assert_eq!(gateway.terminate().await, 0);
    let mut command = scene.bot.home.command(&["gateway"]);
    command.env("NANOBOT_CRASH_POINT", "panic:render");
    let gateway = Process::spawn(command, scene.bot.home.record());
    gateway.give(b"");
    gateway
        .expect_line("Matrix channel connected", PATIENCE)
        .await;
    for number in 1..=2 {
        scene.ann.send_text(&room, "this one").await;
        scene
            .status_when(PATIENCE, |status| {
                status
                    .backlog
                    .as_ref()
                    .is_some_and(|it| it.parked.count == number)
            })
            .await;
    }
    let said = scene.ask(&room, "!status").await;
    assert!(said.contains("internal error"), "{said}");
    let panics = gateway.stderr().matches("a panic was asked for").count();
    assert_eq!(panics, 6, "{}", gateway.stderr());
}

#[tokio::test]
async fn a_message_over_which_the_bot_dies_again_and_again_is_given_up() {
    let scene = Scene::new().await;
    let gateway = scene.run().await;
    let room = scene.direct().await;
    assert_eq!(gateway.terminate().await, 0);
    scene.ann.send_text(&room, "deadly").await;
    let path = scene.bot.home.path().join("matrix-store/inbox.sqlite3");
    let attempts = || {
        let journal = rusqlite::Connection::open(&path).unwrap();
        let attempts = "SELECT max(attempts) FROM event";
        journal
            .query_row(attempts, [], |row| row.get::<_, u32>(0))
            .unwrap()
    };
    for death in 0..3 {
        crate::stress::die_at(&scene.bot, "send").await;
        assert_eq!(attempts(), death);
    }
    let journal = rusqlite::Connection::open(&path).unwrap();
    let change = "UPDATE event SET attempts = 29 WHERE state = 'waiting'";
    assert_eq!(journal.execute(change, []).unwrap(), 1);
    drop(journal);
    let _gateway = Gateway::connected(&scene.bot.home, &[]).await;
    let next = scene.ann.send_text(&room, "next").await;
    scene.wait_until_answered(&room, &[next]).await;
    assert_eq!(scene.status().await.backlog.unwrap().parked.count, 1);
}
