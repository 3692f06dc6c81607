//! What the homeserver knows of the account, the device and its keys.

use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::Facts,
        subject::Subject,
    },
    homeserver::Account,
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
];

/// The bot's account, user and device, as they are configured.
struct Own {
    account: Account,
    user_id: String,
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
    fn accepted(subject: &Subject, facts: &Facts) -> Option<Self> {
        facts.whoami.as_ref()?.as_ref().ok()?;
        Self::configured(subject, facts)
    }
}
