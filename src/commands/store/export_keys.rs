//! `nanobot store export-keys`: the room keys as a file that other clients import.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::{Map, json};

use super::{Outcome, archives, passphrase};
use crate::{
    cli::store::ExportKeys,
    config::{Paths, Secret},
    error::{Error, Result},
    instance::Lock,
    session::{KeyStore, RoomKeys},
    terminal::{Progress, Terminal},
};

pub(super) async fn run(args: &ExportKeys, paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let target = target(&args.file, args.force)?;
    let keys = read(args, paths).await?;
    if keys.count() == 0 {
        return Err(Error::failure("there are no room keys to export"));
    }
    let passphrase = passphrase::new(&args.passphrase, terminal).await?;
    let (count, rooms) = (keys.count(), keys.rooms());
    let progress = Progress::start("Encrypting the room keys");
    let text = seal(keys, passphrase).await?;
    write(&target, &text, args.force).map_err(|error| {
        Error::failure(format!("cannot write {}", args.file.display())).because(error)
    })?;
    drop(progress);
    let fields = [
        ("file", json!(args.file)),
        ("room_keys", json!(count)),
        ("rooms", json!(rooms)),
    ];
    Ok(Outcome {
        text: format!(
            "Exported {count} room keys of {rooms} rooms to {}\n\
             Whoever has the file and its passphrase can read those messages",
            args.file.display()
        ),
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    })
}

async fn read(args: &ExportKeys, paths: &Paths) -> Result<RoomKeys> {
    if let Some(archive) = &args.from {
        return archives::open(archive, paths).await?.export().await;
    }
    let store = paths.store();
    if !store.is_dir() {
        return Err(no_store(&store));
    }
    let _lock = Lock::acquire(paths.dir())?;
    match KeyStore::open(&store).await? {
        Some(keys) => keys.export().await,
        None => Err(no_store(&store)),
    }
}

/// That there is no store to work with.
pub(super) fn no_store(store: &Path) -> Error {
    Error::failure(format!(
        "there are no encryption keys in {}",
        store.display()
    ))
    .hint("run `nanobot login`; `nanobot store status` lists archived stores")
}

/// The file to write, before anything is asked or worked for: symbolic links are followed.
fn target(file: &Path, force: bool) -> Result<PathBuf> {
    let cannot = |error: io::Error| {
        Error::failure(format!("cannot write {}", file.display())).because(error)
    };
    match fs::symlink_metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::metadata(directory(file)).map_err(cannot)?;
            Ok(file.to_owned())
        }
        Err(error) => Err(cannot(error)),
        Ok(_) if !force => Err(
            Error::failure(format!("{} is there already", file.display()))
                .hint("name another file, or replace this one with --force"),
        ),
        Ok(_) => file.canonicalize().map_err(cannot),
    }
}

fn directory(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

async fn seal(keys: RoomKeys, passphrase: Secret) -> Result<String> {
    tokio::task::spawn_blocking(move || keys.seal(&passphrase))
        .await
        .map_err(|error| Error::failure("encrypting ended").because(error))?
}

/// Writes the whole file or nothing. Temporary files are made for their owner only.
fn write(target: &Path, text: &str, replace: bool) -> io::Result<()> {
    let directory = directory(target);
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    writeln!(file, "{text}")?;
    file.as_file().sync_all()?;
    if replace {
        file.persist(target)?;
    } else {
        file.persist_noclobber(target)?;
    }
    File::open(directory)?.sync_all()
}
