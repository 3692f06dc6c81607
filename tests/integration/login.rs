//! `nanobot login`, as a script meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::relay::{Meddler, relay};
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;
use crate::setup::{Bot, PASSWORD};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_login_leaves_everything_the_gateway_needs() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let output = bot.log_in(&["--allow-from", "@ann:localhost"]).await;
    let output = output.expect_code(0);
    assert!(output.stdout.contains(&bot.user_id), "{output:?}");
    assert!(output.stdout.contains("nanobot gateway"), "{output:?}");

    let settings = &bot.home.config()["channels"]["matrix"];
    assert_eq!(settings["enabled"], true);
    assert_eq!(settings["homeserver"], synapse.base_url());
    assert_eq!(settings["userId"], bot.user_id);
    assert_eq!(settings["e2eeEnabled"], true);
    assert_eq!(settings["allowFrom"], json!(["@ann:localhost"]));
    assert_eq!(mode(&bot.home.config_path()), 0o600);
    assert_eq!(mode(&bot.home.path().join("matrix-store")), 0o700);
    for file in fs::read_dir(bot.home.path().join("matrix-store")).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }

    let account = bot.account().await;
    assert_eq!(account.device_id(), bot.device_id());
    assert!(account.one_time_key_count().await > 0);
    let keys = account.query_keys(&bot.user_id).await;
    assert!(keys["master_keys"][&bot.user_id].is_object(), "{keys}");
    let signatures = keys["device_keys"][&bot.user_id][bot.device_id()]["signatures"][&bot.user_id]
        .as_object()
        .unwrap()
        .len();
    // Its own, and that of the account's self-signing key.
    assert_eq!(signatures, 2, "{keys}");
    bot.assert_no_secret();
}

#[tokio::test]
async fn without_a_list_everyone_is_written_down_and_said() {
    let bot = Bot::registered(shared_synapse().await).await;
    let output = bot.log_in(&[]).await.expect_code(0);
    assert_eq!(bot.setting("allowFrom"), json!(["*"]));
    assert!(output.stderr.contains("Everyone may talk"), "{output:?}");
}

#[tokio::test]
async fn what_else_the_file_holds_is_untouched() {
    let bot = Bot::registered(shared_synapse().await).await;
    bot.home.write_config(
        "{\n  // mine\n  \"agents\": {\"defaults\": {\"model\": \"x/y\"}},\n  \
         \"channels\": {\"matrix\": {\"groupPolicy\": \"mention\", \"allow_from\": [\"@b:c\"]},\n  \
         \"telegram\": {\"token\": \"t\"}}\n}\n",
    );
    bot.log_in(&[]).await.expect_code(0);
    let text = fs::read_to_string(bot.home.config_path()).unwrap();
    assert!(text.starts_with("{\n  // mine\n  \"agents\": {\"defaults\": {\"model\": \"x/y\"}}"));
    assert!(text.contains("\"telegram\": {\"token\": \"t\"}"));
    assert!(text.contains("\"groupPolicy\": \"mention\""));
    assert!(text.contains("\"allow_from\": [\"@b:c\"]") && !text.contains("allowFrom"));
}

