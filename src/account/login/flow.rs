//! A login, from its questions to its place in the configuration: what `nanobot login` and
//! `nanobot setup` share.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{context::Context, device::Device, obtain::obtain};
use crate::{
    account::{identity::Status, options::Options, recovery_key::Destinations},
    config::{Document, Origin, Paths, Saved, environment, settings},
    error::Result,
    text::duration,
};

/// A login that is written down. What was said about the account's identity is still to be done.
pub(crate) struct LoggedIn {
    pub(super) context: Context,
    pub(crate) device: Device,
    /// Who may talk to the bot, where that is written down.
    pub(super) allow_from: Option<Vec<String>>,
    /// When the access token expires, as RFC 3339 has it, where the homeserver says so.
    pub(super) expires: Option<String>,
    /// Where the recovery key is to be kept.
    pub(crate) destinations: Destinations,
}

/// Logs in, and writes the login into the document.
pub(crate) async fn log_in(
    options: &Options,
    paths: &Paths,
    document: &mut Document,
) -> Result<LoggedIn> {
    let destinations = Destinations::reserve(options, true, paths.dir())?;
    let mut context = Context::prepare(options, paths, document).await?;
    let mut device = Box::pin(obtain(&mut context)).await?;
    context.progress.step("Writing the configuration");
    // Always an explicit list: newer Python releases read an empty one as nobody, older ones as
    // everyone.
    let is_open = context.allow_from.is_none() && !(options.stepwise && options.guided);
    let everyone = is_open.then(|| vec!["*".to_owned()]);
    let allow_from = context.allow_from.clone().or(everyone);
    let saved = match write_config(document, &context, &device, allow_from.as_ref()) {
        Ok(saved) => saved,
        Err(error) => {
            device.undo(&context.store).await;
            return Err(error);
        }
    };
    if let Some(archived) = &device.archived {
        let note = format!("The old store was archived to {}.", archived.display());
        device.notes.push(note);
    }
    if is_open {
        device.notes.push(
            "Everyone may talk to this bot. To restrict it: nanobot login --allow-from \
             @you:example.org"
                .to_owned(),
        );
    }
    if context.e2ee == Some(false) {
        device.notes.push(
            "The bot ignores encrypted rooms, and most clients encrypt every chat. To enable \
             encryption: nanobot config set e2eeEnabled true"
                .to_owned(),
        );
    }
    if let Some(name) = &options.device_name {
        device.rename(name).await;
    }
    let token_store = &context.token_store;
    device.notes.extend(token_store.notes.iter().cloned());
    let forgotten = token_store.forget_before(device.user_id(), device.device_id());
    device.notes.extend(forgotten);
    device.notes.extend(shadowed(document));
    device.notes.extend(saved.tightened_note());
    let expiry = |left| expiry(OffsetDateTime::now_utc(), left);
    let (expires, warning) = device.expires_in.and_then(expiry).unzip();
    device.notes.extend(warning);
    context.progress.pause();
    Ok(LoggedIn {
        context,
        device,
        allow_from,
        expires,
        destinations,
    })
}

impl LoggedIn {
    /// Does what was said about the account's identity, and tells what a person should know of the
    /// login besides its result.
    pub(crate) async fn finish(&self) -> Result<Status> {
        let Context {
            store, progress, ..
        } = &self.context;
        let credentials = &self.device.credentials;
        let password = self.context.password();
        let plan = &self.device.plan;
        let done = Box::pin(plan.carry_out(credentials, store, password, progress)).await;
        progress.pause();
        self.tell_notes();
        let terminal = self.context.options.terminal;
        done.inspect_err(|_| {
            terminal.note(&format!(
                "Logged in as {}, device {}. Only the step for the account's identity failed:",
                credentials.user_id, credentials.device_id
            ));
        })
    }

    /// Tells what a person should know of the device besides its ID.
    pub(crate) fn tell_notes(&self) {
        for note in &self.device.notes {
            self.context.options.terminal.note(note);
        }
    }
}

/// Writes the login into the configuration. The store is in its place by now.
fn write_config(
    document: &mut Document,
    context: &Context,
    device: &Device,
    allow_from: Option<&Vec<String>>,
) -> Result<Saved> {
    let (user_id, device_id) = (device.user_id(), device.device_id());
    // A channel that is switched on before anyone is named is open to everyone.
    if let Some(allow_from) = allow_from {
        document.matrix_set("enabled", true)?;
        document.matrix_set("allowFrom", allow_from.clone())?;
    }
    document.matrix_set("homeserver", device.homeserver())?;
    document.matrix_set("userId", user_id)?;
    document.matrix_set("deviceId", device_id)?;
    if let Some(e2ee) = context.e2ee {
        document.matrix_set("e2eeEnabled", e2ee)?;
    }
    let token = &device.credentials.access_token;
    context
        .token_store
        .keep(document, (user_id, device_id), token)
}

/// Says which values that were written do not count, because something goes before the file.
fn shadowed(written: &Document) -> Vec<String> {
    let keys = [
        "homeserver",
        "userId",
        "accessToken",
        "deviceId",
        "e2eeEnabled",
        "allowFrom",
        "tokenStore",
    ];
    settings(written, &environment)
        .into_iter()
        .filter(|setting| keys.contains(&setting.key.name))
        .filter_map(|setting| match setting.origin {
            Origin::Default | Origin::File { .. } | Origin::Keyring { .. } => None,
            origin => Some(format!(
                "The {} of this login has no effect: {origin} takes precedence.",
                setting.key.name
            )),
        })
        .collect()
}

/// When a token that lives this long from now on expires, and what that means for the bot; nothing where it is
/// beyond all calendars.
fn expiry(now: OffsetDateTime, left: Duration) -> Option<(String, String)> {
    let end = now.checked_add(left.try_into().ok()?)?;
    let end = end.replace_nanosecond(0).ok()?;
    let warning = format!(
        "The access token expires in {}, at {:02}:{:02} UTC, and nanobot cannot renew it yet: the \
         bot stops answering then. Ask the homeserver's administrator for sessions that do not \
         expire.",
        duration(left),
        end.hour(),
        end.minute()
    );
    Some((end.format(&Rfc3339).ok()?, warning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_to_a_person_and_to_a_program() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let (end, warning) = expiry(now, Duration::from_mins(65)).unwrap();
        assert_eq!(end, "1970-01-01T01:05:00Z");
        assert!(warning.contains("in 1 h 5 min, at 01:05 UTC"), "{warning}");
        assert!(expiry(now, Duration::MAX).is_none());
    }
}
