//! Scripts and the log: everything that a person at a terminal does, without one.

use serde_json::json;

use crate::harness::account::Bot;
use crate::harness::eventually::PATIENCE;
use crate::harness::shared::shared_synapse;
use crate::verification::scene::{Scene, at, expect_verified, js_person, shown_in};

#[tokio::test]
async fn the_bot_asks_a_device_and_a_script_confirms() {
    let Some(scene) = Scene::new(shared_synapse().await).await else {
        return;
    };
    let (bot, ann) = (&scene.bot, &scene.ann);
    assert_eq!(scene.list().await, [json!(null); 0]);
    let start = [
        "verify",
        ann.user_id(),
        "--device",
        ann.device_id(),
        "--json",
    ];
    let begun = bot.home.run(&start, "").await.expect_code(0).json();
    assert_eq!(begun["verification"]["stage"], "waiting");
    assert_eq!(begun["verification"]["started_by_bot"], true);
    let again = bot.home.run(&start, "").await.expect_code(1);
    let why = again.json()["error"]["message"].to_string();
    assert!(why.contains("is under way"), "{why}");

    let (request, room) = ann.wait_for_request(&bot.user_id).await;
    assert_eq!(room, None);
    ann.accept(request).await;
    let shown = ann.compare(request).await;
    let to_compare = scene.at("compare").await;
    assert_eq!(to_compare["id"], begun["verification"]["id"]);
    assert_eq!(to_compare["device_id"], ann.device_id());
    assert_eq!(shown_in(&to_compare), shown);
    let [first, second, third] = shown.decimals;
    let log = format!("{}, numbers {first} {second} {third}", shown.emoji[6].1);
    let line = scene.gateway.expect_line(&log, PATIENCE).await.text;
    let id = to_compare["id"].as_str().unwrap();
    assert!(
        line.contains(&format!("nanobot verify confirm {id}")),
        "{line}"
    );

    let confirm = ["verify", "confirm", id, "--json"];
    let (confirmed, ()) = tokio::join!(bot.home.run(&confirm, ""), ann.confirm(request));
    let confirmed = confirmed.expect_code(0).json();
    assert_eq!(confirmed["verification"]["stage"], "verified");
    assert_eq!(confirmed["verification"]["signed"], true);
    expect_verified(ann, bot).await;
    let late = bot.home.run(&confirm, "").await.expect_code(1);
    assert!(
        late.json()["error"]["message"]
            .to_string()
            .contains("is over")
    );
}

#[tokio::test]
async fn a_mismatch_is_one_on_both_sides_whoever_finds_it() {
    let Some(scene) = Scene::new(shared_synapse().await).await else {
        return;
    };
    let (bot, ann) = (&scene.bot, &scene.ann);
    let (request, _) = scene.ann_asks().await;
    scene.at("compare").await;
    let denied = bot.home.run(&["verify", "deny", "--json"], "").await;
    let denied = denied.expect_code(0).json();
    assert_eq!(denied["verification"]["stage"], "mismatched");
    assert_eq!(denied["verification"]["by_us"], true);
    let end = ann.wait_for_end(request).await;
    assert_eq!(end.code.as_deref(), Some("m.mismatched_sas"));
    assert_eq!(end.by.as_deref(), Some(bot.user_id.as_str()));
    scene
        .gateway
        .expect_line("found here not to match", PATIENCE)
        .await;

    let (request, _) = scene.ann_asks().await;
    let id = loop {
        let all = scene.list().await;
        if let Some(found) = all.iter().find(|one| one["stage"] == "compare") {
            break found["id"].as_str().unwrap().to_owned();
        }
    };
    let confirm = ["verify", "confirm", id.as_str()];
    let (confirmed, ()) = tokio::join!(bot.home.run(&confirm, ""), ann.mismatch(request));
    let confirmed = confirmed.expect_code(1);
    let words = "do not match, as found by the other side";
    assert!(confirmed.stderr.contains(words), "{confirmed}");
    let end = ann.wait_for_end(request).await;
    assert_eq!(end.code.as_deref(), Some("m.mismatched_sas"));
    scene
        .gateway
        .expect_line("found by them not to match", PATIENCE)
        .await;
    scene.assert_nobody_verified().await;
}

#[tokio::test]
async fn a_request_of_its_own_that_is_denied_is_cancelled_and_no_mismatch() {
    let Some(scene) = Scene::new(shared_synapse().await).await else {
        return;
    };
    let (bot, ann) = (&scene.bot, &scene.ann);
    let start = ["verify", ann.user_id(), "--device", ann.device_id()];
    bot.home.run(&start, "").await.expect_code(0);
    let (request, _) = ann.wait_for_request(&bot.user_id).await;
    let denied = bot.home.run(&["verify", "deny"], "").await.expect_code(0);
    let words = "that the bot cancelled the verification";
    assert!(denied.stdout.contains(words), "{denied}");
    let end = ann.wait_for_end(request).await;
    assert_eq!(end.code.as_deref(), Some("m.user"));
}

#[tokio::test]
async fn without_a_terminal_nothing_is_asked_and_the_error_names_the_commands() {
    let bot = Bot::new(shared_synapse().await).await;
    let bare = bot.home.run(&["verify"], "yes\n").await.expect_code(2);
    assert!(bare.stderr.contains("nanobot verify confirm"), "{bare}");
    for arguments in [
        &["verify", "--json"][..],
        &["verify", "list", "--json"],
        &["verify", "confirm", "--json"],
        &["verify", "deny", "ABC", "--json"],
        &["verify", "@ann:localhost", "--json"],
    ] {
        let output = bot.home.run(arguments, "").await.expect_code(1);
        let error = output.json()["error"].take();
        let hint = error["hint"].to_string();
        assert!(hint.contains("nanobot gateway"), "{arguments:?}: {error}");
    }
    let typo = bot
        .home
        .run(&["verify", "recovry"], "")
        .await
        .expect_code(2);
    assert!(typo.stderr.contains("nor a command"), "{typo}");
    // And with one:
    let _gateway = bot.run().await;
    let none = bot.home.run(&["verify", "--json"], "").await.expect_code(0);
    assert_eq!(none.json()["verifications"], json!([]));
    let none = bot
        .home
        .run(&["verify", "confirm"], "")
        .await
        .expect_code(1);
    assert!(none.stderr.contains("nothing to compare"), "{none}");
    let nobody = ["verify", "@nobody:localhost"];
    let nobody = bot.home.run(&nobody, "").await.expect_code(1);
    assert!(nobody.stderr.contains("no other device"), "{nobody}");
    let itself = ["verify", &bot.user_id, "--device", &bot.device_id()];
    let itself = bot.home.run(&itself, "").await.expect_code(1);
    assert!(itself.stderr.contains("no other device"), "{itself}");
}

/// As Element does with somebody it has no chat with.
#[tokio::test]
async fn a_request_that_comes_with_the_invitation_is_understood() {
    let synapse = shared_synapse().await;
    let Some(ann) = js_person(synapse, "ann").await else {
        return;
    };
    let bot = Bot::new(synapse).await;
    let _gateway = bot.run().await;
    let room = ann.create_room(&bot.user_id).await;
    let request = ann.ask_in_room(&room, &bot.user_id).await;
    ann.start(request).await;
    let shown = ann.compare(request).await;
    assert_eq!(shown_in(&at(&bot, "compare").await), shown);
}
