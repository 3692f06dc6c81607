//! `config.*`: files that are no configuration, and configurations that do not mean what they say.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use nanobot::testing::config::{FINDINGS, find_key};
use serde_json::{Value, json};

use super::examined::{Examined, examine, examine_in};
use crate::harness::account::Bot;
use crate::harness::bot::Home;
use crate::harness::shared::shared_synapse;

/// Nobody is asked: these faults are all on this machine.
const OFFLINE: &[&str] = &["--offline"];

/// A configuration with nothing wrong in it.
fn sound() -> Value {
    json!({"channels": {"matrix": {
        "enabled": true, "homeserver": "http://127.0.0.1:9", "userId": "@bot:example.org",
        "accessToken": "a-token-of-a-homeserver-that-is-no-synapse", "deviceId": "DEVICE",
        "allowFrom": ["*"],
    }}})
}

/// The sound configuration with this section's keys changed; null takes one away.
fn with(keys: &Value) -> Value {
    let mut config = sound();
    let section = config["channels"]["matrix"].as_object_mut().unwrap();
    section.extend(keys.as_object().unwrap().clone());
    section.retain(|_, value| !value.is_null());
    config
}

/// Writes the file, beside a store: an empty one, so that nothing is said of it but that.
fn write(home: &Home, content: &[u8]) {
    home.write_config("");
    let store = home.path().join("matrix-store");
    fs::create_dir(&store).unwrap();
    fs::set_permissions(&store, Permissions::from_mode(0o700)).unwrap();
    fs::write(home.config_path(), content).unwrap();
    fs::set_permissions(home.config_path(), Permissions::from_mode(0o600)).unwrap();
}

fn home_with(config: &Value) -> Home {
    let home = Home::new();
    write(&home, config.to_string().as_bytes());
    home
}

/// What is said about the sound configuration with these keys changed.
async fn changed(keys: Value) -> Examined {
    examine(&home_with(&with(&keys)), OFFLINE).await
}

#[tokio::test]
async fn a_file_that_is_no_configuration_is_one_failure_with_its_place() {
    let utf16: Vec<u8> = "\u{feff}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let files: [(&[u8], &str); 9] = [
        (b"", "empty"),
        (b"{\n  \"channels\": {},\n", "line 1, column 1: the object"),
        (b"[]", "must contain a JSON object, not a list"),
        (b"{\"channels\": []}", "channels must be an object"),
        (b"{\"a\": 1,}", "line 1, column 8"),
        (b"\xef\xbb\xbf[]", "must contain a JSON object"),
        (&utf16, "UTF-16"),
        (
            b"{\"a\": \"\xe9\"}",
            "line 1, column 8: this is not valid UTF-8",
        ),
        (
            b"{\"channels\": {},\n \"channels\": {}}",
            "line 2, column 2: duplicate key \"channels\"",
        ),
    ];
    for (content, words) in files {
        let home = Home::new();
        write(&home, content);
        let examined = examine(&home, &[]).await;
        examined
            .expect("config.syntax", "fail", words)
            .expect_failed(&["config.syntax"])
            .expect_skipped("config.login", &["config.syntax"])
            .expect_skipped("homeserver.answers", &["config.syntax"])
            .expect_skipped("store.present", &["config.syntax"]);
        assert_eq!(examined.exit_code(), 78);
        assert_eq!(examined.commands("config.syntax"), ["nanobot config edit"]);
    }
}

/// Makes something in the place of the file.
type Make = fn(&Path);

#[tokio::test]
async fn what_cannot_be_opened_is_not_sent_to_the_editor() {
    let make: [(Make, &str); 4] = [
        (|file| fs::create_dir(file).unwrap(), "is a directory"),
        (
            |file| symlink("config.json", file).unwrap(),
            "symbolic links",
        ),
        (
            |file| fs::File::create(file).unwrap().set_len(9 << 20).unwrap(),
            "larger than 8 MiB",
        ),
        // A file where the directory should be.
        (
            |file| {
                fs::remove_dir(file.parent().unwrap()).unwrap();
                fs::write(file.parent().unwrap(), "").unwrap();
            },
            "Not a directory",
        ),
    ];
    for (make, words) in make {
        let home = Home::new();
        fs::create_dir(home.path()).unwrap();
        make(&home.config_path());
        let examined = examine(&home, &[]).await;
        examined
            .expect("config.syntax", "fail", words)
            .expect_failed(&["config.syntax"]);
        assert_eq!(examined.exit_code(), 78);
        assert!(examined.commands("config.syntax").is_empty());
    }
}

