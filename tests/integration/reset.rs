//! `nanobot store reset`: it heals, whatever moment it is killed at, or changes nothing.

mod renewed;
pub mod scene;
pub mod unchanged;
mod undone;

use std::fs;

use matrix_sdk::Client;

use self::scene::{
    assert_devices, assert_talk, delete_archives, delete_store, is_signed, leftovers, room_with,
    stopped_in_a_room, witness,
};
use crate::harness::account::{Bot, LONG, PASSWORD, person};
use crate::harness::entry::Wanted;
use crate::harness::eventually::PATIENCE;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;
use crate::stress::die_at;

/// Every step of a reset, in the order they are done.
const STEPS: [&str; 15] = [
    "reset-begin",
    "reset-token",
    "reset-log-in",
    "reset-own",
    "reset-identity",
    "reset-trial",
    "reset-prove",
    "reset-import",
    "reset-inherit",
    "reset-swap",
    "reset-archive",
    "reset-place",
    "reset-config",
    "reset-retire",
    "reset-secrets",
];

async fn reset_killed_at(bot: &Bot, step: &str) {
    let output = bot.begin_reset(&["--force"], Some(step)).wait(LONG).await;
    assert_eq!(output.code, 128 + 9, "not killed at {step}: {output:?}");
}

#[tokio::test]
async fn a_deleted_store_is_refused_and_healed_by_the_command_that_is_named() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let old = person(synapse, "old").await;
    let old_room = room_with(&bot, &old).await;
    let away = person(synapse, "away").await;
    let away_room = room_with(&bot, &away).await;
    assert_talk(&bot, &old, &old_room, "before").await;
    assert_talk(&bot, &away, &away_room, "before").await;
    assert_eq!(gateway.terminate().await, 0);
    away.set_online(false).await;
    let witness = witness(synapse, &bot).await;
    let old_device = bot.device_id();

    // What the documentation of the Python tool says to do.
    delete_store(&bot);
    let refused = bot.home.run(&["gateway"], "").await.expect_code(1);
    assert!(refused.stderr.contains("nanobot store reset"), "{refused}");

    let output = bot
        .reset(&["--json", "--reset-identity"])
        .await
        .expect_code(0)
        .json();
    assert_eq!(output["old_device"], old_device);
    assert_eq!(output["new_device"], bot.device_id());
    assert_eq!(output["proven"], true);
    assert_eq!(output["verified"], true);
    assert_eq!(output["old_device_logged_out"], true);
    assert_ne!(bot.device_id(), old_device);
    assert_devices(&bot, &witness).await;
    assert!(is_signed(&bot).await);
    assert_eq!(leftovers(&bot), [""; 0]);

    let _gateway = bot.run().await;
    assert_talk(&bot, &old, &old_room, "after").await;
    // A client knows of a new device when it has synced, not before.
    let words = "the bot's account, in plain words";
    bot.account().await.send_text(&away_room, words).await;
    away.set_online(true).await;
    let seen = Wanted {
        contains_text: Some(words),
        ..Wanted::default()
    };
    away.wait_for(&away_room, &seen, PATIENCE).await;
    assert_talk(&bot, &away, &away_room, "after").await;
    let new = person(synapse, "new").await;
    let new_room = room_with(&bot, &new).await;
    assert_talk(&bot, &new, &new_room, "after").await;
    bot.assert_no_secret();
}

