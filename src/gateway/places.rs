//! Places: how many conversations hold messages in memory at the same time. Whoever waits for a
//! place holds none; what it had read stays in the journal.

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::session::RoomFailure;

/// Messages that are looked at at the same time, to see what is to be done about them.
const READING: usize = 16;
/// Messages whose files are fetched at the same time, or wait for the agent with them.
const FETCHING: usize = 16;
/// Answers that are sent at the same time: more would not arrive sooner.
const SENDING: usize = 16;

/// What a message in memory waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Being looked at.
    Reading,
    /// The agent.
    Asking,
    /// Its files.
    Fetching,
    /// The homeserver.
    Sending,
}

/// The places that there are.
#[derive(Debug)]
pub(super) struct Places {
    reading: Semaphore,
    asking: Semaphore,
    fetching: Semaphore,
    sending: Semaphore,
}

/// The places that one conversation has; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    places: &'a Places,
    permits: [Option<SemaphorePermit<'a>>; 4],
}

/// Why an answer is not done.
#[derive(Debug)]
pub(super) enum Undone {
    /// There is no place of this kind; it goes on where it stopped, once there is.
    Needs(Place),
    /// It failed.
    Failed(RoomFailure),
}

impl From<RoomFailure> for Undone {
    fn from(failure: RoomFailure) -> Self {
        Self::Failed(failure)
    }
}

impl Places {
    /// With places for this many questions to the agent.
    pub(super) fn new(asking: usize) -> Self {
        Self {
            reading: Semaphore::new(READING),
            asking: Semaphore::new(asking.min(Semaphore::MAX_PERMITS)),
            fetching: Semaphore::new(FETCHING),
            sending: Semaphore::new(SENDING),
        }
    }

    /// No place yet.
    pub(super) fn held(&self) -> Held<'_> {
        Held {
            places: self,
            permits: [None, None, None, None],
        }
    }

    fn of(&self, place: Place) -> &Semaphore {
        match place {
            Place::Reading => &self.reading,
            Place::Asking => &self.asking,
            Place::Fetching => &self.fetching,
            Place::Sending => &self.sending,
        }
    }
}

impl Held<'_> {
    /// Whether there is a place of this kind now, which is then held.
    pub(super) fn take(&mut self, place: Place) -> bool {
        let permit = &mut self.permits[place as usize];
        if permit.is_none() {
            *permit = self.places.of(place).try_acquire().ok();
        }
        permit.is_some()
    }

    /// As [`Self::take`], for those who have something in memory that can be read again.
    pub(super) fn need(&mut self, place: Place) -> Result<(), Undone> {
        if self.take(place) {
            Ok(())
        } else {
            Err(Undone::Needs(place))
        }
    }

    /// Waits for a place of this kind.
    pub(super) async fn wait_for(&mut self, place: Place) {
        if self.permits[place as usize].is_none() {
            // A closed semaphore cannot be: nothing closes it.
            let permit = self.places.of(place).acquire().await.ok();
            self.permits[place as usize] = permit;
        }
    }

    /// Gives a place back.
    pub(super) fn release(&mut self, place: Place) {
        self.permits[place as usize] = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_is_held_once_until_it_is_given_back() {
        let places = Places::new(1);
        let (mut ours, mut theirs) = (places.held(), places.held());
        for _ in 0..2 {
            assert!(ours.take(Place::Asking));
        }
        assert!(matches!(
            theirs.need(Place::Asking),
            Err(Undone::Needs(Place::Asking))
        ));
        assert!(theirs.take(Place::Fetching) && theirs.take(Place::Sending));
        let waiting = theirs.wait_for(Place::Asking);
        let giving_back = async { ours.release(Place::Asking) };
        tokio::join!(waiting, giving_back);
        drop(theirs);
        assert!(ours.take(Place::Asking));
    }
}
