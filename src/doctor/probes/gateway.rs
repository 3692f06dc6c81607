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
        async move {
            // It can tell why there is no answer, which the probe's own deadline cannot.
            let limit = LIMIT.min(subject.patience);
            look(subject.paths.dir(), limit)
                .await
                .map_err(Trouble::from)
        },
        |facts, gateway| facts.gateway = Some(gateway),
    )
})];

async fn look(directory: &Path, limit: Duration) -> Result<Gateway> {
    let Some(holder) = Lock::holder(directory)? else {
        return Ok(Gateway::Stopped);
    };
    let silent = |why: String| Gateway::Silent {
        pid: holder.pid,
        why,
        hangs: false,
    };
    Ok(
        match instance::ask(directory, Request::Status, limit).await {
            Ok(Some(Answer::Status(status))) => Gateway::Running(status),
            Ok(Some(Answer::Refused { why, .. })) => silent(why),
            Ok(Some(_)) => silent("it answered another question".to_owned()),
            // A login, say, holds the lock too.
            Ok(None) => silent("it is no gateway, or one that just starts or ends".to_owned()),
            Err(error) => Gateway::Silent {
                pid: holder.pid,
                why: error.to_string(),
                hangs: true,
            },
        },
    )
}
