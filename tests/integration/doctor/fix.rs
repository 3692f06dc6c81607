//! `nanobot doctor --fix`: what is fixed in real files, and what is not.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;

use serde_json::json;

use super::examined::{Examined, examine};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::output::Output;

/// A file of every oddity that must survive: comments, tabs, odd space, `\r\n`.
const ODD: &str = "// mine\r\n{\r\n\t\"channels\" : {\"telegram\": {\"x\": [ ]},\r\n\t\t\"matrix\": \
    {\r\n\t\t\t\"e2EeEnabled\" :true , /* odd */\r\n\t\t\t\"allowform\": [\"@a:b\"] // who\r\n\t\t}\r\n\t}\r\n}";
const NOBODY: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A bot's files as they should be, with this config.
fn home(config: &str) -> Home {
    let home = Home::new();
    home.write_config(config);
    fs::create_dir_all(home.path().join("matrix-store")).unwrap();
    fs::create_dir_all(home.path().join("media/matrix")).unwrap();
    fs::write(home.path().join("matrix-store/keys"), "secret").unwrap();
    for directory in ["", "matrix-store", "media/matrix"] {
        set_mode(&home.path().join(directory), 0o700);
    }
    set_mode(&home.config_path(), 0o600);
    set_mode(&home.path().join("matrix-store/keys"), 0o600);
    home
}

fn text(home: &Home) -> String {
    fs::read_to_string(home.config_path()).unwrap()
}

async fn doctor(home: &Home, only: &str, more: &[&str]) -> Output {
    let arguments = [&["doctor", "--offline", "--only", only], more].concat();
    home.run(&arguments, "").await
}

async fn look(home: &Home, only: &str) -> Examined {
    examine(home, &["--offline", "--only", only]).await
}

async fn fix(home: &Home, only: &str) -> Examined {
    let examined = examine(home, &["--offline", "--only", only, "--fix", "--yes"]).await;
    assert_eq!(examined.exit_code(), 0);
    examined
}

