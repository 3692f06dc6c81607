//! `nanobot setup`: the guided first time, as a script and as a person meet it.

mod agent;
mod dialogue;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use nanobot::testing::session::DIRECT_ROOM;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, LONG, PASSWORD, http_person, person};
use crate::harness::entry::Wanted;
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::output::Output;
use crate::harness::person::Person;
use crate::harness::process::Process;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;

const STEPS: [&str; 7] = [
    "login", "access", "identity", "recovery", "agent", "doctor", "greeting",
];

/// What a script gives to set this bot up, its password on standard input.
fn answers<'a>(bot: &'a Bot, url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let user = ["setup", "--homeserver", url, "--user", &bot.user_id];
    [&user[..], &["--no-input", "--password-stdin"], more].concat()
}

/// Runs a command that may take long where many run at once.
async fn run(bot: &Bot, command: Command) -> Output {
    let process = Process::spawn(command, bot.home.record());
    process.give(PASSWORD.as_bytes());
    process.wait(LONG).await
}

async fn set_up(synapse: &Synapse, bot: &Bot, more: &[&str]) -> Output {
    let url = synapse.base_url();
    run(bot, bot.home.command(&answers(bot, &url, more))).await
}

/// The steps of a document, as `id status`.
fn steps(document: &Value) -> Vec<String> {
    let steps = document["steps"].as_array().unwrap();
    let line = |step: &Value| format!("{} {}", step["id"], step["status"]).replace('"', "");
    steps.iter().map(line).collect()
}

/// Every step done before, as it is told; the doctor looks every time.
fn all_done_before() -> Vec<String> {
    let status = |step: &str| match step {
        "doctor" => "done",
        _ => "already_done",
    };
    STEPS
        .map(|step| format!("{step} {}", status(step)))
        .to_vec()
}

/// Waits for the bot's invitation, accepts it, and returns the room when the greeting was read.
async fn accept(ann: &Person, bot: &Bot) -> String {
    let room = ann.wait_for_invite(Some(&bot.user_id), PATIENCE).await;
    ann.join(&room).await;
    let hello = ann.wait_for(&room, &greeting(bot), PATIENCE).await;
    assert!(hello.decrypted, "{hello:?}");
    room
}

fn greeting(bot: &Bot) -> Wanted<'_> {
    Wanted {
        sender: Some(&bot.user_id),
        contains_text: Some("Hello!"),
        ..Wanted::default()
    }
}

/// The bot is in one room, and has said one thing in it.
async fn assert_greeted_once(bot: &Bot) -> String {
    let account = bot.account().await;
    let rooms = account.joined_rooms().await;
    let [room] = &rooms[..] else {
        panic!("{rooms:?}");
    };
    let events = account.events(room).await;
    let said = events
        .iter()
        .filter(|event| event["sender"] == bot.user_id && event["type"] == "m.room.encrypted");
    assert_eq!(said.count(), 1, "{events:?}");
    room.clone()
}

async fn forget_direct_rooms(account: &HttpPerson) {
    let path = ["v3", "user", account.user_id(), "account_data", "m.direct"];
    account.call(Method::PUT, &path, Some(&json!({}))).await;
}

async fn direct_rooms(account: &HttpPerson) -> Value {
    let path = ["v3", "user", account.user_id(), "account_data", "m.direct"];
    let found = account.try_call(Method::GET, &path, None).await;
    found.unwrap_or_else(|_| json!({}))
}

