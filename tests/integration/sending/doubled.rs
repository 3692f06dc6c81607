//! A homeserver that has forgotten the transaction ids of an earlier run.

use serde_json::json;

use super::front::Scene;
use crate::harness::account::{LONG, person};
use crate::harness::entry::Wanted;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::stress::die_at;

#[tokio::test]
async fn an_answer_whose_transaction_is_forgotten_is_not_said_again() {
    let scene = Scene::new().await;
    let gateway = scene.run().await;
    let room = scene.direct().await;
    assert_eq!(gateway.terminate().await, 0);
    let question = scene.ann.send_text(&room, "once, please").await;
    die_at(&scene.bot, "close").await;
    scene.front.forget_transactions();
    let _gateway = scene.run().await;
    let last = scene.ann.send_text(&room, "the last one").await;
    scene.wait_until_answered(&room, &[question, last]).await;
}

#[tokio::test]
async fn neither_is_one_in_several_parts_that_is_encrypted() {
    let scene = Scene::new().await;
    let program = "cat > /dev/null; yes word | head -n 20000; echo the end";
    scene
        .bot
        .set("agent", json!({"type": "command", "shell": program}));
    let gateway = scene.run().await;
    let ann = person(shared_synapse().await, "ann").await;
    let room = RoomSpec::direct(&scene.bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &scene.bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
    let question = ann.send_text(&room, "at length, please").await;
    // Each run sends one part more.
    scene.front.forget_transactions();
    die_at(&scene.bot, "close").await;
    die_at(&scene.bot, "close").await;
    let _gateway = scene.run().await;
    let end = Wanted {
        sender: Some(&scene.bot.user_id),
        contains_text: Some("the end"),
        ..Wanted::default()
    };
    ann.wait_for(&room, &end, LONG).await;
    let last = ann.send_text(&room, "!status").await;
    ann.wait_for_reply(&room, &last, &scene.bot.user_id).await;
    let timeline = ann.timeline(&room).await;
    let parts: Vec<_> = timeline
        .iter()
        .filter(|event| event.in_reply_to.as_deref() == Some(&question))
        .map(|event| event.content["nanobot.answer"]["part"].clone())
        .collect();
    let expected: Vec<_> = (0..parts.len()).map(|part| json!(part)).collect();
    assert!(parts.len() > 2 && parts == expected, "{parts:?}");
}

/// Its final words were sent as an edit, and nothing is known of that.
#[tokio::test]
async fn nor_is_a_draft_taken_back_that_is_the_answer() {
    let scene = Scene::new().await;
    scene.bot.set("streaming", true);
    let program = "cat > /dev/null; echo First words; sleep 1; echo and the rest";
    scene
        .bot
        .set("agent", json!({"type": "command", "shell": program}));
    let gateway = scene.run().await;
    let room = scene.direct().await;
    assert_eq!(gateway.terminate().await, 0);
    let question = scene.ann.send_text(&room, "slowly, please").await;
    die_at(&scene.bot, "close").await;
    scene.front.forget_transactions();
    let _gateway = scene.run().await;
    let last = scene.ann.send_text(&room, "!status").await;
    scene.reply(&room, &last).await;
    let events = scene.ann.events(&room).await.into_iter();
    let said: Vec<_> = events
        .filter(|event| event["content"]["nanobot.answer"]["question"] == question.as_str())
        .collect();
    let redacted = said
        .iter()
        .any(|event| event["unsigned"]["redacted_because"].is_object());
    let finals = said
        .iter()
        .filter(|event| event["content"]["nanobot.answer"]["draft"].is_null());
    assert_eq!((redacted, finals.count()), (false, 1), "{said:#?}");
}