#[tokio::test]
async fn a_wrong_password_changes_nothing() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let before = fs::read(bot.home.config_path()).unwrap();
    let url = synapse.base_url();
    let arguments = [
        "login",
        "--homeserver",
        &url,
        "--user",
        &bot.user_id,
        "--password-stdin",
    ];
    let output = bot
        .home
        .run(&arguments, "canary-wrong")
        .await
        .expect_code(4);
    assert!(output.stderr.contains("password"), "{output:?}");
    assert_eq!(fs::read(bot.home.config_path()).unwrap(), before);
    bot.home.assert_no_secret(&["canary-wrong"]);

    let arguments = [&arguments[..], &["--json"]].concat();
    let error = bot
        .home
        .run(&arguments, "canary-wrong")
        .await
        .expect_code(4)
        .json();
    assert_eq!(error["ok"], false);
    assert_eq!(error["exit_code"], 4);
    assert_eq!(error["error"]["kind"], "not_logged_in");
    assert_eq!(bot.account().await.device_id(), bot.device_id());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_69_and_one_that_is_not_matrix_is_not() {
    let home = Home::new();
    let login = async |url: &str| {
        let arguments = [
            "login",
            "--homeserver",
            url,
            "--user",
            "bot",
            "--password-stdin",
        ];
        home.run(&arguments, PASSWORD).await
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let output = login(&url).await.expect_code(69);
    assert!(output.stderr.contains("refused"), "{output:?}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let page = axum::response::Html("<html>Sign in to the hotel network</html>");
    let router = axum::Router::new().fallback(move || std::future::ready(page));
    tokio::spawn(axum::serve(listener, router).into_future());
    let output = login(&url).await.expect_code(1);
    assert!(output.stderr.contains("homeserver"), "{output:?}");

    assert!(!home.config_path().exists());
    home.assert_no_secret(&[PASSWORD]);
}

#[tokio::test]
async fn a_broken_configuration_is_78_and_stays_as_it_is() {
    let bot = Bot::registered(shared_synapse().await).await;
    for broken in [
        "{\"channels\": ",
        "[]",
        "{\"channels\": {\"matrix\": {\"maxMediaBytes\": -1}}}",
    ] {
        bot.home.write_config(broken);
        bot.log_in(&[]).await.expect_code(78);
        assert_eq!(fs::read_to_string(bot.home.config_path()).unwrap(), broken);
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_written_leaves_no_device_behind() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let devices = bot.account().await.device_ids().await;
    // Root may write anywhere, so the data directory is a file.
    let elsewhere = bot.home.user_dir().join("elsewhere");
    fs::write(&elsewhere, "").unwrap();
    let config = elsewhere.join("config.json");
    let output = bot.log_in(&["--config", config.to_str().unwrap()]).await;
    assert!([1, 78].contains(&output.code), "{output:?}");
    assert!(output.stderr.contains("elsewhere"), "{output:?}");
    assert_eq!(bot.account().await.device_ids().await, devices);
}

#[tokio::test]
async fn a_login_that_cannot_be_written_down_is_taken_back() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (account, device) = (bot.account().await, bot.device_id());
    // The device's keys are gone, so that the login makes a new one.
    let store = bot.home.path().join("matrix-store");
    fs::remove_file(store.join("matrix-sdk-crypto.sqlite3")).unwrap();
    fs::write(store.join("mine"), "").unwrap();

    let terminal = bot.home.terminal(&["login"]);
    terminal.expect("Password", PATIENCE).await;
    // Someone else edits the file meanwhile.
    bot.set("groupPolicy", "mention");
    terminal.send_line(PASSWORD).await;
    terminal.expect("name of its device", PATIENCE).await;
    terminal.send_line("").await;
    assert_eq!(terminal.wait(PATIENCE).await, 1, "{}", terminal.screen());
    assert_eq!(bot.setting("groupPolicy"), "mention");
    assert!(store.join("mine").exists());
    assert_eq!(account.device_ids().await, [device]);
    let left: Vec<_> = fs::read_dir(bot.home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with("matrix-store."))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_read_only_configuration_gets_no_device() {
    let bot = Bot::registered(shared_synapse().await).await;
    bot.home.write_config("{}");
    fs::set_permissions(bot.home.config_path(), fs::Permissions::from_mode(0o400)).unwrap();
    let output = bot.log_in(&[]).await.expect_code(78);
    assert!(output.stderr.contains("is read-only"), "{output}");
    assert!(output.stderr.contains("chmod 600"), "{output}");
    assert_eq!(fs::read(bot.home.config_path()).unwrap(), b"{}");
    assert!(!bot.home.path().join("matrix-store").exists());
    let url = shared_synapse().await.base_url();
    let account =
        crate::harness::http_person::HttpPerson::login(&url, &bot.user_id, PASSWORD).await;
    assert_eq!(account.device_ids().await, [account.device_id()]);
}

#[tokio::test]
async fn a_login_that_is_interrupted_is_taken_back() {
    let synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let (account, device) = (bot.account().await, bot.device_id());
    fs::remove_dir_all(bot.home.path().join("matrix-store")).unwrap();
    let url = synapse.base_url();
    let arguments = [
        "login",
        "--homeserver",
        &url,
        "--user",
        &bot.user_id,
        "--password-stdin",
    ];
    let process =
        crate::harness::process::Process::spawn(bot.home.command(&arguments), bot.home.record());
    process.give(PASSWORD.as_bytes());
    crate::harness::eventually::eventually("a second device", PATIENCE, || async {
        match account.device_ids().await.len() {
            2 => Ok(()),
            count => Err(count.to_string()),
        }
    })
    .await;
    process.signal(rustix::process::Signal::INT);
    process.wait(PATIENCE).await.expect_code(130);
    assert_eq!(account.device_ids().await, [device]);
}

#[tokio::test]
async fn a_server_without_passwords_says_what_it_offers() {
    let synapse = own_synapse(Config {
        password_login: false,
        ..Config::default()
    })
    .await;
    let bot = Bot::registered(&synapse).await;
    let output = bot.log_in(&[]).await.expect_code(1);
    assert!(output.stderr.contains("it offers"), "{output:?}");
}

#[tokio::test]
async fn nothing_is_asked_where_nobody_is() {
    let home = Home::new();
    home.run(&["login", "--status"], "").await.expect_code(4);
    home.run(&["logout"], "").await.expect_code(4);
    let output = home.run(&["login"], "").await.expect_code(2);
    assert!(output.stderr.contains("--homeserver"), "{output:?}");
    let url = shared_synapse().await.base_url();
    let arguments = ["login", "--homeserver", &url];
    let output = home.run(&arguments, "").await.expect_code(2);
    assert!(output.stderr.contains("--user"), "{output:?}");
    let arguments = ["login", "--homeserver", &url, "--user", "bot"];
    let output = home.run(&arguments, "").await.expect_code(2);
    assert!(output.stderr.contains("--password-stdin"), "{output:?}");
    let output = home
        .run(&["login", "--json", "--no-such-option"], "")
        .await
        .expect_code(2);
    let document: Value = output.json();
    assert_eq!(document["error"]["kind"], "usage");
}

/// Answers a login with a token that expires.
#[derive(Clone)]
struct Expire;

impl Meddler for Expire {
    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        match serde_json::from_slice::<Value>(&answer) {
            Ok(mut login) if path.ends_with("/login") && login["access_token"].is_string() => {
                login["expires_in_ms"] = json!(300_000);
                login.to_string().into()
            }
            _ => answer,
        }
    }
}

#[tokio::test]
async fn a_token_that_expires_is_said_aloud() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = relay(synapse.base_url(), Expire).await;
    let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let arguments = [&arguments[..], &["--password-stdin", "--json"]].concat();
    let output = bot.home.run(&arguments, PASSWORD).await.expect_code(0);
    assert!(output.stderr.contains("expires in 5 minutes"), "{output}");
    assert!(output.stderr.contains("stops answering then"), "{output}");
    let expires = output.json()["expires"].as_str().unwrap().to_owned();
    assert!(expires.starts_with("20") && expires.ends_with('Z'));

    let output = bot.log_in(&["--json"]).await.expect_code(0);
    assert!(output.json()["expires"].is_null(), "{output}");
    assert!(!output.stderr.contains("expires"), "{output}");
    let output = bot.home.run(&["login", "--status"], "").await;
    assert!(output.stdout.contains("no expiry is known"), "{output}");
}

#[tokio::test]
async fn logging_in_again_keeps_a_sound_device() {
    let bot = Bot::new(shared_synapse().await).await;
    let (device, token) = (bot.device_id(), bot.token());
    bot.log_in(&[]).await.expect_code(0);
    assert_eq!(bot.device_id(), device);
    assert_ne!(bot.token(), token);
    bot.run().await.terminate().await;
    assert_eq!(bot.account().await.device_ids().await, [device]);
}

#[tokio::test]
async fn a_device_without_its_store_is_replaced_and_the_reason_said() {
    let bot = Bot::new(shared_synapse().await).await;
    let device = bot.device_id();
    fs::remove_dir_all(bot.home.path().join("matrix-store")).unwrap();
    let output = bot.log_in(&[]).await.expect_code(0);
    assert_ne!(bot.device_id(), device);
    assert!(output.stderr.contains(&device), "{output:?}");
    bot.run().await.terminate().await;
}

#[tokio::test]
async fn a_device_that_was_removed_is_replaced_and_its_store_kept() {
    let bot = Bot::new(shared_synapse().await).await;
    let device = bot.device_id();
    bot.account().await.logout().await;
    let output = bot.log_in(&[]).await.expect_code(0);
    assert_ne!(bot.device_id(), device);
    assert!(output.stderr.contains("matrix-store.old-"), "{output:?}");
    let account = bot.account().await;
    assert_eq!(account.device_ids().await, [bot.device_id()]);
}

#[tokio::test]
async fn a_prompt_hides_the_password_and_ctrl_c_leaves_the_terminal_sane() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];

    let terminal = bot.home.terminal(&arguments);
    let before = terminal.modes().await;
    terminal.expect("Password", PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send(b"canary\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert_eq!(terminal.modes().await, before);
    assert!(terminal.cursor_visible());
    assert!(!bot.home.config_path().exists());

    let terminal = bot.home.terminal(&arguments);
    terminal.expect("Password", PATIENCE).await;
    terminal.send_line(PASSWORD).await;
    terminal.expect("name of its device", PATIENCE).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert!(!bot.home.config_path().exists());
}

#[tokio::test]
async fn a_person_is_guided_and_told_how_to_do_it_without() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let name = &bot.user_id[1..bot.user_id.find(':').unwrap()];
    let terminal = bot.home.terminal(&["login"]);
    let answers = [
        ("its homeserver", synapse.base_url()),
        ("user name", name.to_owned()),
        ("Password", PASSWORD.to_owned()),
        ("name of its device", String::new()),
        ("Who may talk", "nobody".to_owned()),
        ("not a user id", "@you:localhost".to_owned()),
        ("Set up a recovery key", "maybe".to_owned()),
        ("yes or no", String::new()),
    ];
    for (question, answer) in answers {
        terminal.expect(question, PATIENCE).await;
        terminal.send_line(&answer).await;
    }
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    let screen = terminal.screen().replace("\r\n", "\n");
    let screen = screen.replace(" \\\n    ", " ");
    assert!(screen.contains("it takes a password"), "{screen}");
    for step in [
        "Logging in",
        "Opening the encryption store",
        "Publishing encryption keys",
        "Setting up the account's identity",
        "Setting up recovery",
    ] {
        assert!(screen.contains(step), "no {step:?} in {screen}");
    }
    let equivalent = format!(
        "nanobot login --no-input --homeserver {} --user {name} --device-name nanobot \
         --allow-from @you:localhost --recovery --password-stdin <password.txt",
        synapse.base_url()
    );
    assert!(screen.contains(&equivalent), "{screen}");
    assert_eq!(screen.matches("Recovery key: ").count(), 1, "{screen}");
    assert_eq!(bot.setting("allowFrom"), json!(["@you:localhost"]));
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_password_can_come_from_a_file_a_credential_or_the_configuration() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let file = bot.home.user_dir().join("nanobot-matrix-password");
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();

    let from_file = ["--password-file", file.to_str().unwrap()];
    let from_file = [&arguments[..], &from_file].concat();
    bot.home.run(&from_file, "").await.expect_code(0);
    let mut command = bot.home.command(&arguments);
    command.env("CREDENTIALS_DIRECTORY", bot.home.user_dir());
    bot.home.run_command(command, "").await.expect_code(0);
    bot.set("password", PASSWORD);
    bot.home.run(&arguments, "").await.expect_code(0);
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_token_of_a_device_without_keys_is_taken_and_one_of_another_client_is_not() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let login = async |token: &str| {
        let arguments = ["login", "--homeserver", &url, "--token-stdin"];
        bot.home.run(&arguments, token).await
    };
    let element = crate::harness::person::Person::login(&url, &bot.user_id, PASSWORD).await;
    let output = login(element.access_token()).await.expect_code(1);
    assert!(output.stderr.contains(element.device_id()), "{output:?}");
    assert!(output.stderr.contains("nanobot login"), "{output:?}");
    assert!(!bot.home.config_path().exists());
    bot.home.assert_no_secret(&[element.access_token()]);

    let fresh = crate::harness::http_person::HttpPerson::login(&url, &bot.user_id, PASSWORD).await;
    login(fresh.access_token()).await.expect_code(0);
    assert_eq!(bot.device_id(), fresh.device_id());
    bot.run().await.terminate().await;
    // Once more, now that the keys are published and ours.
    login(fresh.access_token()).await.expect_code(0);
    login("syt_nonsense").await.expect_code(4);
    assert_eq!(bot.token(), fresh.access_token());
    bot.assert_no_secret();
}

