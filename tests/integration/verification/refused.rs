//! Requests of those who may not talk to the bot.

use reqwest::Method;
use serde_json::json;

use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
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
    let refused = format!("verification request from {}", eve.user_id());
    let first = eve
        .ask_device(Some(&scene.room), &bot.user_id, &bot.device_id())
        .await;
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
    bot.set("allowFrom", json!([eve.user_id()]));
    let _gateway = bot.run().await;
    let third = eve.ask_in_room(&scene.room, &bot.user_id).await;
    eve.start(third).await;
    eve.compare(third).await;
}

/// Who sits in between could have one thing compared and another one confirmed.
#[tokio::test]
async fn what_is_compared_cannot_be_exchanged_before_it_is_confirmed() {
    let synapse = shared_synapse().await;
    let Some(scene) = Scene::new(synapse).await else {
        return;
    };
    let (bot, ann) = (&scene.bot, &scene.ann);
    let request = ann
        .ask_device(Some(&scene.room), &bot.user_id, &bot.device_id())
        .await;
    ann.start(request).await;
    ann.compare(request).await;
    let to_compare = scene.at("compare").await;
    let start = json!({
        "from_device": ann.device_id(),
        "transaction_id": ann.state(request).await.transaction,
        "method": "m.sas.v1",
        "key_agreement_protocols": ["curve25519-hkdf-sha256"],
        "hashes": ["sha256"],
        "message_authentication_codes": ["hkdf-hmac-sha256.v2"],
        "short_authentication_string": ["decimal", "emoji"],
    });
    let http = HttpPerson::with_token(&synapse.base_url(), ann.access_token()).await;
    let body = json!({"messages": {&bot.user_id: {bot.device_id(): start}}});
    let path = ["v3", "sendToDevice", "m.key.verification.start", "again"];
    http.call(Method::PUT, &path, Some(&body)).await;

    let ended = scene.at("cancelled").await;
    assert_eq!(ended["id"], to_compare["id"]);
    let reason = ended["reason"].as_str().unwrap();
    assert!(reason.contains("began anew"), "{reason}");
    let id = ended["id"].as_str().unwrap();
    let late = bot.home.run(&["verify", "confirm", id], "").await;
    late.expect_code(1);
    scene.assert_nobody_verified().await;
}
