//! A file system that can be full.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system of its own that is small. It goes when this is dropped.
#[derive(Debug)]
pub struct SmallDisk {
    place: TempDir,
    size: usize,
}

impl SmallDisk {
    /// Mounts one; `None`, said aloud, where this machine does not allow it.
    pub fn mount(megabytes: usize) -> Option<Self> {
        let place = tempfile::tempdir().expect("a temporary directory");
        let options = format!("size={megabytes}m,mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "none"])
            .arg(place.path())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            // Not eprintln!, which the test runner would hold back.
            let _ = writeln!(
                std::io::stderr(),
                "tests: SKIPPED: a small file system cannot be mounted here, so no full disk was tried"
            );
            return None;
        }
        let size = megabytes << 20;
        Some(Self { place, size })
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Lets nothing be written to it any more; what is mounted in it stays as it is.
    ///
    /// # Panics
    ///
    /// When the system does not do that.
    pub fn seal(&self) {
        let mut command = Command::new("mount");
        let status = command.args(["-o", "remount,ro"]).arg(self.path()).status();
        assert!(status.unwrap().success());
    }

    /// Fills it up, and returns the file that did.
    ///
    /// # Panics
    ///
    /// When there is still room.
    pub fn fill(&self) -> PathBuf {
        let filler = self.path().join("filler");
        let full = std::fs::write(&filler, vec![0; 2 * self.size]).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        filler
    }
}

/// One file that is mounted over another, as containers do it. It goes when this is dropped.
#[derive(Debug)]
pub struct MountedFile(PathBuf);

impl MountedFile {
    /// Mounts `outside` over `inside`; `None`, said aloud, where this machine does not allow it.
    pub fn over(inside: &Path, outside: &Path) -> Option<Self> {
        let mut command = Command::new("mount");
        let command = command.arg("--bind").arg(outside).arg(inside);
        if !command.status().is_ok_and(|status| status.success()) {
            let _ = writeln!(
                std::io::stderr(),
                "tests: SKIPPED: a file cannot be mounted here, so none was written in place"
            );
            return None;
        }
        Some(Self(inside.to_owned()))
    }
}

impl Drop for MountedFile {
    fn drop(&mut self) {
        let mut command = Command::new("umount");
        let _ = command.arg("-l").arg(&self.0).status();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let mut command = Command::new("umount");
        let _ = command.arg("-l").arg(self.path()).status();
    }
}
