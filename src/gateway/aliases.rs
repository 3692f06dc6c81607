//! The rooms that aliases in `groupAllowFrom` are of: looked up at the start and at each reload, and
//! remembered for when the homeserver cannot say.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use backon::BackoffBuilder;
use futures_util::{StreamExt, stream};

use super::{retry, settings::Current};
use crate::{error::Result, homeserver::Account, journal::Journal, session::Session};

/// How often it is looked whether they are of other rooms by now.
const EVERY: Duration = Duration::from_hours(24);
/// How long a start waits for them: those of other homeservers may take long.
const AT_START: Duration = Duration::from_secs(10);
/// How many are looked up at a time.
const AT_ONCE: usize = 8;

/// Whoever looks them up. Clones share the journal.
#[derive(Clone)]
pub struct Aliases {
    settings: Current,
    journal: Journal,
    account: Account,
}

impl Aliases {
    pub fn new(session: &Session, settings: &Current) -> Self {
        Self {
            settings: settings.clone(),
            journal: session.journal.clone(),
            account: session.account.clone(),
        }
    }

    /// Looks them up before messages are answered, unless all are known, and does not wait long.
    pub async fn prepare(&self) {
        let names = self.journal.names();
        if self
            .listed()
            .iter()
            .all(|alias| names.room(alias).is_some())
        {
            return;
        }
        if tokio::time::timeout(AT_START, self.resolve())
            .await
            .is_err()
        {
            tracing::warn!("the aliases in groupAllowFrom are not known yet");
        }
    }

    /// Looks them up now, whenever the settings are replaced, and once a day.
    pub async fn run(self) -> Infallible {
        let mut changes = self.settings.changes();
        let mut backoff = None;
        loop {
            let pause = match self.resolve().await {
                Ok(true) => {
                    backoff = None;
                    EVERY
                }
                Ok(false) => retry::next(backoff.get_or_insert_with(|| retry::OF_ALIASES.build())),
                Err(error) => {
                    tracing::warn!("cannot remember the aliases in groupAllowFrom: {error}");
                    EVERY
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // The sender is there as long as the settings are.
                _ = changes.changed() => backoff = None,
            }
        }
    }

    fn listed(&self) -> Vec<String> {
        let listed = &self.settings.get().policy.group_allow_from;
        let aliases = listed.iter().filter(|entry| entry.starts_with('#'));
        aliases.cloned().collect()
    }

    /// Looks them up; whether all could be. What could not is remembered as it was.
    async fn resolve(&self) -> Result<bool> {
        let known = self.journal.names();
        let (mut found, mut is_complete) = (BTreeMap::new(), true);
        let lookups = self.listed().into_iter().map(|alias| {
            let account = self.account.clone();
            async move {
                let room = account.room_of_alias(&alias).await;
                (alias, room)
            }
        });
        let lookups: Vec<_> = lookups.collect();
        let mut lookups = stream::iter(lookups).buffered(AT_ONCE);
        while let Some((alias, room)) = lookups.next().await {
            let before = known.room(&alias);
            match room {
                Ok(Some(room)) => {
                    if before.is_some_and(|before| before != room) {
                        tracing::info!(
                            event = "alias_moved",
                            room_id = room,
                            "the alias {alias} in groupAllowFrom is of another room now: {room}"
                        );
                    }
                    found.insert(alias, room);
                }
                Ok(None) => {
                    tracing::warn!(
                        event = "alias_unknown",
                        "groupAllowFrom lists {alias}, but no room has this alias"
                    );
                }
                Err(error) => {
                    is_complete = false;
                    tracing::debug!("cannot look up {alias}: {error}");
                    found.extend(before.map(|before| (alias, before.to_owned())));
                }
            }
        }
        self.journal.set_aliases(found).await?;
        Ok(is_complete)
    }
}
