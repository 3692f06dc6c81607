//! Whether this user can write the store, and what makes it writable.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    os::unix::fs::MetadataExt,
    path::Path,
};

use rustix::{fs::Access, process::geteuid};

use crate::{config::Paths, doctor::facts::Unwritable, error::Remedy, text::shell_quote};

/// What in the store, or where the store would be, this user cannot write.
pub fn unwritable(paths: &Paths) -> Option<Unwritable> {
    let store = paths.store();
    let place = nearest(&store)?;
    let (path, error) = match write_file_in(place) {
        Err(error) => (place.to_owned(), error),
        Ok(()) => first_unwritable_file(&store)?,
    };
    Some(Unwritable {
        remedy: remedy(paths, &path, error.kind()),
        // Without the name that the file would have had, which is another one each time.
        why: error.kind().to_string(),
        path,
    })
}

/// Writes a file, and removes it again.
fn write_file_in(directory: &Path) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(&[0; 4096])?;
    file.as_file().sync_all()
}

fn first_unwritable_file(store: &Path) -> Option<(std::path::PathBuf, io::Error)> {
    let entries = fs::read_dir(store).into_iter().flatten().flatten();
    let mut refused = entries.filter_map(|entry| {
        let access = rustix::fs::access(entry.path(), Access::READ_OK | Access::WRITE_OK);
        let error = io::Error::from(access.err()?);
        // SQLite removes its files of shared memory when the last who has the store open goes.
        (error.kind() != ErrorKind::NotFound).then(|| (entry.path(), error))
    });
    refused.next()
}

fn remedy(paths: &Paths, path: &Path, error: ErrorKind) -> Remedy {
    let (store, quoted) = (paths.store(), |path: &Path| {
        shell_quote(&path.display().to_string())
    });
    match error {
        ErrorKind::PermissionDenied => {}
        ErrorKind::NotADirectory => {
            let moved = path.with_extension("moved");
            return Remedy::from("move the file away that is in the place of the directory")
                .and_command(format!("mv {} {}", quoted(path), quoted(&moved)));
        }
        ErrorKind::ReadOnlyFilesystem => {
            return "the disk is mounted read-only: mount it writable, or name another directory \
                    with --config"
                .into();
        }
        _ => return Remedy::default(),
    }
    let user = user_name();
    let is_own = fs::metadata(path).is_ok_and(|found| found.uid() == geteuid().as_raw());
    if path.starts_with(&store) {
        let all = quoted(&store);
        return if is_own {
            Remedy::from("make the store writable again")
                .and_command(format!("chmod -R u+rwX {all}"))
        } else {
            Remedy::from(format!(
                "the store belongs to another user: make {user} its owner"
            ))
            .and_command(format!("sudo chown -R {user} {all}"))
        };
    }
    if is_own {
        return Remedy::from("make the directory writable again")
            .and_command(format!("chmod u+rwx {}", quoted(path)));
    }
    let directory = quoted(paths.dir());
    Remedy::from(format!("create the bot's directory for {user}"))
        .and_command(format!("sudo install -d -m 700 -o {user} {directory}"))
}

/// The directory itself, or the first above it that exists.
pub fn nearest(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|path| path.exists())
}

/// The name of the user that this process runs as; its number where it has none.
fn user_name() -> String {
    let id = geteuid().as_raw().to_string();
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut users = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let own = users.find(|fields| fields.get(2) == Some(&id.as_str()));
    own.map_or(id.clone(), |fields| fields[0].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_is_not_one_that_cannot_be_written() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::of(home.path().join("config.json"));
        let store = paths.store();
        fs::create_dir_all(&store).unwrap();
        // As one that goes between the listing and the look at it.
        std::os::unix::fs::symlink(store.join("nothing"), store.join("x-shm")).unwrap();
        assert!(unwritable(&paths).is_none());
    }
}
