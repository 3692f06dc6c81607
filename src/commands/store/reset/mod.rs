//! `nanobot store reset`: a new device in the place of one whose encryption is broken.
//!
//! A transaction. The new device is made beside the old one and proven to work; then store and
//! configuration change; only then is the old device logged out, which alone cannot be undone.

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
    journal::{Journal, Secrets, Step},
    places::{Places, remove},
    plan::{Diagnosis, has_recovery_key},
    report::outcome,
    steps::Preparation,
    swap::Swap,
};
use crate::{
    cli::{Global, store::Reset},
    commands::{
        Outcome, environment,
        login::{
            custody::Custody,
            ways::{SecretFrom, no_password, password},
        },
        paths,
        recovery_key::Keeper,
        signals::stop_signal,
    },
    config::{Document, Matrix, Origin, Secret, schema},
    error::{Error, Kind, Result},
    homeserver::{Discovery, Homeserver, Options, discover},
    instance::Lock,
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
    let _lock = Lock::acquire(paths.dir())?;
    let places = Places::of(paths.dir());
    let unfinished = Journal::read(&places)?;
    let terminal = Terminal::new(!args.yes && !global.json);
    let reset = Run {
        args,
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

/// Removes what nothing will use again.
fn tidy(places: &Places, outcome: Result<Outcome>) -> Result<Outcome> {
    let tidied = match Journal::read(places) {
        Ok(None) => places.clear(),
        _ => remove(&places.copy()),
    };
    match (outcome, tidied) {
        (Ok(_), Err(error)) => Err(error),
        (outcome, _) => outcome,
    }
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
    args: &'a Reset,
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
    async fn begin(mut self, unfinished: Option<Journal>) -> Result<Outcome> {
        if unfinished.is_none() {
            self.places.clear()?;
        }
        let looking = Diagnosis::make(self.matrix, self.places, self.args);
        let mut diagnosis = self
            .terminal
            .during("Looking at the device", looking)
            .await?;
        if self.args.dry_run {
            return Ok(Outcome {
                text: diagnosis.describe(self.args),
                json: diagnosis.json(self.args),
                ..Outcome::default()
            });
        }
        if unfinished.is_none() {
            diagnosis.permit(self.args)?;
        }
        let discovery = self.discover().await?;
        if unfinished.is_none() {
            self.confirm(&diagnosis).await?;
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
            reset_identity: self.args.reset_identity,
            recovery: self.args.recovery,
            progress: &progress,
        };
        let mut journal = match unfinished {
            Some(mut journal) if journal.step == Step::Undo => {
                progress.step("Taking back what the last run left");
                preparation.undo(&mut journal).await;
                None
            }
            unfinished => unfinished,
        }
        .unwrap_or_else(|| {
            let keep = self.args.keep_old_device;
            Journal::new(&diagnosis.user_id, &diagnosis.device_id, keep)
        });
        let stop = stop_signal()?;
        let prepared = match preparation.make(&journal).await {
            Ok(login) => tokio::select! {
                equipped = Box::pin(preparation.equip(&login, room_keys, &mut journal)) => equipped,
                () = stop => Err(Error::new(Kind::Interrupted, "interrupted")),
            },
            Err(error) => Err(error),
        };
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
            if journal.step < Step::Swap {
                progress.step("Taking everything back");
                preparation.undo(&mut journal).await;
            }
            return Err(error);
        }
        drop(progress);
        let given = recovery_key.as_ref();
        self.conclude(&journal, &discovery.homeserver, given).await
    }

    /// Finishes a reset that was killed when the new device was ready.
    async fn finish(mut self, mut journal: Journal) -> Result<Outcome> {
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
        let homeserver = self.matrix.homeserver()?;
        let homeserver = Homeserver::new(homeserver.as_str(), &self.options)?;
        if journal.step == Step::Swap {
            self.swap(&homeserver).put_in_place(&mut journal, true)?;
        }
        let given = self.recovery_key().await?;
        self.conclude(&journal, &homeserver, given.as_ref()).await
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

    async fn confirm(&self, diagnosis: &Diagnosis) -> Result<()> {
        if self.args.yes {
            return Ok(());
        }
        if self.terminal.is_interactive() {
            self.terminal.note(&diagnosis.describe(self.args));
        }
        let words = format!("Type {} to replace this device", diagnosis.device_id);
        self.ask_to_type(&words, &diagnosis.device_id).await?;
        if !self.args.reset_identity {
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
        if !has_recovery_key(self.args) {
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
        mut self,
        journal: &Journal,
        homeserver: &Homeserver,
        given: Option<&Secret>,
    ) -> Result<Outcome> {
        let terminal = self.terminal;
        let keeper = self.keeper.take();
        let secrets = Secrets::read(&self.places.store())?;
        let made = secrets.and_then(|secrets| secrets.recovery_key());
        let swap = self.swap(homeserver);
        let retiring = swap.retire(journal);
        let (gone, notes) = terminal
            .during("Logging the old device out", retiring)
            .await?;
        for note in &notes {
            terminal.note(note);
        }
        let archived = swap.archived(journal);
        let mut outcome = outcome(journal, archived.as_deref(), gone, made.as_ref());
        if let Some(keeper) = keeper {
            keeper.keep(&mut outcome, &journal.user_id, made.as_ref().or(given));
        }
        Ok(outcome)
    }
}
