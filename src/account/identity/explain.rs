//! Why recovery failed, and what verifies this device.

use std::path::Path;

use crate::{
    error::{Error, Remedy},
    homeserver::Account,
    session::{Chain, Credentials, Flaw, RecoveryFailure, Remains, latest_archives, verify_chain},
};

const LOG_IN: &str = "nanobot login";

/// A failure of recovery in words, with the one command that verifies this device. `directory` is
/// the data directory.
pub async fn explain(
    failure: RecoveryFailure,
    account: &Account,
    device: &Credentials,
    directory: &Path,
) -> Error {
    let (user_id, device_id) = (&device.user_id, &device.device_id);
    let stores = latest_archives(directory);
    let asked = tokio::try_join!(
        async { Ok(account.published_keys(user_id, device_id).await?) },
        Remains::find(account, user_id, device_id, &stores)
    );
    let (keys, remains) = match asked {
        Ok(asked) => asked,
        Err(error) => {
            tracing::debug!(%error, "cannot tell what verifies the device");
            return failure.into();
        }
    };
    let chain = verify_chain(&keys, user_id, device_id);
    if chain != Chain::NoDeviceKeys || keys.master.is_none() {
        return failure.advise(chain, remains);
    }
    // There is no device yet: it is verified when it is logged in.
    let error = failure.advise(Chain::Owner(Flaw::Unsigned), remains);
    let remedy = error.remedy().clone();
    if remedy
        .commands
        .iter()
        .all(|command| command.starts_with(LOG_IN))
    {
        return error;
    }
    let text = format!("log in without a recovery key, then {}", remedy.text);
    let commands = [vec![LOG_IN.to_owned()], remedy.commands].concat();
    error.with_remedy(Remedy {
        text,
        commands,
        ..remedy
    })
}
