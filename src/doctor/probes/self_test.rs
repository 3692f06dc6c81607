//! The device put to use: through the running gateway, or by opening its store.

use std::time::Duration;

use crate::{
    config::Paths,
    doctor::probe::{Probe, ask},
    error::{Error, Result},
    ipc::{Answer, Lock, Request, SelfTest, ask_for},
    session::{Credentials, Readiness, Session},
};

/// How long the test may take; the gateway gives itself less.
const LIMIT: Duration = Duration::from_secs(50);

pub fn probes() -> Vec<Probe> {
    vec![Probe::online(
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
        |context, facts| {
            // Nothing is used that the gateway would refuse to start with, and nothing is published.
            let Ok(Ok(Readiness::Established)) = facts.preflight() else {
                return None;
            };
            let paths = context.live.then(|| context.paths.clone())?;
            let credentials = facts.credentials().ok()?.clone();
            let e2ee_enabled = facts.matrix().ok()?.e2ee_enabled;
            facts.gateway().ok()?;
            let runs = facts.status().is_ok();
            ask(|facts| &mut facts.self_test, async move {
                if runs {
                    through_gateway(&paths).await
                } else {
                    alone(&paths, &credentials, e2ee_enabled).await
                }
            })
        },
    )]
}

async fn through_gateway(paths: &Paths) -> Result<SelfTest> {
    let read = |answer| match answer {
        Answer::SelfTest(test) => Some(*test),
        _ => None,
    };
    let test = ask_for(paths.dir(), Request::SelfTest, LIMIT, read).await?;
    test.ok_or_else(|| Error::failure("the gateway has ended meanwhile").hint("run it again"))
}

async fn alone(paths: &Paths, credentials: &Credentials, e2ee_enabled: bool) -> Result<SelfTest> {
    let _lock = Lock::acquire(paths.dir())?;
    let session = Session::open(credentials, &paths.store()).await?;
    Ok(session.self_test(e2ee_enabled, LIMIT).await)
}