#[tokio::test]
async fn one_command_gives_a_bot_that_greets_its_owner_and_answers() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = person(synapse, "ann").await;
    let file = bot.home.user_dir().join("recovery-key.txt");
    let more = [
        "--allow-from",
        ann.user_id(),
        "--recovery",
        "--save-recovery-key",
        file.to_str().unwrap(),
        "--json",
    ];
    let output = set_up(synapse, &bot, &more).await.expect_code(0);
    let document = output.json();
    assert_eq!(document["ok"], true);
    assert_eq!(document["device_id"], bot.device_id());
    let mut expected = STEPS.map(|step| format!("{step} done"));
    // Nobody said who answers, and somebody does.
    expected[4] = "agent already_done".to_owned();
    assert_eq!(steps(&document), expected, "{document:#}");
    let key = fs::read_to_string(&file).unwrap();
    assert_eq!(document["recovery_key"], key.trim());
    let permissions = fs::metadata(&file).unwrap().permissions();
    assert_eq!(permissions.mode() & 0o777, 0o600);
    assert_eq!(bot.setting("allowFrom"), json!([ann.user_id()]));

    let room = accept(&ann, &bot).await;
    assert_eq!(assert_greeted_once(&bot).await, room);
    let listed = direct_rooms(&bot.account().await).await;
    assert_eq!(listed, json!({ ann.user_id(): [room.clone()] }));
    let invited = ann
        .timeline(&room)
        .await
        .into_iter()
        .find(|event| event.kind == "m.room.member" && event.content["membership"] == "invite");
    assert_eq!(invited.unwrap().content["is_direct"], true);

    let gateway = bot.run().await;
    let question = ann.send_text(&room, "are you there?").await;
    let answer = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert!(answer.decrypted, "{answer:?}");
    assert_eq!(gateway.terminate().await, 0);
    bot.assert_no_secret();
}

#[tokio::test]
async fn run_again_it_does_nothing_twice_beside_a_gateway_too() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let file = bot.home.user_dir().join("recovery-key.txt");
    let all = [
        "--allow-from",
        ann.user_id(),
        "--recovery",
        "--save-recovery-key",
        file.to_str().unwrap(),
        "--json",
    ];
    set_up(synapse, &bot, &all).await.expect_code(0);
    let config = fs::read(bot.home.config_path()).unwrap();
    let devices = bot.account().await.device_ids().await;

    let gateway = bot.run().await;
    let short = ["setup", "--json"];
    for again in [
        set_up(synapse, &bot, &all).await,
        bot.home.run(&short, "").await,
    ] {
        let document = again.expect_code(0).json();
        assert_eq!(steps(&document), all_done_before(), "{document:#}");
        assert!(document.get("recovery_key").is_none());
    }
    // Not even when its owner declines, or what says that a room is a direct one is lost.
    let room = assert_greeted_once(&bot).await;
    ann.leave(&room).await;
    let account = bot.account().await;
    forget_direct_rooms(&account).await;
    let document = bot.home.run(&short, "").await.expect_code(0).json();
    assert_eq!(steps(&document), all_done_before(), "{document:#}");
    assert_greeted_once(&bot).await;
    gateway.terminate().await;

    assert_eq!(fs::read(bot.home.config_path()).unwrap(), config);
    assert_eq!(account.device_ids().await, devices);
    let text = bot.home.run(&["setup"], "").await.expect_code(0);
    assert_eq!(text.stdout.matches("unchanged: ").count(), 6, "{text}");
    assert!(
        text.stdout.contains("Start the bot: `nanobot gateway`"),
        "{text}"
    );
    bot.assert_no_secret();
}

#[tokio::test]
async fn killed_after_any_step_it_goes_on_from_there() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = person(synapse, "ann").await;
    let url = synapse.base_url();
    let more = ["--allow-from", ann.user_id(), "--recovery"];
    let mut shown = 0;
    let steps = STEPS.into_iter().take(6);
    for step in steps.chain(["room", "greeted", "greeting"]) {
        let mut command = bot.home.command(&answers(&bot, &url, &more));
        command.env("NANOBOT_CRASH_POINT", format!("setup-{step}"));
        let output = run(&bot, command).await;
        assert_eq!(output.code, 128 + 9, "{step}: {output}");
        shown += output.stdout.matches("Your recovery key.").count();
        assert!(!output.stdout.contains("Next steps:"), "{step}: {output}");
        if step == "room" {
            // As if it was killed a moment earlier, when the room was made and not written down.
            forget_direct_rooms(&bot.account().await).await;
        }
    }
    let account = bot.account().await;
    let output = set_up(synapse, &bot, &more).await.expect_code(0);
    assert!(output.stdout.contains("Next steps:"), "{output}");
    assert_eq!(shown, 1);
    assert_eq!(account.device_ids().await, [bot.device_id()]);

    let room = accept(&ann, &bot).await;
    assert_eq!(assert_greeted_once(&bot).await, room);
    let listed = direct_rooms(&account).await;
    assert_eq!(listed, json!({ ann.user_id(): [room.clone()] }));
    let gateway = bot.run().await;
    let question = ann.send_text(&room, "still there?").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    gateway.terminate().await;
    bot.assert_no_secret();
}

