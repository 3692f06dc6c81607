//! What the homeserver knows of the account, the device and its keys.

use std::path::PathBuf;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    address::parse_user_id,
    doctor::{
        facts::{Answer, Existence, Facts, Recovery, known},
        probe::{Context, Probe, Slot, ask},
    },
    homeserver::Account,
    policy::AllowFrom,
    session::{Remains, latest_archives, owner_chain, remembered_generation},
};

pub fn probes() -> Vec<Probe> {
    vec![
        Probe::online("whoami", &["versions"], |context, facts| {
            known(facts.versions.as_ref()).ok()?;
            let bot = Bot::configured(&context, facts)?;
            ask(|facts| &mut facts.whoami, async move {
                bot.account.whoami().await
            })
        }),
        probe(
            "device",
            |facts| &mut facts.device,
            |bot| async move { bot.account.device(&bot.device_id).await },
        ),
        probe(
            "devices",
            |facts| &mut facts.devices,
            |bot| async move { bot.account.devices().await },
        ),
        probe(
            "keys",
            |facts| &mut facts.keys,
            |bot| async move {
                let (user_id, device_id) = (&bot.user_id, &bot.device_id);
                bot.account.published_keys(user_id, device_id).await
            },
        ),
        probe(
            "one_time_keys",
            |facts| &mut facts.one_time_keys,
            |bot| async move { bot.account.one_time_key_count().await },
        ),
        probe(
            "upload_limit",
            |facts| &mut facts.upload_limit,
            |bot| async move { bot.account.upload_limit().await },
        ),
        probe(
            "initial_sync",
            |facts| &mut facts.initial_sync,
            |bot| async move { bot.account.initial_sync(&bot.user_id).await },
        ),
        probe("recovery", |facts| &mut facts.recovery, recovery),
        probe(
            "generation",
            |facts| &mut facts.generation,
            |bot| async move { remembered_generation(&bot.account, &bot.user_id, &bot.device_id).await },
        ),
        Probe::online("users", &["whoami"], |context, facts| {
            let bot = Bot::accepted(&context, facts)?;
            let AllowFrom::Users(users) = facts.policy().ok()?.allow_from.clone() else {
                return None;
            };
            ask(|facts| &mut facts.users, async move {
                resolve(&bot, users).await
            })
        }),
    ]
}

/// A question that an accepted token is enough to ask.
fn probe<T: Send + 'static, F: Future<Output = Answer<T>> + Send + 'static>(
    name: &'static str,
    slot: Slot<Answer<T>>,
    question: fn(Bot) -> F,
) -> Probe {
    Probe::online(name, &["whoami"], move |context, facts| {
        let bot = Bot::accepted(&context, facts)?;
        ask(slot, question(bot))
    })
}

/// More users than this are not asked for.
const MOST_USERS: usize = 200;
/// How many questions about users are under way at once.
const AT_ONCE: usize = 8;

async fn recovery(bot: Bot) -> Answer<Recovery> {
    let name = "m.secret_storage.default_key";
    let storage = bot.account.account_data(&bot.user_id, name);
    let (user_id, device_id) = (&bot.user_id, &bot.device_id);
    let stores = latest_archives(&bot.directory);
    let (backup, storage) = tokio::try_join!(bot.account.backup(), storage)?;
    let remains = async {
        let chain = owner_chain(&bot.account, user_id, device_id).await?;
        Remains::find_if_unverified(&bot.account, user_id, device_id, chain, &stores).await
    };
    Ok(Recovery {
        backup,
        has_secret_storage: storage.is_some_and(|data| data["key"].is_string()),
        remains: remains
            .await
            .inspect_err(|error| tracing::debug!(%error, "cannot tell what verifies the device"))
            .ok(),
    })
}

async fn resolve(bot: &Bot, users: Vec<String>) -> Answer<Vec<Existence>> {
    let users = users.into_iter().take(MOST_USERS);
    let questions: Vec<_> = users.map(|user| exists(bot, user)).collect();
    let answers = stream::iter(questions).buffered(AT_ONCE);
    answers.try_collect().await
}

/// Whether there is a user of this id; what is no id has a check of its own.
async fn exists(bot: &Bot, user: String) -> Answer<Existence> {
    let exists = match (parse_user_id(&bot.user_id), parse_user_id(&user)) {
        (Ok(ours), Ok(asked)) => bot.account.profile_exists(&ours, &asked).await?,
        _ => None,
    };
    Ok((user, exists))
}

/// The bot's account, user and device, as they are configured.
pub struct Bot {
    pub account: Account,
    pub user_id: String,
    device_id: String,
    /// The data directory.
    directory: PathBuf,
}

impl Bot {
    fn configured(context: &Context, facts: &Facts) -> Option<Self> {
        let mut credentials = facts.credentials().ok()?.clone();
        credentials.options.timeout = context.timeout;
        Some(Self {
            account: credentials.account().ok()?,
            user_id: credentials.user_id,
            device_id: credentials.device_id,
            directory: context.paths.dir().to_owned(),
        })
    }

    /// The same, if the homeserver accepts its token.
    pub fn accepted(context: &Context, facts: &Facts) -> Option<Self> {
        known(facts.whoami.as_ref()).ok()?;
        Self::configured(context, facts)
    }
}
