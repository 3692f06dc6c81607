//! What an event means to the bot.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    View,
    event::{Envelope, Event, Secrecy},
};
use crate::inbox::{Arrival, Own, PartOf, Protection, Received, urgent};

/// What this event means to the bot. An event that the bot breaks down over is put aside, so that
/// it does not meet it again for ever.
pub(in crate::session) fn classify(
    view: &View<'_>,
    event: &Event,
    is_exposed: bool,
) -> Option<(String, Arrival)> {
    let envelope = Envelope::read(event)?;
    let arrival = catch_unwind(AssertUnwindSafe(|| {
        arrival(view, &envelope, event, is_exposed)
    }));
    let arrival = arrival.unwrap_or_else(|_| {
        tracing::error!(room = %view.room_id, event = %envelope.event_id,
            "cannot take in an event: nanobot broke down over it; please report this");
        Arrival::Broken {
            reason: "nanobot broke down while reading it".to_owned(),
            payload: event.json.clone(),
        }
    });
    Some((envelope.event_id, arrival))
}

fn arrival(view: &View<'_>, envelope: &Envelope, event: &Event, is_exposed: bool) -> Arrival {
    if envelope.state_key.is_some() {
        return Arrival::Seen;
    }
    if envelope.sender == view.own_id {
        return own(envelope);
    }
    if envelope.kind == "m.room.redaction" {
        return envelope.redacts().map_or(Arrival::Seen, |target| {
            let target = target.to_owned();
            Arrival::Redaction { target }
        });
    }
    let protection = match &event.secrecy {
        Secrecy::Malformed => return Arrival::Seen,
        Secrecy::Undecryptable { reason } => return undecryptable(view, envelope, event, reason),
        // The SDK hands an event over as it is when its store fails while decrypting.
        Secrecy::Clear if envelope.kind == "m.room.encrypted" => {
            return undecryptable(view, envelope, event, "the encryption store failed");
        }
        Secrecy::Clear if is_exposed => Protection::Exposed,
        Secrecy::Clear => Protection::Clear,
        Secrecy::Decrypted { is_forged, .. } if *is_forged => {
            tracing::warn!(sender = %envelope.sender, event = %envelope.event_id,
                "dropping a message that was encrypted by someone other than its sender");
            return Arrival::Seen;
        }
        Secrecy::Decrypted {
            trust, session_id, ..
        } => Protection::Encrypted {
            trust: trust.clone(),
            session_id: session_id.clone(),
        },
    };
    message(view, envelope, event, protection)
}

fn message(view: &View<'_>, envelope: &Envelope, event: &Event, protection: Protection) -> Arrival {
    if envelope.kind != "m.room.message" {
        return Arrival::Seen;
    }
    let received = Received {
        sender: envelope.sender.clone(),
        protection,
        payload: event.json.clone(),
    };
    if envelope.is_edit() {
        return envelope
            .replaces()
            .map_or(Arrival::Seen, |target| Arrival::Edit {
                target: target.to_owned(),
                received,
            });
    }
    if !view.audience.includes(view.room_id, &envelope.sender) {
        return Arrival::Seen;
    }
    let mut conversation = envelope.conversation(view.room_id);
    if (view.is_urgent)(&event.json) {
        conversation = urgent(&conversation);
    }
    Arrival::Message {
        conversation,
        received,
    }
}

fn undecryptable(view: &View<'_>, envelope: &Envelope, event: &Event, reason: &str) -> Arrival {
    if !view.audience.includes(view.room_id, &envelope.sender) {
        return Arrival::Seen;
    }
    Arrival::Undecryptable {
        sender: envelope.sender.clone(),
        session_id: envelope.content["session_id"].as_str().map(str::to_owned),
        reason: reason.to_owned(),
        payload: event.json.clone(),
    }
}

/// Something that this account said. What it takes back itself means nothing more.
fn own(envelope: &Envelope) -> Arrival {
    if !matches!(&*envelope.kind, "m.room.message" | "m.room.encrypted") {
        return Arrival::Seen;
    }
    let part = envelope.content.get(PartOf::FIELD).cloned();
    Arrival::Own(Own {
        part: part.and_then(|part| serde_json::from_value(part).ok()),
        replies_to: envelope.replies_to().map(str::to_owned),
        replaces: envelope.replaces().map(str::to_owned),
        by_this_device: envelope.is_by_this_device(),
    })
}