#[tokio::test]
async fn the_command_line_it_ends_with_does_the_same_anywhere() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let picture = bot.home.user_dir().join("bot.gif");
    let refused = ["--allow-from", ann.user_id(), "--no-recovery", "--avatar"];
    let refused = [&refused[..], &[picture.to_str().unwrap()]].concat();
    let output = set_up(synapse, &bot, &refused).await.expect_code(1);
    assert!(output.stderr.contains("as the bot's picture"), "{output}");
    // The smallest GIF there is.
    fs::write(&picture, b"GIF89a\x01\x00\x01\x00\x00\x00\x00;").unwrap();
    let more = [
        "--allow-from",
        ann.user_id(),
        "--no-recovery",
        "--avatar",
        picture.to_str().unwrap(),
        "--device-name",
        "Ann's  bot --x",
        "--sender-trust",
        "signed",
    ];
    let first = set_up(synapse, &bot, &more).await.expect_code(0);
    let (_, line) = first
        .stdout
        .split_once("The same set-up as one command:")
        .unwrap();
    let room = assert_greeted_once(&bot).await;

    let next = bot.elsewhere();
    for (place, device) in [(&bot, Some(bot.device_id())), (&next, None)] {
        fs::write(place.home.user_dir().join("password.txt"), PASSWORD).unwrap();
        let nanobot = place.home.command(&[""; 0]);
        let directory = Path::new(nanobot.get_program()).parent().unwrap();
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", line])
            .env_clear()
            .envs(
                nanobot
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("PATH", directory)
            .current_dir(place.home.user_dir());
        let output = run(place, shell).await.expect_code(0);
        assert!(output.stdout.contains(&room), "{output}");
        if let Some(device) = device {
            assert_eq!(place.device_id(), device);
        }
        assert_eq!(place.setting("allowFrom"), json!([ann.user_id()]));
        assert_eq!(place.setting("senderTrust"), "signed");
        assert_eq!(place.setting("avatar"), picture.to_str().unwrap());
        place.assert_no_secret();
    }
    assert_greeted_once(&next).await;
    let account = next.account().await;
    let path = ["v3", "devices", account.device_id()];
    let device = account.call(Method::GET, &path, None).await;
    assert_eq!(device["display_name"], "Ann's  bot --x");
}

#[tokio::test]
async fn where_nobody_is_all_missing_answers_are_named_before_anything_is_done() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let mut missing = vec![
        "--user",
        "--password-stdin or --password-file",
        "--allow-from",
        "--recovery or --no-recovery",
        "--model",
    ];
    let mut arguments = vec!["setup", "--api-base", "http://127.0.0.1:9/v1"];
    for answer in [
        &["--allow-from", "@ann:localhost"][..],
        &["--no-recovery"],
        &["--model", "tiny"],
        &["--homeserver", &url, "--user", &bot.user_id],
    ] {
        let output = bot.home.run(&arguments, "").await.expect_code(2);
        let named = format!("these options are missing: {} →", missing.join(", "));
        let stderr = output.stderr.replace("\n  ", " ");
        assert!(stderr.contains(&named), "no {named:?} in {output}");
        let json = [&arguments[..], &["--json"]].concat();
        let document = bot.home.run(&json, "").await.expect_code(2).json();
        assert_eq!(document["error"]["kind"], "usage");
        assert_eq!(document["ok"], false);
        assert_eq!(steps(&document), ["login failed"]);
        assert!(!bot.home.config_path().exists());
        missing.retain(|flag| !answer.iter().any(|given| flag.contains(given)));
        arguments.extend(answer);
    }
    let output = bot.home.run(&arguments, "").await.expect_code(2);
    assert!(
        output
            .stderr
            .contains("--password-stdin or --password-file is missing"),
        "{output}"
    );
    for (more, words) in [
        (["--agent", "eco"], "the agents are echo"),
        (["--agent", "command"], "--command is missing"),
        (
            ["--agent", "openai"],
            "these options are missing: --model, --api-base",
        ),
    ] {
        let more = [&more[..], &["--allow-from", "*", "--no-recovery"]].concat();
        let output = set_up(synapse, &bot, &more).await.expect_code(2);
        assert!(output.stderr.contains(words), "{output}");
    }
    assert!(!bot.home.config_path().exists());
}

