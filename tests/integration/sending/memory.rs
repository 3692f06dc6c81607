//! What is held in memory of messages that wait.

use futures_util::future::join_all;
use serde_json::json;

use super::front::Scene;
use crate::harness::account::LONG;
use crate::harness::eventually::eventually;
use crate::harness::message::in_thread;

const THREADS: usize = 700;
const BYTES: usize = 40_000;
/// Anonymous memory in KiB that this may take: all texts held would take four times as much.
const MOST: u64 = 40_000;

#[tokio::test(flavor = "multi_thread")]
async fn threads_that_wait_for_the_agent_hold_no_texts() {
    let scene = Scene::new().await;
    let program = "cat > /dev/null; until [ -e ../go ]; do sleep 1; done; echo done";
    scene
        .bot
        .set("agent", json!({"type": "command", "shell": program}));
    let gateway = scene.run().await;
    let room = scene.direct().await;
    let (_, before) = gateway.memory();
    let words = "x".repeat(BYTES);
    for batch in 0..THREADS / 20 {
        join_all((0..20).map(async |number| {
            let begun = scene
                .ann
                .send(
                    &room,
                    "m.room.message",
                    &json!({
                        "msgtype": "m.notice", "body": format!("root {batch} {number}"),
                    }),
                )
                .await;
            scene
                .ann
                .send(&room, "m.room.message", &in_thread(&begun, &begun, &words))
                .await;
        }))
        .await;
    }
    eventually("all of them taken in", LONG, || async {
        let waiting = scene.status().await.backlog.map_or(0, |it| it.waiting);
        (waiting == THREADS as u64).then_some(()).ok_or(waiting)
    })
    .await;
    let (_, after) = gateway.memory();
    let more = after.saturating_sub(before);
    assert!(more < MOST, "{more} KiB more than {before}");
}
