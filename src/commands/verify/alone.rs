//! Verifications without a gateway: this process is the bot meanwhile.

use std::time::Duration;

use super::{Outcome, Way, compare, credentials, environment, refuse_unfinished};
use crate::{
    cli::verify::Verify,
    config::{Document, Paths},
    error::{Error, Kind, Result},
    instance::{Lock, Verification},
    policy::Policy,
    session::{Facts, Session, StoreAccount, VerificationHost},
    terminal::{Progress, Terminal},
};

/// How long a sync waits for something to happen.
const POLL: Duration = Duration::from_secs(30);
/// The pause after a sync that failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How long those on the other side may be waited for to hear of the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Accepts those who may talk to the bot; the person at the terminal compares.
struct Person {
    policy: Policy,
}

impl VerificationHost for Person {
    fn admits(&self, user_id: &str) -> bool {
        self.policy.allow_from.allows(user_id)
    }

    fn confirms_unseen(&self, _: &Verification) -> bool {
        false
    }

    fn tell(&self, _: &Verification) {}
}

pub(super) async fn run(args: &Verify, paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let matrix = Document::load(paths.config_file())?.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let policy = Policy::new(&matrix)?;
    if !policy.e2ee_enabled {
        return Err(Error::failure(
            "encryption is switched off (e2eeEnabled), so there is nothing to verify",
        ));
    }
    let _lock = Lock::acquire(paths.dir())?;
    refuse_unfinished(paths.dir())?;
    let progress = Progress::start("Connecting");
    let account = credentials.account()?;
    let stored = StoreAccount::read(&paths.store()).await?;
    let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
    let facts = Facts::gather(&account, user_id, device_id, stored).await?;
    facts.readiness()?;

    let mut session = Session::open(&credentials, &paths.store()).await?;
    let verifications = session.verifications(&account, Person { policy });
    session.step(Duration::ZERO).await?;
    drop(progress);
    let way = Way::Here(verifications.clone());
    let outcome = tokio::select! {
        outcome = compare::run(&way, args, terminal) => outcome,
        error = stepping(&mut session) => return Err(error),
    };
    // Whoever is left waiting need not wait for nothing.
    let farewell = tokio::time::timeout(FAREWELL, verifications.give_up()).await;
    if farewell.is_err() {
        tracing::debug!("the other sides do not hear of the end");
    }
    session.settle().await;
    outcome
}

/// Syncs until that fails for good.
async fn stepping(session: &mut Session) -> Error {
    loop {
        match session.step(POLL).await {
            Ok(_) => {}
            Err(error) if error.kind() == Kind::Unreachable => {
                tracing::warn!(%error, "the homeserver is away; trying again");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return error,
        }
    }
}
