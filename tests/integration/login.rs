//! `nanobot login`, as a script meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::harness::account::{Bot, PASSWORD};
use crate::harness::bot::Home;
use crate::harness::disk::MountedFile;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::pty::Pty;
use crate::harness::relay::{Meddler, relay};
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

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
    terminal
        .expect("How should this device be verified?", PATIENCE)
        .await;
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
    assert!(output.stderr.contains("--user"), "{output:?}");
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

/// The Matrix part of what the Python tool's own set-up writes.
const ONBOARDED: &str = "{\n  \"channels\": {\n    \"matrix\": {\n      \"enabled\": false,\n      \
                         \"homeserver\": \"https://matrix.org\",\n      \"accessToken\": \"\",\n      \
                         \"userId\": \"\",\n      \"deviceId\": \"\",\n      \"e2eeEnabled\": false,\n      \
                         \"allowFrom\": [],\n      \"groupPolicy\": \"open\"\n    }\n  }\n}\n";

#[tokio::test]
async fn an_empty_list_is_nobodys_consent_to_everyone() {
    let bot = Bot::registered(shared_synapse().await).await;
    bot.home.write_config(ONBOARDED);
    let output = bot.log_in(&[]).await.expect_code(2);
    for told in [
        "--allow-from",
        "line 10",
        "the Python tool allows nobody",
        "everyone",
    ] {
        assert!(output.stderr.contains(told), "no {told:?} in {output}");
    }
    let left = fs::read_to_string(bot.home.config_path()).unwrap();
    assert_eq!(left, ONBOARDED);
    let output = bot.log_in(&["--json"]).await.expect_code(2);
    assert_eq!(output.json()["error"]["kind"], "usage");
    assert!(!bot.home.path().join("matrix-store").exists());

    // What nobody said of encryption stays, and is said.
    let output = bot.log_in(&["--allow-from", "ann:localhost"]).await;
    let output = output.expect_code(0);
    assert!(
        output.stderr.contains("config set e2eeEnabled true"),
        "{output}"
    );
    assert_eq!(bot.setting("allowFrom"), json!(["@ann:localhost"]));
    assert_eq!(bot.setting("e2eeEnabled"), false);
    let output = bot.log_in(&["--e2ee"]).await.expect_code(0);
    assert!(!output.stderr.contains("e2eeEnabled"), "{output}");
    assert_eq!(bot.setting("e2eeEnabled"), true);
    bot.log_in(&["--no-e2ee"]).await.expect_code(0);
    assert_eq!(bot.setting("e2eeEnabled"), false);
}

#[tokio::test]
async fn a_person_who_comes_over_is_asked_about_both() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    bot.home.write_config(ONBOARDED);
    let url = synapse.base_url();
    let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let terminal = bot.home.terminal(&arguments);
    let dialogue = [
        ("the Python tool allows nobody", "Who may talk", ""),
        ("", "Your Matrix ID", "<@you:localhost>"),
        ("as the Python tool's set-up", "encrypted rooms?", ""),
        ("", "Password", PASSWORD),
        ("", "Set up a recovery key", "no"),
    ];
    terminal.answer_each(&dialogue, PATIENCE).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    assert_eq!(bot.setting("allowFrom"), json!(["@you:localhost"]));
    assert_eq!(bot.setting("e2eeEnabled"), true);
    assert!(
        !terminal.screen().contains("--no-e2ee"),
        "{}",
        terminal.screen()
    );
}