#[tokio::test]
async fn killed_at_any_step_it_is_finished_by_the_same_command() {
    let synapse = shared_synapse().await;
    let (bot, ann, room) = stopped_in_a_room(synapse).await;
    let witness = witness(synapse, &bot).await;

    for step in STEPS {
        let question = ann.send_text(&room, &format!("before {step}")).await;
        // Read by the old device and not answered.
        die_at(&bot, "dispatch").await;
        let old_device = bot.device_id();
        reset_killed_at(&bot, step).await;
        let (gateway, logout) = (["gateway"], ["logout"]);
        for refused in [
            bot.home.run(&gateway, "").await,
            bot.home.run(&logout, "").await,
            bot.log_in(&[]).await,
        ] {
            let refused = refused.expect_code(1);
            assert!(refused.stderr.contains("store reset"), "{step}: {refused}");
        }
        let output = bot.reset(&["--json"]).await.expect_code(0).json();
        assert_eq!(output["old_device"], old_device, "{step}");
        assert_eq!(output["verified"], true, "{step}: {output}");
        assert_eq!(output["unanswered_taken_over"], 1, "{step}: {output}");
        assert_ne!(bot.device_id(), old_device, "{step}");
        assert_eq!(leftovers(&bot), [""; 0], "{step}");
        assert_devices(&bot, &witness).await;
        assert!(is_signed(&bot).await, "{step}");

        let gateway = bot.run().await;
        let answer = ann.wait_for_reply(&room, &question, &bot.user_id).await;
        assert!(!answer.undecryptable, "{step}");
        assert_talk(&bot, &ann, &room, step).await;
        assert_eq!(gateway.terminate().await, 0);
    }
    let answered: Vec<_> = ann
        .timeline(&room)
        .await
        .into_iter()
        .filter(|event| event.sender == bot.user_id && event.msgtype.is_some())
        .filter_map(|event| event.in_reply_to)
        .collect();
    let mut once = answered.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), answered.len(), "answered twice: {answered:?}");
    assert_eq!(answered.len(), 2 * STEPS.len());
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_half_sent_answer_is_not_said_twice_by_the_new_device() {
    let synapse = shared_synapse().await;
    let (bot, ann, room) = stopped_in_a_room(synapse).await;
    // The answer is in the room, and its sending is not recorded.
    let said = ann.send_text(&room, "said already").await;
    die_at(&bot, "close").await;
    ann.wait_for_reply(&room, &said, &bot.user_id).await;

    let output = bot.reset(&["--force", "--json"]).await.expect_code(0);
    assert_eq!(output.json()["unanswered_taken_over"], 1, "{output:?}");
    let gateway = bot.run().await;
    assert_talk(&bot, &ann, &room, "and this").await;
    assert_eq!(gateway.terminate().await, 0);
    // The answer is recorded, and not sent.
    let recorded = ann.send_text(&room, "not said yet").await;
    die_at(&bot, "send").await;
    bot.reset(&["--force"]).await.expect_code(0);
    let _gateway = bot.run().await;
    ann.wait_for_reply(&room, &recorded, &bot.user_id).await;
    assert_talk(&bot, &ann, &room, "the last one").await;
    let answers = |to: &str| {
        let to = to.to_owned();
        let ann = &ann;
        let room = &room;
        async move {
            let timeline = ann.timeline(room).await;
            timeline
                .iter()
                .filter(|event| event.in_reply_to.as_ref() == Some(&to))
                .count()
        }
    };
    assert_eq!(answers(&said).await, 1);
    assert_eq!(answers(&recorded).await, 1);
}

#[tokio::test]
async fn the_old_room_keys_read_what_was_said_before() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = person(synapse, "ann").await;
    let gateway = bot.run().await;
    let room = room_with(&bot, &ann).await;
    assert_talk(&bot, &ann, &room, "before").await;
    assert_eq!(gateway.terminate().await, 0);
    let plan = bot.reset(&["--dry-run"]).await.expect_code(0);
    assert!(plan.stdout.contains("it is healthy"), "{plan}");
    let output = bot.reset(&["--force", "--json"]).await.expect_code(0);
    assert!(
        output.json()["room_keys"].as_u64().unwrap() > 0,
        "{output:?}"
    );
    assert_eq!(output.json()["verified"], true, "{output:?}");
    assert_eq!(output.json()["new_identity"], false, "{output:?}");
    // They are in the new store, which a further reset reads.
    let keys = output.json()["room_keys"].as_u64();
    let output = bot.reset(&["--force", "--json"]).await.expect_code(0);
    assert!(output.json()["room_keys"].as_u64() >= keys, "{output:?}");
    let _gateway = bot.run().await;
    assert_talk(&bot, &ann, &room, "after").await;
}

#[tokio::test]
async fn a_dead_token_heals_and_without_the_identity_the_device_stays_unverified() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let witness = witness(synapse, &bot).await;
    let ann = person(synapse, "ann").await;
    bot.account().await.logout().await;
    let output = bot.reset(&["--json"]).await.expect_code(0).json();
    assert_eq!(output["old_device_logged_out"], false);
    assert_eq!(output["verified"], true, "{output}");
    assert_devices(&bot, &witness).await;

    // The archived store has the identity, too.
    delete_store(&bot);
    let output = bot.reset(&["--json"]).await.expect_code(0).json();
    assert_eq!(output["verified"], true, "{output}");
    assert!(is_signed(&bot).await);

    // Now the identity is lost with the stores.
    delete_store(&bot);
    delete_archives(&bot);
    let output = bot.reset(&["--json"]).await.expect_code(0).json();
    assert_eq!(output["verified"], false, "{output}");
    assert_eq!(output["proven"], true, "{output}");
    assert!(!is_signed(&bot).await);
    let _gateway = bot.run().await;
    let room = room_with(&bot, &ann).await;
    assert_talk(&bot, &ann, &room, "hello").await;
}

