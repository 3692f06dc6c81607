//! The container image: built from the Containerfile, and run as a bot.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::account::{Bot, LONG, http_person};
use crate::harness::eventually::eventually;
use crate::harness::process::Process;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::harness::systemd::skipped;

const BINARY: &str = env!("CARGO_BIN_EXE_nanobot");
const CONTAINERFILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Containerfile");
/// Nobody, as the image has it.
const UID: u32 = 65532;
/// What a machine allows on which containers are not usual.
const RUN: &str =
    "run --rm --network host --no-healthcheck --ulimit nofile=1024:1024 --ulimit nproc=1024:1024";
const CONFINED: &str = "--read-only --cap-drop all --security-opt no-new-privileges";

/// Images and containers of one test. Dropping it removes them.
struct Engine {
    place: TempDir,
}

impl Engine {
    fn command(&self, program: &str, line: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["--storage-driver", "vfs"]);
        command.arg("--root").arg(self.place.path().join("root"));
        command.arg("--runroot").arg(self.place.path().join("run"));
        if program == "podman" {
            command.args(["--runtime", "runc"]);
        }
        command.args(line.split(' '));
        command
    }

    /// Builds an image from this directory; `None` where that is not possible here.
    fn build(&self, directory: &Path, line: &str) -> Option<()> {
        let line = format!("build --isolation chroot --format docker {line}");
        let output = self
            .command("buildah", &line)
            .arg(directory)
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}");
        Some(())
    }

    fn podman(&self, line: &str) -> (i32, String) {
        let output = self.command("podman", line).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        (output.status.code().unwrap_or(-1), said)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.podman("rm --all --force");
    }
}

/// A directory with what the program links to, and a shell with a program: an image to build on.
fn base() -> TempDir {
    let base = tempfile::tempdir().unwrap();
    let linked = Command::new("ldd").arg(BINARY).output().unwrap().stdout;
    let linked = String::from_utf8(linked).unwrap();
    let libraries = linked
        .split_whitespace()
        .filter(|word| word.starts_with('/'));
    let more = [
        "/bin/sh",
        "/bin/sleep",
        "/etc/ssl/certs/ca-certificates.crt",
    ];
    for file in libraries.chain(more) {
        let copy = base.path().join(file.trim_start_matches('/'));
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(file, copy).unwrap();
    }
    base
}

/// The bot's directory, as the image's user owns it.
fn data(bot: &Bot, place: &Path) -> PathBuf {
    let data = place.join("data");
    let copied = Command::new("cp")
        .arg("-R")
        .arg(bot.home.path())
        .arg(&data)
        .status();
    assert!(copied.unwrap().success());
    let nobody = format!("{UID}:{UID}");
    let owned = Command::new("chown")
        .args(["-R", &nobody])
        .arg(&data)
        .status();
    assert!(owned.unwrap().success());
    chown(place, Some(UID), Some(UID)).unwrap();
    data
}

#[tokio::test]
async fn the_image_runs_a_bot_as_nobody() {
    let is_there = |program| Command::new(program).arg("--version").output().is_ok();
    if !["buildah", "podman", "runc"].into_iter().all(is_there) {
        return skipped("buildah, podman or runc is not installed").unwrap_or_default();
    }
    if !rustix::process::getuid().is_root() {
        return skipped("only root can build images here").unwrap_or_default();
    }
    let place = tempfile::tempdir().unwrap();
    let engine = Engine { place };
    let program = tempfile::tempdir().unwrap();
    let mut strip = Command::new("strip");
    strip
        .args([BINARY, "-o"])
        .arg(program.path().join("nanobot"));
    assert!(strip.status().unwrap().success());
    let base = base();
    let from_scratch = base.path().join("Containerfile");
    fs::write(&from_scratch, "FROM scratch\nCOPY . /\n").unwrap();
    let from_scratch = from_scratch.to_str().unwrap();
    engine
        .build(base.path(), &format!("--tag base --file {from_scratch}"))
        .unwrap();
    let arguments = "--build-arg BASE=localhost/base --build-arg BUILDER=localhost/base \
                     --build-arg PROGRAM=prebuilt";
    let line = format!("--tag nanobot {arguments} --file {CONTAINERFILE}");
    engine.build(program.path(), &line).unwrap();

    let (_, said) = engine.podman("inspect --type image --format json nanobot");
    let image: Value =
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(image[0]["User"], "65532:65532");
    assert_eq!(image[0]["Config"]["StopSignal"], "SIGTERM");
    let check = json!(["CMD", "nanobot", "status", "--ready"]);
    assert_eq!(image[0]["Healthcheck"]["Test"], check, "{image}");
    let (code, said) = engine.podman(&format!("{RUN} {CONFINED} localhost/nanobot status"));
    assert_eq!(code, 4, "{said}");

    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set(
        "agent",
        json!({"type": "command", "shell": "sleep 1000 & echo hi"}),
    );
    let data = data(&bot, engine.place.path());
    let line = format!(
        "{RUN} {CONFINED} --name bot --volume {}:/data nanobot",
        data.display()
    );
    let gateway = Process::spawn(engine.command("podman", &line), bot.home.record());
    gateway.expect_line("E2EE enabled", LONG).await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "hello").await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(reply["content"]["body"], "hi");
    let (_, pid) = engine.podman("inspect --format {{.State.Pid}} bot");
    let pid = pid
        .lines()
        .find_map(|line| line.parse::<u32>().ok())
        .unwrap();
    eventually("that no process of the agent is left", LONG, || async {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        if children.trim().is_empty() {
            Ok(())
        } else {
            Err(children)
        }
    })
    .await;
    eventually("a healthy container", LONG, || async {
        let (code, said) = engine.podman("exec bot nanobot status --ready");
        if code == 0 { Ok(()) } else { Err(said) }
    })
    .await;
    let (code, said) = engine.podman("stop --time 30 bot");
    assert_eq!(code, 0, "{said}");
    assert_eq!(gateway.wait(LONG).await.code, 0);
}
