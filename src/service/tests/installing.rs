use std::{fs, path::PathBuf};

use serde_json::json;

use super::{ACTIVE, CHECK, Scene, USER, now};
use crate::{
    config::Paths,
    error::Kind,
    service::{Install, Level, Options, print},
};

#[test]
fn nothing_is_started_that_was_not_asked_for() {
    let scene = Scene::new();
    let installed = scene.install(&Install::default()).unwrap();
    let enabled = [
        "systemctl --user daemon-reload",
        "systemctl --user enable nanobot.service",
    ];
    assert_eq!(scene.changes(), enabled);
    assert_eq!(installed["is_started"], false);
    assert_eq!(installed["lingers"], false);
    let text = installed.to_string();
    assert!(
        text.contains("systemctl --user start nanobot.service"),
        "{text}"
    );
    assert!(text.contains("loginctl enable-linger"), "{text}");
    let unit = include_str!("../../../contrib/systemd/user/nanobot.service");
    assert_eq!(fs::read_to_string(scene.unit()).unwrap(), unit);

    let again = scene
        .install(&Install {
            linger: true,
            ..now()
        })
        .unwrap();
    assert_eq!(again["is_changed"], false);
    assert_eq!(again["is_started"], true);
    assert_eq!(again["lingers"], true);
    let changes = scene.changes();
    assert_eq!(changes[2], "loginctl enable-linger 1000");
    assert_eq!(changes[5], "systemctl --user start nanobot.service");
}

#[test]
fn what_would_never_run_is_not_installed() {
    for (code, kind) in [(78, "config"), (4, "not_logged_in"), (1, "failure")] {
        let scene = Scene::new();
        let error = format!(r#"{{"error":{{"kind":"{kind}","message":"m","hint":null}}}}"#);
        scene.answer(CHECK, code, &error);
        for dry_run in [false, true] {
            let refused = scene.install(&Install { dry_run, ..now() }).unwrap_err();
            assert_eq!(i32::from(refused.kind().exit_code()), code);
        }
        assert_eq!(scene.changes(), [""; 0]);
        assert!(!scene.unit().exists());
    }
}

#[test]
fn what_may_be_over_soon_is_a_note() {
    let scene = Scene::new();
    scene.answer(
        CHECK,
        69,
        r#"{"error":{"kind":"unreachable","message":"away","hint":null}}"#,
    );
    let installed = scene.install(&Install::default()).unwrap();
    assert!(
        installed["notes"][0]
            .as_str()
            .unwrap()
            .contains("waits until"),
        "{installed}"
    );
    scene.answer(
        CHECK,
        5,
        r#"{"error":{"kind":"store_in_use","message":"held","hint":null}}"#,
    );
    let installed = scene.install(&Install::default()).unwrap();
    assert!(
        installed["notes"][0].as_str().unwrap().contains("stop it"),
        "{installed}"
    );
    assert_eq!(scene.install(&now()).unwrap_err().kind(), Kind::StoreInUse);
    // It is the service that holds it.
    scene.answer(USER, 0, ACTIVE);
    let changed = Install {
        service: Options {
            environment_file: Some(scene.paths().config_file().to_owned()),
            ..Options::default()
        },
        ..now()
    };
    fs::write(scene.paths().config_file(), "").unwrap();
    let installed = scene.install(&changed).unwrap();
    assert_eq!(installed["notes"], json!([]));
    assert_eq!(installed["is_started"], false);
    assert!(
        installed.to_string().contains("systemctl --user restart"),
        "{installed}"
    );
}

#[test]
fn the_check_sees_what_the_service_will_see() {
    let scene = Scene::new();
    let token = scene.home.path().join("token");
    let variables = scene.home.path().join("variables");
    fs::write(&token, "secret\n").unwrap();
    fs::write(&variables, "KEY='x y'\n").unwrap();
    let service = Options {
        access_token_file: Some(token.clone()),
        environment_file: Some(variables),
        ..Options::default()
    };
    scene
        .install(&Install {
            service,
            ..Install::default()
        })
        .unwrap();
    let asked = scene.fake.asked.borrow();
    let check = asked
        .iter()
        .find(|line| line.to_string().contains(CHECK))
        .unwrap();
    assert_eq!(check.to_string(), "/usr/bin/nanobot gateway --check --json");
    let surroundings = check.surroundings.as_ref().unwrap();
    assert_eq!(surroundings.identity, None);
    let names: Vec<_> = surroundings
        .environment
        .iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["PATH", "HOME", "CREDENTIALS_DIRECTORY", "KEY"]);
    let unit = fs::read_to_string(scene.unit()).unwrap();
    let credential = format!(
        "LoadCredential=nanobot-matrix-access-token:{}",
        token.display()
    );
    assert!(unit.contains(&credential), "{unit}");
    assert!(!unit.contains("secret"), "{unit}");
}

