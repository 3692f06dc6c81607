//! Other machines, as far as the network goes: network namespaces, each at the end of a cable.

use std::process::{Command, id};
use std::sync::atomic::{AtomicU32, Ordering};

use super::process::behind;
use super::systemd::skipped;

/// A machine. Dropping it removes it.
#[derive(Debug)]
pub struct Machine {
    name: String,
    network: [u8; 2],
}

impl Machine {
    /// `None` where the system does not let us, which is said.
    pub fn new() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Of the addresses that are for tests of networks, four for each.
        let [.., high, low] = id().wrapping_mul(64).wrapping_add(count * 4).to_be_bytes();
        let machine = Self {
            name: format!("nb{}n{count}", id()),
            network: [high, low],
        };
        match machine.make() {
            Ok(()) => Some(machine),
            Err(why) => skipped(&format!("no worker has a network of its own: {why}")),
        }
    }

    fn make(&self) -> Result<(), String> {
        let name = &self.name;
        ip(&format!("netns add {name}"))?;
        ip(&format!(
            "link add {name} type veth peer name cable netns {name}"
        ))?;
        ip(&format!("addr add {}/30 dev {name}", self.host()))?;
        ip(&format!(
            "-n {name} addr add {}/30 dev cable",
            self.address(2)
        ))?;
        ip(&format!("-n {name} link set cable up"))?;
        self.plug(true)
    }

    /// The address of the tests' machine, as it is seen from this one.
    pub fn host(&self) -> String {
        self.address(1)
    }

    fn address(&self, number: u8) -> String {
        let [high, low] = self.network;
        format!("198.18.{high}.{}", low + number)
    }

    /// The same command, run on this machine.
    pub fn command(&self, plain: &Command) -> Command {
        behind(&["ip", "netns", "exec", &self.name], plain)
    }

    /// Pulls the cable, or puts it back.
    ///
    /// # Errors
    ///
    /// What `ip` says.
    pub fn plug(&self, is_in: bool) -> Result<(), String> {
        let state = if is_in { "up" } else { "down" };
        ip(&format!("link set {} {state}", self.name))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its end of the cable goes with it, and so does ours.
        if let Err(why) = ip(&format!("netns del {}", self.name)) {
            eprintln!("tests: {why}");
        }
    }
}

fn ip(words: &str) -> Result<(), String> {
    let told = Command::new("ip").args(words.split(' ')).output();
    let told = told.map_err(|error| format!("cannot run ip: {error}"))?;
    if told.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&told.stderr);
    Err(format!("ip {words}: {}", why.trim()))
}
