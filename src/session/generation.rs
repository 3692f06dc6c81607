//! Whether a store is an older copy of itself. The account remembers how often the gateway was
//! started with it: a copy that was put back knows of fewer starts.

use serde_json::{Value, json};

use crate::{
    error::{Error, Result},
    homeserver::{self, Account},
    inbox::Inbox,
};

/// The type of the account data that remembers it.
const TYPE: &str = "nanobot.journal";

/// How often the gateway was started with this device's store, as the account remembers it; 0
/// where it does not.
///
/// # Errors
///
/// What any call may meet.
pub async fn remembered_generation(
    account: &Account,
    user_id: &str,
    device_id: &str,
) -> homeserver::Result<u64> {
    let data = account.account_data(user_id, TYPE).await?;
    // Anybody with a token of the account may write what they like there.
    let data = data.unwrap_or(Value::Null);
    let is_ours = data["device_id"] == device_id;
    Ok(data["generation"].as_u64().filter(|_| is_ours).unwrap_or(0))
}

/// That a store which was started less often than remembered is an older copy; `None` where it is
/// not.
#[must_use]
pub fn older_copy(ours: u64, remembered: u64) -> Option<Error> {
    // A journal that was never started with is a new one: it may have been lost or damaged.
    (ours > 0 && ours < remembered).then(|| {
        Error::failure(
            "matrix-store is an older copy: the bot has run since with a newer one, and others' \
             messages may be encrypted with keys that only that one has",
        )
        .hint("run `nanobot store reset` to give the bot a new device")
    })
}

/// Refuses an older copy of the store, and remembers that it is started now.
///
/// # Errors
///
/// When it is an older copy, the journal fails, or the homeserver cannot be reached or refuses.
pub async fn begin_generation(
    account: &Account,
    inbox: &Inbox,
    user_id: &str,
    device_id: &str,
) -> Result<()> {
    let remembered = remembered_generation(account, user_id, device_id).await?;
    if let Some(error) = older_copy(inbox.generation().await?, remembered) {
        return Err(error);
    }
    // First here: what the homeserver remembers must never be ahead of us by our own doing.
    let generation = inbox.next_generation(remembered).await?;
    let data = json!({"device_id": device_id, "generation": generation});
    account.set_account_data(user_id, TYPE, data).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_store_that_knows_of_fewer_starts_is_an_older_copy() {
        assert!(older_copy(4, 5).is_some());
        assert!(older_copy(5, 5).is_none());
        // It died between its own note and the account's.
        assert!(older_copy(6, 5).is_none());
        // Another device is remembered, or nothing; or the journal is a new one.
        assert!(older_copy(5, 0).is_none());
        assert!(older_copy(0, 5).is_none());
    }
}
