//! The one way a private file is written: whole or not at all.

use std::{
    error::Error as StdError,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

use crate::error::{Error, Result};

/// Only the owner reads and writes.
pub const MODE: u32 = 0o600;

/// As many symbolic links as Linux itself follows.
const LINKS: usize = 40;

/// A file that only its owner can read, and that is there once it is whole.
#[derive(Debug)]
pub struct PrivateFile {
    target: PathBuf,
    /// What is there already.
    replaces: Option<fs::Metadata>,
    /// Whether it belongs to whoever owned what was there.
    keeps_owner: bool,
    /// Beside it. It is deleted when it is dropped, so no failure leaves it behind.
    temporary: NamedTempFile,
}

impl PrivateFile {
    /// Prepares it: what stands in the way is found before there is anything to write. Symbolic
    /// links are followed.
    ///
    /// # Errors
    ///
    /// When something else than a file is in its place, or nothing can be written there.
    pub fn prepare(path: &Path) -> Result<Self> {
        let failed = |error| write_failed(path, error);
        let target = follow(path).map_err(failed)?;
        let replaces = match fs::metadata(&target) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if replaces.as_ref().is_some_and(|found| !found.is_file()) {
            let message = format!("{} is not a file", path.display());
            return Err(Error::failure(message).hint("use another file"));
        }
        let directory = directory_of(&target);
        if !directory.is_dir() {
            let message = format!(
                "cannot write {}: there is no such directory",
                path.display()
            );
            return Err(Error::failure(message).hint("create the directory, or use another file"));
        }
        let temporary = Builder::new()
            .prefix(".config-")
            .suffix(".tmp")
            .permissions(Permissions::from_mode(MODE))
            .tempfile_in(directory)
            .map_err(|error| match error.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                    if is_mount(&target) =>
                {
                    let (file, directory) = (target.display(), directory.display());
                    Error::failure(format!(
                        "cannot write {file}: it is a mount of its own, and {directory} is not writable"
                    ))
                    .because(error)
                    .hint(format!("mount {directory} writable instead of the single file"))
                }
                _ => failed(error),
            })?;
        Ok(Self {
            target,
            replaces,
            keeps_owner: true,
            temporary,
        })
    }

    /// The same file, for this user alone, whoever owned what was there.
    pub fn for_this_user(self) -> Self {
        Self {
            keeps_owner: false,
            ..self
        }
    }

    /// Writes it, in the place of what was there when it was prepared, and returns where that is.
    ///
    /// # Errors
    ///
    /// When it cannot be written; what was there is then untouched.
    pub fn write(self, text: &str) -> Result<PathBuf> {
        let target = self.target.clone();
        let failed = |error| write_failed(&target, error);
        if let Some(copy) = self.replace(text).map_err(failed)? {
            write_in_place(&target, text, copy)?;
        }
        Ok(target)
    }

    /// Puts the new file in the old one's place; gives it back where that is not possible.
    fn replace(mut self, text: &str) -> io::Result<Option<NamedTempFile>> {
        self.temporary.write_all(text.as_bytes())?;
        if let Some(old) = self.replaces.as_ref().filter(|_| self.keeps_owner) {
            keep_owner(&self.temporary, old)?;
        }
        self.temporary.as_file().sync_all()?;
        let placed = if self.replaces.is_some() {
            self.temporary.persist(&self.target)
        } else {
            self.temporary.persist_noclobber(&self.target)
        };
        match placed {
            Ok(_) => {}
            // A file that is itself a mount, as in a container, cannot be renamed over.
            Err(error) if error.error.kind() == io::ErrorKind::ResourceBusy => {
                return Ok(Some(error.file));
            }
            Err(error) => return Err(error.error),
        }
        File::open(directory_of(&self.target))?.sync_all()?;
        Ok(None)
    }
}

/// Writes over the file itself, which is private before there is anything new in it. Until that is
/// on the disk there is a copy beside it, which stays where it fails.
fn write_in_place(target: &Path, text: &str, copy: NamedTempFile) -> Result<()> {
    let failed = |error| write_failed(target, error);
    let mut file = OpenOptions::new()
        .write(true)
        .open(target)
        .map_err(failed)?;
    let private = Permissions::from_mode(MODE);
    file.set_permissions(private).map_err(failed)?;
    let (_, copy) = copy.keep().map_err(|error| failed(error.error))?;
    let synced = File::open(directory_of(target)).and_then(|directory| directory.sync_all());
    synced.map_err(failed)?;
    let written = file.set_len(0);
    let written = written.and_then(|()| file.write_all(text.as_bytes()));
    written.and_then(|()| file.sync_all()).map_err(|error| {
        let (target, copy) = (target.display(), copy.display());
        Error::failure(format!("cannot write {target}"))
            .because(error)
            .hint(format!("the new content is in {copy}; copy it to {target}"))
    })?;
    fs::remove_file(copy).map_err(failed)
}

