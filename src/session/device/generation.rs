//! Whether a store is a copy of another. The account remembers a count that grows while the gateway
//! runs: a copy that was put back has a lower one, and one that runs beside it counts too.

use std::time::Instant;

use serde_json::{Value, json};

use super::store_account::new_device;
use crate::{
    error::Error,
    homeserver::{self, Account},
};

/// The type of the account data that remembers it.
pub const GENERATION: &str = "nanobot.journal";

/// What was counted with this device's store, as the account remembers it; 0 where it does not.
///
/// # Errors
///
/// What any call may meet.
pub async fn remembered_generation(
    account: &Account,
    user_id: &str,
    device_id: &str,
) -> homeserver::Result<u64> {
    let data = account.account_data(user_id, GENERATION).await?;
    Ok(counted(&data.unwrap_or(Value::Null), device_id))
}

/// Anybody with a token of the account may write what they like there.
fn counted(data: &Value, device_id: &str) -> u64 {
    let is_ours = data["device_id"] == device_id;
    data["generation"].as_u64().filter(|_| is_ours).unwrap_or(0)
}

/// A run of the gateway, as the account remembers it.
#[derive(Clone, Debug)]
pub struct Run {
    /// Nobody else has chosen the same.
    pub id: String,
    /// What it has counted to, and when.
    pub generation: u64,
    pub counted: Instant,
    /// Whether there was a sign of another run, which the account has not been asked about.
    pub is_doubtful: bool,
}

/// What account data says of another run with a copy of the same store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rival {
    pub generation: u64,
    /// Whether it stops because of this run.
    pub has_stopped: bool,
}

impl Run {
    /// What the account is to remember of it, and of whether it stops because of another.
    pub fn data(&self, device_id: &str, has_stopped: bool) -> Value {
        json!({
            "device_id": device_id, "generation": self.generation, "run": self.id,
            "stopped": has_stopped,
        })
    }

    /// The run that wrote this, if it is another one that nobody can tell to be older. What is left
    /// of earlier runs is always older.
    pub fn rival(&self, data: &Value, device_id: &str) -> Option<Rival> {
        let generation = counted(data, device_id);
        let is_rival = generation >= self.generation && data["run"] != self.id;
        is_rival.then(|| Rival {
            generation,
            has_stopped: data["stopped"] == true,
        })
    }
}

/// That a store which has counted less than is remembered is an older copy; `None` where it is not.
pub fn older_copy(ours: u64, remembered: u64) -> Option<Error> {
    // A journal that was never started with is a new one: it may have been lost or damaged.
    (ours > 0 && ours < remembered).then(|| {
        Error::failure(
            "matrix-store is an older copy: the bot has run since with a newer one, and others' \
             messages may be encrypted with keys that only that one has",
        )
        .with_remedy(new_device())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_run_that_counts_as_far_is_a_rival() {
        let run = |id: &str, generation| Run {
            id: id.to_owned(),
            generation,
            counted: Instant::now(),
            is_doubtful: false,
        };
        let ours = run("ours", 5);
        for (other, device_id, is_rival) in [
            (run("ours", 5), "BOT", false),
            (run("theirs", 6), "BOT", true),
            // Both were started at once.
            (run("theirs", 5), "BOT", true),
            // A late request of a run that died.
            (run("theirs", 4), "BOT", false),
            (run("theirs", 6), "OTHER", false),
        ] {
            let rival = ours.rival(&other.data(device_id, false), "BOT");
            assert_eq!(rival.is_some(), is_rival, "{other:?}");
        }
        let stopped = ours.rival(&run("theirs", 6).data("BOT", true), "BOT");
        assert!(stopped.is_some_and(|rival| rival.has_stopped));
        assert_eq!(ours.rival(&Value::Null, "BOT"), None);
    }

    #[test]
    fn only_a_store_that_has_counted_less_is_an_older_copy() {
        assert!(older_copy(4, 5).is_some());
        assert!(older_copy(5, 5).is_none());
        // It died between its own note and the account's.
        assert!(older_copy(6, 5).is_none());
        // Another device is remembered, or nothing; or the journal is a new one.
        assert!(older_copy(5, 0).is_none());
        assert!(older_copy(0, 5).is_none());
    }
}
