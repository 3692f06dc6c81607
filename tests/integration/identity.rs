//! The bot's identity: vouched for by its owner as others see it, and got back with a recovery key.

mod backup;
mod circle;
mod leaving;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use matrix_sdk::config::SyncSettings;
use nanobot::testing::config::Secret;
use nanobot::testing::homeserver::{Options, PublishedKeys};
use nanobot::testing::journal::{Arrival, Batch, Entry};
use nanobot::testing::session::{Chain, Credentials, Flaw, Session, verify_chain};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, PASSWORD, http_person, person};
use crate::harness::bot::Home;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::{HttpPerson, string};
use crate::harness::output::Output;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;

/// The answer of `/keys/query` about the bot, as another user gets it.
async fn seen_by_others(synapse: &Synapse, bot: &Bot) -> Value {
    let other = http_person(synapse, "stranger").await;
    other.query_keys(&bot.user_id).await
}

fn chain(answer: &Value, bot: &Bot) -> Chain {
    let device_id = bot.device_id();
    let keys = PublishedKeys::from_answer(answer.to_string().as_bytes(), &bot.user_id, &device_id);
    verify_chain(&keys.unwrap(), &bot.user_id, &device_id)
}

/// How far others can trace the bot's device to its owner.
async fn chain_for_others(synapse: &Synapse, bot: &Bot) -> Chain {
    chain(&seen_by_others(synapse, bot).await, bot)
}

/// How many room keys the backup holds; `None` where there is no backup.
async fn backed_up(account: &HttpPerson) -> Option<u64> {
    backup(account).await?["count"].as_u64()
}

/// Logs in with recovery set up, and returns the recovery key.
async fn log_in_with_recovery(bot: &Bot) -> String {
    let output = bot.log_in(&["--recovery", "--json"]).await.expect_code(0);
    string(&output.json()["recovery_key"])
}

/// A login elsewhere with a recovery key in a file.
async fn log_in_with_key(bot: &Bot, key: &str, more: &[&str]) -> Output {
    let file = bot.home.user_dir().join("key");
    fs::write(&file, format!("{key}\n")).unwrap();
    let arguments = ["--recovery-key-file", file.to_str().unwrap()];
    bot.log_in(&[&arguments[..], more].concat()).await
}

#[tokio::test]
async fn others_can_verify_the_device_and_notice_what_was_tampered_with() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let output = bot.log_in(&[]).await.expect_code(0);
    assert!(output.stdout.contains("verified by its owner"), "{output}");
    assert!(!output.stdout.contains("Recovery key"), "{output}");
    let shown = seen_by_others(synapse, &bot).await;
    assert_eq!(chain(&shown, &bot), Chain::Whole);

    let mut tampered = shown.clone();
    let device = &mut tampered["device_keys"][&bot.user_id][bot.device_id()];
    device["algorithms"] = json!([]);
    assert_eq!(chain(&tampered, &bot), Chain::Device(Flaw::BadSignature));
}