#[tokio::test]
async fn ids_and_passwords_are_taken_as_people_copy_them() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = format!(" {}\r", synapse.base_url());
    let file = bot.home.user_dir().join("password.txt");
    let bare = &bot.user_id[1..];
    let link = format!("https://matrix.to/#/{}", bot.user_id);
    for (user, password) in [
        (bare, format!("\u{feff}{PASSWORD}\r\n")),
        (
            &format!(" \"{}\",\r", bot.user_id),
            format!("{PASSWORD}\n\n"),
        ),
        (&link, PASSWORD.to_owned()),
    ] {
        fs::write(&file, password).unwrap();
        let file = file.to_str().unwrap();
        let arguments = ["login", "--homeserver", &url, "--user", user];
        let arguments = [&arguments[..], &["--password-file", file, "--no-input"]].concat();
        let arguments = [&arguments[..], &["--allow-from", &link]].concat();
        bot.home.run(&arguments, "").await.expect_code(0);
        assert_eq!(bot.setting("userId"), bot.user_id.as_str(), "{user}");
        assert_eq!(bot.setting("allowFrom"), json!([bot.user_id]));
    }

    let login = async |user: &str, password: &[u8]| {
        fs::write(&file, password).unwrap();
        let file = file.to_str().unwrap();
        let arguments = ["login", "--homeserver", &url, "--user", user];
        let arguments = [&arguments[..], &["--password-file", file]].concat();
        bot.home.run(&arguments, "").await
    };
    let quoted = login(bare, format!("'{PASSWORD}'").as_bytes()).await;
    assert!(quoted.expect_code(4).stderr.contains("in quotes"));
    let spaced = login(bare, format!(" {PASSWORD}").as_bytes()).await;
    assert!(
        spaced
            .expect_code(4)
            .stderr
            .contains("begins or ends with a space")
    );
    let utf16: Vec<_> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = login(bare, &utf16).await.expect_code(2);
    assert!(utf16.stderr.contains("is not valid UTF-8"), "{utf16}");
    let address = login("bot@example.org", b"x").await.expect_code(2);
    assert!(address.stderr.contains("must be a user ID"), "{address}");
    bot.assert_no_secret();
}

#[tokio::test]
async fn tokens_of_guests_and_application_services_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let registration = directory.path().join("bridge.yaml");
    let service = json!({
        "id": "bridge", "url": null, "as_token": "canary-as-token", "hs_token": "canary-hs-token",
        "sender_localpart": "bridge", "rate_limited": false,
        "namespaces": {"users": [{"exclusive": true, "regex": "@bridge_.*"}]},
    });
    fs::write(&registration, service.to_string()).unwrap();
    let synapse = own_synapse(Config {
        extra: json!({"allow_guest_access": true, "app_service_config_files": [registration]}),
        ..Config::default()
    })
    .await;
    let url = synapse.base_url();
    let guest = reqwest::Client::builder().no_proxy().build().unwrap();
    let guest = guest
        .post(format!("{url}/_matrix/client/v3/register?kind=guest"))
        .body("{}")
        .send()
        .await
        .unwrap();
    let guest: Value = serde_json::from_str(&guest.text().await.unwrap()).unwrap();
    let guest = guest["access_token"].as_str().unwrap();
    let home = Home::new();
    let arguments = ["login", "--homeserver", &url, "--token-stdin", "--no-input"];
    for (token, words) in [
        (guest, "is a guest's"),
        ("canary-as-token", "is an application service's"),
        (" Bearer canary-as-token\r\n", "is an application service's"),
    ] {
        let output = home.run(&arguments, token).await.expect_code(1);
        assert!(output.stderr.contains(words), "{output}");
        assert!(
            output.stderr.contains("register a user for the bot"),
            "{output}"
        );
    }
    assert!(!home.config_path().exists());
    home.assert_no_secret(&[guest, "canary-as-token"]);
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
    assert!(output.stderr.contains("expires in 5 min,"), "{output}");
    assert!(output.stderr.contains("stops answering then"), "{output}");
    let expires = output.json()["expires"].as_str().unwrap().to_owned();
    assert!(expires.starts_with("20") && expires.ends_with('Z'));

    let output = bot.log_in(&["--json"]).await.expect_code(0);
    assert!(output.json()["expires"].is_null(), "{output}");
    assert!(!output.stderr.contains("expires"), "{output}");
    let output = bot.home.run(&["login", "--status"], "").await;
    assert!(output.stdout.contains("access token is valid"), "{output}");
}

/// A homeserver whose API lives below a path.
#[derive(Clone)]
struct BelowPath;

impl Meddler for BelowPath {
    fn rewrite(&self, uri: &str) -> String {
        let below = uri.strip_prefix("/matrix");
        below.unwrap_or("/not-here").to_owned()
    }
}

#[tokio::test]
async fn a_homeserver_below_a_path_serves_login_and_gateway() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = format!("{}/matrix", relay(synapse.base_url(), BelowPath).await);
    let given = format!("{url}/");
    let arguments = ["login", "--homeserver", &given, "--user", &bot.user_id];
    let arguments = [&arguments[..], &["--password-stdin"]].concat();
    bot.home.run(&arguments, PASSWORD).await.expect_code(0);
    assert_eq!(bot.setting("homeserver"), json!(url));
    bot.home
        .run(&["config", "validate"], "")
        .await
        .expect_code(0);
    bot.run().await.terminate().await;
    bot.home.run(&["doctor"], "").await.expect_code(0);
}

