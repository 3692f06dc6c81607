//! `set` and `unset`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{config, config_with_env, home, home_with, mode, text};
use crate::harness::bot::Home;
use crate::harness::disk::{MountedFile, SmallDisk};

const COMMENTED: &str = "// mine\r\n{\r\n\t\"z\": 1, // last\r\n\t\"channels\": {\"telegram\": {\"x\": [ ]},\r\n\t\t\"matrix\": {\r\n\t\t\t\"enabled\":true , /* odd */\r\n\t\t\t\"maxMediaBytes\": 5\r\n\t\t}\r\n\t}\r\n}";

#[tokio::test]
async fn an_edit_changes_nothing_else_and_can_be_undone() {
    let home = home(COMMENTED);
    config(&home, &["set", "maxMediaBytes", "7"])
        .await
        .expect_code(0);
    assert_eq!(
        text(&home),
        COMMENTED.replace("\"maxMediaBytes\": 5", "\"maxMediaBytes\": 7")
    );
    config(&home, &["set", "maxMediaBytes", "5"])
        .await
        .expect_code(0);
    for (key, value) in [
        ("userId", "@a:b"),
        ("allowFrom", "@a:b"),
        ("agents.defaults.model", "m"),
    ] {
        let output = config(&home, &["set", key, value]).await.expect_code(0);
        assert!(output.stdout.starts_with("Set "), "{output}");
        assert_ne!(text(&home), COMMENTED);
        config(&home, &["unset", key]).await.expect_code(0);
        assert_eq!(text(&home), COMMENTED, "{key}");
    }
}

#[tokio::test]
async fn a_new_file_is_private_and_said_to_be_new() {
    let home = Home::new();
    let output = config(&home, &["set", "homeserver", "https://matrix.org"])
        .await
        .expect_code(0);
    assert!(output.stderr.contains("Created "), "{output}");
    assert_eq!(mode(&home), super::MODE);
    assert_eq!(
        text(&home),
        "{\n  \"channels\": {\n    \"matrix\": {\n      \"homeserver\": \"https://matrix.org\"\n    }\n  }\n}\n"
    );
}

#[tokio::test]
async fn an_open_file_is_closed_aloud() {
    let home = home("{}");
    fs::set_permissions(home.config_path(), fs::Permissions::from_mode(0o644)).unwrap();
    let output = config(&home, &["set", "enabled", "yes"])
        .await
        .expect_code(0);
    assert!(output.stderr.contains("0600, was 0644"), "{output}");
    assert_eq!(mode(&home), super::MODE);
}

#[tokio::test]
async fn a_link_is_followed_aloud() {
    let home = home("{}");
    let target = home.user_dir().join("elsewhere.json");
    fs::rename(home.config_path(), &target).unwrap();
    symlink(&target, home.config_path()).unwrap();
    let output = config(&home, &["set", "enabled", "true"])
        .await
        .expect_code(0);
    assert!(output.stderr.contains("is a symbolic link"), "{output}");
    assert!(home.config_path().is_symlink());
    assert!(
        fs::read_to_string(&target)
            .unwrap()
            .contains("\"enabled\": true")
    );
}

#[tokio::test]
async fn a_dry_run_shows_the_difference_and_writes_nothing() {
    let home = home_with("{\"accessToken\": \"canary-token\",\n \"enabled\": false}");
    let before = text(&home);
    let output = config(&home, &["set", "enabled", "true", "--dry-run"])
        .await
        .expect_code(0);
    assert!(
        output
            .stdout
            .contains("\n- \"enabled\": false}\n+ \"enabled\": true}\n"),
        "{output}"
    );
    assert!(
        output.stdout.contains("\"accessToken\": \"<redacted>\""),
        "{output}"
    );
    let output = config(&home, &["unset", "accessToken", "--dry-run", "--json"])
        .await
        .expect_code(0);
    let document = output.json();
    assert_eq!(document["changed"], false);
    assert!(
        document["diff"]
            .as_str()
            .unwrap()
            .contains("\n-    \"matrix\""),
        "{output}"
    );
    assert_eq!(text(&home), before);
    // A file that is not there is not made.
    let home = Home::new();
    config(&home, &["set", "enabled", "true", "--dry-run"])
        .await
        .expect_code(0);
    assert!(!home.path().exists());
}

#[tokio::test]
async fn entries_of_lists_come_and_go() {
    let home = home_with("{}");
    let set = |words: &'static [&'static str]| {
        let home = &home;
        async move {
            let arguments: Vec<_> = ["set", "allowFrom"].iter().chain(words).copied().collect();
            let output = config(home, &arguments).await;
            (output, config(home, &["get", "allowFrom"]).await.stdout)
        }
    };
    let (_, list) = set(&["--add", "@a:b", "--add", "@c:d"]).await;
    assert_eq!(list, "[\"@a:b\",\"@c:d\"]\n");
    let (output, list) = set(&["--add", "@a:b"]).await;
    assert!(output.stderr.contains("already has this entry"), "{output}");
    assert!(output.stdout.contains("already has this value"), "{output}");
    assert_eq!(list, "[\"@a:b\",\"@c:d\"]\n");
    let (_, list) = set(&["--remove", "@a:b", "--add", "@e:f"]).await;
    assert_eq!(list, "[\"@c:d\",\"@e:f\"]\n");
    let (output, list) = set(&["--remove", "@x:y"]).await;
    assert!(output.expect_code(1).stderr.contains("\"@x:y\" is not in"));
    assert_eq!(list, "[\"@c:d\",\"@e:f\"]\n");
    let (_, list) = set(&["*"]).await;
    assert_eq!(list, "[\"*\"]\n");
    let (output, _) = set(&["--add", "@a:b"]).await;
    assert!(output.stderr.contains("everyone may talk"), "{output}");
    // Lists of other programs too.
    config(&home, &["set", "tools.x", "--add", "a"])
        .await
        .expect_code(0);
    assert_eq!(config(&home, &["get", "tools.x"]).await.stdout, "[\"a\"]\n");
}

