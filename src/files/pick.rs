//! Opening a file that the agent wants to send: only a regular file, only out of the directories
//! that it was given, and only once.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rustix::{
    fd::OwnedFd,
    fs::{CWD, Mode, OFlags, openat},
};

/// Why a file is not sent.
#[derive(Debug, thiserror::Error)]
pub enum Unsendable {
    #[error("it is in none of the directories of attachmentsFrom")]
    Elsewhere,
    #[error("it is not a regular file")]
    NotAFile,
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Opens a file in one of these directories.
///
/// Symbolic links are followed first, and what they lead to is what counts. From there on none is
/// followed: each directory on the way is opened by itself, so that nobody can exchange it between
/// the look and the opening.
pub fn pick(path: &Path, directories: &[PathBuf]) -> Result<File, Unsendable> {
    let path = path.canonicalize()?;
    for directory in directories {
        // One that is not there holds nothing, and its check says so.
        let Ok(directory) = directory.canonicalize() else {
            continue;
        };
        if let Ok(inside) = path.strip_prefix(&directory) {
            return open(&directory, inside);
        }
    }
    Err(Unsendable::Elsewhere)
}

fn open(directory: &Path, inside: &Path) -> Result<File, Unsendable> {
    let step = OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let enter = |from: OwnedFd, name: &Path, flags| openat(from, name, flags, Mode::empty());
    let mut place =
        openat(CWD, directory, step | OFlags::DIRECTORY, Mode::empty()).map_err(io::Error::from)?;
    let Some(name) = inside.file_name() else {
        return Err(Unsendable::NotAFile);
    };
    for part in inside.parent().into_iter().flat_map(Path::components) {
        place = enter(place, part.as_ref(), step | OFlags::DIRECTORY).map_err(io::Error::from)?;
    }
    // A pipe would be waited for.
    let file = enter(place, name.as_ref(), step | OFlags::NONBLOCK).map_err(io::Error::from)?;
    let file = File::from(file);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(Unsendable::NotAFile)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read, os::unix::fs::symlink};

    use rustix::fs::{FileType, mknodat};

    use super::*;

    struct Scene {
        root: tempfile::TempDir,
    }

    impl Scene {
        /// `out/sub/a.txt` may be sent, `secret.txt` beside `out` may not.
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join("out/sub")).unwrap();
            fs::write(root.path().join("out/sub/a.txt"), "a").unwrap();
            fs::write(root.path().join("secret.txt"), "canary").unwrap();
            Self { root }
        }

        fn at(&self, path: &str) -> PathBuf {
            self.root.path().join(path)
        }

        fn pick(&self, path: &str) -> Result<String, Unsendable> {
            let directories = [self.at("not-there"), self.at("out")];
            let mut text = String::new();
            pick(&self.at(path), &directories)?.read_to_string(&mut text)?;
            Ok(text)
        }
    }

    #[test]
    fn a_file_of_the_directory_is_opened() {
        let scene = Scene::new();
        assert_eq!(scene.pick("out/sub/a.txt").unwrap(), "a");
        assert_eq!(scene.pick("out/sub/../sub/a.txt").unwrap(), "a");
        symlink("sub/a.txt", scene.at("out/link.txt")).unwrap();
        assert_eq!(scene.pick("out/link.txt").unwrap(), "a");
        symlink(scene.at("out/sub"), scene.at("into")).unwrap();
        assert_eq!(scene.pick("into/a.txt").unwrap(), "a");
    }

    #[test]
    fn what_leads_out_of_it_is_not() {
        let scene = Scene::new();
        symlink("../secret.txt", scene.at("out/link.txt")).unwrap();
        symlink("..", scene.at("out/up")).unwrap();
        fs::create_dir(scene.at("outside")).unwrap();
        fs::write(scene.at("outside/a.txt"), "canary").unwrap();
        for path in [
            "secret.txt",
            "out/../secret.txt",
            "out/link.txt",
            "out/up/secret.txt",
            "outside/a.txt",
        ] {
            let trouble = scene.pick(path).unwrap_err();
            assert!(
                matches!(trouble, Unsendable::Elsewhere),
                "{path}: {trouble}"
            );
        }
    }

    #[test]
    fn what_is_exchanged_for_a_link_after_the_look_is_not_followed() {
        let scene = Scene::new();
        symlink(scene.at("secret.txt"), scene.at("out/late.txt")).unwrap();
        symlink(scene.root.path(), scene.at("out/up")).unwrap();
        for path in ["late.txt", "up/secret.txt"] {
            let trouble = open(&scene.at("out"), Path::new(path)).unwrap_err();
            assert!(matches!(trouble, Unsendable::Unreadable(_)), "{trouble}");
        }
    }

    #[test]
    fn only_regular_files_are_files() {
        let scene = Scene::new();
        let mode = Mode::from_raw_mode(0o600);
        mknodat(CWD, scene.at("out/pipe"), FileType::Fifo, mode, 0).unwrap();
        for path in ["out/pipe", "out/sub", "out"] {
            let trouble = scene.pick(path).unwrap_err();
            assert!(matches!(trouble, Unsendable::NotAFile), "{path}: {trouble}");
        }
        let trouble = scene.pick("out/nothing").unwrap_err();
        assert!(matches!(trouble, Unsendable::Unreadable(_)), "{trouble}");
    }
}
