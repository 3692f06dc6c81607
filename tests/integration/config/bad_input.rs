//! What is wrong gets one clear message and leaves the file as it was.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{config, home, home_of_bytes, home_with};
use crate::harness::bot::Home;
use crate::harness::disk::SmallDisk;

/// Commands that read the file, and some that would write it.
const COMMANDS: [&[&str]; 10] = [
    &["config", "get", "userId"],
    &["config", "list"],
    &["config", "show"],
    &["config", "validate"],
    &["config", "set", "userId", "@new:example.org"],
    &["config", "unset", "userId"],
    &["login", "--homeserver", "http://127.0.0.1:9"],
    &["login", "--status"],
    &["logout"],
    &["gateway"],
];

/// Asserts that every command says these words about such a file, in text and in JSON, exits with
/// 78 and does not touch it.
async fn refused(bytes: &[u8], words: &str) {
    let home = home_of_bytes(bytes);
    for command in COMMANDS {
        let output = home.run(command, "").await.expect_code(78);
        let told = format!("{}{}", output.stdout, output.stderr);
        assert!(told.contains(words), "no {words:?} in {output}");
        let errors = told.matches("error:").count();
        assert_eq!(errors, 1, "{output}");

        let json = [command, &["--json"]].concat();
        let output = home.run(&json, "").await.expect_code(78);
        let document = output.json();
        assert_eq!(document["ok"], false, "{output}");
        assert_eq!(document["exit_code"], 78, "{output}");
        assert_eq!(document["error"]["kind"], "config", "{output}");
        assert!(document["error"]["message"].is_string(), "{output}");
    }
    assert_eq!(fs::read(home.config_path()).unwrap(), bytes);
}

#[tokio::test]
async fn files_that_are_no_config() {
    for (bytes, words) in [
        (&b"not json"[..], "line 1, column 1"),
        (b"[]", "must contain a JSON object, not a list"),
        (b"null", "must contain a JSON object, not null"),
        (b"\xef\xbb\xbf{", "object that starts here has no closing"),
        (b"{\n  \"a\": 1,\n  \"a\": 2\n}", "line 3, column 3"),
        (b"", "the file is empty"),
        (b"{\n\"\xff\"}", "line 2, column 2"),
        (b"{\"a\": 1,}", "comma after the last entry"),
        (b"{\"channels\": []}", "channels must be an object"),
        (
            b"{\"channels\": {\"matrix\": 5}}",
            "channels.matrix must be an object",
        ),
        (
            b"{\"channels\": {\"matrix\": {\"userId\": \"@a:b\", \"userId\": \"@c:d\"}}}",
            "userId",
        ),
        (b"\xff\xfe{\0}\0", "UTF-16"),
        (b"{\n  \"a\": 'x'\n}", "line 2, column 8"),
    ] {
        refused(bytes, words).await;
    }
}

#[tokio::test]
async fn a_file_of_50_megabytes() {
    let home = home("");
    let file = fs::File::create(home.config_path()).unwrap();
    file.set_len(50 << 20).unwrap();
    for command in COMMANDS {
        let output = home.run(command, "").await.expect_code(78);
        assert!(output.stderr.contains("larger than 8 MiB"), "{output}");
    }
    assert_eq!(file.metadata().unwrap().len(), 50 << 20);
}

#[tokio::test]
async fn a_directory_in_its_place() {
    let home = Home::new();
    fs::create_dir_all(home.config_path()).unwrap();
    for command in COMMANDS {
        let output = home.run(command, "").await.expect_code(78);
        assert!(output.stderr.contains("is a directory"), "{output}");
    }
    assert!(home.config_path().is_dir());
}

#[tokio::test]
async fn a_read_only_file() {
    let home = home("{}");
    fs::set_permissions(home.config_path(), fs::Permissions::from_mode(0o400)).unwrap();
    for command in [&["set", "userId", "@a:b"][..], &["unset", "channels"]] {
        let code = if command[0] == "set" { 78 } else { 1 };
        let output = config(&home, command).await.expect_code(code);
        assert!(!output.stderr.is_empty());
    }
    let output = config(&home, &["set", "userId", "@a:b"]).await;
    assert!(output.stderr.contains("is read-only"), "{output}");
    assert_eq!(super::text(&home), "{}");
}