#[tokio::test]
async fn a_bot_whose_machine_is_gone_is_back_with_its_history() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let kept = bot.home.user_dir().join("recovery-key.txt");
    let save = ["--recovery", "--save-recovery-key", kept.to_str().unwrap()];
    let output = bot
        .log_in(&[&save[..], &["--allow-from", "*"]].concat())
        .await
        .expect_code(0);
    let key = fs::read_to_string(&kept).unwrap().trim().to_owned();
    assert_eq!(output.stdout.matches(&key).count(), 1, "{output}");
    assert!(!output.stderr.contains(&key), "{output}");
    assert_eq!(
        fs::metadata(&kept).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let account = bot.account().await;
    assert_eq!(backed_up(&account).await, Some(0));

    let gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let old = ann.send_text(&room, "long ago").await;
    ann.wait_for_reply(&room, &old, &bot.user_id).await;
    // More than a first sync brings, so that the journal of the next machine does not know it.
    for number in 0..6 {
        let sent = ann.send_text(&room, &format!("later {number}")).await;
        ann.wait_for_reply(&room, &sent, &bot.user_id).await;
    }
    // Hers and its own.
    eventually("two room keys in the backup", PATIENCE, || async {
        match backed_up(&account).await {
            Some(2..) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    assert_eq!(gateway.terminate().await, 0);

    let next = bot.elsewhere();
    let output = log_in_with_key(&next, &key, &["--allow-from", "*", "--json"]).await;
    let result = output.expect_code(0).json();
    assert_eq!(result["verified"], true);
    assert_eq!(result["backup"], "open");
    assert!(result.get("recovery_key").is_none());
    assert_ne!(next.device_id(), bot.device_id());
    assert_eq!(chain_for_others(synapse, &next).await, Chain::Whole);
    assert!(
        reads(synapse, &next, &room, &old)
            .await
            .contains("long ago")
    );

    // New keys go into the backup from here too.
    let account = next.account().await;
    let before = backed_up(&account).await;
    let gateway = next.run().await;
    let sent = ann.send_text(&room, "are you back?").await;
    ann.wait_for_reply(&room, &sent, &next.user_id).await;
    eventually("a new room key in the backup", PATIENCE, || async {
        let now = backed_up(&account).await;
        (now > before).then_some(()).ok_or(format!("{now:?}"))
    })
    .await;
    gateway.terminate().await;
    next.home.assert_no_secret(&[PASSWORD, &key]);
}

/// What the bot's device makes of an event that its journal takes for one whose key is late.
async fn reads(synapse: &Synapse, bot: &Bot, room: &str, event: &str) -> String {
    let account = bot.account().await;
    let path = ["v3", "rooms", room, "event", event];
    let encrypted = account.call(Method::GET, &path, None).await;
    assert_eq!(encrypted["type"], "m.room.encrypted");
    let credentials = Credentials {
        homeserver: synapse.base_url().parse().unwrap(),
        user_id: bot.user_id.clone(),
        device_id: bot.device_id(),
        access_token: Secret::new(bot.token()),
        options: Options {
            allow_http: true,
            ..Options::default()
        },
    };
    let store = bot.home.path().join("matrix-store");
    let mut session = Session::open(&credentials, &store).await.unwrap();
    session.settle().await;
    let journal = session.journal.clone();
    let late = Entry {
        room_id: room.to_owned(),
        event_id: event.to_owned(),
        is_floor: false,
        arrival: Arrival::Undecryptable {
            sender: string(&encrypted["sender"]),
            session_id: Some(string(&encrypted["content"]["session_id"])),
            reason: "its key has not come".to_owned(),
            payload: encrypted.to_string(),
        },
    };
    let batch = Batch {
        position: journal.position().await.unwrap(),
        entries: vec![late],
        ..Batch::default()
    };
    journal.commit(batch).await.unwrap();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let step = session.step(Duration::from_millis(200)).await.unwrap();
        if let Some(conversation) = step.changes.fresh.first() {
            let waiting = journal
                .next_together(conversation, 1)
                .await
                .unwrap()
                .remove(0);
            assert_eq!(waiting.event_id, event);
            journal.close(vec![waiting.seq]).await.unwrap();
            return waiting.payload;
        }
        assert!(tokio::time::Instant::now() < deadline, "the key never came");
    }
}

#[tokio::test]
async fn a_wrong_recovery_key_changes_nothing() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let key = log_in_with_recovery(&bot).await;
    let stranger = Bot::registered(synapse).await;
    let foreign = log_in_with_recovery(&stranger).await;
    let account = bot.account().await;

    let next = bot.elsewhere();
    for wrong in [foreign.as_str(), "EsTcanary", &key[..key.len() - 5]] {
        let output = log_in_with_key(&next, wrong, &[]).await.expect_code(1);
        assert!(output.stderr.contains("not the recovery key"), "{output}");
        assert!(!next.home.config_path().exists());
        assert!(!next.home.path().join("matrix-store").exists());
        assert_eq!(account.device_ids().await, [bot.device_id()]);
    }
    // Nor on the machine that has a sound device.
    let before = fs::read(bot.home.config_path()).unwrap();
    log_in_with_key(&bot, &foreign, &[]).await.expect_code(1);
    assert_eq!(fs::read(bot.home.config_path()).unwrap(), before);
    assert_eq!(chain_for_others(synapse, &bot).await, Chain::Whole);
    bot.run().await.terminate().await;

    // Nor with a token, which the right key verifies.
    let file = next.home.user_dir().join("key");
    let given = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    let url = synapse.base_url();
    let arguments = ["login", "--homeserver", &url, "--token-stdin"];
    let arguments = [
        &arguments[..],
        &["--recovery-key-file", file.to_str().unwrap()],
    ]
    .concat();
    let output = next.home.run(&arguments, given.access_token()).await;
    assert!(
        output
            .expect_code(1)
            .stderr
            .contains("not the recovery key")
    );
    assert!(!next.home.config_path().exists());
    assert!(!next.home.path().join("matrix-store").exists());
    fs::write(&file, &key).unwrap();
    let output = next.home.run(&arguments, given.access_token()).await;
    output.expect_code(0);
    assert_eq!(chain_for_others(synapse, &next).await, Chain::Whole);

    // An account without secret storage has nothing to recover.
    let plain = Bot::registered(synapse).await;
    let output = log_in_with_key(&plain, &key, &[]).await.expect_code(1);
    assert!(output.stderr.contains("no secret storage"), "{output}");
    assert!(!plain.home.config_path().exists());
    next.home.assert_no_secret(&[&key, &foreign, "EsTcanary"]);
}

#[tokio::test]
async fn a_device_that_is_there_is_verified_with_the_key_of_its_account() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    let key = log_in_with_recovery(&owner).await;
    let bot = owner.elsewhere();
    let output = bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
    assert!(
        output.stdout.contains("not verified by its owner"),
        "{output}"
    );
    let words = "its private keys are not on this machine";
    assert!(output.stdout.contains(words), "{output}");
    let unsigned = Chain::Owner(Flaw::Unsigned);
    assert_eq!(chain_for_others(synapse, &bot).await, unsigned);

    // Setting it up anew would shut out the key there is.
    let output = bot.log_in(&["--recovery"]).await.expect_code(1);
    assert!(
        output.stderr.contains("nanobot verify recovery"),
        "{output}"
    );

    let verify = ["verify", "recovery", "--key-stdin", "--json"];
    let gateway = bot.run().await;
    let output = bot.home.run(&verify, &key).await.expect_code(5);
    assert_eq!(output.json()["error"]["kind"], "store_in_use");
    gateway.terminate().await;
    let output = bot.home.run(&verify, "canary-wrong").await.expect_code(1);
    assert_eq!(output.json()["ok"], false);
    assert_eq!(chain_for_others(synapse, &bot).await, unsigned);
    let output = bot.home.run(&["verify", "recovery"], "").await;
    let output = output.expect_code(2);
    assert!(output.stderr.contains("--recovery-key-stdin"), "{output}");

    for _ in 0..2 {
        let output = bot.home.run(&verify, &key).await.expect_code(0).json();
        assert_eq!(output["device_id"], bot.device_id());
        assert_eq!(output["verified"], true);
        assert_eq!(output["backup"], "open");
        assert_eq!(chain_for_others(synapse, &bot).await, Chain::Whole);
    }
    bot.run().await.terminate().await;
    bot.home.assert_no_secret(&[PASSWORD, &key, "canary-wrong"]);

    let nobody = Home::new();
    nobody.run(&verify, &key).await.expect_code(4);
}