#[tokio::test]
async fn without_a_configuration_there_is_one_thing_to_do() {
    let home = Home::new();
    let examined = examine(&home, &[]).await;
    examined
        .expect("config.present", "fail", "there is no configuration at")
        .expect_failed(&["config.present"])
        .expect_skipped("config.login", &["config.present"]);
    assert_eq!(examined.exit_code(), 4);
    assert_eq!(examined.commands("config.present"), ["nanobot login"]);
    assert!(!home.path().exists(), "an examination makes nothing");
}

#[tokio::test]
async fn a_value_that_cannot_be_used_stops_what_needs_it() {
    let wrong = json!({"userId": "bot", "maxMediaBytes": -1});
    let examined = changed(wrong).await;
    examined
        .expect("config.values", "fail", "channels.matrix.userId")
        .expect("config.values", "fail", "channels.matrix.maxMediaBytes")
        .expect_failed(&["config.values"])
        .expect_skipped("config.login", &["config.values"]);
    assert_eq!(examined.exit_code(), 78);
    let examined = changed(json!({"maxConcurrentMediaDownloads": 0})).await;
    examined.expect("config.values", "warn", "counts as 1");
    assert_eq!(examined.exit_code(), 0);
}

#[tokio::test]
async fn a_login_that_is_switched_off_is_switched_on_by_a_command() {
    let examined = changed(json!({"enabled": false})).await;
    examined
        .expect("config.enabled", "fail", "the gateway does not start")
        .expect_failed(&["config.enabled"]);
    assert_eq!(examined.exit_code(), 78);
    let command = "nanobot config set enabled true";
    assert_eq!(examined.commands("config.enabled"), [command]);
    let home = home_with(&with(&json!({"enabled": false})));
    let arguments: Vec<_> = command.split(' ').skip(1).collect();
    home.run(&arguments, "").await.expect_code(0);
    examine(&home, OFFLINE).await.expect_failed(&[]);
}

#[tokio::test]
async fn who_is_not_logged_in_is_told_that_and_nothing_else() {
    let home = home_with(&json!({"channels": {"telegram": {"enabled": true}}}));
    let examined = examine(&home, &[]).await;
    examined
        .expect("config.login", "fail", "accessToken is missing")
        .expect_failed(&["config.login"])
        .expect_skipped("config.enabled", &["config.login"]);
    assert_eq!(examined.exit_code(), 4);

    let bot = Bot::new(shared_synapse().await).await;
    bot.home.run(&["logout"], "").await.expect_code(0);
    let examined = examine(&bot.home, &[]).await;
    examined.expect_failed(&["config.login"]);
    assert_eq!(examined.exit_code(), 4);
    assert_eq!(examined.commands("config.login"), ["nanobot login"]);
    assert_eq!(examined.ids("warn"), ["gateway.running"]);
}

#[tokio::test]
async fn a_variable_that_is_not_set_is_the_cause_and_not_the_login() {
    let home = home_with(&with(&json!({"accessToken": "${BOT_TOKEN}"})));
    let examined = examine(&home, OFFLINE).await;
    examined
        .expect("config.variables", "warn", "BOT_TOKEN, which is not set")
        .expect("config.login", "fail", "BOT_TOKEN, which is not set")
        .expect_failed(&["config.login"]);
    assert_eq!(examined.exit_code(), 78);
    // A login would write another token over the variable's name.
    assert!(examined.commands("config.login").is_empty());
    let remedy = examined.row("config.login")["remedy"]["text"].as_str();
    assert!(remedy.unwrap().contains("set BOT_TOKEN"), "{remedy:?}");

    let set = |command: &mut Command| {
        command.env("BOT_TOKEN", "a-token-of-a-homeserver-that-is-no-synapse");
        command.env("NANOBOT_MATRIX_USERID", "@bot:example.org");
    };
    let examined = examine_in(&home, OFFLINE, set).await;
    examined
        .expect("config.login", "pass", "@bot:example.org, device DEVICE")
        .expect(
            "config.variables",
            "warn",
            "NANOBOT_MATRIX_USERID sets nothing",
        )
        .expect(
            "config.variables",
            "warn",
            "did you mean \"NANOBOT_MATRIX_USER_ID\"",
        )
        .expect_failed(&[]);
}

