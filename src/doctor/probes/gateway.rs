//! Whether a gateway runs here, and how it is: asked through its socket, never by its store.

use std::{path::Path, time::Duration};

use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::{Gateway, Trouble},
    },
    error::Result,
    instance::{self, Answer, Lock, Request},
};

/// How long a gateway may take to say how it is.
const LIMIT: Duration = Duration::from_secs(5);

pub(super) const PROBES: &[Probe] = &[Probe::local("gateway", &[], |subject, _| {
    ask(
        async move { look(subject.paths.dir()).await.map_err(Trouble::from) },
        |facts, gateway| facts.gateway = Some(gateway),
    )
})];

async fn look(directory: &Path) -> Result<Gateway> {
    let Some(holder) = Lock::holder(directory)? else {
        return Ok(Gateway::Stopped);
    };
    let silent = |why: String| Gateway::Silent {
        pid: holder.pid,
        why,
    };
    Ok(
        match instance::ask(directory, Request::Status, LIMIT).await {
            Ok(Some(Answer::Status(status))) => Gateway::Running(status),
            Ok(Some(Answer::Refused { why, .. })) => silent(why),
            Ok(Some(Answer::SelfTest(_))) => silent("it answered another question".to_owned()),
            // A login, say, holds the lock too.
            Ok(None) => silent("it listens to nobody".to_owned()),
            Err(error) => silent(error.to_string()),
        },
    )
}
