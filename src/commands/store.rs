//! `nanobot store`: what the encryption store holds, its room keys in and out, and its replacement.

use super::{Outcome, paths};
use crate::{
    account::{
        reset,
        secret_input::SecretSource,
        store::{
            Status,
            room_keys::{self, Export, Source},
        },
    },
    cli::{
        Global,
        store::{ExportKeys, ImportKeys, Passphrase, Reset, Store, StoreCommand},
    },
    config::Paths,
    error::{Error, Kind, Result},
    terminal::{Terminal, or_stop},
};

pub async fn run(args: &Store, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let terminal = Terminal::new(!global.json);
    match &args.command {
        StoreCommand::Status => or_stop(status(&paths, terminal)).await,
        StoreCommand::ExportKeys(args) => or_stop(export(args, &paths, terminal)).await,
        StoreCommand::ImportKeys(args) => or_stop(import(args, &paths, terminal)).await,
        // It undoes what it did before it ends.
        StoreCommand::Reset(args) => {
            let done = Box::pin(reset::run(reset_options(args), &paths, terminal)).await?;
            Ok(done.into())
        }
    }
}

async fn status(paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let gathering = Box::pin(Status::gather(paths));
    let status = terminal.during("Looking at the store", gathering).await?;
    Ok(Outcome {
        exit_code: status.exit_code(),
        indent: Some(Status::INDENT),
        ..Outcome::of(&status)
    })
}

async fn export(args: &ExportKeys, paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let options = Export {
        file: args.file.clone(),
        from: args.from.clone(),
        force: args.force,
        passphrase: passphrase(&args.passphrase),
    };
    let exported = room_keys::export(options, paths, terminal).await?;
    Ok(Outcome::of(&exported))
}

async fn import(args: &ImportKeys, paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let source = match (&args.from, &args.file) {
        (Some(archive), _) => Source::Archive(archive.clone()),
        (None, Some(file)) => Source::File(file.clone(), passphrase(&args.passphrase)),
        // The command line asks for one of them.
        (None, None) => return Err(Error::new(Kind::Usage, "FILE or --from is missing")),
    };
    let imported = room_keys::import(&source, paths, terminal).await?;
    Ok(Outcome::of(&imported))
}

fn passphrase(args: &Passphrase) -> Option<SecretSource> {
    SecretSource::of(args.passphrase_stdin, args.passphrase_file.as_ref())
}

fn reset_options(args: &Reset) -> reset::Options {
    reset::Options {
        password: SecretSource::of(args.password_stdin, args.password_file.as_ref()),
        recovery_key: SecretSource::of(args.recovery_key_stdin, args.recovery_key_file.as_ref()),
        save_recovery_key_keyring: args.save_recovery_key_keyring,
        choices: reset::Choices {
            keep_old_device: args.keep_old_device,
            reset_identity: args.reset_identity,
            recovery: args.recovery,
        },
        force: args.force,
        dry_run: args.dry_run,
        yes: args.yes,
    }
}