/// A file system without room: the directory cannot take another file.
#[tokio::test]
async fn a_disk_that_takes_nothing() {
    let home = home_with("{\"userId\": \"@a:b\"}");
    let before = super::text(&home);
    let mut command = home.command(&["config", "set", "userId", "@c:d"]);
    // Not even root can write a byte beyond this.
    let program = command.get_program().to_owned();
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(program)
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    command = limited;
    let output = home.run_command(command, "").await.expect_code(1);
    assert!(output.stderr.contains("cannot write"), "{output}");
    assert_eq!(super::text(&home), before);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "{output}");
}

#[tokio::test]
async fn a_disk_that_is_full() {
    let Some(disk) = SmallDisk::mount(1) else {
        return;
    };
    let home = Home::new();
    let path = disk.path().join("config.json");
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    disk.fill();
    for arguments in [
        &["set", "userId", "@c:d"][..],
        &["set", "allowFrom", "@a:b"],
    ] {
        let named = ["--config", path.to_str().unwrap()];
        let output = config(&home, &[arguments, &named].concat()).await;
        let output = output.expect_code(1);
        assert!(output.stderr.contains("cannot write"), "{output}");
        assert!(output.stderr.contains("free some disk space"), "{output}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    let names = fs::read_dir(disk.path()).unwrap();
    // It and the filler.
    assert_eq!(names.count(), 2);
}

#[tokio::test]
async fn values_in_the_file() {
    for (section, words) in [
        (r#"{"maxMediaBytes": 1.5}"#, "not a fraction"),
        (r#"{"maxMediaBytes": -1}"#, "not a negative one"),
        (r#"{"maxMediaBytes": 1e30}"#, "too large"),
        (r#"{"maxMediaBytes": "much"}"#, "a whole number of bytes"),
        (r#"{"enabled": []}"#, "true or false, not a list"),
        (r#"{"userId": 5}"#, "must be a string, not a number"),
        (r#"{"allowFrom": "@a:b"}"#, "must be a list, not a string"),
        (r#"{"allowFrom": null}"#, "leave the key out instead"),
        (
            r#"{"allowFrom": ["you"]}"#,
            "allowFrom is invalid in entry 1",
        ),
        (r#"{"allowFrom": ["@a:b", 5]}"#, "entry 2"),
        (r#"{"userId": "@bot"}"#, "has no server part"),
        (r#"{"tokenStore": "vault"}"#, "\"file\", \"keyring\""),
        (
            r##"{"groupAllowFrom": ["#general"]}"##,
            "or an alias such as #room:example.org",
        ),
        (r#"{"groupPolicy": "mentoin"}"#, "did you mean \"mention\"?"),
        (r#"{"userId": "bot"}"#, "begins with @"),
        (
            r#"{"groupAllowFrom": ["general"]}"#,
            "must be a room ID such as",
        ),
        (r#"{"homeserver": "matrix.org"}"#, "has no scheme"),
        (
            r#"{"homeserver": "https://matrix.org/_matrix"}"#,
            "includes an API path",
        ),
        (
            r#"{"homeserver": "https://u:canary@matrix.org"}"#,
            "user name or password",
        ),
    ] {
        let home = home_with(section);
        let before = super::text(&home);
        let output = config(&home, &["validate"]).await.expect_code(78);
        assert!(output.stdout.contains(words), "no {words:?} in {output}");
        assert!(output.stdout.contains("line 3, column "), "{output}");
        assert_eq!(output.stdout.matches("error:").count(), 1, "{output}");
        for arguments in [&["login", "--status"][..], &["gateway"], &["logout"]] {
            let output = home.run(arguments, "").await.expect_code(78);
            assert!(output.stderr.contains("line 3, column "), "{output}");
            assert_eq!(output.stderr.matches("error:").count(), 1, "{output}");
        }
        assert_eq!(super::text(&home), before);
        home.assert_no_secret(&["canary"]);
    }
    let v12 = format!(r#"{{"groupAllowFrom": ["!{}"]}}"#, "a".repeat(43));
    let home = home_with(&v12);
    config(&home, &["validate", "--strict"])
        .await
        .expect_code(0);
}

#[tokio::test]
async fn arguments() {
    let home = home_with(r#"{"allowFrom": ["@a:b"], "mine": {"n": 1}}"#);
    let before = super::text(&home);
    for (arguments, words) in [
        (&["set", "maxMediaBytes", "1.5"][..], "not a fraction"),
        (&["set", "maxMediaBytes", "-1"], "not a negative one"),
        (&["set", "maxMediaBytes", "1e30"], "too large"),
        (
            &["set", "groupPolicy", "mentoin"],
            "did you mean \"mention\"?",
        ),
        (&["set", "userId", "bot"], "begins with @"),
        (&["set", "userId", ""], "must not be empty"),
        (&["set", "userId", "@a:b", "@c:d"], "must be one word"),
        (&["set", "userId"], "is missing"),
        (&["set", "userID=@a:b", "x"], "has no ="),
        (&["set", "allowFrom", ","], "must not be empty"),
        (&["set", "allowFrom", "@a:b,c"], "entry 2"),
        (&["set", "allowFrom", "--add", "c"], "entry 1"),
        (
            &["set", "allowFrom", "--remove", "@a:b"],
            "allows everyone to talk",
        ),
        (&["set", "userId", "--add", "@a:b"], "is not a list"),
        (&["set", "groupAllowFrom", "#room"], "alias"),
        (&["set", "homeserver", "matrix.org"], "has no scheme"),
        (&["set", "userid", "@a:b"], "did you mean \"userId\"?"),
        (&["set", "provider.x", "y"], "did you mean \"providers\"?"),
        (&["set", "userId.x", "y"], "so it has no keys"),
        (&["set", "channels.matrix", "{\"enabled\": 5}"], "enabled"),
        (&["set", "channels", "5"], "must be a JSON object"),
        (&["set", "channels.matrix.mine.n", "x"], "as it is now"),
        (&["get", "a..b"], "between dots"),
        (&["edit"], "needs a terminal"),
        (&["frobnicate"], "unrecognized subcommand"),
        (&[], "Usage: nanobot config"),
    ] {
        let output = config(&home, arguments).await.expect_code(2);
        assert!(output.stderr.contains(words), "no {words:?} in {output}");
        assert_eq!(output.stdout, "");
        let json = [arguments, &["--json"]].concat();
        let output = config(&home, &json).await.expect_code(2);
        assert_eq!(output.json()["error"]["kind"], "usage", "{output}");
    }
    assert_eq!(super::text(&home), before);
}

#[tokio::test]
async fn a_variable_that_is_not_set_matters_where_its_value_is_needed() {
    let home = home_with(r#"{"userId": "${UNSET_HERE}", "deviceId": "D"}"#);
    let output = config(&home, &["get", "userId"]).await.expect_code(78);
    assert!(output.stderr.contains("line 3, column "), "{output}");
    assert!(
        output.stderr.contains("UNSET_HERE, which is not set"),
        "{output}"
    );
    let output = config(&home, &["get", "deviceId"]).await.expect_code(0);
    assert_eq!(output.stdout, "D\n");
    config(&home, &["validate"]).await.expect_code(0);
    config(&home, &["validate", "--strict"])
        .await
        .expect_code(3);
    let section = r#"{"enabled": true, "homeserver": "https://a", "userId": "@a:b", "deviceId": "D",
        "accessToken": "${UNSET_HERE}"}"#;
    let home = home_with(section);
    let before = super::text(&home);
    for arguments in [&["login", "--status"][..], &["gateway"], &["logout"]] {
        let output = home.run(arguments, "").await.expect_code(78);
        assert!(output.stderr.contains("line 4, column "), "{output}");
        assert!(output.stderr.contains("UNSET_HERE"), "{output}");
    }
    assert_eq!(super::text(&home), before);
}

#[tokio::test]
async fn what_a_login_sets_is_not_to_be_set_by_hand() {
    let home = home_with("{}");
    for key in ["accessToken", "deviceId", "userId"] {
        let output = config(&home, &["get", key]).await.expect_code(1);
        assert!(output.stderr.contains("run `nanobot login`"), "{output}");
    }
}