/// The effects of a report, and whether they were made.
fn repairs(examined: &Examined) -> Vec<(String, bool)> {
    let repairs = examined.report["repairs"].as_array().unwrap().iter();
    repairs
        .map(|repair| {
            let effect = repair["effect"].as_str().unwrap().to_owned();
            (effect, repair["done"].as_bool().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn an_open_config_is_closed() {
    let home = home(ODD);
    for (before, after) in [
        (0o644, 0o600),
        (0o666, 0o600),
        (0o444, 0o400),
        (0o700, 0o600),
    ] {
        set_mode(&home.config_path(), before);
        look(&home, "config.permissions")
            .await
            .expect("config.permissions", "warn", "mode");
        let fixed = fix(&home, "config.permissions").await;
        let effect = format!("chmod {after:o} {}", home.config_path().display());
        assert_eq!(repairs(&fixed), [(effect, true)]);
        assert_eq!(fixed.report["repairs"][0]["check"], "config.permissions");
        fixed.expect("config.permissions", "pass", "");
        assert_eq!(mode(&home.config_path()), after);
        assert_eq!(text(&home), ODD);
    }
}

#[tokio::test]
async fn an_open_store_is_closed_and_its_files_are_as_they_were() {
    let home = home("{}");
    let store = home.path().join("matrix-store");
    let keys = store.join("keys");
    set_mode(&home.path(), 0o777);
    set_mode(&store, 0o2770);
    set_mode(&keys, 0o644);
    set_mode(&home.path().join("media/matrix"), 0o711);
    look(&home, "store.permissions").await.expect(
        "store.permissions",
        "warn",
        "so other users have access",
    );
    let fixed = fix(&home, "store.permissions").await;
    fixed.expect("store.permissions", "pass", "");
    assert_eq!(repairs(&fixed).len(), 4);
    assert_eq!((mode(&home.path()), mode(&store)), (0o700, 0o2700));
    assert_eq!(mode(&keys), 0o600);
    assert_eq!(mode(&home.path().join("media/matrix")), 0o700);
    assert_eq!(fs::read_to_string(keys).unwrap(), "secret");
    // There is nothing left to do.
    assert_eq!(repairs(&fix(&home, "store.permissions").await), []);
}

#[tokio::test]
async fn a_misspelled_key_gets_its_name_and_nothing_else_changes() {
    let home = home(ODD);
    look(&home, "config.spelling")
        .await
        .expect("config.spelling", "warn", "old spelling");
    look(&home, "config.unknown-keys").await.expect(
        "config.unknown-keys",
        "fail",
        "allowFrom is missing",
    );
    let fixed = fix(&home, "config.spelling").await;
    let place = home.config_path().display().to_string();
    let effect = format!("rename \"e2EeEnabled\" to \"e2eeEnabled\" in {place} (line 5)");
    assert_eq!(repairs(&fixed), [(effect, true)]);
    fixed.expect("config.spelling", "pass", "");
    let half = ODD.replace("e2EeEnabled", "e2eeEnabled");
    assert_eq!(text(&home), half);

    let fixed = fix(&home, "config.unknown-keys").await;
    let effect = format!("rename \"allowform\" to \"allowFrom\" in {place} (line 6)");
    assert_eq!(repairs(&fixed), [(effect, true)]);
    fixed.expect("config.unknown-keys", "pass", "");
    assert_eq!(text(&home), half.replace("allowform", "allowFrom"));
    assert_eq!(mode(&home.config_path()), 0o600);
    assert_eq!(repairs(&fix(&home, "config.unknown-keys").await), []);
}

#[tokio::test]
async fn the_directory_for_media_is_made_and_a_store_never_is() {
    let home = home("{}");
    fs::remove_dir_all(home.path().join("media")).unwrap();
    fs::remove_dir_all(home.path().join("matrix-store")).unwrap();
    let fixed = fix(&home, "store.writable").await;
    let media = home.path().join("media/matrix");
    let effect = format!("mkdir -p -m 700 {}", media.display());
    assert_eq!(repairs(&fixed), [(effect, true)]);
    assert_eq!(mode(&media), 0o700);
    assert_eq!(mode(&home.path().join("media")), 0o700);
    assert!(!home.path().join("matrix-store").exists());
    assert_eq!(repairs(&fix(&home, "store.writable").await), []);

    // Where there is no bot, nothing is made.
    let nobody = Home::new();
    let options = ["--offline", "--only", "config,store", "--fix", "--yes"];
    let fixed = examine(&nobody, &options).await;
    assert_eq!(fixed.exit_code(), 4);
    assert_eq!(repairs(&fixed), []);
    assert!(!nobody.path().exists());
}

#[tokio::test]
async fn without_a_person_and_without_yes_nothing_is_changed() {
    let home = home(ODD);
    set_mode(&home.config_path(), 0o644);
    let output = doctor(&home, "config", &["--fix"]).await.expect_code(2);
    assert!(output.stderr.contains("--yes"), "{output}");
    // What would be done is told all the same.
    assert!(output.stderr.contains("chmod 600 "), "{output}");
    assert!(output.stdout.is_empty(), "{output}");
    let output = doctor(&home, "config", &["--fix", "--json"]).await;
    let error = output.expect_code(2).json();
    assert_eq!(error["error"]["kind"], "usage");
    assert_eq!(
        (text(&home).as_str(), mode(&home.config_path())),
        (ODD, 0o644)
    );
    // The same on a day when there is nothing to do.
    let sound = self::home("{}");
    doctor(&sound, "config", &["--fix"]).await.expect_code(2);
}

#[tokio::test]
async fn a_person_is_asked_once_and_may_decline() {
    let home = home(ODD);
    set_mode(&home.config_path(), 0o644);
    let arguments = ["doctor", "--offline", "--fix"];
    let arguments = [
        &arguments[..],
        &["--only", "config.permissions,config.spelling"],
    ]
    .concat();
    for answer in ["no", "", "maybe"] {
        let terminal = home.terminal(&arguments);
        terminal.expect("Fix this?", PATIENCE).await;
        terminal.expect("chmod 600 ", PATIENCE).await;
        terminal.expect("rename \"e2EeEnabled\"", PATIENCE).await;
        terminal.send_line(answer).await;
        if answer == "maybe" {
            terminal.expect("please type yes or no", PATIENCE).await;
            terminal.send(b"\x03").await;
            assert_eq!(terminal.wait(PATIENCE).await, 130);
        } else {
            terminal.expect("Nothing was changed", PATIENCE).await;
            assert_eq!(terminal.wait(PATIENCE).await, 0);
            // Declining is no reason to hide the fix.
            let screen = terminal.screen();
            assert!(screen.contains("nanobot doctor --fix"), "{screen}");
        }
        assert_eq!(
            (text(&home).as_str(), mode(&home.config_path())),
            (ODD, 0o644)
        );
    }

    let terminal = home.terminal(&arguments);
    terminal.expect("Fix this?", PATIENCE).await;
    terminal.send_line("yes").await;
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    assert_eq!(mode(&home.config_path()), 0o600);
    assert_eq!(text(&home), ODD.replace("e2EeEnabled", "e2eeEnabled"));

    let terminal = home.terminal(&arguments);
    terminal.expect("Nothing can be fixed", PATIENCE).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
}

#[tokio::test]
async fn what_only_a_person_can_decide_is_told_with_the_command() {
    let config = "{\"channels\": {\"matrix\": {\n\"e2EeEnabled\": true, \"e2eeEnabled\": false,\n\
                  \"colour\": 1, \"alowFrom\": [\"@a:b\"], \"allowFrom\": []}}}";
    let home = home(config);
    let fixed = fix(&home, "config.spelling,config.unknown-keys").await;
    assert!(
        repairs(&fixed).iter().all(|(_, done)| !done),
        "{}",
        fixed.report
    );
    assert_eq!(fixed.report["repairs"].as_array().unwrap().len(), 3);
    assert_eq!(text(&home), config);
    let remedy = |id: &str| {
        let row = fixed.expect(id, "warn", "").row(id);
        row["remedy"]["commands"].clone()
    };
    assert_eq!(
        remedy("config.spelling"),
        json!(["nanobot config unset e2EeEnabled"])
    );
    assert_eq!(
        remedy("config.unknown-keys"),
        json!(["nanobot config edit"])
    );
    let output = doctor(&home, "config.spelling", &["--fix", "--yes"]).await;
    let output = output.expect_code(0);
    assert!(
        output.stderr.contains("Nothing can be fixed automatically"),
        "{output}"
    );
    assert!(output.stderr.contains("Not fixed: "), "{output}");
    assert!(
        output.stdout.contains("nanobot config unset e2EeEnabled"),
        "{output}"
    );
}

#[tokio::test]
async fn links_of_the_bot_are_followed_and_others_are_not() {
    let home = home(ODD);
    let (config, store) = (
        home.user_dir().join("it's.json"),
        home.user_dir().join("keys"),
    );
    fs::rename(home.config_path(), &config).unwrap();
    symlink(&config, home.config_path()).unwrap();
    fs::rename(home.path().join("matrix-store"), &store).unwrap();
    symlink(&store, home.path().join("matrix-store")).unwrap();
    let elsewhere = home.user_dir().join("elsewhere");
    fs::write(&elsewhere, "").unwrap();
    symlink(&elsewhere, store.join("link")).unwrap();
    let media = home.user_dir().join("pictures");
    fs::create_dir_all(media.join("matrix")).unwrap();
    fs::remove_dir_all(home.path().join("media")).unwrap();
    symlink(&media, home.path().join("media")).unwrap();
    for file in [&config, &elsewhere, &store.join("keys")] {
        set_mode(file, 0o644);
    }
    for directory in [&store, &media.join("matrix")] {
        set_mode(directory, 0o755);
    }

    let ids = "config.permissions,config.spelling,store.permissions";
    let fixed = fix(&home, ids).await;
    let path = config.display().to_string();
    let quoted = shlex::try_join(["chmod", "600", &path]).unwrap();
    assert!(
        repairs(&fixed).contains(&(quoted, true)),
        "{}",
        fixed.report
    );
    assert_eq!(
        (mode(&config), mode(&store), mode(&store.join("keys"))),
        (0o600, 0o700, 0o600)
    );
    assert!(home.config_path().is_symlink());
    assert!(fs::read_to_string(&config).unwrap().contains("e2eeEnabled"));
    assert_eq!(
        (mode(&elsewhere), mode(&media.join("matrix"))),
        (0o644, 0o755)
    );
    let left = repairs(&fixed).into_iter().filter(|(_, done)| !done);
    assert_eq!(left.count(), 2, "{}", fixed.report);
}

#[tokio::test]
async fn a_directory_with_other_things_in_it_is_left_alone() {
    let home = home("{}");
    let shared = home.user_dir().join("shared");
    fs::rename(home.path(), &shared).unwrap();
    set_mode(&shared, 0o777);
    let config = shared.join("config.json");
    let arguments = ["--offline", "--only", "store.permissions", "--fix", "--yes"];
    let arguments = [&arguments[..], &["--config", config.to_str().unwrap()]].concat();
    fs::write(shared.join("thesis.txt"), "").unwrap();
    let fixed = examine(&home, &arguments).await;
    assert_eq!(repairs(&fixed).len(), 1);
    assert_eq!(fixed.report["repairs"][0]["done"], false);
    let why = fixed.report["repairs"][0]["why"].as_str().unwrap();
    assert!(why.contains("contains other files"), "{}", fixed.report);
    assert_eq!(mode(&shared), 0o777);
    // It is the bot's alone without them.
    fs::remove_file(shared.join("thesis.txt")).unwrap();
    let fixed = examine(&home, &arguments).await;
    assert_eq!(fixed.report["repairs"][0]["done"], true, "{}", fixed.report);
    assert_eq!(mode(&shared), 0o700);
}

#[tokio::test]
async fn what_is_another_users_is_told_and_the_rest_is_done() {
    let home = home("{}");
    let store = home.path().join("matrix-store");
    let own = store.join("own");
    fs::write(&own, "").unwrap();
    if std::os::unix::fs::chown(&own, Some(NOBODY), None).is_err() {
        eprintln!("skipped: only root can give files away");
        return;
    }
    for (path, mode) in [
        (home.user_dir(), 0o755),
        (&home.path(), 0o755),
        (&store, 0o755),
        (&home.config_path(), 0o644),
        (&own, 0o644),
    ] {
        set_mode(path, mode);
    }
    let only = "config.permissions,store.permissions";
    let arguments = [
        "doctor",
        "--offline",
        "--only",
        only,
        "--fix",
        "--yes",
        "--json",
    ];
    let mut command = home.command(&arguments);
    command.uid(NOBODY).gid(NOBODY);
    let report = home.run_command(command, "").await.expect_code(0).json();
    let fixed = Examined { report };
    assert_eq!(mode(&own), 0o600, "{}", fixed.report);
    assert_eq!((mode(&store), mode(&home.config_path())), (0o755, 0o644));
    let done = repairs(&fixed).into_iter().filter(|(_, done)| *done);
    assert_eq!(done.count(), 1);
    let row = fixed
        .expect("config.permissions", "warn", "")
        .row("config.permissions");
    assert_eq!(row["remedy"]["text"], "it belongs to another user (uid 0)");
    let command = format!("sudo chmod 600 {}", home.config_path().display());
    assert_eq!(row["remedy"]["commands"], json!([command]));
}

#[tokio::test]
async fn a_read_only_config_is_told_and_kept() {
    let home = home(ODD);
    set_mode(&home.config_path(), 0o400);
    let fixed = fix(&home, "config.spelling").await;
    assert_eq!(
        fixed.report["repairs"][0]["done"], false,
        "{}",
        fixed.report
    );
    let why = fixed.report["repairs"][0]["why"].as_str().unwrap();
    assert!(
        why.contains("read-only; run `chmod 600 "),
        "{}",
        fixed.report
    );
    fixed.expect("config.spelling", "warn", "");
    assert_eq!(text(&home), ODD);
}

#[tokio::test]
async fn a_running_gateway_is_no_obstacle_and_has_to_be_started_again() {
    let home = home(ODD);
    // As a gateway holds it.
    let lock = File::create(home.path().join("nanobot.lock")).unwrap();
    lock.try_lock().unwrap();
    let only = "config.spelling";
    let output = doctor(&home, only, &["--fix", "--yes"])
        .await
        .expect_code(0);
    assert!(output.stderr.contains("nanobot gateway reload"), "{output}");
    assert_ne!(text(&home), ODD);
    set_mode(&home.config_path(), 0o644);
    let output = doctor(&home, "config.permissions", &["--fix", "--yes"]).await;
    assert!(
        !output.stderr.contains("nanobot gateway reload"),
        "{output}"
    );
    assert_eq!(mode(&home.config_path()), 0o600);
}
