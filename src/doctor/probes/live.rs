//! The device put to use: through the running gateway, or by opening its store.

use std::time::Duration;

use crate::{
    config::Paths,
    doctor::{
        engine::{Probe, ask},
        facts::Trouble,
    },
    error::{Error, Result},
    instance::{self, Answer, Lock, Request, SelfTest},
    session::{Credentials, Readiness, Session},
};

/// How long the test may take; the gateway gives itself less.
const LIMIT: Duration = Duration::from_secs(50);

pub(super) const PROBES: &[Probe] = &[Probe::online(
    "self_test",
    // The test itself changes what these ask for.
    &[
        "keys",
        "account",
        "journal",
        "gateway",
        "one_time_keys",
        "initial_sync",
    ],
    |subject, facts| {
        subject.live.then_some(())?;
        let paths = subject.paths.clone();
        // Nothing is used that the gateway would refuse to start with, and nothing is published.
        let Ok(Readiness::Established) = facts.preflight()? else {
            return None;
        };
        let credentials = facts.config.as_ref()?.credentials()?.clone();
        let e2ee_enabled = facts.config.as_ref()?.matrix.as_ref()?.e2ee_enabled;
        let runs = facts.gateway.as_ref()?.as_ref().ok()?.status().is_some();
        ask(
            async move {
                let test = if runs {
                    through_gateway(&paths).await
                } else {
                    alone(&paths, &credentials, e2ee_enabled).await
                };
                test.map_err(Trouble::from)
            },
            |facts, test| facts.self_test = Some(test),
        )
    },
)];

async fn through_gateway(paths: &Paths) -> Result<SelfTest> {
    match instance::ask(paths.dir(), Request::SelfTest, LIMIT).await? {
        Some(Answer::SelfTest(test)) => Ok(*test),
        Some(Answer::Refused { why, .. }) => Err(Error::failure(why)),
        Some(_) => Err(Error::failure("the gateway answered another question")),
        None => Err(Error::failure("the gateway has ended meanwhile").hint("run it again")),
    }
}

async fn alone(paths: &Paths, credentials: &Credentials, e2ee_enabled: bool) -> Result<SelfTest> {
    let _lock = Lock::acquire(paths.dir())?;
    let account = credentials.account()?;
    let session = Session::open(credentials, &paths.store()).await?;
    Ok(session.self_test(&account, e2ee_enabled, LIMIT).await)
}
