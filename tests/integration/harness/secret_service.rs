//! A real Secret Service on a bus of its own: GNOME's keyring daemon.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::bot::Home;
use super::eventually::{PATIENCE, eventually};
use super::process::Process;

/// The service under its name on the bus, and its root object.
const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";

/// Asks the bus whether the service is there.
const HAS_OWNER: &str = "org.freedesktop.DBus.NameHasOwner";
const OWNED: &str = "string:org.freedesktop.secrets";

/// The collection that is kept on disk.
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
/// The collection that ends with its session.
const SESSION: &str = "/org/freedesktop/secrets/collection/session";

/// A desktop's keyring, unlocked. It ends when this is dropped.
#[derive(Debug)]
pub struct SecretService {
    // In this order: the daemon ends before its bus.
    _daemon: Process,
    _bus: Process,
    address: String,
}

impl SecretService {
    /// Starts one in this home; `None`, said aloud, where it is not installed.
    ///
    /// # Panics
    ///
    /// When it is there and does not start.
    pub async fn start(home: &Home) -> Option<Self> {
        for program in ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"] {
            if !is_installed(program) {
                // Not eprintln!, which the test runner would hold back.
                let _ = writeln!(
                    std::io::stderr(),
                    "tests: SKIPPED: {program} is not installed, so no keyring was tried"
                );
                return None;
            }
        }
        let mut command = in_home(home, "dbus-daemon");
        command.args(["--session", "--nofork", "--print-address"]);
        let bus = Process::spawn(command, home.record());
        let address = bus.expect_line("unix:", Duration::from_secs(10)).await.text;
        let mut command = in_home(home, "gnome-keyring-daemon");
        command
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address);
        let daemon = Process::spawn(command, home.record());
        // With nothing at all it would unlock nothing.
        daemon.give(b"\n");
        let service = Self {
            _daemon: daemon,
            _bus: bus,
            address,
        };
        eventually("an unlocked keyring", PATIENCE, || async {
            // Asked for while it is not there yet, the bus would start another one, locked.
            let owned = service.call("org.freedesktop.DBus", "/", HAS_OWNER, &[OWNED]);
            if !owned.contains("true") {
                return Err(owned);
            }
            let alias = service.send("ReadAlias", &["string:default"]);
            if alias.contains(LOGIN) {
                Ok(())
            } else {
                Err(alias)
            }
        })
        .await;
        Some(service)
    }

    /// Lets a program of this session find the keyring.
    pub fn open_to(&self, command: &mut Command) {
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
    }

    /// Locks the keyring; unlocking it needs a person.
    ///
    /// # Panics
    ///
    /// When it stays unlocked.
    pub fn lock(&self) {
        let said = self.send("Lock", &[&format!("array:objpath:{LOGIN}")]);
        assert!(said.contains(LOGIN), "{said}");
    }

    /// Makes the collection that ends with the session the default one.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn forget_at_the_end(&self) {
        self.send(
            "SetAlias",
            &["string:default", &format!("objpath:{SESSION}")],
        );
        let alias = self.send("ReadAlias", &["string:default"]);
        assert!(alias.contains(SESSION), "{alias}");
    }

    /// How many entries this program has in the keyring.
    pub fn entries(&self) -> usize {
        let found = self.send("SearchItems", &["dict:string:string:service,nanobot"]);
        found.matches("object path").count()
    }

    fn send(&self, method: &str, arguments: &[&str]) -> String {
        let method = format!("org.freedesktop.Secret.Service.{method}");
        self.call(SERVICE, ROOT, &method, arguments)
    }

    fn call(&self, service: &str, object: &str, method: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("dbus-send");
        command
            .args(["--print-reply", &format!("--dest={service}"), object])
            .arg(method)
            .args(arguments);
        self.open_to(&mut command);
        let output = command.output().expect("it is installed");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// A program of this home's desktop session, cut off from that of the machine's own user.
fn in_home(home: &Home, program: &str) -> Command {
    let run = home.user_dir().join("run");
    std::fs::create_dir_all(&run).expect("a directory in the home");
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("XDG_") || ["DISPLAY", "WAYLAND_DISPLAY"].contains(&name.as_str()) {
            command.env_remove(name);
        }
    }
    command
        .env("HOME", home.user_dir())
        .env("XDG_RUNTIME_DIR", run)
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}

fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok()
}
