//! The account's identity, which vouches for the bot's device, and what it is recovered with.

use std::{path::PathBuf, sync::Arc};

use super::{run::Run, steps::Status};
use crate::{
    account::{
        identity::{self, Holdings, Request},
        options::{self, Recovery},
        recovery_key::{Destinations, PendingKey},
    },
    config::Secret,
    error::{Error, Result},
    ipc::Lock,
    session::{Chain, Credentials, IdentityFix, SecretStorage},
    terminal::{Progress, Question, missing},
};

/// How identity and recovery ended.
struct Ending {
    settled: identity::Status,
    /// Nothing was done now.
    was_idle: bool,
    /// The recovery key that the device was verified with.
    by_key: Option<Secret>,
    destinations: Destinations,
}

/// What the bot can be recovered with from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recoverable {
    /// The account's recovery key, which the device was verified with now.
    ByGivenKey,
    /// The account's recovery key, made now or long ago.
    ByKey,
    /// Nothing.
    No,
}

impl Run {
    /// Returns what the bot can be recovered with.
    pub async fn identity(
        &mut self,
        credentials: &Credentials,
        is_new: bool,
    ) -> Result<Recoverable> {
        self.steps.begin("identity");
        let mut ending = self.complete(credentials).await?;
        ending.was_idle &= !is_new;
        self.tell(credentials, ending).await
    }

    /// Does what is missing.
    async fn complete(&self, credentials: &Credentials) -> Result<Ending> {
        let account = credentials.account()?;
        let user_id = &credentials.user_id;
        let progress = Progress::start("Checking the account's identity");
        let settled =
            identity::Status::read(&account, user_id, &credentials.device_id, self.paths.dir())
                .await;
        let is_whole = settled.is_verified();
        let has_storage = SecretStorage::exists(&account, user_id).await?;
        let is_pending = PendingKey::read(self.paths.dir(), user_id)?.is_some();
        progress.pause();
        if is_whole && has_storage && !is_pending {
            return Ok(Ending {
                settled,
                was_idle: true,
                by_key: None,
                destinations: Destinations::default(),
            });
        }
        if is_whole && !is_pending {
            self.demand_recovery()?;
        }
        let destinations = Destinations::reserve(
            &self.options.login,
            !has_storage || is_pending,
            self.paths.dir(),
        )?;
        let request = Request::read(&self.options.login, self.paths.dir()).await?;
        let request = request.without_password();
        // A device that nobody vouches for does not have the identity's keys.
        let holdings = if is_whole {
            Holdings::Own
        } else {
            Holdings::New(None)
        };
        let plan = request
            .decide(&account, credentials, holdings, &progress)
            .await?;
        let _lock = if plan.is_idle() {
            None
        } else {
            Some(Lock::acquire(self.paths.dir())?)
        };
        let store = self.paths.store();
        let settled = Box::pin(plan.carry_out(credentials, &store, None, &progress)).await?;
        Ok(Ending {
            settled,
            was_idle: plan.is_idle(),
            by_key: plan.recover.clone(),
            destinations,
        })
    }

    async fn tell(&mut self, credentials: &Credentials, ending: Ending) -> Result<Recoverable> {
        let Ending {
            settled,
            was_idle,
            by_key,
            mut destinations,
        } = ending;
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        // Before anything else can fail.
        let mut kept = None;
        if let Some(key) = &settled.recovery_key {
            kept = Some(self.hand_over(user_id, key, &mut destinations).await?);
        }
        let (status, detail) = judge(&settled, device_id, was_idle);
        if by_key.is_some() && !settled.is_verified() {
            let message = format!("the recovery key did not verify the device: {detail}");
            return Err(Error::failure(message)
                .hint("see what is wrong")
                .command("nanobot doctor"));
        }
        self.steps.end(status, &detail)?;

        self.steps.begin("recovery");
        let (recoverable, status, detail) = if let Some(kept) = kept {
            (Recoverable::ByKey, Status::Done, kept)
        } else if let Some(backup) = settled.backup {
            let places = destinations.keep(user_id, None, by_key.as_ref());
            let detail = told(backup.describe(), places)?;
            (Recoverable::ByGivenKey, Status::Done, detail)
        } else if SecretStorage::exists(&credentials.account()?, user_id).await? {
            self.refuse_unsaved();
            let detail = "the account has a recovery key, which was shown when it was made. If \
                          you have lost it: `nanobot login --reset-identity --recovery`";
            (Recoverable::ByKey, Status::AlreadyDone, detail.to_owned())
        } else if settled.is_verified() {
            let detail = "no recovery key: if you lose this machine, you lose the bot's identity. \
                          To make one later: `nanobot setup --recovery`";
            (Recoverable::No, Status::Skipped, detail.to_owned())
        } else {
            let detail = "no recovery key. Verify this device first";
            if self.options.login.recovery == Recovery::IfMissing {
                let error = Error::failure("no recovery key could be made for this device");
                let fix = settled.fix.map(IdentityFix::advice);
                self.unmet(error.hint(fix.unwrap_or_else(|| detail.to_owned())));
            }
            (Recoverable::No, Status::Open, detail.to_owned())
        };
        self.steps.end(status, &detail)?;
        Ok(recoverable)
    }
}

