//! What a logout means for the account's cross-signing identity.

use std::path::PathBuf;

use serde::Serialize;

use super::Options;
use crate::{
    account::{identity::explain, secret_input::ask_recovery_key},
    config::Paths,
    error::{Error, Kind, Result},
    homeserver::Account,
    session::{
        Credentials, RecoveryFailure, Remains, SecretStorage, find_identity, latest_archives,
    },
    terminal::Question,
};

/// What the next login has for the account's cross-signing identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityAfter {
    /// The account has none.
    None,
    /// Its private keys, in a store on this machine; and a recovery key opens them elsewhere.
    Kept,
    /// Its private keys, in a store on this machine and nowhere else.
    OnlyHere,
    /// Private keys in a store on this machine. Whether they are still the account's is not known.
    Unchecked,
    /// The recovery key.
    RecoveryKey,
    /// Another verified session.
    OtherSession,
    /// Nothing.
    Lost,
    /// It is not known.
    Unknown,
}

impl IdentityAfter {
    /// What there is where the token still works.
    async fn find(
        account: &Account,
        credentials: &Credentials,
        stores: &[PathBuf],
    ) -> Result<Self> {
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let keys = account.published_keys(user_id, device_id).await?;
        if keys.master.is_none() {
            return Ok(Self::None);
        }
        let remains = Remains::find(account, user_id, device_id, stores).await?;
        Ok(match (remains.on_machine, remains.in_secret_storage) {
            (true, true) => Self::Kept,
            (true, false) => Self::OnlyHere,
            (false, true) => Self::RecoveryKey,
            (false, false) if remains.has_verified_session => Self::OtherSession,
            (false, false) => Self::Lost,
        })
    }

    /// What that means, for a person.
    pub fn describe(self) -> Option<&'static str> {
        match self {
            Self::None | Self::Unknown => None,
            Self::Kept => Some(
                "It contains the cross-signing identity: the next `nanobot login` on this machine \
                 restores it; elsewhere the recovery key does",
            ),
            Self::OnlyHere => Some(
                "It contains the only copy of the cross-signing identity: keep it. The next \
                 `nanobot login` on this machine restores the identity. Without it everyone who \
                 verified the bot must verify it again",
            ),
            Self::Unchecked => Some(
                "It contains a cross-signing identity: the next `nanobot login` on this machine \
                 restores it, unless it was replaced elsewhere",
            ),
            Self::RecoveryKey => Some(
                "Only the recovery key restores the cross-signing identity: \
                 `nanobot login --recovery-key-file FILE`",
            ),
            Self::OtherSession => Some(
                "Another verified session of the account can verify the next device: log in, then \
                 run `nanobot verify`",
            ),
            Self::Lost => Some(
                "The cross-signing identity is lost: `nanobot login --reset-identity --recovery` \
                 creates a new one, and everyone who verified the bot must verify it again",
            ),
        }
    }
}

/// Finds out what the logout means for the identity, checks the recovery key, and has a person
/// confirm a loss.
pub async fn settle(
    options: &Options,
    credentials: &Credentials,
    paths: &Paths,
) -> Result<IdentityAfter> {
    let account = credentials.account()?;
    let mut stores = vec![paths.store()];
    stores.extend(latest_archives(paths.dir()));
    let found = match IdentityAfter::find(&account, credentials, &stores).await {
        // A session that is gone already can still be forgotten here.
        Err(error) if error.kind() == Kind::NotLoggedIn => {
            let has_any = find_identity(&stores, &credentials.user_id, None)
                .await
                .is_some();
            return Ok(if has_any {
                IdentityAfter::Unchecked
            } else {
                IdentityAfter::Unknown
            });
        }
        found => found?,
    };
    if let Some(source) = &options.recovery_key {
        let key = source.read("recovery key").await?;
        let storage = SecretStorage::read(&account, &credentials.user_id).await;
        let checked =
            storage.and_then(|storage| storage.ok_or(RecoveryFailure::NotSetUp)?.check(&key));
        if let Err(failure) = checked {
            return Err(explain(failure, &account, credentials, paths.dir()).await);
        }
    } else if options.terminal.is_interactive() {
        confirm(options, found, &account, credentials).await?;
    }
    Ok(found)
}

/// Has a person confirm that they have the recovery key, or that the identity may be lost.
async fn confirm(
    options: &Options,
    found: IdentityAfter,
    account: &Account,
    credentials: &Credentials,
) -> Result<()> {
    let terminal = options.terminal;
    let (why, words) = match found {
        IdentityAfter::RecoveryKey => {
            let storage = SecretStorage::read(account, &credentials.user_id).await;
            if let Ok(Some(storage)) = storage {
                terminal.note(
                    "After this only the recovery key restores the bot's cross-signing identity. \
                     Enter it to check that you have it; it is not stored.",
                );
                let flag = "--recovery-key-file or --yes";
                if ask_recovery_key(terminal, &storage, flag).await?.is_some() {
                    return Ok(());
                }
            }
            (
                "Without the recovery key everyone who verified the bot must verify it again.",
                "Log out without the recovery key?",
            )
        }
        IdentityAfter::Lost => (
            "After this nothing can restore the bot's cross-signing identity: everyone who \
             verified the bot must verify it again.",
            "Log out and lose the identity?",
        ),
        _ => return Ok(()),
    };
    terminal.note(why);
    let question = Question {
        default: Some("no"),
        ..Question::new(words, "--yes")
    };
    if terminal.ask_yes_or_no(question).await? {
        return Ok(());
    }
    Err(Error::new(Kind::Interrupted, "not logged out"))
}