#[tokio::test]
async fn unknown_keys_and_spellings_are_named_with_their_place() {
    let home = Home::new();
    let text = "{\"gatway\": {},\n\"channels\": {\"matrix\": {\n\"alowFrom\": [\"@a:h\"],\n\
                \"e2EeEnabled\": true,\n\"allow_from\": [\"@a:h\"],\n\"allowFrom\": [\"*\"]}}}";
    write(&home, text.as_bytes());
    let examined = examine(&home, OFFLINE).await;
    examined
        .expect(
            "config.unknown-keys",
            "warn",
            "line 1, column 2: \"gatway\"",
        )
        .expect("config.unknown-keys", "warn", "did you mean \"gateway\"?")
        .expect("config.unknown-keys", "warn", "line 3, column 1:")
        .expect("config.unknown-keys", "warn", "did you mean \"allowFrom\"?")
        .expect(
            "config.spelling",
            "warn",
            "line 4, column 1: \"e2EeEnabled\" is an old spelling",
        )
        .expect(
            "config.spelling",
            "warn",
            "line 5, column 1: \"allow_from\" has no effect",
        );
    let keys = &examined.row("config.unknown-keys")["evidence"]["keys"];
    assert_eq!(*keys, json!(["gatway", "channels.matrix.alowFrom"]));
}

#[tokio::test]
async fn a_file_that_others_can_read_is_told_whatever_is_in_it() {
    for config in [with(&json!({})).to_string(), "{".to_owned()] {
        let home = Home::new();
        home.write_config(&config);
        fs::set_permissions(home.config_path(), Permissions::from_mode(0o644)).unwrap();
        examine(&home, OFFLINE)
            .await
            .expect("config.permissions", "warn", "mode 0644");
    }
}

#[tokio::test]
async fn a_password_is_looked_for_in_the_file_and_not_behind_a_name() {
    let examined = changed(json!({"password": "canary-password"})).await;
    examined.expect(
        "config.password",
        "warn",
        "the account's password is in the file",
    );
    let commands = examined.commands("config.password");
    assert_eq!(commands, ["nanobot config unset password"]);
    assert!(!examined.report.to_string().contains("canary"));
    let home = home_with(&with(&json!({"password": "${BOT_PASSWORD}"})));
    let set = |command: &mut Command| {
        command.env("BOT_PASSWORD", "canary-password");
    };
    let examined = examine_in(&home, OFFLINE, set).await;
    examined.expect("config.password", "pass", "no password in the file");
}

#[tokio::test]
async fn comments_are_told_to_those_who_run_both_tools() {
    let home = Home::new();
    write(&home, format!("// mine\n{}", sound()).as_bytes());
    let examined = examine(&home, OFFLINE).await;
    examined
        .expect("config.comments", "warn", "line 1, column 1")
        .expect_failed(&[]);
}