#[tokio::test]
async fn a_configuration_that_is_mounted_by_itself_takes_a_login() {
    let bot = Bot::registered(shared_synapse().await).await;
    fs::create_dir_all(bot.home.path()).unwrap();
    fs::write(bot.home.config_path(), "").unwrap();
    let outside = bot.home.user_dir().join("outside.json");
    fs::write(&outside, "{}").unwrap();
    let Some(_mounted) = MountedFile::over(&bot.home.config_path(), &outside) else {
        return;
    };
    bot.log_in(&[]).await.expect_code(0);
    bot.log_in(&[]).await.expect_code(0);
    let written = fs::read_to_string(&outside).unwrap();
    assert!(written.contains(&bot.device_id()), "{written}");
    bot.run().await.terminate().await;
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
    let arguments = [&arguments[..], &["--allow-from", "*"]].concat();

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
    // Nothing is written down before the identity is decided.
    terminal.expect("Set up a recovery key", PATIENCE).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert!(!bot.home.config_path().exists());
}

#[tokio::test]
async fn a_refused_password_is_asked_for_again_but_not_for_ever() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let arguments = ["login", "--homeserver", &url, "--user", "nobody"];
    let arguments = [&arguments[..], &["--allow-from", "*"]].concat();
    let wrong = [
        ("", "Password of nobody", "canary-wrong"),
        (
            "does not accept this user name and password",
            "ID [nobody]",
            "",
        ),
        ("", "Password of nobody", "canary-wrong"),
        ("does not accept", "ID [nobody]", ""),
        ("", "Password of nobody", "canary-wrong"),
    ];
    let terminal = bot.home.terminal(&arguments);
    answer_repeated(&terminal, &wrong).await;
    assert_eq!(terminal.wait(PATIENCE).await, 4, "{}", terminal.screen());
    assert!(!bot.home.config_path().exists());

    let right = [
        ("", "Password of nobody", "\"canary-wrong\""),
        ("it is in quotes", "ID [nobody]", bot.user_id.as_str()),
        ("", "Password of @", PASSWORD),
        ("", "Set up a recovery key", "no"),
    ];
    let terminal = bot.home.terminal(&arguments);
    terminal.answer_each(&right, PATIENCE).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    assert_eq!(bot.setting("userId"), bot.user_id);
    bot.home.assert_no_secret(&["canary-wrong", PASSWORD]);
}

/// As [`Pty::answer_each`], where questions come again: each is waited for anew.
async fn answer_repeated(terminal: &Pty, dialogue: &[(&str, &str, &str)]) {
    let mut seen = 0;
    for (told, question, answer) in dialogue {
        seen = eventually(question, PATIENCE, || async {
            let screen = terminal.screen();
            let rest = screen.get(seen..).unwrap_or_default();
            match rest.find(question) {
                Some(at) => Ok(seen + at + question.len()),
                None => Err(screen),
            }
        })
        .await;
        assert!(terminal.screen().contains(told), "{}", terminal.screen());
        terminal.send_line(answer).await;
    }
}

#[tokio::test]
async fn a_person_is_guided_and_told_how_to_do_it_without() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let name = &bot.user_id[1..bot.user_id.find(':').unwrap()];
    let terminal = bot.home.terminal(&["login"]);
    let answers = [
        ("Matrix ID", synapse.base_url()),
        ("user name", name.to_owned()),
        ("Who may talk", String::new()),
        ("Your Matrix ID", "nobody".to_owned()),
        ("not a Matrix ID", "@you:localhost".to_owned()),
        ("Password", PASSWORD.to_owned()),
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
    assert!(screen.contains("Login with a password"), "{screen}");
    for step in [
        "Logging in",
        "Opening the encryption store",
        "Publishing encryption keys",
        "Setting up the cross-signing identity",
        "Setting up recovery",
    ] {
        assert!(screen.contains(step), "no {step:?} in {screen}");
    }
    let equivalent = format!(
        "nanobot login --no-input --homeserver {} --user {name} \
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
