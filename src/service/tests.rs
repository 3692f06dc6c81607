//! Services on machines whose managers only exist here.

use std::{cell::RefCell, ffi::OsString, fs, path::PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Install, Machine, Manager, Options, Status, Uninstall, install,
    runner::{CommandLine, Ran, Runner},
    uninstall,
};
use crate::{config::Paths, error::Result};

/// What a command that begins so answers: its code, and what it says.
type Answer = (&'static str, i32, String);

/// A manager that does what it is told.
#[derive(Default)]
struct Fake {
    answers: RefCell<Vec<Answer>>,
    asked: RefCell<Vec<CommandLine>>,
}

impl Runner for Fake {
    fn run(&self, command: &CommandLine) -> Result<Option<Ran>> {
        self.asked.borrow_mut().push(command.clone());
        let line = command.to_string();
        let answers = self.answers.borrow();
        let answer = answers
            .iter()
            .rev()
            .find(|(begin, ..)| line.contains(begin));
        let (code, text) = answer.map_or((0, ""), |(_, code, text)| (*code, text.as_str()));
        let (stdout, stderr) = match code {
            0 => (text, ""),
            _ if text.starts_with('{') => (text, ""),
            _ => ("", text),
        };
        Ok((code != 127).then(|| Ran {
            code: Some(code),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        }))
    }
}

const GONE: &str = "LoadState=not-found\nActiveState=inactive\nSubState=dead\n";
const ACTIVE: &str = "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=7\n\
                      UnitFileState=enabled\nFragmentPath=/f\nNRestarts=2\nResult=success\n\
                      ExecMainStatus=0\nStatusText=connected\n";
const FAILED: &str = "LoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\n\
                      UnitFileState=enabled\nFragmentPath=/f\nNRestarts=0\nResult=exit-code\n\
                      ExecMainStatus=78\nStatusText=\n";
const USER: &str = "systemctl --user show";
const SYSTEM: &str = "systemctl show";
const CHECK: &str = "--check --json";

mod installing;

/// A home with a bot, and the managers of its machine.
struct Scene {
    home: TempDir,
    fake: Fake,
    manager: Manager,
    uid: u32,
}

impl Scene {
    fn new() -> Self {
        let scene = Self {
            home: tempfile::tempdir().unwrap(),
            fake: Fake::default(),
            manager: Manager::Systemd,
            uid: 1000,
        };
        fs::create_dir(scene.home.path().join(".nanobot")).unwrap();
        scene.answer(USER, 0, GONE);
        scene.answer(SYSTEM, 0, GONE);
        scene.answer("--property=Linger", 0, "no\n");
        scene
    }

    fn answer(&self, begin: &'static str, code: i32, text: &str) {
        self.fake
            .answers
            .borrow_mut()
            .push((begin, code, text.to_owned()));
    }

    fn paths(&self) -> Paths {
        let home = self.home.path().to_owned();
        let env = move |name: &str| (name == "HOME").then(|| home.clone().into());
        Paths::locate(None, &env).unwrap()
    }

    fn on<T>(&self, act: impl FnOnce(&Machine<'_>) -> T) -> T {
        let home = self.home.path().as_os_str().to_owned();
        let env = |name: &str| -> Option<OsString> { (name == "HOME").then(|| home.clone()) };
        act(&Machine {
            runner: &self.fake,
            env: &env,
            uid: self.uid,
            manager: self.manager,
        })
    }

    fn install(&self, request: &Install) -> Result<Value> {
        let request = Install {
            service: Options {
                name: "nanobot".to_owned(),
                program: Some("/usr/bin/nanobot".into()),
                ..request.service.clone()
            },
            ..request.clone()
        };
        let installed = self.on(|machine| install(&request, machine, &self.paths()))?;
        Ok(json!(installed))
    }

    fn uninstall(&self, now: bool) -> Result<Value> {
        let request = Uninstall {
            name: "nanobot".to_owned(),
            level: None,
            now,
            dry_run: false,
        };
        self.on(|machine| uninstall(&request, machine))
            .map(|done| json!(done))
    }

    fn status(&self) -> (Value, u8, String) {
        let status = self
            .on(|machine| Status::gather("nanobot", machine))
            .unwrap();
        (json!(status), status.exit_code(), status.to_string())
    }

    fn unit(&self) -> PathBuf {
        self.home
            .path()
            .join(".config/systemd/user/nanobot.service")
    }

    /// What was run that changes something.
    fn changes(&self) -> Vec<String> {
        let asked = self.fake.asked.borrow();
        let lines = asked.iter().map(ToString::to_string);
        let looks = [" show", "--check", "getent", "launchctl print"];
        lines
            .filter(|line| !looks.iter().any(|look| line.contains(look)))
            .collect()
    }
}

fn now() -> Install {
    Install {
        now: true,
        ..Install::default()
    }
}

#[test]
fn both_levels_are_looked_at_before_anything_is_said() {
    let scene = Scene::new();
    let state = || scene.status().0["state"].as_str().unwrap().to_owned();
    assert_eq!((state().as_str(), scene.status().1), ("not_installed", 1));
    let no_bus = "Failed to connect to bus: No medium found";
    scene.answer(USER, 1, no_bus);
    assert_eq!((state().as_str(), scene.status().1), ("unreachable", 1));
    assert!(
        scene.status().2.contains("No medium found"),
        "{}",
        scene.status().2
    );
    scene.answer(SYSTEM, 0, ACTIVE);
    assert_eq!(
        (state().as_str(), scene.status().1),
        ("installed_system", 0)
    );
    // Its file tells of one that cannot be asked for.
    fs::create_dir_all(scene.unit().parent().unwrap()).unwrap();
    fs::write(scene.unit(), "").unwrap();
    assert_eq!(state(), "installed_twice");
    scene.answer(SYSTEM, 0, GONE);
    assert_eq!((state().as_str(), scene.status().1), ("installed_user", 1));
    scene.answer(USER, 0, FAILED);
    let (status, code, text) = scene.status();
    assert_eq!((&status["services"][0]["exit_code"], code), (&json!(78), 1));
    assert!(
        text.contains("failed (failed, exit-code), exit code 78"),
        "{text}"
    );
    scene.answer(USER, 0, ACTIVE);
    let (status, code, text) = scene.status();
    let service = &status["services"][0];
    assert_eq!(
        (&service["state"], &service["pid"]),
        (&json!("running"), &json!(7))
    );
    assert_eq!((&service["said"], code), (&json!("connected"), 0));
    assert!(
        text.contains("active (running), pid 7, restarted 2 times"),
        "{text}"
    );
    assert!(text.contains("ends when you log out"), "{text}");
    assert_eq!(scene.changes(), [""; 0]);
    let machine_without = Scene::new();
    machine_without.answer("systemctl", 127, "");
    assert_eq!(machine_without.status().0["state"], "unreachable");
}

#[test]
fn launchd_starts_what_it_is_told_to() {
    let mut scene = Scene::new();
    scene.manager = Manager::Launchd;
    scene.answer("launchctl print", 113, "Could not find service");
    scene.install(&Install::default()).unwrap();
    assert_eq!(scene.changes(), ["launchctl enable gui/1000/nanobot"]);
    let list = scene.home.path().join("Library/LaunchAgents/nanobot.plist");
    assert!(list.exists());
    assert_eq!(scene.status().0["services"][0]["state"], "stopped");
    scene.install(&now()).unwrap();
    let start = format!("launchctl bootstrap gui/1000 {}", list.display());
    assert_eq!(scene.changes()[2], start);
    scene.answer(
        "launchctl print",
        0,
        "x = {\n\tstate = running\n\tpid = 12\n}\n",
    );
    assert_eq!(scene.status().0["services"][0]["pid"], 12);
    scene.uninstall(true).unwrap();
    assert_eq!(scene.changes()[3], "launchctl bootout gui/1000/nanobot");
    assert!(!list.exists());
}