/// The Matrix part of what the Python tool's own set-up writes.
fn onboard(bot: &Bot) {
    let matrix = json!({"enabled": false, "homeserver": "https://matrix.org", "accessToken": "",
        "userId": "", "deviceId": "", "e2eeEnabled": false, "allowFrom": []});
    let config = json!({"channels": {"matrix": matrix}});
    bot.home.write_config(&config.to_string());
}

#[tokio::test]
async fn coming_over_a_script_has_to_say_who_and_whether_encrypted() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    onboard(&bot);
    let before = fs::read(bot.home.config_path()).unwrap();
    let mut more = vec!["--no-recovery"];
    for (missing, answer) in [
        (
            ["--allow-from", "--e2ee or --no-e2ee"],
            vec!["--allow-from", "@ann:localhost", "--no-greeting"],
        ),
        (
            ["--e2ee or --no-e2ee is missing", "most clients encrypt"],
            vec!["--no-e2ee"],
        ),
    ] {
        let output = set_up(synapse, &bot, &more).await.expect_code(2);
        for words in missing {
            assert!(output.stderr.contains(words), "no {words:?} in {output}");
        }
        assert_eq!(fs::read(bot.home.config_path()).unwrap(), before);
        more.extend(answer);
    }
    let output = set_up(synapse, &bot, &more).await.expect_code(0);
    let line = output.stdout.replace(" \\\n    ", " ");
    assert!(
        line.contains("--allow-from @ann:localhost --no-e2ee"),
        "{output}"
    );
    assert_eq!(bot.setting("e2eeEnabled"), false);

    // It does not read what most clients write, so that is not well.
    let again = ["setup", "--no-input", "--no-recovery", "--no-greeting"];
    let json = [&again[..], &["--json"]].concat();
    let document = bot.home.run(&json, "").await.expect_code(0).json();
    assert_eq!(steps(&document)[1], "access open", "{document:#}");
    let output = bot.home.run(&again, "").await.expect_code(0);
    assert!(output.stdout.contains("nanobot setup --e2ee"), "{output}");
    let json = [&json[..], &["--e2ee"]].concat();
    let document = bot.home.run(&json, "").await.expect_code(0).json();
    assert_eq!(steps(&document)[1], "access done", "{document:#}");
    assert_eq!(bot.setting("e2eeEnabled"), true);
    assert_eq!(bot.setting("allowFrom"), json!(["@ann:localhost"]));
}

#[tokio::test]
async fn coming_over_a_person_is_asked_who_and_whether_encrypted() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    onboard(&bot);
    let url = synapse.base_url();
    let arguments = ["setup", "--homeserver", &url, "--user", &bot.user_id];
    let arguments = [&arguments[..], &["--no-recovery", "--no-greeting"]].concat();
    let terminal = bot.home.terminal(&arguments);
    let dialogue = [
        ("", "Password of ", PASSWORD),
        ("the Python tool allows nobody", "Who may talk", ""),
        ("", "Your Matrix ID", "you:localhost"),
        ("", "Use this ID anyway?", "y"),
        ("as the Python tool's set-up", "encrypted rooms?", ""),
        ("", "Which devices may talk", ""),
        ("", "Who answers?", ""),
    ];
    terminal.answer_each(&dialogue, LONG).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    assert_eq!(bot.setting("allowFrom"), json!(["@you:localhost"]));
    assert_eq!(bot.setting("e2eeEnabled"), true);
}