/// Whether a file is a mount, as containers make of single files. Where that cannot be told, it is
/// none.
fn is_mount(file: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let file = fs::canonicalize(file).ok();
    let mut places = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    places.any(|place| file.as_deref() == Some(Path::new(place)))
}

/// Gives the new file to the old one's owner: a service must still read its config after root
/// edited it. The group alone does not matter, because it has no access.
fn keep_owner(temporary: &NamedTempFile, old: &fs::Metadata) -> io::Result<()> {
    if old.uid() == temporary.as_file().metadata()?.uid() {
        return Ok(());
    }
    fchown(temporary, Some(old.uid()), Some(old.gid()))
}

/// Makes a directory that only this user can look into, and those above it, where there is none.
///
/// # Errors
///
/// When it cannot be made.
pub fn private_directory(directory: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| {
            Error::failure(format!("cannot create {}", directory.display()))
                .because(error)
                .hint("let this user write there, or choose another place with --config")
        })
}

/// The directory a file is in; `.` for a bare file name.
pub fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Where the symbolic links end; the last one may lead to a file that does not exist yet.
///
/// # Errors
///
/// When they go in a circle, or cannot be read.
pub fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let is_link = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata.is_symlink(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if !is_link {
            return Ok(path);
        }
        path = directory_of(&path).join(fs::read_link(&path)?);
    }
    Err(io::Error::other("its symbolic links form a loop"))
}

/// What is said of a file that cannot be read.
pub fn read_failed(path: &Path, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::failure(format!("cannot read {}", path.display())).because(error)
}

/// What is said of a file or directory that cannot be removed.
pub fn remove_failed(path: &Path, error: io::Error) -> Error {
    Error::failure(format!("cannot remove {}", path.display())).because(error)
}

/// The error for a file that cannot be written.
pub fn write_failed(path: &Path, error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some disk space",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make sure the directory belongs to the user that runs nanobot"
        }
        _ => "the old file is unchanged; try again",
    };
    Error::failure(format!("cannot write {}", path.display()))
        .because(error)
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use tempfile::tempdir;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn count(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn a_private_file_is_there_when_it_is_whole() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("report.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        drop(PrivateFile::prepare(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        PrivateFile::prepare(&path).unwrap().write("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!((mode(&path), count(dir.path())), (0o600, 1));
        for wrong in [
            dir.path().to_owned(),
            path.join("x"),
            dir.path().join("a/b"),
        ] {
            assert!(PrivateFile::prepare(&wrong).is_err(), "{}", wrong.display());
        }
    }

    #[test]
    fn a_file_for_this_user_belongs_to_nobody_else() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("keys.txt");
        let owner = |path: &Path| fs::metadata(path).unwrap().uid();
        let ours = owner(dir.path());
        fs::write(&path, "theirs").unwrap();
        if std::os::unix::fs::chown(&path, Some(ours + 1), None).is_err() {
            eprintln!("skipped: only root can give a file away");
            return;
        }
        PrivateFile::prepare(&path).unwrap().write("kept").unwrap();
        assert_eq!(owner(&path), ours + 1);
        let file = PrivateFile::prepare(&path).unwrap().for_this_user();
        file.write("ours").unwrap();
        assert_eq!((owner(&path), mode(&path)), (ours, 0o600));
    }

    #[test]
    fn what_came_in_between_is_not_overwritten() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("new");
        let prepared = PrivateFile::prepare(&path).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(prepared.write("ours").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(count(dir.path()), 1);
    }

    #[test]
    fn a_file_that_is_a_mount_is_written_in_place() {
        let dir = tempdir().unwrap();
        let (outside, inside) = (dir.path().join("outside"), dir.path().join("in/side"));
        fs::create_dir(dir.path().join("in")).unwrap();
        fs::write(&outside, "a long old text").unwrap();
        fs::write(&inside, "").unwrap();
        let mount = |program: &str, arguments: &[&Path]| {
            let status = Command::new(program).args(arguments).status();
            status.is_ok_and(|status| status.success())
        };
        if !mount("mount", &[Path::new("--bind"), &outside, &inside]) {
            eprintln!("skipped: only root can mount");
            return;
        }
        let written = PrivateFile::prepare(&inside).and_then(|file| file.write("new"));
        assert!(mount("umount", &[&inside]));
        written.unwrap();
        assert_eq!(fs::read_to_string(&outside).unwrap(), "new");
        assert_eq!((mode(&outside), count(&dir.path().join("in"))), (0o600, 1));
    }
}