/// Gives an account an identity that can be restored, on a client of its owner, and returns the
/// recovery key.
async fn recovery_key(synapse: &Synapse, bot: &Bot) -> String {
    let client = Client::builder()
        .homeserver_url(synapse.base_url())
        .build()
        .await
        .unwrap();
    let auth = client.matrix_auth();
    auth.login_username(&bot.user_id, PASSWORD).await.unwrap();
    client
        .sync_once(matrix_sdk::config::SyncSettings::new())
        .await
        .unwrap();
    let encryption = client.encryption();
    encryption.bootstrap_cross_signing(None).await.unwrap();
    let key = encryption.recovery().enable().await.unwrap();
    auth.logout().await.unwrap();
    key
}

#[tokio::test]
async fn a_recovery_key_makes_the_new_device_verified() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let key = recovery_key(synapse, &bot).await;
    bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
    assert!(!is_signed(&bot).await);
    let keys = bot.account().await.query_keys(&bot.user_id).await;
    let master = keys["master_keys"].clone();

    delete_store(&bot);
    let file = bot.home.user_dir().join("key.txt");
    fs::write(&file, &key).unwrap();
    let more = ["--json", "--recovery-key-file", file.to_str().unwrap()];
    let output = bot.reset(&more).await.expect_code(0).json();
    assert_eq!(output["verified"], true, "{output}");
    assert_eq!(output["new_identity"], false, "{output}");
    assert!(is_signed(&bot).await);
    let keys = bot.account().await.query_keys(&bot.user_id).await;
    assert_eq!(keys["master_keys"]["keys"], master["keys"]);
    bot.home.assert_no_secret(&[PASSWORD, &key, &bot.token()]);
}

#[tokio::test]
async fn a_person_is_shown_the_plan_and_types_the_device() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    delete_store(&bot);
    let device = bot.device_id();
    let terminal = bot.home.terminal(&["store", "reset"]);
    terminal.expect(&format!("Type {device}"), PATIENCE).await;
    terminal.send_line("yes").await;
    terminal.expect("that is not", PATIENCE).await;
    terminal.send_line(&device).await;
    terminal.expect("Password of", PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send_line("canary-wrong").await;
    let refused = "does not accept this user name and password\nPassword of";
    terminal.expect(refused, PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send_line(PASSWORD).await;
    terminal.expect("How should this device", LONG).await;
    terminal.send_line("").await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("nanobot gateway"), "{screen}");
    // There was no store.
    assert!(!screen.contains("the old store"), "{screen}");
    assert_ne!(bot.device_id(), device);
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_person_who_allows_it_beforehand_is_asked_for_the_password_alone() {
    let bot = Bot::new(shared_synapse().await).await;
    delete_store(&bot);
    let device = bot.device_id();
    let terminal = bot.home.terminal(&["store", "reset", "--yes"]);
    terminal.expect("Password of", PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send_line(PASSWORD).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    assert!(!terminal.screen().contains('?'), "{}", terminal.screen());
    assert_ne!(bot.device_id(), device);
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_person_is_asked_for_the_recovery_key_where_nothing_else_restores_the_identity() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let key = recovery_key(synapse, &bot).await;
    bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
    delete_store(&bot);
    let file = bot.password_file();
    let reset = ["store", "reset", "--password-file", &file];
    let terminal = bot.home.terminal(&reset);
    let device = bot.device_id();
    terminal.expect(&format!("Type {device}"), PATIENCE).await;
    assert!(
        terminal
            .screen()
            .contains("unless you enter the recovery key")
    );
    terminal.send_line(&device).await;
    terminal.expect("How should this device", LONG).await;
    terminal.send_line("").await;
    terminal
        .expect("Recovery key (Enter to skip): ", PATIENCE)
        .await;
    terminal.expect_no_echo().await;
    terminal.send_line("canary").await;
    let groups = "12 groups of four characters";
    terminal.expect(groups, PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send_line(&format!("“{key}”")).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    assert!(is_signed(&bot).await);
    bot.home.assert_no_secret(&[PASSWORD, &key, &bot.token()]);
}