#[tokio::test]
async fn a_wrong_password_changes_nothing_and_the_right_one_goes_on() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let more = ["--allow-from", "*", "--no-recovery", "--json"];
    let arguments = answers(&bot, &url, &more);
    let output = bot.home.run(&arguments, "canary-wrong").await;
    let document = output.expect_code(4).json();
    assert_eq!(document["error"]["kind"], "not_logged_in");
    assert!(!bot.home.config_path().exists());

    let document = set_up(synapse, &bot, &more).await.expect_code(0).json();
    // Where everyone may talk to it, nobody is greeted.
    let ends = [
        "recovery skipped",
        "agent already_done",
        "doctor done",
        "greeting skipped",
    ];
    assert_eq!(steps(&document)[3..], ends, "{document:#}");
    assert!(bot.account().await.joined_rooms().await.is_empty());
    bot.home.assert_no_secret(&["canary-wrong", PASSWORD]);
}

#[tokio::test]
async fn beside_a_gateway_only_what_it_holds_is_refused() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    bot.log_in(&["--allow-from", "@ann:localhost"])
        .await
        .expect_code(0);
    let _gateway = bot.run().await;
    let document = bot.home.run(&["setup", "--recovery", "--json"], "").await;
    let document = document.expect_code(5).json();
    assert_eq!(document["error"]["kind"], "store_in_use");
    assert_eq!(
        steps(&document),
        [
            "login already_done",
            "access already_done",
            "identity failed"
        ]
    );
    let skipping = [
        "setup",
        "--no-recovery",
        "--no-greeting",
        "--allow-from",
        "@bea:localhost",
    ];
    let output = bot.home.run(&skipping, "").await.expect_code(0);
    assert!(output.stderr.contains("nanobot gateway reload"), "{output}");
    assert_eq!(bot.setting("allowFrom"), json!(["@bea:localhost"]));
}

#[tokio::test]
async fn what_the_doctor_finds_ends_it_before_anybody_is_greeted() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let more = [
        "--allow-from",
        ann.user_id(),
        "--no-recovery",
        "--no-greeting",
    ];
    set_up(synapse, &bot, &more).await.expect_code(0);
    let state = bot
        .home
        .path()
        .join("matrix-store/matrix-sdk-state.sqlite3");
    fs::write(state, "nothing of a database").unwrap();

    let setup = ["setup", "--no-recovery"];
    let output = bot.home.run(&setup, "").await.expect_code(1);
    assert!(output.stdout.contains("✗ store.databases"), "{output}");
    assert!(output.stderr.contains("nanobot doctor"), "{output}");
    let json = [&setup[..], &["--json"]].concat();
    let document = bot.home.run(&json, "").await.expect_code(1).json();
    assert_eq!(steps(&document)[5..], ["doctor failed"], "{document:#}");
    assert!(bot.account().await.joined_rooms().await.is_empty());
}

#[tokio::test]
async fn a_room_there_is_with_the_owner_is_greeted_in() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = person(synapse, "ann").await;
    bot.log_in(&["--allow-from", ann.user_id()])
        .await
        .expect_code(0);
    let gateway = bot.run().await;
    let spec = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&spec).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    gateway.terminate().await;
    // Another client of the account says that it is a direct chat.
    let account = bot.account().await;
    let path = ["v3", "user", &bot.user_id, "account_data", "m.direct"];
    let listed = json!({ ann.user_id(): [room.clone()] });
    account.call(Method::PUT, &path, Some(&listed)).await;

    for status in ["done", "already_done"] {
        let setup = ["setup", "--no-recovery", "--json"];
        let document = bot.home.run(&setup, "").await.expect_code(0).json();
        let expected = [format!("greeting {status}")];
        assert_eq!(steps(&document)[6..], expected, "{document:#}");
        ann.wait_for(&room, &greeting(&bot), PATIENCE).await;
        assert_eq!(assert_greeted_once(&bot).await, room);
    }
}

