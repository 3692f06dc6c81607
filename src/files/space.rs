//! How much room there is on a disk.

use std::{io, path::Path};

/// The least and the most bytes that count as no room, and the part of a disk in between.
const RESERVE: (u64, u64) = (64 << 10, 8 << 20);
const PART: u64 = 50;

/// The room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// What this user can still use.
    pub free: u64,
    /// What the disk holds.
    pub total: u64,
}

impl Space {
    /// The room on the disk that this is on.
    ///
    /// # Errors
    ///
    /// When it is not there, or the system does not tell.
    pub fn of(place: &Path) -> io::Result<Self> {
        let disk = rustix::fs::statvfs(place)?;
        Ok(Self {
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
        })
    }

    /// With less than this, in bytes, a disk is full: what is begun might not be completed.
    pub fn reserve(self) -> u64 {
        let (least, most) = RESERVE;
        (self.total / PART).clamp(least, most)
    }

    /// Whether nothing new may be written.
    pub fn is_full(self) -> bool {
        self.free < self.reserve()
    }

    /// Whether there is enough room again on a disk that was full.
    pub fn has_room(self) -> bool {
        self.free >= 2 * self.reserve()
    }
}

/// Whether a failure in these words is that of a disk that is full. Of a library's own errors there
/// is often nothing but the words: `SQLite`'s, and those of the system.
pub fn says_full(words: &str) -> bool {
    [
        "disk is full",
        "No space left",
        "quota exceeded",
        "QuotaExceeded",
    ]
    .iter()
    .any(|sign| words.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_disk_is_full_later_than_a_large_one() {
        let full = |free, total| Space { free, total }.is_full();
        assert!(full(100 << 10, 8 << 20) && !full(200 << 10, 8 << 20));
        assert!(full(3 << 20, 200 << 20) && !full(5 << 20, 200 << 20));
        assert!(full(7 << 20, 1 << 40) && !full(9 << 20, 1 << 40));
        let filling = Space {
            free: 9 << 20,
            total: 1 << 40,
        };
        assert!(!filling.has_room(), "it would be full again at once");
    }

    #[test]
    fn the_words_of_a_full_disk_are_known() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let system = io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error());
        let quota = io::Error::from_raw_os_error(rustix::io::Errno::DQUOT.raw_os_error());
        for words in [
            system.to_string(),
            quota.to_string(),
            "database or disk is full".into(),
        ] {
            assert!(says_full(&words), "{words}");
        }
        assert!(!says_full("connection refused"), "{full}");
    }

    #[test]
    fn every_disk_tells_its_room() {
        let space = Space::of(&std::env::temp_dir()).unwrap();
        assert!(space.total >= space.free && space.total > 0);
        assert!(Space::of(Path::new("/nowhere/at/all")).is_err());
    }
}
