//! Requests of those who may not talk to the bot.

use crate::harness::eventually::PATIENCE;
use crate::harness::shared::shared_synapse;
use crate::verification::scene::{Scene, js_person};

#[tokio::test]
async fn a_stranger_hears_nothing_and_is_named_once() {
    let synapse = shared_synapse().await;
    let Some(scene) = Scene::new(synapse).await else {
        return;
    };
    let Some(eve) = js_person(synapse, "eve").await else {
        return;
    };
    let (bot, ann) = (&scene.bot, &scene.ann);
    ann.invite(&scene.room, eve.user_id()).await;
    eve.join(&scene.room).await;
    let refused = format!("user={}", eve.user_id());
    let first = eve.ask_device(&bot.user_id, &bot.device_id()).await;
    let line = scene.gateway.expect_line(&refused, PATIENCE).await.text;
    assert!(line.contains("not in allowFrom"), "{line}");
    eve.cancel(first).await;
    let second = eve.ask_in_room(&scene.room, &bot.user_id).await;

    // Behind it, somebody else comes all the way.
    let (request, _) = scene.ann_asks().await;
    let to_compare = scene.at("compare").await;
    assert_eq!(to_compare["user_id"], ann.user_id());
    let (confirmed, ()) = tokio::join!(
        bot.home.run(&["verify", "confirm"], ""),
        ann.confirm(request)
    );
    confirmed.expect_code(0);
    assert_eq!(eve.state(second).await.phase, "Requested");
    let named = scene.gateway.stderr().matches(&refused).count();
    assert_eq!(named, 1, "{}", scene.gateway.stderr());

    // It was only for who she is.
    eve.cancel(second).await;
    assert_eq!(scene.gateway.terminate().await, 0);
    bot.set("allowFrom", serde_json::json!([eve.user_id()]));
    let _gateway = bot.run().await;
    let third = eve.ask_in_room(&scene.room, &bot.user_id).await;
    eve.start(third).await;
    eve.compare(third).await;
}
