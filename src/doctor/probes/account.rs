//! What the homeserver knows of the account, the device and its keys.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::{Answer, Existence, Facts, Recovery},
        subject::Subject,
    },
    homeserver::{Account, UserId},
    policy::AllowFrom,
    session::{is_another_verified, remembered_generation},
};

pub(super) const PROBES: &[Probe] = &[
    Probe::online("whoami", &["versions"], |subject, facts| {
        facts.versions.as_ref()?.as_ref().ok()?;
        let own = Own::configured(&subject, facts)?;
        ask(
            async move { own.account.whoami().await },
            |facts, whoami| {
                facts.whoami = Some(whoami);
            },
        )
    }),
    Probe::online("device", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(
            async move { own.account.device(&own.device_id).await },
            |facts, device| facts.device = Some(device),
        )
    }),
    Probe::online("devices", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(
            async move { own.account.devices().await },
            |facts, devices| {
                facts.devices = Some(devices);
            },
        )
    }),
    Probe::online("keys", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(
            async move {
                own.account
                    .published_keys(&own.user_id, &own.device_id)
                    .await
            },
            |facts, keys| facts.keys = Some(keys),
        )
    }),
    Probe::online("one_time_keys", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(
            async move { own.account.one_time_key_count().await },
            |facts, count| facts.one_time_keys = Some(count),
        )
    }),
    Probe::online("upload_limit", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(
            async move { own.account.upload_limit().await },
            |facts, limit| facts.upload_limit = Some(limit),
        )
    }),
    Probe::online("initial_sync", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(
            async move { own.account.initial_sync(&own.user_id).await },
            |facts, sync| facts.initial_sync = Some(sync),
        )
    }),
    Probe::online("recovery", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(async move { recovery(&own).await }, |facts, recovery| {
            facts.recovery = Some(recovery);
        })
    }),
    Probe::online("generation", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        ask(
            async move { remembered_generation(&own.account, &own.user_id, &own.device_id).await },
            |facts, generation| facts.generation = Some(generation),
        )
    }),
    Probe::online("users", &["whoami"], |subject, facts| {
        let own = Own::accepted(&subject, facts)?;
        let policy = facts.config.as_ref()?.policy.as_ref()?.as_ref().ok()?;
        let AllowFrom::Users(users) = policy.allow_from.clone() else {
            return None;
        };
        ask(async move { resolve(&own, users).await }, |facts, users| {
            facts.users = Some(users);
        })
    }),
];

/// More users than this are not asked for.
const MOST_USERS: usize = 200;
/// How many questions about users are under way at once.
const AT_ONCE: usize = 8;

async fn recovery(own: &Own) -> Answer<Recovery> {
    let storage = own
        .account
        .account_data(&own.user_id, "m.secret_storage.default_key");
    let devices = own.account.published_devices(&own.user_id);
    let (backup, storage, devices) = tokio::try_join!(own.account.backup(), storage, devices)?;
    let has_key = |data: serde_json::Value| data["key"].is_string();
    Ok(Recovery {
        backup,
        has_secret_storage: storage.is_some_and(has_key),
        has_verified_session: is_another_verified(&devices, &own.user_id, &own.device_id),
    })
}

async fn resolve(own: &Own, users: Vec<String>) -> Answer<Vec<Existence>> {
    let questions: Vec<_> = users
        .into_iter()
        .take(MOST_USERS)
        .map(|user| exists(own, user))
        .collect();
    stream::iter(questions)
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// Whether there is a user of this id; what is no id has a check of its own.
async fn exists(own: &Own, user: String) -> Answer<Existence> {
    let exists = match (UserId::parse(&own.user_id), UserId::parse(&user)) {
        (Ok(ours), Ok(asked)) => own.account.profile_exists(&ours, &asked).await?,
        _ => None,
    };
    Ok((user, exists))
}

/// The bot's account, user and device, as they are configured.
pub(super) struct Own {
    pub(super) account: Account,
    pub(super) user_id: String,
    device_id: String,
}

impl Own {
    fn configured(subject: &Subject, facts: &Facts) -> Option<Self> {
        let mut credentials = facts.config.as_ref()?.credentials()?.clone();
        credentials.options.timeout = subject.patience;
        Some(Self {
            account: credentials.account().ok()?,
            user_id: credentials.user_id,
            device_id: credentials.device_id,
        })
    }

    /// The same, if the homeserver accepts its token.
    pub(super) fn accepted(subject: &Subject, facts: &Facts) -> Option<Self> {
        facts.whoami.as_ref()?.as_ref().ok()?;
        Self::configured(subject, facts)
    }
}
