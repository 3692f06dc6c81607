//! `sasVerification: true`: completed without anyone comparing, as the Python tool does.

use crate::harness::account::{Bot, person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::verification::scene::{Scene, at, expect_verified, shown_in};

#[tokio::test]
async fn the_bot_confirms_by_itself_and_says_what_that_is_worth() {
    let synapse = shared_synapse().await;
    let blindly = |bot: &Bot| bot.set("sasVerification", true);
    let Some(scene) = Scene::with(synapse, blindly).await else {
        return;
    };
    let worth = "they prove nothing to the bot";
    scene.gateway.expect_line(worth, PATIENCE).await;
    let (request, _) = scene.ann_asks().await;
    scene.ann.confirm(request).await;
    assert_eq!(scene.ann.wait_for_end(request).await.phase, "Done");
    expect_verified(&scene.ann, &scene.bot).await;
    let said = "was confirmed without comparing";
    scene.gateway.expect_line(said, PATIENCE).await;
    assert_eq!(scene.at("verified").await["signed"], true);
}

/// matrix-nio starts without a request, and has no identity.
#[tokio::test]
async fn a_client_of_before_there_were_requests_is_understood() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    for blindly in [false, true] {
        bot.set("sasVerification", blindly);
        let gateway = bot.run().await;
        let nia = person(synapse, "nia").await;
        let room = RoomSpec::direct(&bot.user_id).encrypted();
        let room = nia.create_room(&room).await;
        let sent = nia.send_text(&room, "hello").await;
        nia.wait_for_reply(&room, &sent, &bot.user_id).await;
        let (id, numbers) = nia.start_verification(&bot.user_id, &bot.device_id()).await;
        if blindly {
            assert!(nia.confirm_verification(&id).await);
        } else {
            assert_eq!(shown_in(&at(&bot, "compare").await).decimals, numbers);
            let (confirmed, verified) = tokio::join!(
                bot.home.run(&["verify", "confirm"], ""),
                nia.confirm_verification(&id)
            );
            assert!(verified);
            let words = "they have no cross-signing identity";
            let confirmed = confirmed.expect_code(0);
            assert!(confirmed.stdout.contains(words), "{confirmed}");
        }
        eventually("a verified device", PATIENCE, || async {
            let verified = at(&bot, "verified").await;
            if verified["device_id"] == nia.device_id() {
                return Ok(());
            }
            Err(verified.to_string())
        })
        .await;
        assert_eq!(gateway.terminate().await, 0);
    }
}