/// Replaces a piece of the account's data.
async fn put_data(account: &HttpPerson, kind: &str, data: &Value) {
    let path = ["v3", "user", account.user_id(), "account_data", kind];
    account.call(Method::PUT, &path, Some(data)).await;
}

/// The key backup, as the homeserver describes it.
async fn backup(account: &HttpPerson) -> Option<Value> {
    let path = ["v3", "room_keys", "version"];
    account.try_call(Method::GET, &path, None).await.ok()
}

#[tokio::test]
async fn what_another_client_has_set_up_is_recovered() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let other = matrix_sdk::Client::builder().homeserver_url(synapse.base_url());
    let other = other.build().await.unwrap();
    let auth = other.matrix_auth();
    auth.login_username(&bot.user_id, PASSWORD).await.unwrap();
    other.sync_once(SyncSettings::default()).await.unwrap();
    let encryption = other.encryption();
    encryption.bootstrap_cross_signing(None).await.unwrap();
    let key = encryption.recovery().enable().await.unwrap();

    // Its owner gave it an identity, which a login leaves alone.
    let output = bot.log_in(&[]).await.expect_code(0);
    assert!(
        output.stdout.contains("nanobot verify recovery"),
        "{output}"
    );
    let output = log_in_with_key(&bot, &key, &["--json"]).await;
    let result = output.expect_code(0).json();
    let expected = (&json!(true), &json!("open"));
    assert_eq!((&result["verified"], &result["backup"]), expected);
    assert_eq!(chain_for_others(synapse, &bot).await, Chain::Whole);
    bot.home.assert_no_secret(&[&key]);
}

