//! A program and all processes that descend from it.

use std::{io, process::Child, time::Duration};

use rustix::{
    io::Errno,
    process::{
        Pid, Signal, WaitOptions, WaitStatus, getpgid, kill_process, kill_process_group,
        test_kill_process_group, wait,
    },
};

/// How long to wait for those who were killed, between looks.
const LOOK: Duration = Duration::from_millis(10);
/// How often to look. After that something is left that cannot be killed.
const LOOKS: usize = 500;

/// A program and its descendants. No other children may be in this process.
pub(super) struct ProcessTree {
    program: Pid,
    status: Option<WaitStatus>,
}

impl ProcessTree {
    /// Has the orphans among all later descendants become children of this process, where the
    /// system can do that.
    pub(super) fn adopt_orphans() {
        #[cfg(target_os = "linux")]
        {
            // Any process may ask for it since Linux 3.4; without it, the process group is left.
            let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        }
    }

    /// That of a program, which leads a process group of its own.
    pub(super) fn of(program: &Child) -> io::Result<Self> {
        let pid = i32::try_from(program.id()).ok().and_then(Pid::from_raw);
        Ok(Self {
            program: pid.ok_or_else(|| io::Error::other("not a process id"))?,
            status: None,
        })
    }

    /// Reaps those that have ended; false when none is left.
    pub(super) fn reap(&mut self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.program => self.status = Some(status),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return self.has_group(),
            }
        }
    }

    /// How the program ended, as a shell has it; `None` while it runs.
    pub(super) fn exit_code(&self) -> Option<u8> {
        let status = self.status?;
        let signal = || status.terminating_signal().map(|signal| 128 + signal);
        let code = status.exit_status().or_else(signal);
        // Both are less than 128 by their nature, or at most 255.
        Some(
            code.and_then(|code| u8::try_from(code).ok())
                .unwrap_or(u8::MAX),
        )
    }

    /// Ends all. A process that loses its parent becomes our child and is ended in its turn.
    pub(super) async fn kill(&mut self) -> io::Result<()> {
        for _ in 0..LOOKS {
            if !self.reap() {
                return Ok(());
            }
            self.signal(Signal::KILL);
            tokio::time::sleep(LOOK).await;
        }
        Err(io::Error::other("some of its processes cannot be ended"))
    }

    /// Signals those who can be reached. None of these ids can belong to a stranger: they are not
    /// given away before [`Self::reap`].
    pub(super) fn signal(&self, signal: Signal) {
        // Who has just ended needs no signal, and who may not be signalled gets none.
        let _ = kill_process_group(self.program, signal);
        let elsewhere = |child: &Pid| getpgid(Some(*child)) != Ok(self.program);
        for child in children().into_iter().filter(elsewhere) {
            let _ = kill_process(child, signal);
        }
    }

    /// Whether the program's group outlives it, where it is not adopted.
    fn has_group(&self) -> bool {
        !cfg!(target_os = "linux") && test_kill_process_group(self.program).is_ok()
    }
}

/// The children of this process; none where the system does not list them.
fn children() -> Vec<Pid> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ours = rustix::process::getpid();
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
        .filter(|pid| parent(*pid) == Some(ours))
        .collect()
}

/// The parent of a process, as `/proc/PID/stat` has it: behind the name, which is in brackets and
/// may contain anything, and the state.
fn parent(pid: Pid) -> Option<Pid> {
    let path = format!("/proc/{}/stat", pid.as_raw_nonzero());
    let stat = std::fs::read(path).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, behind) = stat.rsplit_once(')')?;
    let parent = behind.split_whitespace().nth(1)?;
    Pid::from_raw(parent.parse().ok()?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn children_are_found_whatever_they_are_called() {
        let directory = tempfile::tempdir().unwrap();
        let name = directory.path().join(") S 1 (");
        std::os::unix::fs::symlink("/bin/sleep", &name).unwrap();
        let mut child = std::process::Command::new(&name).arg("60").spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let found = children().contains(&pid);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found);
        assert!(!children().contains(&pid));
        assert_eq!(parent(pid), None);
    }
}