impl Run {
    /// Shows a new recovery key, keeps it where that is wished, and sees that its owner has it.
    /// Until then it stays on the disk, and the next run shows it again.
    async fn hand_over(
        &mut self,
        user_id: &str,
        key: &Arc<PendingKey>,
        destinations: &mut Destinations,
    ) -> Result<String> {
        let secret = key.secret();
        self.steps.reveal(&secret)?;
        let words = "set up. Keep the recovery key somewhere else than on this machine";
        let mut places = destinations.keep(user_id, Some(&secret), None);
        if self.terminal.is_interactive() {
            if places.is_empty() {
                places = self.ask_where_to_keep(user_id, &secret).await?;
            }
            let stored = Question::new("Have you stored the recovery key?", "--recovery");
            while !self.terminal.ask_yes_or_no(stored).await? {
                self.steps.reveal(&secret)?;
            }
        }
        let kept = told(words, places)?;
        self.steps.is_shown(Arc::clone(key))?;
        Ok(kept)
    }

    async fn ask_where_to_keep(
        &mut self,
        user_id: &str,
        key: &Secret,
    ) -> Result<Vec<Result<String>>> {
        let question = Question {
            default: Some(""),
            why: "A file that only you can read, best on a disk that you keep elsewhere. Press \
                  Enter if you store the key yourself, for example in a password manager.",
            ..Question::new("Save it to a new file", "--save-recovery-key")
        };
        let (login, directory) = (&self.options.login, self.paths.dir());
        let read = |typed: &str| {
            if typed.is_empty() {
                return Ok(None);
            }
            let path = typed_path(typed);
            let options = options::Options {
                save_recovery_key: Some(path.clone()),
                ..login.clone()
            };
            let reserved = Destinations::reserve(&options, true, directory);
            let refused = |error: Error| {
                let hint = error.hint_text().map(|hint| format!("; {hint}"));
                format!("{error}{}", hint.unwrap_or_default())
            };
            reserved.map(|place| Some((path, place))).map_err(refused)
        };
        let Some((path, mut destinations)) = self.terminal.ask(question, read).await? else {
            return Ok(Vec::new());
        };
        self.options.login.save_recovery_key = Some(path);
        Ok(destinations.keep(user_id, Some(key), None))
    }

    /// Notes that a key that was made long ago cannot be written into the file that was asked for.
    fn refuse_unsaved(&mut self) {
        let Some(file) = &self.options.login.save_recovery_key else {
            return;
        };
        if !file.exists() {
            let message = format!(
                "the recovery key cannot be saved to {}: it was made earlier, and only its owner \
                 has it",
                file.display()
            );
            self.unmet(
                Error::failure(message)
                    .hint("if it is lost, make a new one with")
                    .command("nanobot login --reset-identity --recovery"),
            );
        }
    }

    /// Refuses a recovery that nobody has decided about and nobody can be asked about.
    fn demand_recovery(&self) -> Result<()> {
        let login = &self.options.login;
        let is_said = login.recovery != Recovery::Ask || login.recovery_key.is_some();
        if is_said || self.terminal.is_interactive() {
            return Ok(());
        }
        Err(missing("--recovery or --no-recovery"))
    }
}

/// A path as people type and paste it: in quotes, or from their home directory.
fn typed_path(typed: &str) -> PathBuf {
    let typed = typed.trim_matches(['\'', '"']);
    match (typed.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(typed),
    }
}

/// How the device stands with its owner, as the homeserver shows it to others.
fn judge(status: &identity::Status, device_id: &str, was_idle: bool) -> (Status, String) {
    match &status.chain {
        Ok(Chain::Whole) => {
            let detail = format!("device {device_id} is verified by its account");
            (Status::done(was_idle), detail)
        }
        Ok(chain) => {
            let advice = status.fix.map(|fix| format!("; {}", fix.advice()));
            let detail = format!("{}{}", chain.describe(), advice.unwrap_or_default());
            (Status::Open, detail)
        }
        Err(error) => {
            let detail = format!("cannot tell whether the device is verified: {error}");
            (Status::Open, detail)
        }
    }
}

/// These words, and then what is to be said of each place that the recovery key is kept in.
fn told(words: &str, places: Vec<Result<String>>) -> Result<String> {
    let mut sentences = vec![words.to_owned()];
    for place in places {
        sentences.push(place?);
    }
    Ok(sentences.join(". "))
}
