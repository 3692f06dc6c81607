//! What becomes of an invitation: pure, so that every turn of it can be tried.

use std::collections::BTreeMap;

use crate::inbox::Invitation;

/// The most invitations by strangers that stay open.
pub(super) const MOST_KEPT: usize = 50;

/// What the bot is at with an invitation. One that is not known has no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is being accepted.
    Joining,
    /// It stays open: whoever invited may be allowed later.
    Kept,
    /// It is being declined.
    Declining,
    /// The homeserver neither let the bot in nor decline.
    GivenUp,
}

/// What happens to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It is seen to be open.
    Seen(Inviter),
    /// Too many newer ones by strangers are open.
    Crowded,
    /// The homeserver refuses what the bot makes of it.
    Refused,
}

/// Who invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inviter {
    /// Somebody whom the bot may talk to.
    Allowed,
    /// Somebody else.
    Stranger,
    /// That is contradicted: somebody forged it.
    Contradicted,
}

/// What is to be done about an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Accept it.
    Join,
    /// Say that it stays open, and what would let the bot in.
    Mention,
    /// Decline it.
    Decline,
}

/// The state that follows, and what is to be done.
pub(super) fn next(state: Option<State>, event: Event) -> (Option<State>, Option<Action>) {
    match (state, event) {
        (None, Event::Seen(Inviter::Allowed)) => (Some(State::Joining), Some(Action::Join)),
        (None, Event::Seen(Inviter::Stranger)) => (Some(State::Kept), Some(Action::Mention)),
        (None, Event::Seen(Inviter::Contradicted)) | (Some(State::Kept), Event::Crowded) => {
            (Some(State::Declining), Some(Action::Decline))
        }
        (Some(State::Joining | State::Declining), Event::Refused) => (Some(State::GivenUp), None),
        // Seen again, or overtaken by something else.
        (state, _) => (state, None),
    }
}

/// The invitations that are open. Those that are not any more, whether accepted, declined, taken
/// back or replaced by another, are forgotten.
#[derive(Debug, Default)]
pub(super) struct Open(BTreeMap<i64, State>);

impl Open {
    /// Takes in all that are open now, and gives what is to be done, oldest first.
    pub(super) fn see(
        &mut self,
        open: Vec<Invitation>,
        who: impl Fn(&Invitation) -> Inviter,
    ) -> Vec<(Invitation, Action)> {
        let open: BTreeMap<_, _> = open.into_iter().map(|open| (open.id, open)).collect();
        self.0.retain(|id, _| open.contains_key(id));
        let mut actions = BTreeMap::new();
        for (id, invitation) in &open {
            actions.extend(self.turn(*id, Event::Seen(who(invitation))));
        }
        let kept = self.0.iter().filter(|(_, state)| **state == State::Kept);
        let kept: Vec<_> = kept.map(|(id, _)| *id).collect();
        for id in kept.iter().rev().skip(MOST_KEPT) {
            actions.extend(self.turn(*id, Event::Crowded));
        }
        let action = |(id, invitation)| Some((invitation, actions.remove(&id)?));
        open.into_iter().filter_map(action).collect()
    }

    /// The homeserver refuses what the bot makes of this one.
    pub(super) fn refused(&mut self, id: i64) {
        self.turn(id, Event::Refused);
    }

    /// Whether this one is still open.
    pub(super) fn contains(&self, id: i64) -> bool {
        self.0.contains_key(&id)
    }

    fn turn(&mut self, id: i64, event: Event) -> Option<(i64, Action)> {
        let (state, action) = next(self.0.get(&id).copied(), event);
        if let Some(state) = state {
            self.0.insert(id, state);
        }
        action.map(|action| (id, action))
    }
}
