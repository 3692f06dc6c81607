//! The gateway as a service of a real systemd.

use std::fs;
use std::future::ready;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::account::Bot;
use crate::harness::eventually::eventually;
use crate::harness::shared::shared_synapse;
use crate::harness::systemd::{Machine, SLOW, skipped};

const CONFIG: &str = "/var/lib/nanobot/config.json";
const INSTALL: &str =
    "nanobot service install --system --config /var/lib/nanobot/config.json --json";
/// Changes of the unit that are only for the tests.
const DROP_IN: &str = "/etc/systemd/system/nanobot.service.d/test.conf";

impl Machine {
    /// What the program says of the service.
    fn status(&self) -> Value {
        let output = self.run(&["nanobot", "service", "status", "--json"]);
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(status["state"], "installed_system", "{status}");
        status["services"][0].clone()
    }

    async fn until(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        eventually(what, SLOW, || {
            let status = self.status();
            let error = format!("{status}, {}", self.log());
            ready(if is_it(&status) {
                Ok(status)
            } else {
                Err(error)
            })
        })
        .await
    }

    fn log(&self) -> String {
        let output = self.run(&["journalctl", "-u", "nanobot", "-n", "20", "-o", "cat"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Starts it again with these settings on top, whatever becomes of it.
    fn restart(&self, settings: &str) {
        self.write(
            DROP_IN,
            &format!("[Service]\nRestartSec=100ms\n{settings}\n"),
        );
        self.must("systemctl daemon-reload");
        // What ended before must not count.
        self.run(&["systemctl", "reset-failed", "nanobot"]);
        self.run(&["systemctl", "restart", "--no-block", "nanobot"]);
    }

    /// Changes the configuration.
    fn edit(&self, key: &str, value: impl Into<Value>) -> Value {
        let mut config: Value = serde_json::from_str(&self.read(CONFIG)).unwrap();
        let before = config["channels"]["matrix"][key].take();
        config["channels"]["matrix"][key] = value.into();
        self.write(CONFIG, &config.to_string());
        before
    }
}

#[tokio::test]
async fn a_service_lives_as_systemd_and_the_gateway_agree() {
    let bot = Bot::new(shared_synapse().await).await;
    let Some(machine) = Machine::boot(&bot.home.path()).await else {
        return;
    };
    assert_eq!(
        machine.run(&["nanobot", "service", "status"]).status.code(),
        Some(1)
    );
    let installed: Value = serde_json::from_str(&machine.must(INSTALL)).unwrap();
    assert_eq!(installed["is_started"], false, "{installed}");
    assert_eq!(machine.status()["state"], "stopped");
    let installed = machine.must(&format!("{INSTALL} --now"));
    // systemd says that it is started when it is connected, not before.
    let started = machine.status();
    assert_eq!(started["state"], "running", "{installed} {}", machine.log());
    assert!(machine.log().contains("Matrix channel connected"));
    assert_eq!(started["enabled"], true);
    let gateway: Value =
        serde_json::from_str(&machine.must(&format!("nanobot status --json --config {CONFIG}")))
            .unwrap();
    assert_eq!(gateway["state"], "running", "{gateway}");
    let user = machine.must(&format!("stat -c %U {CONFIG}"));
    assert_eq!(user.trim(), "nanobot");

    machine.edit("groupPolicy", "open");
    machine.must("systemctl reload nanobot");
    machine.edit("enabled", "maybe");
    let refused = machine.run(&["systemctl", "reload", "nanobot"]);
    assert!(!refused.status.success());
    machine.edit("enabled", true);
    assert_eq!(machine.status()["pid"], started["pid"], "{}", machine.log());
    assert!(machine.status()["said"].is_string());

    let token = machine.edit("accessToken", "syt_not_any_more");
    assert_stays_down(&machine, 4).await;
    machine.edit("accessToken", token);
    machine.edit("enabled", "maybe");
    assert_stays_down(&machine, 78).await;
    machine.edit("enabled", true);

    for code in [1, 69] {
        machine.restart(&format!("ExecStart=\nExecStart=/bin/sh -c 'exit {code}'"));
        let failed = machine
            .until("an end after five starts", |status| {
                status["state"] == "failed"
            })
            .await;
        assert_eq!(failed["restarts"], 5, "{failed}");
        assert_eq!(failed["exit_code"], code, "{failed}");
    }

    machine.restart("WatchdogSec=5");
    let running = machine
        .until("a service", |status| status["state"] == "running")
        .await;
    machine.must("systemctl kill -s STOP nanobot");
    machine
        .until("another process", |status| {
            status["state"] == "running" && status["pid"] != running["pid"]
        })
        .await;
    assert!(
        machine.log().contains("Watchdog timeout"),
        "{}",
        machine.log()
    );
    machine.must("nanobot service uninstall --now");
    let output = machine.run(&["nanobot", "service", "status", "--json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    // Nobody can say whether root has one of its own: root has no manager here.
    assert_eq!(status["state"], "unreachable", "{status}");
    assert_eq!(status["services"], json!([]));
    assert_runs_for_a_user(&machine);
}

/// The same bot as a service of somebody who is logged in.
fn assert_runs_for_a_user(machine: &Machine) {
    machine.must("useradd --uid 4711 --create-home ann");
    machine.must("cp -R /var/lib/private/nanobot /home/ann/.nanobot");
    machine.must("chown -R ann: /home/ann");
    machine.must("systemctl start user@4711");
    let as_ann = "setpriv --reuid 4711 --regid 4711 --clear-groups env HOME=/home/ann \
                  XDG_RUNTIME_DIR=/run/user/4711";
    machine.must(&format!("{as_ann} nanobot service install --now"));
    let status = machine.must(&format!("{as_ann} nanobot service status --json"));
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["state"], "installed_user", "{status}");
    assert_eq!(status["services"][0]["state"], "running", "{status}");
    machine.must(&format!("{as_ann} nanobot service uninstall --now"));
}

/// Neither systemd nor `install` tries again what a restart does not help.
async fn assert_stays_down(machine: &Machine, code: i32) {
    machine.restart("");
    let failed = machine
        .until("a failed service", |status| status["state"] == "failed")
        .await;
    assert_eq!(
        (&failed["restarts"], &failed["exit_code"]),
        (&json!(0), &json!(code))
    );
    let words: Vec<_> = INSTALL.split(' ').collect();
    let refused = machine.run(&words);
    assert_eq!(refused.status.code(), Some(code), "{refused:?}");
}

#[test]
fn systemd_finds_no_fault_in_the_units() {
    let place = tempfile::tempdir().unwrap();
    let unit = place.path().join("nanobot.service");
    for level in ["system", "user"] {
        let text = format!(
            "{}/contrib/systemd/{level}/nanobot.service",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = fs::read_to_string(text).unwrap();
        // A program that is there.
        fs::write(&unit, text.replace("/usr/bin/nanobot", "/bin/true")).unwrap();
        let mut analyze = Command::new("systemd-analyze");
        analyze
            .arg(format!("--{level}"))
            .env("XDG_RUNTIME_DIR", place.path());
        let Ok(output) = analyze.args(["verify"]).arg(&unit).output() else {
            return skipped::<()>("systemd-analyze is not installed").unwrap_or_default();
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.is_empty(),
            "{level}: {said}"
        );
    }
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["security", "--offline=true", "--threshold=20"]);
    let system = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/contrib/systemd/system/nanobot.service"
    );
    let output = analyze.arg(system).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "it is too exposed: {said}");
}
