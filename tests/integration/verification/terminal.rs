//! A person at the bot's terminal compares, with and without a gateway.

use crate::harness::account::{LONG, person};
use crate::harness::eventually::PATIENCE;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::verification::scene::{Scene, expect_shown, expect_verified};

#[tokio::test]
async fn somebody_asks_in_a_room_and_the_gateway_is_asked_for_the_emoji() {
    let Some(scene) = Scene::new(shared_synapse().await).await else {
        return;
    };
    let terminal = scene.bot.home.terminal(&["verify"]);
    terminal.expect("Nobody has asked", PATIENCE).await;
    let (request, shown) = scene.ann_asks().await;
    expect_shown(&terminal, &shown, LONG).await;
    terminal.send_line("perhaps").await;
    terminal.expect("please type yes or no", PATIENCE).await;
    terminal.send_line("yes").await;
    scene.ann.confirm(request).await;
    assert_eq!(terminal.wait(LONG).await, 0);
    let screen = terminal.screen();
    let gained = format!("has signed the identity of {}", scene.ann.user_id());
    assert!(screen.contains(&gained), "{screen}");
    let gained = "their client can show the bot as verified";
    assert!(screen.contains(gained), "{screen}");
    assert_eq!(scene.ann.wait_for_end(request).await.phase, "Done");
    expect_verified(&scene.ann, &scene.bot).await;
    assert_eq!(scene.gateway.terminate().await, 0);
    scene.bot.assert_no_secret();
}

#[tokio::test]
async fn without_a_gateway_the_bot_asks_in_the_room_and_what_is_written_meanwhile_is_kept() {
    let synapse = shared_synapse().await;
    let ben = person(synapse, "ben").await;
    let allow_ben = |bot: &crate::harness::account::Bot| {
        bot.home.edit_config(|config| {
            let allowed = &mut config["channels"]["matrix"]["allowFrom"];
            allowed.as_array_mut().unwrap().push(ben.user_id().into());
        });
    };
    let Some(scene) = Scene::with(synapse, allow_ben).await else {
        return;
    };
    let Scene {
        bot,
        ann,
        room,
        gateway,
    } = scene;
    let chat = RoomSpec::direct(&bot.user_id).encrypted();
    let chat = ben.create_room(&chat).await;
    let first = ben.send_text(&chat, "first").await;
    ben.wait_for_reply(&chat, &first, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);

    let terminal = bot.home.terminal(&["verify", ann.user_id()]);
    let (request, asked_in) = ann.wait_for_request(&bot.user_id).await;
    assert_eq!(asked_in, Some(room));
    let meanwhile = ben.send_text(&chat, "meanwhile").await;
    ann.accept(request).await;
    let shown = ann.compare(request).await;
    expect_shown(&terminal, &shown, LONG).await;
    ann.confirm(request).await;
    terminal.send_line("y").await;
    assert_eq!(terminal.wait(LONG).await, 0);
    assert_eq!(ann.wait_for_end(request).await.phase, "Done");
    expect_verified(&ann, &bot).await;

    let _gateway = bot.run().await;
    ben.wait_for_reply(&chat, &meanwhile, &bot.user_id).await;
}

#[tokio::test]
async fn without_a_gateway_a_device_asks_and_a_mismatch_is_one_on_both_sides() {
    let Some(scene) = Scene::new(shared_synapse().await).await else {
        return;
    };
    assert_eq!(scene.gateway.terminate().await, 0);
    let (bot, ann) = (&scene.bot, &scene.ann);
    let terminal = bot.home.terminal(&["verify"]);
    terminal.expect("Nobody has asked", PATIENCE).await;
    let request = ann
        .ask_device(Some(&scene.room), &bot.user_id, &bot.device_id())
        .await;
    ann.start(request).await;
    let shown = ann.compare(request).await;
    expect_shown(&terminal, &shown, LONG).await;
    terminal.send_line("no").await;
    assert_eq!(terminal.wait(LONG).await, 1);
    let screen = terminal.screen();
    assert!(screen.contains("do not match, as found here"), "{screen}");
    let end = ann.wait_for_end(request).await;
    assert_eq!(end.phase, "Cancelled");
    assert_eq!(end.code.as_deref(), Some("m.mismatched_sas"));
    assert!(!ann.sees_user_verified(&bot.user_id).await);
}

#[tokio::test]
async fn leaving_the_terminal_ends_a_verification_that_nobody_else_looks_after() {
    let Some(scene) = Scene::new(shared_synapse().await).await else {
        return;
    };
    assert_eq!(scene.gateway.terminate().await, 0);
    let terminal = scene.bot.home.terminal(&["verify"]);
    terminal.expect("Nobody has asked", PATIENCE).await;
    let (request, shown) = scene.ann_asks().await;
    expect_shown(&terminal, &shown, LONG).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert!(terminal.cursor_visible());
    let end = scene.ann.wait_for_end(request).await;
    assert_eq!(end.code.as_deref(), Some("m.user"));
}