#[test]
fn only_what_we_installed_is_replaced_or_removed() {
    let scene = Scene::new();
    assert!(
        scene
            .uninstall(true)
            .unwrap_err()
            .to_string()
            .contains("no service")
    );
    let unit = scene.unit();
    fs::create_dir_all(unit.parent().unwrap()).unwrap();
    fs::write(&unit, "[Service]\nExecStart=/usr/bin/other\n").unwrap();
    for refused in [scene.install(&now()), scene.uninstall(true)] {
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("was not written by nanobot"), "{error}");
    }
    let ours = "# \"nanobot service install\"\nExecStart=/x gateway --wait --config /y/z.json\n";
    fs::write(&unit, ours).unwrap();
    let error = scene.install(&now()).unwrap_err();
    assert!(error.to_string().contains("another bot"), "{error}");
    assert_eq!(fs::read_to_string(&unit).unwrap(), ours);
    assert_eq!(scene.changes(), [""; 0]);

    scene.answer(USER, 0, ACTIVE);
    let removed = scene.uninstall(false).unwrap();
    let disabled = [
        "systemctl --user disable nanobot.service",
        "systemctl --user daemon-reload",
    ];
    assert_eq!(scene.changes(), disabled);
    assert_eq!(
        removed["still_runs"],
        "systemctl --user stop nanobot.service"
    );
    assert!(!unit.exists());
    fs::write(&unit, ours).unwrap();
    scene.uninstall(true).unwrap();
    assert_eq!(scene.changes()[2], "systemctl --user stop nanobot.service");
}

#[test]
fn a_manager_that_cannot_be_reached_gets_no_file() {
    let scene = Scene::new();
    scene.answer(USER, 1, "Failed to connect to bus: No medium found");
    let error = scene.install(&now()).unwrap_err().to_string();
    assert!(
        error.contains("cannot be reached: Failed to connect to bus"),
        "{error}"
    );
    assert!(!scene.unit().exists());
    assert_eq!(scene.changes(), [""; 0]);
}

#[test]
fn a_system_service_is_for_root_and_does_not_run_as_root() {
    let scene = Scene::new();
    let request = Install {
        service: Options {
            level: Some(Level::System),
            ..Options::default()
        },
        ..Install::default()
    };
    let error = scene.install(&request).unwrap_err().to_string();
    assert!(error.contains("only root"), "{error}");
    let of = |file: &str, program: Option<&str>| {
        let options = Options {
            name: "nanobot".to_owned(),
            level: Some(Level::System),
            program: program.map(PathBuf::from),
            ..Options::default()
        };
        scene.on(|machine| print(&options, machine, &Paths::of(file.into())))
    };
    let error = of("/proc/config.json", None).unwrap_err();
    assert!(error.to_string().contains("belongs to root"), "{error}");
    assert!(
        error
            .hint_text()
            .unwrap()
            .contains("mv /proc /var/lib/nanobot"),
        "{error:?}"
    );
    let state = "/var/lib/nanobot-of-no-test/config.json";
    let error = of(state, Some("/root/nanobot")).unwrap_err();
    assert!(
        error.to_string().contains("cannot run /root/nanobot"),
        "{error}"
    );
    let printed = json!(of(state, Some("/usr/bin/nanobot")).unwrap());
    let text = printed["text"].as_str().unwrap();
    assert!(
        text.contains("\nStateDirectory=nanobot-of-no-test\n"),
        "{text}"
    );
    assert_eq!(printed["file"], "/etc/systemd/system/nanobot.service");
}
