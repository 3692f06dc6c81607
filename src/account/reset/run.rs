//! The order of things: what a reset asks, and what it does when.

use super::{
    Options, Run,
    checkpoint::{Checkpoint, Step},
    diagnosis::Diagnosis,
    places::Places,
    prepare::Preparation,
    report::Report,
};
use crate::{
    account::{
        Done,
        archive::remove,
        login::refuse_without_passwords,
        recovery_key::RecoveryKeyring,
        secret_input::{MOST_TRIES, password},
        token_store::AccessTokenStore,
    },
    config::{Document, Matrix, Origin, Paths, Secret, environment},
    error::{Error, Result},
    homeserver::{Discovery, Failure, Homeserver, discover},
    ipc::Lock,
    session::configured_options,
    terminal::{Progress, Terminal, or_stop},
};

/// Replaces the device, continues a reset that was interrupted, or says what it would do.
pub async fn run(mut options: Options, paths: &Paths, terminal: Terminal) -> Result<Done<Report>> {
    let password_terminal = terminal;
    let terminal = if options.yes {
        Terminal::new(false)
    } else {
        terminal
    };
    let document = Document::load_existing(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    refuse_shadowed(&matrix)?;
    let lock = Lock::acquire(paths.dir())?;
    let places = Places::of(paths.dir());
    let unfinished = Checkpoint::read(&places)?;
    if let Some(begun) = begun(unfinished.as_ref()) {
        options.choices.add(begun.choices);
    }
    let mut run = Run {
        network: configured_options(&matrix)?,
        token_store: AccessTokenStore::choose(None, &matrix)?,
        keyring: RecoveryKeyring::open_if(options.save_recovery_key_keyring, terminal)?,
        options,
        terminal,
        password_terminal,
        document,
        matrix,
        places,
        lock: Some(lock),
    };
    let done = match unfinished {
        Some(checkpoint) if checkpoint.step >= Step::Activate => run.finish(checkpoint).await,
        unfinished => Box::pin(run.begin(unfinished)).await,
    };
    let removed = remove(&run.places.copy);
    let mut done = done?;
    if let Err(error) = removed {
        done.fail(error);
    }
    Ok(done)
}

/// The reset that this run continues. One that is to be undone counts as not begun.
fn begun(unfinished: Option<&Checkpoint>) -> Option<&Checkpoint> {
    unfinished.filter(|checkpoint| checkpoint.step > Step::Undo)
}

/// A login that something else overrides could be written, and would not count.
fn refuse_shadowed(matrix: &Matrix) -> Result<()> {
    for key in ["accessToken", "deviceId"] {
        match matrix.origin(key) {
            Origin::Default | Origin::File { .. } | Origin::Keyring { .. } => {}
            origin => {
                return Err(Error::config(format!(
                    "cannot reset the store: {key} comes from {origin}, and a reset can only write \
                     it to the configuration file"
                ))
                .hint("remove it there, then run the reset again")
                .command("nanobot store reset"));
            }
        }
    }
    Ok(())
}

impl Run {
    /// Makes the new device, or continues to, and puts it in place.
    async fn begin(&mut self, unfinished: Option<Checkpoint>) -> Result<Done<Report>> {
        if unfinished.is_none() {
            self.places.discard()?;
        }
        let is_interactive = self.terminal.is_interactive();
        let looking = Diagnosis::make(&self.matrix, &self.places, &self.options, is_interactive);
        let mut diagnosis = self
            .terminal
            .during("Examining the device", looking)
            .await?;
        if self.options.dry_run {
            return Ok(Done::of(Report::Planned(diagnosis.plan(&self.options))));
        }
        let begun = begun(unfinished.as_ref());
        let permitted = match begun {
            Some(_) => Ok(()),
            None => diagnosis.permit(&self.options),
        };
        let permitted = match permitted {
            Err(error) if unfinished.is_none() => return Err(error),
            // First what the last run left is undone.
            permitted => permitted,
        };
        let discovery = self.discover().await?;
        if permitted.is_ok() {
            self.confirm(&diagnosis, begun).await?;
        }
        let password = self.password(&diagnosis.user_id).await?;
        let recovery_key = self.recovery_key().await?;
        let mut room_keys = diagnosis.room_keys.take();
        let progress = Progress::start("Starting the reset");
        let mut preparation = Preparation {
            run: self,
            diagnosis: &diagnosis,
            discovery: &discovery,
            password,
            recovery_key: recovery_key.as_ref(),
            progress: &progress,
        };
        let mut begun = preparation.resume(unfinished).await;
        permitted?;
        let mut tries = 1;
        let checkpoint = loop {
            let new = || Checkpoint::new(&diagnosis.user_id, &diagnosis.device_id);
            let mut checkpoint = begun.take().unwrap_or_else(new);
            checkpoint.choices = self.options.choices;
            match preparation.replace(&mut room_keys, &mut checkpoint).await {
                Ok(()) => break checkpoint,
                Err(error) if tries == MOST_TRIES => return Err(error),
                Err(error) => {
                    progress.pause();
                    preparation.password = self.password_again(error, &diagnosis.user_id).await?;
                }
            }
            tries += 1;
        };
        drop(progress);
        let given = recovery_key.as_ref();
        or_stop(self.conclude(&checkpoint, &discovery.homeserver, given)).await
    }

    async fn password(&self, user_id: &str) -> Result<Secret> {
        let source = self.options.password.as_ref();
        password(source, &self.matrix, user_id, self.password_terminal).await
    }

    /// Asks again for a password that was typed and is wrong. Returns the error where that is not so.
    async fn password_again(&self, error: Error, user_id: &str) -> Result<Secret> {
        let is_typed = self.options.password.is_none() && self.matrix.password()?.is_none();
        match error.cause::<Failure>() {
            Some(failure @ Failure::WrongPassword { .. }) if is_typed => {
                self.terminal.note(&format!("  {failure}"));
                self.password(user_id).await
            }
            _ => Err(error),
        }
    }

    /// Finishes a reset that was killed when the new device was ready.
    async fn finish(&mut self, mut checkpoint: Checkpoint) -> Result<Done<Report>> {
        if self.options.dry_run {
            return Ok(Done::of(Report::UnderWay {
                old_device: checkpoint.old_device,
                new_device: checkpoint.new_device,
            }));
        }
        checkpoint.choices = self.options.choices;
        let homeserver = self.matrix.homeserver()?;
        let homeserver = Homeserver::new(homeserver.as_str(), &self.network)?;
        if checkpoint.step == Step::Activate {
            self.activate(&mut checkpoint, true)?;
        }
        let given = self.recovery_key().await?;
        or_stop(self.conclude(&checkpoint, &homeserver, given.as_ref())).await
    }

    async fn discover(&self) -> Result<Discovery> {
        let homeserver = self.matrix.homeserver()?;
        let discovery = discover(homeserver.as_str(), &self.network).await?;
        refuse_without_passwords(&discovery)?;
        Ok(discovery)
    }

    /// Asks for what nobody has allowed yet, in this run or in the one that it goes on with.
    async fn confirm(&self, diagnosis: &Diagnosis, begun: Option<&Checkpoint>) -> Result<()> {
        if self.options.yes {
            return Ok(());
        }
        if begun.is_none() {
            if self.terminal.is_interactive() {
                self.terminal
                    .note(&diagnosis.plan(&self.options).to_string());
            }
            let words = format!("Type {} to replace this device", diagnosis.device_id);
            let expected = &diagnosis.device_id;
            self.terminal.confirm(&words, "--yes", expected).await?;
        }
        let allowed = begun.is_some_and(|checkpoint| checkpoint.choices.reset_identity);
        if allowed || !self.options.choices.reset_identity {
            return Ok(());
        }
        self.terminal.note(
            "If nothing restores the cross-signing identity, the account gets a new one: everyone \
             who verified the bot must verify it again.",
        );
        let words = format!("Type {} to allow that", diagnosis.user_id);
        let expected = &diagnosis.user_id;
        self.terminal.confirm(&words, "--yes", expected).await
    }

    async fn recovery_key(&self) -> Result<Option<Secret>> {
        match &self.options.recovery_key {
            Some(source) => source.read("recovery key").await.map(Some),
            None => Ok(None),
        }
    }
}