#[tokio::test]
async fn a_secret_storage_that_is_broken_is_told_from_a_wrong_key() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    let key = log_in_with_recovery(&owner).await;
    let bot = owner.elsewhere();
    bot.log_in(&[]).await.expect_code(0);
    let account = bot.account().await;
    let data = async |kind: &str| {
        let path = ["v3", "user", account.user_id(), "account_data", kind];
        account.call(Method::GET, &path, None).await
    };
    let verify = async |key: &str, words: &str| {
        let arguments = ["verify", "recovery", "--key-stdin"];
        let output = bot.home.run(&arguments, key).await.expect_code(1);
        assert!(output.stderr.contains(words), "{words}: {output}");
        let chain = chain_for_others(synapse, &bot).await;
        assert_eq!(chain, Chain::Owner(Flaw::Unsigned), "{words}");
    };

    let id = string(&data("m.secret_storage.default_key").await["key"]);
    let kind = format!("m.secret_storage.key.{id}");
    let description = data(&kind).await;
    // Without what tells a wrong key, its secrets tell.
    let mut untold = description.clone();
    untold.as_object_mut().unwrap().remove("mac");
    untold.as_object_mut().unwrap().remove("iv");
    put_data(&account, &kind, &untold).await;
    let foreign = log_in_with_recovery(&Bot::registered(synapse).await).await;
    verify(&foreign, "not the recovery key").await;
    // A homeserver cannot keep the bot busy for hours.
    let mut slow = description.clone();
    slow["passphrase"] =
        json!({"algorithm": "m.pbkdf2", "salt": "s", "iterations": 4_000_000_000_u64});
    put_data(&account, &kind, &slow).await;
    verify(&key, "too long").await;
    put_data(&account, &kind, &description).await;

    let secret = "m.cross_signing.self_signing";
    let stored = data(secret).await;
    put_data(&account, secret, &json!({"encrypted": {}})).await;
    verify(&key, "does not contain the private keys").await;
    put_data(&account, secret, &stored).await;
    put_data(&account, "m.secret_storage.default_key", &json!({})).await;
    verify(&key, "no secret storage").await;
    put_data(
        &account,
        "m.secret_storage.default_key",
        &json!({"key": id}),
    )
    .await;

    // The device is what counts; the history is only lost.
    let backup = json!({"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
        "auth_data": {"public_key": "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo", "signatures": {}}});
    let path = ["v3", "room_keys", "version"];
    account.call(Method::POST, &path, Some(&backup)).await;
    let arguments = ["verify", "recovery", "--key-stdin", "--json"];
    let result = bot.home.run(&arguments, &key).await.expect_code(0).json();
    assert_eq!(
        (&result["verified"], &result["backup"]),
        (&json!(true), &json!("closed"))
    );
    assert_eq!(chain_for_others(synapse, &bot).await, Chain::Whole);

    // Nor is a backup that this device cannot open replaced by one of its own.
    let bot = Bot::registered(synapse).await;
    let account = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    account.call(Method::POST, &path, Some(&backup)).await;
    let words = "a backup of room keys that this device cannot open";
    let output = bot.log_in(&["--recovery"]).await.expect_code(1);
    assert!(output.stderr.contains(words), "{output}");
    assert_eq!(account.device_ids().await, [account.device_id()]);
    bot.log_in(&[]).await.expect_code(0);
    let output = bot.log_in(&["--recovery"]).await.expect_code(1);
    assert!(output.stderr.contains(words), "{output}");
}

#[tokio::test]
async fn an_identity_is_replaced_only_when_that_is_asked_for_and_confirmed() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    let old_key = log_in_with_recovery(&owner).await;
    let master = |answer: &Value| answer["master_keys"][&owner.user_id]["keys"].clone();
    let before = master(&seen_by_others(synapse, &owner).await);

    let bot = owner.elsewhere();
    let output = bot.log_in(&["--reset-identity"]).await.expect_code(2);
    assert!(output.stderr.contains("--yes"), "{output}");
    assert!(!bot.home.config_path().exists());
    bot.log_in(&[]).await.expect_code(0);
    assert_eq!(master(&seen_by_others(synapse, &owner).await), before);

    let reset = ["--reset-identity", "--yes", "--recovery", "--json"];
    let output = bot.log_in(&reset).await.expect_code(0).json();
    assert_eq!(output["verified"], true);
    let new_key = string(&output["recovery_key"]);
    assert_ne!(new_key, old_key);
    assert_ne!(master(&seen_by_others(synapse, &owner).await), before);
    assert_eq!(chain_for_others(synapse, &bot).await, Chain::Whole);
    assert_ne!(chain_for_others(synapse, &owner).await, Chain::Whole);

    let next = owner.elsewhere();
    log_in_with_key(&next, &old_key, &[]).await.expect_code(1);
    log_in_with_key(&next, &new_key, &[]).await.expect_code(0);
    assert_eq!(chain_for_others(synapse, &next).await, Chain::Whole);

    // Without a new recovery key, the one there is belongs to the identity that is no more.
    let reset = ["--reset-identity", "--yes"];
    bot.log_in(&reset).await.expect_code(0);
    let output = log_in_with_key(&owner.elsewhere(), &new_key, &[]).await;
    let output = output.expect_code(1);
    assert!(output.stderr.contains("was replaced"), "{output}");
    assert!(output.stderr.contains("Logged in as"), "{output}");
}

