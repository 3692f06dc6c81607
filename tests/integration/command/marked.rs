//! Programs that a test can find again, wherever they hide.

use std::fs;
use std::future::ready;

use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::shared::new_name;

/// How many processes [`Mark::stubborn`] starts.
const STUBBORN: usize = 3;

/// A word in the command lines of a program and of all that it starts.
pub struct Mark(String);

impl Mark {
    pub fn new() -> Self {
        Self(new_name("marked"))
    }

    /// A script that starts processes which mean to stay: one in the background, one in a session
    /// of its own whose parent is gone, one more of that kind with an empty environment. They are
    /// deaf to SIGTERM, and so is what comes after.
    pub fn stubborn(&self, then: &str) -> String {
        let stay = format!("trap \"\" TERM HUP INT; {}", self.busy());
        format!(
            "trap '' TERM HUP INT\n\
             sh -c '{stay}' &\n\
             (setsid sh -c '{stay}' &)\n\
             (setsid env -i /bin/sh -c 'PATH=/usr/bin:/bin; {stay}' &)\n\
             {then}"
        )
    }

    /// A script without an end.
    pub fn busy(&self) -> String {
        format!("while sleep 1; do : {}; done", self.0)
    }

    /// Waits until all those run that mean to stay.
    pub async fn expect_stubborn(&self) {
        self.expect("stubborn processes", |alive| {
            let itself = |line: &&String| {
                let shell = line.starts_with("sh -c") || line.starts_with("/bin/sh -c");
                shell && !line.contains('\n')
            };
            alive.iter().filter(itself).count() == STUBBORN
        })
        .await;
    }

    /// Waits until nobody is left, the supervisor among them.
    pub async fn expect_nobody(&self) {
        self.expect("the end of all processes", <[_]>::is_empty)
            .await;
    }

    async fn expect(&self, what: &str, are_right: impl Fn(&[String]) -> bool) {
        eventually(what, PATIENCE, || {
            let alive = self.alive();
            ready(if are_right(&alive) {
                Ok(())
            } else {
                Err(format!("{alive:?}"))
            })
        })
        .await;
    }

    /// The command lines that carry the mark.
    fn alive(&self) -> Vec<String> {
        let processes = fs::read_dir("/proc").unwrap();
        processes
            .filter_map(|entry| fs::read(entry.unwrap().path().join("cmdline")).ok())
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .filter(|line| line.contains(&self.0))
            .collect()
    }
}
