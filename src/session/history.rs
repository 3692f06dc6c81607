//! The SDK's timelines and pages of history, for [intake](super::intake).

use std::collections::BTreeMap;

use matrix_sdk::{
    Client,
    deserialized_responses::{
        TimelineEvent, TimelineEventKind, UnableToDecryptReason, VerificationLevel,
        VerificationState,
    },
    room::MessagesOptions,
    ruma::{OwnedRoomId, RoomId, UInt, assign},
    sync::JoinedRoomUpdate,
};

use super::{
    failure::{status, translate},
    intake::{Event, Histories, Page, Secrecy, Timeline},
    trust::Trust,
};
use crate::{
    error::{Error, Kind, Result},
    homeserver::tame,
};

/// Events per page of a gap.
const PAGE: u32 = 50;
/// How often a homeserver that is well otherwise may fail to give a room's gap.
const MAX_GAP_FAILURES: u32 = 5;

/// How often the homeserver failed to give each room's gap.
pub(super) type GapFailures = BTreeMap<OwnedRoomId, u32>;

/// What a sync brought of a room.
pub(super) fn timeline(update: &JoinedRoomUpdate) -> Timeline {
    let timeline = &update.timeline;
    let before = timeline.prev_batch.clone().filter(|_| timeline.limited);
    Timeline {
        newest_first: timeline.events.iter().rev().map(event).collect(),
        before,
    }
}

/// An event as the SDK gives it.
pub(super) fn event(event: &TimelineEvent) -> Event {
    Event {
        json: event.raw().json().get().to_owned(),
        secrecy: secrecy(event),
    }
}

fn secrecy(event: &TimelineEvent) -> Secrecy {
    match &event.kind {
        TimelineEventKind::PlainText { .. } => Secrecy::Clear,
        TimelineEventKind::Decrypted(decrypted) => {
            let info = &decrypted.encryption_info;
            Secrecy::Decrypted {
                trust: Trust::of(info).name().to_owned(),
                session_id: info.session_id().map(str::to_owned),
                is_forged: info.verification_state
                    == VerificationState::Unverified(VerificationLevel::MismatchedSender),
            }
        }
        TimelineEventKind::UnableToDecrypt { utd_info, .. } => reason_in_words(&utd_info.reason)
            .map_or(Secrecy::Malformed, |reason| Secrecy::Undecryptable {
                reason,
            }),
    }
}

/// Why an event cannot be decrypted, in words; `None` for one that was.
pub(super) fn undecryptable_because(event: &TimelineEvent) -> Option<String> {
    match secrecy(event) {
        Secrecy::Undecryptable { reason } => Some(reason),
        Secrecy::Malformed => Some("it is damaged".to_owned()),
        Secrecy::Clear | Secrecy::Decrypted { .. } => None,
    }
}

/// Why an event cannot be decrypted, for the operator; `None` for one that never can.
fn reason_in_words(reason: &UnableToDecryptReason) -> Option<String> {
    use UnableToDecryptReason as Reason;
    Some(match reason {
        Reason::MalformedEncryptedEvent => return None,
        Reason::MissingMegolmSession {
            withheld_code: Some(code),
        } => {
            let code = tame(code.as_str(), &[]);
            format!("its sender keeps the key from the bot ({code})")
        }
        Reason::MissingMegolmSession {
            withheld_code: None,
        } => "its key has not come".to_owned(),
        Reason::UnknownMegolmMessageIndex => {
            "the bot's key begins only after this message".to_owned()
        }
        Reason::MismatchedIdentityKeys | Reason::SenderIdentityNotTrusted(_) => {
            "its key came from someone other than its sender".to_owned()
        }
        _ => "it is damaged".to_owned(),
    })
}

/// The histories of the bot's rooms.
pub(super) struct Homeserver<'a> {
    pub(super) client: &'a Client,
    pub(super) failures: &'a mut GapFailures,
}

impl Histories for Homeserver<'_> {
    async fn page(
        &mut self,
        room_id: &str,
        before: String,
        to: Option<&str>,
    ) -> Result<Option<Page>> {
        let id = RoomId::parse(room_id).map_err(|error| {
            Error::failure("a room that was synced has no room id").because(error)
        })?;
        let Some(room) = self.client.get_room(&id) else {
            return Ok(None);
        };
        let mut to = to.map(str::to_owned);
        loop {
            let options = assign!(MessagesOptions::backward(), {
                from: Some(before.clone()),
                to: to.clone(),
                limit: UInt::from(PAGE),
            });
            match room.messages(options).await {
                Ok(page) => {
                    return Ok(Some(Page {
                        newest_first: page.chunk.iter().map(event).collect(),
                        before: page.end,
                    }));
                }
                // Not every homeserver takes a position of a sync for the end of a page.
                Err(error) if to.is_some() && status(&error) == Some(400) => to = None,
                Err(error) => return self.failed(id, &error).await,
            }
        }
    }
}

impl Homeserver<'_> {
    /// Decides whether a gap is asked for again or given up.
    ///
    /// A homeserver that is away comes back; one that refuses this room, or fails on it again
    /// and again while it is well otherwise, must not keep every other room waiting.
    async fn failed(
        &mut self,
        room_id: OwnedRoomId,
        error: &matrix_sdk::Error,
    ) -> Result<Option<Page>> {
        let words = translate("read the messages that a sync left out", error);
        let given_up = match words.kind() {
            Kind::Unreachable
                if status(error) != Some(429) && self.client.whoami().await.is_ok() =>
            {
                let failures = self.failures.entry(room_id.clone()).or_default();
                *failures += 1;
                *failures >= MAX_GAP_FAILURES
            }
            Kind::Failure => status(error).is_some(),
            _ => false,
        };
        if given_up {
            tracing::error!(room = %room_id, error = %words, "messages of this room are skipped");
            return Ok(None);
        }
        Err(words)
    }
}
