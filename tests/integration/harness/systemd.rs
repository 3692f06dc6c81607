//! A machine that a real systemd has started: this one's files, changes aside, in namespaces of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

use super::eventually::eventually;
use super::process::Process;
use super::record::Record;

const BINARY: &str = env!("CARGO_BIN_EXE_nanobot");
/// How long it may take to start, and a service in it to change.
pub const SLOW: Duration = Duration::from_mins(1);

/// Makes the machine and becomes its first process. A plain `chroot` would not do: user namespaces fail in one.
const BOOT: &str = r#"
set -e
place=$1 program=$2 data=$3
mount -t tmpfs tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
cd "$place/root"
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount --rbind /sys sys
mount --rbind /dev dev
rm -rf usr/local/bin/nanobot var/lib/nanobot etc/systemd/system/nanobot.service*
touch usr/local/bin/nanobot
chmod 755 usr/local/bin/nanobot
mount --bind "$program" usr/local/bin/nanobot
mkdir -p var/lib/nanobot etc/systemd/system
cp -R "$data/." var/lib/nanobot
mkdir -p old
pivot_root . old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=basic.target
"#;

/// A machine. Dropping it ends every process in it.
pub struct Machine {
    _first: Process,
    _place: TempDir,
    pid: u32,
}

impl Machine {
    /// Starts one with this bot's directory as `/var/lib/nanobot`; `None`, said aloud, where this
    /// is not possible.
    pub async fn boot(data: &Path) -> Option<Self> {
        if !Path::new("/lib/systemd/systemd").exists() {
            return skipped("systemd is not installed");
        }
        if !rustix::process::getuid().is_root() {
            return skipped("only root can start systemd in namespaces");
        }
        let place = tempfile::tempdir().expect("a temporary directory");
        let mut command = Command::new("unshare");
        let namespaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup"];
        command.args(namespaces).args(["--fork", "--kill-child"]);
        command.args(["--propagation", "private", "sh", "-c", BOOT, "boot"]);
        command.args([place.path(), Path::new(BINARY), data]);
        let first = Process::spawn(command, &Record::default());
        first.give(b"");
        let children = format!("/proc/{0}/task/{0}/children", first.pid());
        let booted = eventually("a machine", SLOW, || async {
            if first.exit_status().is_some() {
                return Ok(Err(first.stderr()));
            }
            let children = fs::read_to_string(&children).unwrap_or_default();
            let pid = children.split_whitespace().next();
            let pid: u32 = pid.and_then(|pid| pid.parse().ok()).ok_or("no process")?;
            let state = inside(pid, &["systemctl", "is-system-running"]);
            let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
            match state.as_str() {
                "running" | "degraded" => Ok(Ok(pid)),
                _ => Err("it is still starting"),
            }
        })
        .await;
        match booted {
            Ok(pid) => Some(Self {
                _first: first,
                _place: place,
                pid,
            }),
            Err(why) => skipped(&format!("systemd does not start in namespaces: {why}")),
        }
    }

    /// Runs a program in it.
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Output {
        inside(self.pid, words)
    }

    /// Runs a program in it that must succeed, and returns what it prints.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn must(&self, line: &str) -> String {
        let words: Vec<_> = line.split(' ').collect();
        let output = self.run(&words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Writes a file of the machine.
    ///
    /// # Panics
    ///
    /// When it cannot.
    pub fn write(&self, path: &str, text: &str) {
        let path = format!("/proc/{}/root{path}", self.pid);
        let path = Path::new(&path);
        fs::create_dir_all(path.parent().expect("a file")).expect("a directory");
        fs::write(path, text).expect("a file of the machine");
    }

    /// Reads one.
    ///
    /// # Panics
    ///
    /// When it cannot.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(format!("/proc/{}/root{path}", self.pid)).expect("a file of the machine")
    }
}

fn inside<S: AsRef<OsStr>>(pid: u32, words: &[S]) -> Output {
    let mut command = Command::new("nsenter");
    command.args(["-t", &pid.to_string(), "-m", "-p", "-u", "-i", "-C"]);
    command.args([
        "-r",
        "-w",
        "env",
        "-i",
        "HOME=/root",
        "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
    command.args(words).output().expect("util-linux")
}

/// Says aloud that nothing was tried.
pub fn skipped<T>(why: &str) -> Option<T> {
    // Not eprintln!, which the test runner would hold back.
    let _ = writeln!(
        std::io::stderr(),
        "tests: SKIPPED: {why}, so this was not tried"
    );
    None
}
