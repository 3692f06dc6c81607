//! What should be answered, by looking at everything that happened.

use super::server::{ANN, Server};

/// Whether a question should be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Should {
    /// Exactly once.
    Answer,
    /// Once or not at all: it depends on who was faster.
    Either,
    /// Never.
    Ignore,
}

/// Judges the event at this place, now that everything has settled. `first` is where the bot's
/// first device began.
pub fn should(server: &Server, index: usize, first: usize) -> Should {
    let event = &server.events[index];
    if event.json["sender"] != ANN || index < first {
        return Should::Ignore;
    }
    let room = event.room;
    let then = server.membership(room, index);
    if then != "join" && then != "invite" {
        return Should::Ignore;
    }
    // It left since, or was made to.
    let has_left = (index..server.now()).any(|later| {
        let changed = server.membership_event(room, later + 1) == Some(later);
        changed
            && matches!(
                server.membership(room, later + 1),
                "leave" | "ban" | "invite"
            )
    });
    if event.is_redacted || has_left {
        return Should::Either;
    }
    if is_misplaced(server, index, first) {
        return Should::Either;
    }
    Should::Answer
}

/// Whether it came late into a place of its room's history where it need not be found.
fn is_misplaced(server: &Server, index: usize, first: usize) -> bool {
    let event = &server.events[index];
    let before = (0..index).filter(|other| server.events[*other].room == event.room);
    let is_late = before
        .clone()
        .any(|other| server.events[other].depth >= event.depth);
    let is_below = before
        .filter(|other| *other < first || is_arrival(server, *other))
        .any(|other| server.events[other].depth >= event.depth);
    // Where the homeserver has gone back, known events stand between it and the newest.
    is_late && (is_below || !server.heeds_end || server.went_back)
}

fn is_arrival(server: &Server, index: usize) -> bool {
    server.events[index].json["type"] == "m.room.member"
}
