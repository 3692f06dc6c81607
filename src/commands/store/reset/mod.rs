//! `nanobot store reset`: a new device in the place of one whose encryption is broken.
//!
//! A transaction. The new device is made beside the old one and proven to work; then store and
//! configuration change; only then is the old device logged out, which cannot be undone. Nor can a new
//! identity of the account: a reset that fails after that is not taken back, but goes on when run again.

mod equip;
mod journal;
mod places;
mod plan;
mod report;
mod steps;
mod swap;

pub(in crate::commands) use journal::refuse_unfinished;

use serde_json::{Map, json};

use self::{
    journal::{Journal, NewIdentity, Secrets, Step},
    places::{Places, remove},
    plan::{Diagnosis, has_recovery_key},
    report::{cure, outcome},
    steps::Preparation,
    swap::Swap,
};
use crate::{
    cli::{Global, store::Reset},
    commands::{
        Afterwards, Outcome, environment,
        login::{
            custody::Custody,
            ways::{SecretFrom, no_password, password},
        },
        paths,
        recovery_key::{Keeper, PendingKey},
        signals::or_stop,
    },
    config::{Document, Matrix, Origin, Secret, schema},
    error::{Error, Result},
    homeserver::{Discovery, Homeserver, Options, discover},
    instance::{Lock, crash_point},
    session::configured_options,
    terminal::{Progress, Question, Terminal},
};

pub(super) async fn run(args: &Reset, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let document = Document::load(paths.config_file())?;
    if !document.exists() {
        return Err(Error::not_logged_in(format!(
            "there is no configuration at {}",
            paths.config_file().display()
        ))
        .hint("run `nanobot login`"));
    }
    let matrix = document.matrix(&environment)?;
    refuse_shadowed(&matrix)?;
    let options = configured_options(&matrix)?;
    let lock = Lock::acquire(paths.dir())?;
    let places = Places::of(paths.dir());
    let unfinished = Journal::read(&places)?;
    let begun = goes_on(unfinished.as_ref());
    let terminal = Terminal::new(!args.yes && !global.json);
    let mut reset = Run {
        args: begun.map_or_else(|| args.clone(), |journal| journal.joined(args)),
        lock: Some(lock),
        terminal,
        matrix: &matrix,
        options,
        custody: Custody::choose(None, &matrix)?,
        keeper: Keeper::choose(args.save_recovery_key_keyring, terminal)?,
        places: &places,
        document,
    };
    let outcome = match unfinished {
        Some(journal) if journal.step >= Step::Swap => reset.finish(journal).await,
        unfinished => Box::pin(reset.begin(unfinished)).await,
    };
    tidy(&places, outcome)
}

/// The reset that this run goes on with. One that is to be taken back counts as not begun.
fn goes_on(unfinished: Option<&Journal>) -> Option<&Journal> {
    unfinished.filter(|journal| journal.step > Step::Undo)
}

/// What is left to do when the result is shown. Only then is a recovery key that was made gone
/// from the disk, and a kill before that leaves it to the next run.
fn forget(places: Places, shown: Option<PendingKey>, lock: Option<Lock>) -> Afterwards {
    Afterwards::new(move |was_read| {
        let _lock = lock;
        crash_point("reset-shown");
        if let Some(key) = shown {
            key.forget_if(was_read)?;
        }
        Secrets::remove(&places.store())?;
        crash_point("reset-secrets");
        Journal::remove(&places)
    })
}

/// Removes what nothing will use again.
fn tidy(places: &Places, outcome: Result<Outcome>) -> Result<Outcome> {
    let tidied = match Journal::read(places) {
        Ok(Some(journal)) if journal.step < Step::Retire => remove(&places.copy()),
        Ok(_) => places.clear(),
        Err(_) => remove(&places.copy()),
    };
    let mut outcome = outcome?;
    if let Err(error) = tidied {
        outcome.fail(error);
    }
    Ok(outcome)
}

/// Leaves the new device as it is, because of this error: with it the account would lose its new
/// identity. Returns the error, with what to do.
fn stand_still(places: &Places, journal: &mut Journal, error: Error) -> Error {
    journal.step = Step::Prepare;
    if let Err(error) = journal.write(places) {
        // What is there says that it goes on, here or with the swap.
        tracing::debug!(%error, "how far the reset came is not written down");
    }
    error.hint("the account's identity is new: run `nanobot store reset` again to go on")
}

