//! Whether a gateway runs, and what it says of itself.

use std::{path::Path, time::Duration};

use super::{
    lock::Lock,
    protocol::{Answer, Request},
    socket::{MISFIT, ask},
    status::Status,
};
use crate::error::Result;

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