#[tokio::test]
async fn what_an_edit_means_is_told() {
    let home = home_with("{\"enabled\": true, \"allowFrom\": [\"@a:b\"]}");
    let output = config(&home, &["unset", "allowFrom"]).await.expect_code(0);
    assert!(
        output.stderr.contains("everyone may talk to the bot"),
        "{output}"
    );
    let pairs = [("NANOBOT_MATRIX_USER_ID", "@env:b")];
    let output = config_with_env(&home, &["set", "userId", "@file:b"], &pairs)
        .await
        .expect_code(0);
    let words = "The environment variable NANOBOT_MATRIX_USER_ID overrides the file";
    assert!(output.stderr.contains(words), "{output}");
    let output = config(&home, &["set", "userId", "@file:b"])
        .await
        .expect_code(0);
    assert!(output.stdout.contains("already has this value"), "{output}");
    let document = config(&home, &["set", "userId", "@new:b", "--json"])
        .await
        .expect_code(0)
        .json();
    assert_eq!(document["changed"], true);
    assert_eq!(document["key"], "channels.matrix.userId");
    let slip = ["set", "agents.defaults.modle", "x"];
    let output = config(&home, &slip).await.expect_code(0);
    assert!(
        output.stderr.contains("did you mean \"model\"?"),
        "{output}"
    );
}

#[tokio::test]
async fn unset_of_what_is_not_there_is_1() {
    let home = home_with("{\"enabled\": true}");
    let before = text(&home);
    for key in ["userId", "userid", "agents.x"] {
        config(&home, &["unset", key]).await.expect_code(1);
        let output = config(&home, &["unset", key, "--json"])
            .await
            .expect_code(1);
        assert_eq!(output.json()["exit_code"], 1);
    }
    assert_eq!(text(&home), before);
}

#[tokio::test]
async fn an_unknown_key_is_written_only_when_that_is_meant() {
    let home = home_with("{}");
    config(&home, &["set", "brandNew", "5"])
        .await
        .expect_code(2);
    config(&home, &["set", "brandNew", "5", "--allow-unknown"])
        .await
        .expect_code(0);
    // From now on it is there.
    config(&home, &["set", "brandNew", "6"])
        .await
        .expect_code(0);
    assert_eq!(config(&home, &["get", "brandNew"]).await.stdout, "6\n");
    config(&home, &["set", "agents.name", "5", "--text"])
        .await
        .expect_code(0);
    assert!(text(&home).contains("\"name\": \"5\""));
    config(&home, &["set", "agents.\"a.b\"", "true"])
        .await
        .expect_code(0);
    assert!(text(&home).contains("\"a.b\": true"));
}

#[tokio::test]
async fn a_file_that_is_mounted_by_itself_is_written_in_place() {
    let home = home("{}");
    let outside = home.user_dir().join("outside.json");
    fs::write(&outside, "{\n  \"agents\": {}\n}\n").unwrap();
    let Some(mounted) = MountedFile::over(&home.config_path(), &outside) else {
        return;
    };
    for (key, value) in [("userId", "@a:b"), ("maxMediaBytes", "5")] {
        config(&home, &["set", key, value]).await.expect_code(0);
        let output = config(&home, &["get", key]).await.expect_code(0);
        assert_eq!(output.stdout.trim(), value);
    }
    config(&home, &["unset", "maxMediaBytes"])
        .await
        .expect_code(0);
    drop(mounted);
    // It is the mounted file that has it, and no copy is left beside it.
    let text = fs::read_to_string(&outside).unwrap();
    assert!(
        text.contains("\"userId\": \"@a:b\"") && text.contains("agents"),
        "{text}"
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_mounted_into_a_directory_that_cannot_be_written_names_the_mount() {
    let Some(disk) = SmallDisk::mount(1) else {
        return;
    };
    let home = Home::new();
    let path = disk.path().join("config.json");
    fs::write(&path, "").unwrap();
    let outside = home.user_dir().join("outside.json");
    fs::write(&outside, "{}").unwrap();
    let Some(_mounted) = MountedFile::over(&path, &outside) else {
        return;
    };
    disk.seal();
    let named = ["--config", path.to_str().unwrap()];
    let arguments = [&["set", "userId", "@c:d"][..], &named].concat();
    let output = config(&home, &arguments).await.expect_code(1);
    let directory = disk.path().display().to_string();
    for words in ["it is a mount of its own", "mount ", &directory] {
        assert!(output.stderr.contains(words), "{output}");
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "{}");
}

#[tokio::test]
async fn a_byte_order_mark_is_told_and_goes_with_the_next_edit() {
    let home =
        home("\u{feff}{\"channels\": {\"matrix\": {\"enabled\": true, \"allowFrom\": [\"*\"]}}}");
    let output = config(&home, &["validate"]).await.expect_code(0);
    assert!(output.stdout.contains("byte order mark"), "{output}");
    let output = config(&home, &["get", "enabled"]).await.expect_code(0);
    assert_eq!(output.stdout, "true\n");
    config(&home, &["set", "enabled", "false"])
        .await
        .expect_code(0);
    assert!(text(&home).starts_with('{'));
    let output = config(&home, &["validate"]).await.expect_code(0);
    assert!(!output.stdout.contains("byte order mark"), "{output}");
}
