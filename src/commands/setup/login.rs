//! The first step: a login that holds, made by what `nanobot login` makes it with.

use super::{
    Run,
    keepsakes::Keepsakes,
    ledger::{Status, Step},
};
use crate::{
    commands::{
        credentials,
        login::{
            device::is_same_user,
            entrance::{Entered, Entrance},
            identity::{IdentityWishes, Recovery, Reset},
            keepsake::Keepsake,
        },
        recovery_key::Keeper,
    },
    error::{Kind, Result},
    session::{Credentials, Facts, StoreAccount},
    terminal::missing,
};

/// The login that the further steps have.
pub(super) enum Start {
    /// It was made now. The recovery key is kept there too.
    Made(Box<Entered>, Keepsakes),
    /// It was there.
    Held(Credentials),
}

/// How the login stands.
enum Standing {
    Holds(Credentials),
    /// There is none that holds, and why, where there was one.
    Lacking(Option<String>),
}

impl Start {
    pub(super) fn is_made(&self) -> bool {
        matches!(self, Self::Made(..))
    }
}

impl Run<'_> {
    pub(super) async fn log_in(&mut self) -> Result<Start> {
        self.ledger.begin(Step::Login);
        let looking = self.standing();
        let standing = self
            .terminal
            .during("Looking at the login", looking)
            .await?;
        let why = match standing {
            Standing::Holds(held) => {
                let detail = format!(
                    "{}; its token is valid, and the keys of its device are here",
                    describe(&held)
                );
                self.ledger.end(Status::AlreadyDone, &detail)?;
                return Ok(Start::Held(held));
            }
            Standing::Lacking(why) => why,
        };
        if let Some(why) = why {
            self.terminal
                .note(&format!("The bot has to log in: {why}."));
        }
        self.demand_answers()?;
        let keepsakes = self.reserve_keepsakes(true)?;
        let identity = self.identity_wishes().await?;
        let entrance = Entrance {
            args: &self.args.entry,
            identity: &identity,
            guided: self.terminal.is_interactive(),
            terminal: self.terminal,
            paths: &self.paths,
        };
        let entered = Box::pin(entrance.enter(&mut self.document)).await?;
        self.ledger
            .end(Status::Done, &describe(entered.credentials()))?;
        Ok(Start::Made(Box::new(entered), keepsakes))
    }

    /// What is wished of the account's identity, secrets read.
    pub(super) async fn identity_wishes(&self) -> Result<IdentityWishes> {
        let recovery = if self.args.entry.identity.recovery {
            Recovery::IfMissing
        } else if self.args.no_recovery {
            Recovery::Declined
        } else {
            Recovery::Open
        };
        let guided = self.terminal.is_interactive();
        let (entry, terminal) = (&self.args.entry, self.terminal);
        let directory = self.paths.dir();
        IdentityWishes::collect(entry, Reset::No, recovery, terminal, guided, directory).await
    }

    /// Sees to it that the places for the recovery key can be used. A file is only for a new one.
    pub(super) fn reserve_keepsakes(&self, is_new: bool) -> Result<Keepsakes> {
        let identity = &self.args.entry.identity;
        let path = identity.save_recovery_key.as_deref().filter(|_| is_new);
        Ok(Keepsakes {
            file: path
                .map(|path| Keepsake::reserve(path, self.paths.dir()))
                .transpose()?,
            keyring: Keeper::choose(identity.save_recovery_key_keyring, self.terminal)?,
        })
    }

    /// Refuses a recovery that nobody has decided about and nobody can be asked about.
    pub(super) fn demand_recovery(&self) -> Result<()> {
        let identity = &self.args.entry.identity;
        let is_said = self.args.no_recovery
            || identity.recovery
            || identity.recovery_key_stdin
            || identity.recovery_key_keyring
            || identity.recovery_key_file.is_some();
        if is_said || self.terminal.is_interactive() {
            return Ok(());
        }
        Err(missing("--recovery or --no-recovery"))
    }

    /// Refuses to begin where nobody is there to give the answers that will be needed.
    fn demand_answers(&self) -> Result<()> {
        let is_named =
            !self.args.entry.allow_from.is_empty() || !self.matrix()?.allow_from()?.is_empty();
        if !is_named && !self.terminal.is_interactive() {
            return Err(missing("--allow-from"));
        }
        self.demand_recovery()
    }

    async fn standing(&self) -> Result<Standing> {
        let matrix = self.matrix()?;
        let credentials = match credentials(&matrix) {
            Ok(credentials) => credentials,
            Err(error) if error.kind() == Kind::NotLoggedIn => return Ok(Standing::Lacking(None)),
            Err(error) => return Err(error),
        };
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        if let Some(user) = &self.args.entry.user
            && !is_same_user(user_id, user)
        {
            let why = format!("the configured login is that of {user_id}");
            return Ok(Standing::Lacking(Some(why)));
        }
        let stored = StoreAccount::read(&self.paths.store()).await?;
        let is_stored = stored.is_some();
        let account = credentials.account()?;
        let facts = match Facts::gather(&account, user_id, device_id, stored).await {
            Ok(facts) => facts,
            Err(error) if error.kind() == Kind::NotLoggedIn => {
                return Ok(Standing::Lacking(Some(error.to_string())));
            }
            Err(error) => return Err(error),
        };
        if !is_stored || facts.published.is_none() {
            let why = format!("the keys of its device {device_id} are not here");
            return Ok(Standing::Lacking(Some(why)));
        }
        facts.readiness()?;
        Ok(Standing::Holds(credentials))
    }
}

fn describe(credentials: &Credentials) -> String {
    format!(
        "{} on {}, device {}",
        credentials.user_id,
        credentials.homeserver.as_str().trim_end_matches('/'),
        credentials.device_id
    )
}
