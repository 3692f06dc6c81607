//! Room keys as a file that other clients read and write, and from archived stores.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::archives;
use crate::{
    account::{archive::journal_summary, secret_input::SecretSource},
    config::{Paths, Secret},
    error::{Error, Result},
    files::{PrivateFile, read_failed, read_text, shown_path},
    ipc::Lock,
    session::{KeyStore, RoomKeys},
    terminal::{Progress, Question, Terminal},
    text::counted,
    threads::aside,
};

/// More than the room keys of any bot; each is some 700 bytes.
const LONGEST: u64 = 512 << 20;

/// What an export is told.
pub struct Export {
    pub file: PathBuf,
    /// An archived store, in place of the bot's own.
    pub from: Option<PathBuf>,
    /// Whether a file that is there is replaced.
    pub force: bool,
    pub passphrase: Option<SecretSource>,
}

/// Where room keys come from.
pub enum Source {
    Archive(PathBuf),
    /// A file that a client exported, and where its passphrase is.
    File(PathBuf, Option<SecretSource>),
}

/// A file of room keys that was written.
#[derive(Serialize)]
pub struct Exported {
    #[serde(serialize_with = "shown_path")]
    file: PathBuf,
    room_keys: usize,
    rooms: usize,
}

/// Room keys that were imported.
#[derive(Serialize)]
pub struct Imported {
    room_keys: usize,
    new: usize,
    waiting_messages: u64,
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Exported {} of {} to {}\n\
             Anyone with this file and its passphrase can read those messages",
            counted(self.room_keys as u64, "room key"),
            counted(self.rooms as u64, "room"),
            self.file.display()
        )
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let room_keys = counted(self.room_keys as u64, "room key");
        write!(f, "Imported {room_keys}, {} of them new", self.new)?;
        if self.waiting_messages == 0 {
            return Ok(());
        }
        write!(
            f,
            "\n{} waiting for a key: the next `nanobot gateway` answers those that can be \
             decrypted now",
            counted(self.waiting_messages, "message")
        )
    }
}

/// Writes the room keys into a file that Element and other clients import.
pub async fn export(options: Export, paths: &Paths, terminal: Terminal) -> Result<Exported> {
    let file = &options.file;
    if !options.force && fs::symlink_metadata(file).is_ok() {
        return Err(Error::failure(format!(
            "cannot export to {}: the file exists",
            file.display()
        ))
        .hint("name another file, or replace this one with --force"));
    }
    let target = PrivateFile::prepare(file)?.for_this_user();
    let keys = if let Some(archive) = &options.from {
        archives::open(archive, paths).await?.export().await?
    } else {
        let advice = "log in, or name an archived store with --from";
        let (_lock, own) = open_own(paths, advice).await?;
        own.export().await?
    };
    if keys.count() == 0 {
        return Err(Error::failure("cannot export: there are no room keys"));
    }
    let passphrase = new_passphrase(options.passphrase.as_ref(), terminal).await?;
    let exported = Exported {
        file: options.file,
        room_keys: keys.count(),
        rooms: keys.rooms(),
    };
    let _progress = Progress::start("Encrypting the room keys");
    let text = aside(move || keys.seal(&passphrase)).await?;
    target.write(&format!("{text}\n"))?;
    Ok(exported)
}

/// Takes room keys into the bot's own store.
pub async fn import(source: &Source, paths: &Paths, terminal: Terminal) -> Result<Imported> {
    // A gateway has the store's keys in its memory and would not see new ones.
    let (_lock, own) = open_own(paths, "log in first").await?;
    let keys = match source {
        Source::Archive(archive) => archives::open(archive, paths).await?.export().await?,
        Source::File(file, passphrase) => read(file, passphrase.as_ref(), terminal).await?,
    };
    let _progress = Progress::start("Importing the room keys");
    let imported = own.import(keys).await?;
    let waiting = journal_summary(&paths.store())
        .await
        .backlog
        .undecryptable
        .count;
    Ok(Imported {
        room_keys: imported.given,
        new: imported.new,
        waiting_messages: waiting,
    })
}

/// The keys of the bot's own store, which nobody else has open.
async fn open_own(paths: &Paths, advice: &str) -> Result<(Lock, KeyStore)> {
    let store = paths.store();
    let missing = || {
        let message = format!("no encryption keys in {}", store.display());
        Error::failure(message)
            .hint(advice)
            .command("nanobot login")
    };
    if !store.is_dir() {
        return Err(missing());
    }
    let lock = Lock::acquire(paths.dir())?;
    let keys = KeyStore::open(&store).await?.ok_or_else(missing)?;
    Ok((lock, keys))
}

async fn read(
    file: &Path,
    passphrase: Option<&SecretSource>,
    terminal: Terminal,
) -> Result<RoomKeys> {
    let cannot = |error: io::Error| read_failed(file, error);
    let text = File::open(file).and_then(|file| read_text(file, LONGEST));
    let text = text
        .map_err(cannot)?
        .ok_or_else(|| cannot(io::Error::other("the file is larger than 512 MiB")))?;
    let passphrase = match passphrase {
        Some(source) => source.read("passphrase").await?,
        None => ask("Passphrase of the file", terminal).await?,
    };
    let _progress = Progress::start("Decrypting the room keys");
    let keys = aside(move || RoomKeys::unseal(&text, &passphrase)).await;
    keys.map_err(|error| {
        let remedy = error.remedy().clone();
        Error::failure(format!("cannot import {}", file.display()))
            .with_remedy(remedy)
            .because(error)
    })
}

/// A passphrase for a new file; typed twice, because nobody sees what is typed.
async fn new_passphrase(source: Option<&SecretSource>, terminal: Terminal) -> Result<Secret> {
    if let Some(source) = source {
        return source.read("passphrase").await;
    }
    loop {
        let first = ask("New passphrase for the file", terminal).await?;
        if ask("Repeat the passphrase", terminal).await? == first {
            return Ok(first);
        }
        terminal.note("  The passphrases do not match.");
    }
}

async fn ask(words: &str, terminal: Terminal) -> Result<Secret> {
    let question = Question {
        echo: false,
        ..Question::new(words, "--passphrase-stdin or --passphrase-file")
    };
    terminal.ask(question, |typed| Ok(Secret::new(typed))).await
}
