//! Having the running gateway read its configuration anew.

use std::{path::Path, time::Duration};

use super::{
    lock::Lock,
    protocol::{Answer, Reloaded, Request},
    socket::{MISFIT, ask},
};
use crate::error::{Error, Result};

/// How long the gateway may take, its keyring included.
const LIMIT: Duration = Duration::from_secs(20);

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
