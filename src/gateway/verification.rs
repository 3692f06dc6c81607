//! Verifications while the bot runs: from whom they are accepted, and what the log says of them.

use std::{collections::HashSet, sync::Mutex};

use super::{NOTICE, settings::Current};
use crate::{
    ipc::{Stage, Verification},
    session::VerificationHost,
    threads::lock,
};

/// The most strangers whose names are kept, so that each is named only once.
const MOST_STRANGERS: usize = 100;

/// Decides who may verify the bot, and logs how it goes.
pub struct VerificationHandler {
    settings: Current,
    own_id: String,
    strangers: Mutex<HashSet<String>>,
}

impl VerificationHandler {
    pub fn new(own_id: &str, settings: Current) -> Self {
        Self {
            settings,
            own_id: own_id.to_owned(),
            strangers: Mutex::default(),
        }
    }

    /// Whether this stranger was not named before.
    fn is_new(&self, user_id: &str) -> bool {
        let mut strangers = lock(&self.strangers);
        strangers.len() < MOST_STRANGERS && strangers.insert(user_id.to_owned())
    }
}

impl VerificationHost for VerificationHandler {
    fn admits(&self, user_id: &str) -> bool {
        let allowed = self.settings.get().policy.allow_from.allows(user_id);
        if !allowed && self.is_new(user_id) {
            tracing::info!(target: NOTICE, event = "verification", user_id,
                "ignored a verification request from {user_id}: not in allowFrom");
        }
        allowed
    }

    /// Never with the bot's own account: a device that it verifies may ask it for the private keys
    /// of its identity. Nor where the bot asked: then somebody is there who wants to compare.
    fn confirms_unseen(&self, verification: &Verification) -> bool {
        let (user_id, settings) = (&verification.user_id, self.settings.get());
        settings.sas_verification
            && !verification.started_by_bot
            && *user_id != self.own_id
            && settings.policy.allow_from.allows(user_id)
    }

    fn tell(&self, verification: &Verification) {
        let (id, other) = (&verification.id, verification.other());
        match &verification.stage {
            Stage::Waiting => notice(id, &format!("verification {id} with {other} started")),
            Stage::Compare(comparison) => tracing::warn!(
                event = "verification",
                id,
                "verification {id} with {other}: compare {comparison}; if both sides show the same, \
                 run `nanobot verify confirm {id}` within a minute, else `nanobot verify deny {id}`"
            ),
            Stage::Confirmed if self.confirms_unseen(verification) => tracing::warn!(
                event = "verification",
                id,
                "verification {id} with {other} was confirmed without comparing (sasVerification)"
            ),
            Stage::Confirmed => {
                notice(
                    id,
                    &format!("verification {id} with {other} confirmed on this side"),
                );
            }
            Stage::Verified { gained, .. } => {
                notice(
                    id,
                    &format!("verification {id} with {other} completed: {gained}"),
                );
            }
            Stage::Mismatched { by_us } => {
                let who = if *by_us { "here" } else { "by them" };
                tracing::error!(
                    event = "verification",
                    id,
                    "verification {id} with {other}: the emoji were found {who} not to match; \
                     somebody may be intercepting the connection"
                );
            }
            Stage::Cancelled { reason, .. } => {
                notice(
                    id,
                    &format!("verification {id} with {other} ended: {reason}"),
                );
            }
        }
    }
}

/// Logs a step of a verification, for which a person waits.
fn notice(id: &str, message: &str) {
    tracing::info!(target: NOTICE, event = "verification", id, "{message}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gateway::settings::Settings, policy::AllowFrom};

    fn handler(allowed: &[&str], sas_verification: bool) -> VerificationHandler {
        let allowed = allowed.iter().map(|user| (*user).to_owned());
        let settings = Settings {
            sas_verification,
            ..Settings::of(AllowFrom::Users(allowed.collect()))
        };
        VerificationHandler::new("@bot:example.org", Current::new(settings))
    }

    #[test]
    fn only_what_an_allowed_user_asked_for_is_confirmed_unseen() {
        for (setting, user, started_by_bot, expected) in [
            (true, "@ann:example.org", false, true),
            (true, "@ann:example.org", true, false),
            (true, "@eve:example.org", false, false),
            (true, "@bot:example.org", false, false),
            (false, "@ann:example.org", false, false),
        ] {
            let handler = handler(&["@ann:example.org", "@bot:example.org"], setting);
            let verification = Verification {
                id: "A".to_owned(),
                user_id: user.to_owned(),
                device_id: None,
                room_id: None,
                started_by_bot,
                expires_at: 0,
                stage: Stage::Waiting,
            };
            assert_eq!(
                handler.confirms_unseen(&verification),
                expected,
                "{user} {setting} {started_by_bot}"
            );
        }
    }

    #[test]
    fn a_stranger_is_named_once_and_not_every_stranger_is_remembered() {
        let handler = handler(&["@ann:example.org"], false);
        assert!(handler.admits("@ann:example.org"));
        assert!(!handler.admits("@eve:example.org"));
        assert!(!handler.is_new("@eve:example.org"));
        for number in 0..2 * MOST_STRANGERS {
            assert!(!handler.admits(&format!("@eve{number}:example.org")));
        }
        assert_eq!(handler.strangers.lock().unwrap().len(), MOST_STRANGERS);
    }
}