/// A login that something goes before could be written, and would not count.
fn refuse_shadowed(matrix: &Matrix) -> Result<()> {
    for key in [&schema::ACCESS_TOKEN, &schema::DEVICE_ID] {
        match matrix.origin(key) {
            Origin::Default | Origin::File { .. } | Origin::Keyring { .. } => {}
            origin => {
                return Err(Error::config(format!(
                    "{} comes from {origin}, where a reset cannot put that of a new device",
                    key.name
                ))
                .hint("remove it there; the configuration's own value counts then"));
            }
        }
    }
    Ok(())
}

/// One run of the command.
struct Run<'a> {
    /// With the wishes of the run that this one goes on with.
    args: Reset,
    /// Held until the result is shown, where there is something to do after that.
    lock: Option<Lock>,
    terminal: Terminal,
    matrix: &'a Matrix,
    options: Options,
    custody: Custody,
    keeper: Option<Keeper>,
    places: &'a Places,
    document: Document,
}

impl Run<'_> {
    /// Makes the new device, or goes on making it, and puts it in place.
    async fn begin(&mut self, unfinished: Option<Journal>) -> Result<Outcome> {
        if unfinished.is_none() {
            self.places.clear()?;
        }
        let looking = Diagnosis::make(self.matrix, self.places, &self.args);
        let mut diagnosis = self
            .terminal
            .during("Looking at the device", looking)
            .await?;
        if self.args.dry_run {
            return Ok(Outcome {
                text: diagnosis.describe(&self.args),
                json: diagnosis.json(&self.args),
                ..Outcome::default()
            });
        }
        let begun = goes_on(unfinished.as_ref());
        let refused = match begun {
            Some(_) => None,
            None => diagnosis.permit(&self.args).err(),
        };
        let refused = match (refused, &unfinished) {
            (Some(error), None) => return Err(error),
            // First what the last run left is taken back.
            (refused, _) => refused,
        };
        let discovery = self.discover().await?;
        if refused.is_none() {
            self.confirm(&diagnosis, begun).await?;
        }
        let password = self.password(&diagnosis).await?;
        let recovery_key = self.recovery_key().await?;
        let room_keys = diagnosis.room_keys.take();
        let progress = Progress::start("Beginning the reset");
        let preparation = Preparation {
            places: self.places,
            diagnosis: &diagnosis,
            discovery: &discovery,
            options: &self.options,
            password: &password,
            recovery_key: recovery_key.as_ref(),
            progress: &progress,
        };
        let begun = match unfinished {
            Some(mut journal) if journal.step == Step::Undo => {
                progress.step("Taking back what the last run left");
                preparation.undo(&mut journal).await;
                None
            }
            unfinished => unfinished,
        };
        if let Some(error) = refused {
            return Err(error);
        }
        let mut journal =
            begun.unwrap_or_else(|| Journal::new(&diagnosis.user_id, &diagnosis.device_id));
        journal.wish(&self.args);
        let prepared = Box::pin(or_stop(async {
            let login = preparation.make(&mut journal).await?;
            preparation.equip(&login, room_keys, &mut journal).await
        }))
        .await;
        progress.step("Putting the new device in place");
        let placed = match prepared {
            Ok(()) => Swap {
                places: self.places,
                document: &mut self.document,
                custody: &self.custody,
                homeserver: &discovery.homeserver,
            }
            .put_in_place(&mut journal, false),
            Err(error) => Err(error),
        };
        if let Err(error) = placed {
            // With the stores changed the old device is no longer the bot's.
            if journal.step >= Step::Swap {
                return Err(error);
            }
            if journal.findings.new_identity != NewIdentity::No {
                return Err(stand_still(self.places, &mut journal, error));
            }
            progress.step("Taking everything back");
            preparation.undo(&mut journal).await;
            return Err(error);
        }
        drop(progress);
        let given = recovery_key.as_ref();
        or_stop(self.conclude(&journal, &discovery.homeserver, given)).await
    }

    /// Finishes a reset that was killed when the new device was ready.
    async fn finish(&mut self, mut journal: Journal) -> Result<Outcome> {
        if self.args.dry_run {
            let text = format!(
                "A reset is under way: device {} is ready and takes the place of {}.",
                journal.new_device, journal.old_device
            );
            let fields = [
                ("old_device", json!(journal.old_device)),
                ("new_device", json!(journal.new_device)),
            ];
            return Ok(Outcome {
                text,
                json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
                ..Outcome::default()
            });
        }
        journal.keep_old_device = self.args.keep_old_device;
        let homeserver = self.matrix.homeserver()?;
        let homeserver = Homeserver::new(homeserver.as_str(), &self.options)?;
        if journal.step == Step::Swap {
            self.swap(&homeserver).put_in_place(&mut journal, true)?;
        }
        let given = self.recovery_key().await?;
        or_stop(self.conclude(&journal, &homeserver, given.as_ref())).await
    }

    fn swap<'a>(&'a mut self, homeserver: &'a Homeserver) -> Swap<'a> {
        Swap {
            places: self.places,
            document: &mut self.document,
            custody: &self.custody,
            homeserver,
        }
    }

    async fn discover(&self) -> Result<Discovery> {
        let homeserver = self.matrix.homeserver()?;
        let discovery = discover(homeserver.as_str(), &self.options).await?;
        if discovery.flows.password {
            return Ok(discovery);
        }
        Err(no_password(&discovery))
    }

    /// Asks for what nobody has allowed yet, in this run or in the one that it goes on with.
    async fn confirm(&self, diagnosis: &Diagnosis, begun: Option<&Journal>) -> Result<()> {
        if self.args.yes {
            return Ok(());
        }
        if begun.is_none() {
            if self.terminal.is_interactive() {
                self.terminal.note(&diagnosis.describe(&self.args));
            }
            let words = format!("Type {} to replace this device", diagnosis.device_id);
            self.ask_to_type(&words, &diagnosis.device_id).await?;
        }
        let allowed = begun.is_some_and(|journal| journal.reset_identity);
        if allowed || !self.args.reset_identity {
            return Ok(());
        }
        self.terminal.note(
            "If nothing restores the account's identity, it gets a new one. Everyone who verified \
             the bot is warned then, and has to verify it again.",
        );
        let words = format!("Type {} to allow that", diagnosis.user_id);
        self.ask_to_type(&words, &diagnosis.user_id).await
    }

    async fn ask_to_type(&self, words: &str, expected: &str) -> Result<()> {
        let read = |typed: &str| {
            if typed == expected {
                Ok(())
            } else {
                Err(format!("that is not {expected}; Ctrl-C changes nothing"))
            }
        };
        self.terminal.ask(Question::new(words, "--yes"), read).await
    }

    async fn password(&self, diagnosis: &Diagnosis) -> Result<Secret> {
        let from = SecretFrom {
            stdin: self.args.password_stdin,
            file: self.args.password_file.as_deref(),
        };
        password(from, self.matrix, &diagnosis.user_id, self.terminal).await
    }

    async fn recovery_key(&self) -> Result<Option<Secret>> {
        if !has_recovery_key(&self.args) {
            return Ok(None);
        }
        let from = SecretFrom {
            stdin: self.args.recovery_key_stdin,
            file: self.args.recovery_key_file.as_deref(),
        };
        from.read("recovery key").await
    }

    /// Logs the old device out and says what was done. `given` is the recovery key that was given.
    async fn conclude(
        &mut self,
        journal: &Journal,
        homeserver: &Homeserver,
        given: Option<&Secret>,
    ) -> Result<Outcome> {
        let (terminal, places) = (self.terminal, self.places);
        let secrets = Secrets::read(&places.store())?;
        let pending = PendingKey::read(places.directory(), &journal.user_id)?;
        let pending = pending.filter(|_| journal.findings.recovery_key);
        let made = match &pending {
            Some(pending) => Some(pending.secret()),
            None => secrets.as_ref().and_then(Secrets::recovery_key),
        };
        let swap = self.swap(homeserver);
        let retiring = swap.retire(journal, secrets.as_ref());
        let (gone, notes) = terminal
            .during("Logging the old device out", retiring)
            .await?;
        for note in &notes {
            terminal.note(note);
        }
        let archived = swap.archived(journal);
        let cure = match &secrets {
            Some(secrets) if !journal.findings.verified => {
                cure(&homeserver.with_token(&secrets.new_token()), journal).await
            }
            _ => None,
        };
        let mut outcome = outcome(journal, archived.as_deref(), gone, made.as_ref(), cure);
        let mut is_kept = true;
        if let Some(keeper) = &self.keeper {
            match made.as_ref().or(given) {
                Some(key) => is_kept = keeper.keep(&mut outcome, &journal.user_id, Some(key)),
                None => terminal.note(
                    "No recovery key was made or given, so there is none to be kept in the keyring.",
                ),
            }
        }
        let shown = pending.filter(|_| is_kept);
        outcome.afterwards = Some(forget(places.clone(), shown, self.lock.take()));
        Ok(outcome)
    }
}
