//! The passphrase of a file of room keys.

use std::fs::File;

use crate::{
    cli::store::Passphrase,
    commands::secret_input::read_secret,
    config::Secret,
    error::{Error, Kind, Result},
    terminal::{Question, Terminal},
};

const FLAG: &str = "--passphrase-stdin or --passphrase-file";

/// The passphrase that opens a file.
pub(super) async fn existing(args: &Passphrase, terminal: Terminal) -> Result<Secret> {
    match given(args).await? {
        Some(passphrase) => Ok(passphrase),
        None => ask("Passphrase of the file", terminal).await,
    }
}

/// A passphrase for a new file; typed twice, because nobody sees what is typed.
pub(super) async fn new(args: &Passphrase, terminal: Terminal) -> Result<Secret> {
    if let Some(passphrase) = given(args).await? {
        return Ok(passphrase);
    }
    loop {
        let first = ask("A new passphrase for the file", terminal).await?;
        if ask("The same again", terminal).await? == first {
            return Ok(first);
        }
        terminal.note("  These were two different ones.");
    }
}

async fn given(args: &Passphrase) -> Result<Option<Secret>> {
    if args.passphrase_stdin {
        return read_secret("standard input", std::io::stdin())
            .await
            .map(Some);
    }
    let Some(path) = &args.passphrase_file else {
        return Ok(None);
    };
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| {
        Error::new(
            Kind::Usage,
            format!("cannot read the passphrase from {name}"),
        )
        .because(error)
    })?;
    read_secret(&name, file).await.map(Some)
}

async fn ask(words: &str, terminal: Terminal) -> Result<Secret> {
    let question = Question {
        echo: false,
        ..Question::new(words, FLAG)
    };
    terminal.ask(question, |typed| Ok(Secret::new(typed))).await
}
