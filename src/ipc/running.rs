//! Whether a gateway runs, what it says of itself, and having it read its configuration anew.

use std::{path::Path, time::Duration};

use super::{
    lock::Lock,
    protocol::{Answer, Reloaded, Request},
    socket::{MISFIT, ask},
    status::Status,
};
use crate::error::{Error, Result};

/// How long the gateway may take, its keyring included.
const LIMIT: Duration = Duration::from_secs(20);

/// Whether a gateway runs on a directory, and what it says of itself.
#[derive(Clone, Debug)]
pub enum Gateway {
    /// None does.
    Stopped,
    /// One does, and says how it is.
    Running(Box<Status>),
    /// Another nanobot with this process ID does, and does not say how it is for this reason.
    Silent {
        /// Its process ID, where it has written it down.
        pid: Option<u32>,
        /// Why there is no answer.
        why: String,
        /// Whether it listens all the same.
        hangs: bool,
    },
}

/// Whether a gateway runs on this directory, given this long to answer. Opens no store.
///
/// # Errors
///
/// When the directory's lock is there and cannot be read.
pub async fn look(directory: &Path, limit: Duration) -> Result<Gateway> {
    let Some(holder) = Lock::holder(directory)? else {
        return Ok(Gateway::Stopped);
    };
    let (why, hangs) = match ask(directory, Request::Status, limit).await {
        Ok(Some(Answer::Status(status))) => return Ok(Gateway::Running(status)),
        Ok(Some(Answer::Refused { why, .. })) => (why, false),
        Ok(Some(_)) => (MISFIT.to_owned(), false),
        // A login, say, holds the lock too.
        Ok(None) => {
            let why = "it is not a gateway, or one that is starting or stopping";
            (why.to_owned(), false)
        }
        Err(error) => (error.to_string(), true),
    };
    Ok(Gateway::Silent {
        pid: holder.pid,
        why,
        hangs,
    })
}

/// Has the gateway that runs on this directory read its configuration anew.
///
/// # Errors
///
/// When none runs or it does not answer, and the gateway's own: then nothing has changed.
pub async fn reload(directory: &Path) -> Result<Reloaded> {
    let why = match ask(directory, Request::Reload, LIMIT).await? {
        Some(Answer::Reloaded(reloaded)) => return Ok(reloaded),
        Some(Answer::Failed(failed)) => return Err(failed.into()),
        Some(Answer::Refused { why, .. }) => why,
        Some(_) => MISFIT.to_owned(),
        None if Lock::holder(directory)?.is_some() => {
            "another nanobot uses the directory; it is not a gateway, or one that is starting or \
             stopping"
                .to_owned()
        }
        None => {
            return Err(Error::failure(
                "the gateway is not running, so there is nothing to reload",
            )
            .hint("it reads the configuration when it starts")
            .command("nanobot gateway"));
        }
    };
    let error = Error::failure(format!("cannot reload the configuration: {why}"));
    Err(error.hint("restart the gateway to apply the change"))
}
