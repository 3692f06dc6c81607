//! `nanobot store import-keys`: room keys from a file or an archived store into the bot's own.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde_json::{Map, json};

use super::{Outcome, archives, export_keys::no_store, passphrase};
use crate::{
    cli::store::ImportKeys,
    config::{Paths, Secret},
    error::{Error, Kind, Result},
    inbox::{Stored, Summary},
    instance::Lock,
    session::{Imported, KeyStore, RoomKeys},
    terminal::{Progress, Terminal},
};

/// More than the room keys of any bot; each is some 700 bytes.
const LONGEST: u64 = 512 << 20;

pub(super) async fn run(args: &ImportKeys, paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let store = paths.store();
    if !store.is_dir() {
        return Err(no_store(&store));
    }
    // A gateway has the store's keys in its memory and would not see new ones.
    let _lock = Lock::acquire(paths.dir())?;
    let Some(own) = KeyStore::open(&store).await? else {
        return Err(no_store(&store));
    };
    let keys = read(args, paths, terminal).await?;
    let progress = Progress::start("Importing the room keys");
    let imported = own.import(keys).await?;
    drop(progress);
    let waiting = waiting(&store).await;
    Ok(outcome(imported, waiting))
}

async fn read(args: &ImportKeys, paths: &Paths, terminal: Terminal) -> Result<RoomKeys> {
    match (&args.from, &args.file) {
        (Some(archive), _) => archives::open(archive, paths).await?.export().await,
        (None, Some(file)) => read_file(file, args, terminal).await,
        // The command line asks for one of them.
        (None, None) => Err(Error::new(Kind::Usage, "FILE or --from is missing")),
    }
}

async fn read_file(file: &Path, args: &ImportKeys, terminal: Terminal) -> Result<RoomKeys> {
    let text = read_text(file).map_err(|error| {
        Error::failure(format!("cannot read {}", file.display())).because(error)
    })?;
    let passphrase = passphrase::existing(&args.passphrase, terminal).await?;
    let _progress = Progress::start("Decrypting the room keys");
    unseal(text, passphrase).await.map_err(|error| {
        let words = Error::failure(format!("cannot import {}", file.display()));
        match error.hint_text().map(str::to_owned) {
            Some(hint) => words.hint(hint),
            None => words,
        }
        .because(error)
    })
}

fn read_text(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(io::Error::other("it is larger than 512 MiB"));
    }
    Ok(text)
}

async fn unseal(text: String, passphrase: Secret) -> Result<RoomKeys> {
    tokio::task::spawn_blocking(move || RoomKeys::unseal(&text, &passphrase))
        .await
        .map_err(|error| Error::failure("decrypting ended").because(error))?
}

/// How many messages wait for a key. The keys are imported, so a journal that cannot be read fails
/// nothing.
async fn waiting(store: &Path) -> u64 {
    match Summary::read(store).await {
        Ok(Some(Stored::Sound { summary, .. })) => summary.backlog.undecryptable.count,
        Ok(_) => 0,
        Err(error) => {
            tracing::warn!(%error, "cannot tell whether messages wait for these keys");
            0
        }
    }
}

fn outcome(imported: Imported, waiting: u64) -> Outcome {
    let Imported { new, given } = imported;
    let mut text = format!("Imported {given} room keys; {new} of them are new");
    if waiting > 0 {
        text = format!(
            "{text}\nMessages that wait for a key: {waiting}. The next `nanobot gateway` answers \
             those that these keys decrypt"
        );
    }
    let fields = [
        ("room_keys", json!(given)),
        ("new", json!(new)),
        ("waiting_messages", json!(waiting)),
    ];
    Outcome {
        text,
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    }
}
