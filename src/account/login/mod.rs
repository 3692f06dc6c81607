//! Logging in: a device of the bot's own, and a configuration that uses it.

mod context;
mod device;
mod establish;
mod find;
mod flow;
mod missing;
mod obtain;
mod predecessor;
mod prompts;
mod report;
pub(crate) mod status;

pub(crate) use self::{
    device::forget,
    establish::publish,
    find::refuse_without_passwords,
    flow::log_in,
    missing::Missing,
    predecessor::{describe, import},
    prompts::{allow_from, e2ee, is_same_user},
    report::Report,
};
use super::{Done, options::Options, recovery_key::ShownKey};
use crate::{
    config::{Document, Paths},
    error::{Error, Result},
};

/// Logs in, does what was said about the account's identity, and keeps a new recovery key where
/// that was wished.
pub(crate) async fn run(options: &Options, paths: &Paths) -> Result<Done<Report>> {
    let mut document = Document::load(paths.config_file())?;
    let mut login = log_in(options, paths, &mut document).await?;
    let status = login.finish().await?;
    let mut done = Done::of(Report::new(&login, &status, paths));
    let plan = &login.device.plan;
    if plan.verifies() && !status.is_verified() {
        let words = "the signatures that the homeserver shows of the device do not hold";
        done.fail(
            Error::failure(words)
                .hint("see what is wrong with")
                .command("nanobot doctor"),
        );
    }
    let new_key = status.recovery_key.as_ref().map(|key| key.secret());
    done.result.recovery_key = new_key.clone().map(ShownKey);
    let user_id = &login.device.credentials.user_id;
    let places = login
        .destinations
        .keep(user_id, new_key.as_ref(), plan.recover.as_ref());
    let is_kept = places.iter().all(Result::is_ok);
    for place in places {
        match place {
            Ok(words) => done.result.kept.push(words),
            Err(error) => done.fail(error),
        }
    }
    // Where it could not be kept as was wished, the next run tries again.
    if let Some(key) = status.recovery_key.filter(|_| is_kept) {
        done.afterwards = Some(key.forget_when_shown(Some(login.context.lock)));
    }
    Ok(done)
}