/// What makes each sort of finding, and the check that tells it.
fn finding(id: &str) -> (String, &'static str) {
    let keys = |keys: Value| with(&keys).to_string();
    match id {
        "byte-order-mark" => (format!("\u{feff}{}", sound()), "config.syntax"),
        "comments" => (format!("{} // mine", sound()), "config.comments"),
        "invalid-value" => (keys(json!({"maxMediaBytes": -1})), "config.values"),
        "misspelled-allow-from" => {
            let mut config = sound();
            let section = config["channels"]["matrix"].as_object_mut().unwrap();
            let list = section.remove("allowFrom").unwrap();
            section.insert("allowForm".to_owned(), list);
            (config.to_string(), "config.unknown-keys")
        }
        "no-group-rooms" => (
            keys(json!({"groupPolicy": "allowlist"})),
            "access.group-rooms",
        ),
        "old-spelling" => (keys(json!({"e2EeEnabled": true})), "config.spelling"),
        "open-to-everyone" => (keys(json!({"allowFrom": []})), "access.open"),
        "password-in-file" => (keys(json!({"password": "p"})), "config.password"),
        // The test opens the file to others.
        "permissions" => (sound().to_string(), "config.permissions"),
        "plain-http" => (
            keys(json!({"homeserver": "http://example.org"})),
            "homeserver.plain-http",
        ),
        "short-room-id" => (
            keys(json!({"groupAllowFrom": ["!short"]})),
            "access.room-ids",
        ),
        "syntax" => ("{".to_owned(), "config.syntax"),
        "token-in-file" => (keys(json!({"tokenStore": "keyring"})), "secrets.source"),
        "token-without-device" => (keys(json!({"deviceId": null})), "config.login"),
        "too-large" => (" ".repeat(9 << 20), "config.syntax"),
        "two-spellings" => (keys(json!({"user_id": "@a:b"})), "config.spelling"),
        "unknown-key" => (keys(json!({"colour": 1})), "config.unknown-keys"),
        "unknown-root-key" => {
            let mut config = sound();
            config["colour"] = json!(1);
            (config.to_string(), "config.unknown-keys")
        }
        // The test has all else in the environment.
        "unknown-section" => (
            json!({"channels": {"matrx": {}}}).to_string(),
            "config.unknown-keys",
        ),
        // The test sets such a variable.
        "unknown-variable" => (sound().to_string(), "config.variables"),
        "unset-variable" => (keys(json!({"password": "${NOT_SET}"})), "config.variables"),
        "zero-downloads" => (
            keys(json!({"maxConcurrentMediaDownloads": 0})),
            "config.values",
        ),
        _ => panic!("nothing here makes {id}"),
    }
}

/// What else it takes to make a finding, in the environment.
fn environment(id: &str) -> Vec<(String, String)> {
    match id {
        "unknown-variable" => vec![("NANOBOT_MATRIX_COLOUR".to_owned(), "blue".to_owned())],
        "unknown-section" => {
            let sound = sound();
            let section = sound["channels"]["matrix"].as_object().unwrap();
            let variable = |(key, value): (&String, &Value)| {
                let text = value.as_str().map(str::to_owned);
                let name = find_key(key).unwrap().variable();
                (name, text.unwrap_or_else(|| value.to_string()))
            };
            section.iter().map(variable).collect()
        }
        _ => Vec::new(),
    }
}

/// The checks that warn or fail.
fn findings(examined: &Examined) -> Vec<String> {
    let found = [examined.ids("warn"), examined.ids("fail")].concat();
    found.into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_finding_of_the_configuration_is_told_by_one_check() {
    let usual = findings(&examine(&home_with(&sound()), OFFLINE).await);
    assert_eq!(usual, ["store.readable", "gateway.running"]);
    for id in FINDINGS {
        let (text, check) = finding(id);
        let home = Home::new();
        write(&home, text.as_bytes());
        if id == "permissions" {
            let open = Permissions::from_mode(0o640);
            fs::set_permissions(home.config_path(), open).unwrap();
        }
        let change = |command: &mut Command| {
            command.envs(environment(id));
        };
        let mut command = home.command(&["config", "validate", "--json"]);
        change(&mut command);
        let validated = home.run_command(command, "").await.stdout;
        // Such a file is not even read.
        let name = if id == "too-large" { "8 MiB" } else { id };
        assert!(validated.contains(name), "{id}: {validated}");

        let examined = examine_in(&home, OFFLINE, change).await;
        let mut told = findings(&examined);
        told.retain(|id| !usual.contains(id));
        assert_eq!(told, [check], "{id}: {:#}", examined.report);
    }
}

#[test]
fn the_list_of_findings_is_whole() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/lint");
    let mut found = Vec::new();
    for file in [
        "validate.rs",
        "lints.rs",
        "inspect.rs",
        "misspelled_allow_from.rs",
    ] {
        let text = fs::read_to_string(source.join(file)).unwrap();
        let text: String = text.split_whitespace().collect();
        // Where a finding is made, its name is a field's value or a call's first argument.
        for start in [
            "id:\"",
            "warning(\"",
            "about(\"",
            "Some((\"",
            ";(\"",
            "MISSPELLED:&str=\"",
            "OPEN:&str=\"",
        ] {
            let names = text.split(start).skip(1);
            found.extend(names.filter_map(|rest| Some(rest.split('"').next()?.to_owned())));
        }
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(found, FINDINGS);
}
