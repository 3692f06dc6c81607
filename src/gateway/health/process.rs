//! What the system knows of this process. Only Linux tells it in files.

use std::{fs, path::Path};

/// What the system knows of this process.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// Memory that is in RAM, in bytes.
    pub resident_bytes: Option<u64>,
    /// Open files.
    pub open_fds: Option<u64>,
    /// Processor time that it used, in seconds.
    pub cpu_seconds: Option<f64>,
}

impl Process {
    /// This process, now.
    pub fn read() -> Self {
        let place = Path::new("/proc/self");
        let status = fs::read_to_string(place.join("status")).unwrap_or_default();
        let files = fs::read_dir(place.join("fd"));
        let stat = fs::read_to_string(place.join("stat")).unwrap_or_default();
        Self {
            resident_bytes: resident_bytes(&status),
            open_fds: files.ok().map(|files| files.count() as u64),
            cpu_seconds: cpu_seconds(&stat),
        }
    }
}

/// As `proc_pid_status(5)` has it.
fn resident_bytes(status: &str) -> Option<u64> {
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// As `proc_pid_stat(5)` has it, in hundredths of a second.
#[expect(clippy::cast_precision_loss, reason = "not in the life of a process")]
fn cpu_seconds(stat: &str) -> Option<f64> {
    // The name of the program may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) as f64 / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_the_system_writes() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194304 9 0 0 0 150 50 0 0 20 0 4 0 9 1 2";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(
            resident_bytes("Name:\tx\nVmRSS:\t    12 kB\n"),
            Some(12_288)
        );
        assert_eq!((cpu_seconds(""), resident_bytes("")), (None, None));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory_and_files() {
        let process = Process::read();
        assert!(process.resident_bytes > Some(1 << 20), "{process:?}");
        assert!(process.open_fds > Some(2), "{process:?}");
        assert!(process.cpu_seconds.is_some(), "{process:?}");
    }
}