#[tokio::test]
async fn a_file_that_is_there_is_no_place_for_a_new_key() {
    let bot = Bot::registered(shared_synapse().await).await;
    let file = bot.home.user_dir().join("mine");
    fs::write(&file, "precious").unwrap();
    let save = ["--recovery", "--save-recovery-key", file.to_str().unwrap()];
    let output = bot.log_in(&save).await.expect_code(2);
    assert!(output.stderr.contains("never overwritten"), "{output}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert!(!bot.home.config_path().exists());
    let missing = bot.home.user_dir().join("nowhere/key");
    let save = [
        "--recovery",
        "--save-recovery-key",
        missing.to_str().unwrap(),
    ];
    bot.log_in(&save).await.expect_code(2);
    bot.log_in(&["--save-recovery-key", "x"])
        .await
        .expect_code(2);
}

#[tokio::test]
async fn a_person_is_asked_for_the_recovery_key_and_may_leave() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    let key = log_in_with_recovery(&owner).await;
    let account = owner.account().await;
    let bot = owner.elsewhere();
    let url = synapse.base_url();
    let start = async || {
        let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];
        let terminal = bot.home.terminal(&arguments);
        for (question, answer) in [("Who may talk", "\x1b[B\x1b[B"), ("Password", PASSWORD)] {
            terminal.expect(question, PATIENCE).await;
            terminal.send_line(answer).await;
        }
        terminal.expect("How should this device", PATIENCE).await;
        terminal.send_line("").await;
        terminal
            .expect("Recovery key (Enter to skip)", PATIENCE)
            .await;
        terminal.expect_no_echo().await;
        terminal
    };

    let terminal = start().await;
    terminal.send(b"canary\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130, "{}", terminal.screen());
    assert!(terminal.modes().await.echo && terminal.cursor_visible());
    assert!(!bot.home.config_path().exists());
    assert_eq!(account.device_ids().await, [owner.device_id()]);

    let terminal = start().await;
    terminal.send_line("canary-wrong").await;
    terminal.expect("not the recovery key", PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send_line(&key).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("verified by its owner"), "{screen}");
    assert!(
        screen.contains("--recovery-key-file recovery-key.txt"),
        "{screen}"
    );
    assert_eq!(chain_for_others(synapse, &bot).await, Chain::Whole);
    bot.home.assert_no_secret(&[PASSWORD, &key, "canary-wrong"]);
}

#[tokio::test]
async fn a_person_confirms_by_the_user_id_and_sees_the_new_key() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    owner.log_in(&[]).await.expect_code(0);
    let bot = owner.elsewhere();
    let file = bot.home.user_dir().join("password");
    fs::write(&file, PASSWORD).unwrap();
    let url = synapse.base_url();
    let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let password = ["--password-file", file.to_str().unwrap()];
    let reset = ["--reset-identity", "--recovery"];
    let arguments = [&arguments[..], &password, &reset].concat();

    let terminal = bot.home.terminal(&arguments);
    terminal.expect("Type the bot's user ID", PATIENCE).await;
    assert!(terminal.screen().contains("must verify it again"));
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert!(!bot.home.config_path().exists());
    assert_eq!(chain_for_others(synapse, &owner).await, Chain::Whole);

    let terminal = bot.home.terminal(&arguments);
    terminal.expect("Type the bot's user ID", PATIENCE).await;
    terminal.send_line("yes").await;
    terminal.expect("that is not @", PATIENCE).await;
    terminal.send_line(&bot.user_id).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("Recovery key: "), "{screen}");
    assert_eq!(chain_for_others(synapse, &bot).await, Chain::Whole);
    assert_ne!(chain_for_others(synapse, &owner).await, Chain::Whole);

    let terminal = owner.home.terminal(&["verify", "recovery"]);
    terminal.expect("Recovery key", PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    let key = screen.split("Recovery key: ").nth(1).unwrap();
    let key = key.lines().next().unwrap().trim();
    let terminal = owner.home.terminal(&["verify", "recovery"]);
    terminal.expect("Recovery key", PATIENCE).await;
    terminal.send_line(key).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    assert_eq!(chain_for_others(synapse, &owner).await, Chain::Whole);
    owner.home.assert_no_secret(&[PASSWORD, key]);
}