/// What marks a room as the bot's with this user.
fn mark(user_id: &str) -> Value {
    json!([{ "type": DIRECT_ROOM, "state_key": "", "content": { "user_id": user_id } }])
}

#[tokio::test]
async fn a_room_whose_invitation_failed_is_used_and_a_strangers_is_not() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = person(synapse, "ann").await;
    bot.log_in(&["--allow-from", ann.user_id()])
        .await
        .expect_code(0);
    let account = bot.account().await;
    let spec = RoomSpec::group(&[]).encrypted();
    let own = spec.with("initial_state", mark(ann.user_id()));
    let room = account.create_room(&own).await;
    // Somebody else wants the bot to believe that it has greeted its owner.
    let eve = http_person(synapse, "eve").await;
    let trap = RoomSpec::group(&[&bot.user_id]).with("initial_state", mark(ann.user_id()));
    let trap = eve.create_room(&trap).await;
    account.join(&trap).await;

    let setup = ["setup", "--no-recovery", "--json"];
    let document = bot.home.run(&setup, "").await.expect_code(0).json();
    assert_eq!(steps(&document)[6..], ["greeting done"], "{document:#}");
    assert_eq!(accept(&ann, &bot).await, room);
    let invited = ann
        .timeline(&room)
        .await
        .into_iter()
        .find(|event| event.kind == "m.room.member" && event.content["membership"] == "invite");
    assert_eq!(invited.unwrap().content["is_direct"], true);
    let listed = direct_rooms(&account).await;
    assert_eq!(listed, json!({ ann.user_id(): [room.clone()] }));
    assert_eq!(account.joined_rooms().await.len(), 2);
}

#[tokio::test]
async fn on_another_machine_the_recovery_key_is_what_is_missing() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let file = bot.home.user_dir().join("recovery-key.txt");
    let file = file.to_str().unwrap();
    let named = ["--allow-from", ann.user_id(), "--json"];
    let saving = ["--recovery", "--save-recovery-key", file];
    set_up(synapse, &bot, &[&named[..], &saving].concat())
        .await
        .expect_code(0);

    let next = bot.elsewhere();
    let without = [&named[..], &["--recovery"]].concat();
    let with = [&named[..], &["--recovery-key-file", file]].concat();
    let device = async |flags: &[&str], identity: &str, recovery: &str| {
        let output = set_up(synapse, &next, flags).await.expect_code(0);
        let document = output.json();
        let expected = [
            format!("identity {identity}"),
            format!("recovery {recovery}"),
        ];
        assert_eq!(steps(&document)[2..4], expected, "{document:#}");
        assert_eq!(steps(&document)[6], "greeting already_done");
        assert!(document.get("recovery_key").is_none());
        next.device_id()
    };
    let first = device(&without, "open", "already_done").await;
    assert_eq!(device(&with, "done", "done").await, first);
    assert_eq!(device(&with, "already_done", "already_done").await, first);

    // The key on standard input, where the password is in a file.
    let third = bot.elsewhere();
    let (url, password) = (synapse.base_url(), third.password_file());
    let account = [
        "setup",
        "--homeserver",
        &url,
        "--user",
        &bot.user_id,
        "--no-input",
    ];
    let secrets = ["--password-file", &password, "--recovery-key-stdin"];
    let arguments = [&account[..], &secrets, &named].concat();
    let key = fs::read_to_string(file).unwrap();
    let output = third.home.run(&arguments, &key).await.expect_code(0);
    let expected = ["identity done", "recovery done"];
    assert_eq!(steps(&output.json())[2..4], expected);
    assert_greeted_once(&next).await;
    let key = fs::read_to_string(file).unwrap();
    next.home.assert_no_secret(&[PASSWORD, key.trim()]);
}