#[tokio::test]
async fn logging_out_ends_the_session_and_keeps_the_store_aside() {
    let bot = Bot::new(shared_synapse().await).await;
    let (account, device) = (bot.account().await, bot.device_id());
    let status = bot.home.run(&["login", "--status", "--json"], "").await;
    assert_eq!(status.expect_code(0).json()["device_id"], device.as_str());

    let output = bot.home.run(&["logout"], "").await.expect_code(0);
    assert!(output.stdout.contains(&device), "{output:?}");
    let gone = account
        .try_call(reqwest::Method::GET, &["v3", "account", "whoami"], None)
        .await;
    assert!(gone.is_err());
    assert!(!bot.home.path().join("matrix-store").exists());
    assert!(bot.setting("accessToken").is_null());
    assert_eq!(bot.setting("userId"), bot.user_id.as_str());
    bot.home
        .run(&["login", "--status"], "")
        .await
        .expect_code(4);
    bot.home.run(&["logout"], "").await.expect_code(4);
    bot.log_in(&[]).await.expect_code(0);
    assert_ne!(bot.device_id(), device);
}

#[tokio::test]
async fn a_session_that_was_ended_elsewhere_is_seen_and_can_be_logged_out() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.account().await.logout().await;
    let output = bot
        .home
        .run(&["login", "--status"], "")
        .await
        .expect_code(4);
    assert!(output.stderr.contains("nanobot login"), "{output:?}");
    bot.home
        .run(&["logout", "--keep-store"], "")
        .await
        .expect_code(0);
    assert!(bot.home.path().join("matrix-store").exists());
}
