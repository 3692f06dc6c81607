//! Places: how many conversations hold messages in memory at the same time. Whoever waits for a
//! place holds none; what it had read stays in the journal.

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::senders::Senders;
use crate::session::RoomFailure;

/// Messages that are looked at at the same time, to see what is to be done about them.
const READING: usize = 16;
/// Messages whose files or devices are fetched at the same time, or wait for the agent with them.
/// More than there are slow downloads at the same time, so that those hold up nobody else.
const FETCHING: usize = 64;
/// The same of one sender: whoever sends many must not keep others waiting.
const FETCHING_PER_SENDER: usize = 8;
/// Answers that are sent at the same time: more would not arrive sooner.
const SENDING: usize = 16;

/// What a message in memory waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Being looked at.
    Reading,
    /// The agent.
    Asking,
    /// The homeserver.
    Sending,
}

/// What a message is to be read again for, as soon as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Such a place.
    Place(Place),
    /// A place to fetch something of this sender's.
    Fetching(String),
}

/// The places that there are.
#[derive(Debug)]
pub(super) struct Places {
    reading: Semaphore,
    asking: Semaphore,
    fetching: Semaphore,
    senders: Senders,
    sending: Semaphore,
}

/// The places that one conversation has; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    places: &'a Places,
    permits: [Option<SemaphorePermit<'a>>; 3],
    fetching: Option<(OwnedSemaphorePermit, SemaphorePermit<'a>)>,
}

/// Why an answer is not done.
#[derive(Debug)]
pub(super) enum Undone {
    /// There is no such place; it goes on where it stopped, once there is.
    Needs(Need),
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
            senders: Senders::new(FETCHING_PER_SENDER),
            sending: Semaphore::new(SENDING),
        }
    }

    /// No place yet.
    pub(super) fn held(&self) -> Held<'_> {
        Held {
            places: self,
            permits: [None, None, None],
            fetching: None,
        }
    }

    fn of(&self, place: Place) -> &Semaphore {
        match place {
            Place::Reading => &self.reading,
            Place::Asking => &self.asking,
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
            Err(Undone::Needs(Need::Place(place)))
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

    /// As [`Self::need`], a place to fetch something of this sender's.
    pub(super) fn need_to_fetch(&mut self, sender: &str) -> Result<(), Undone> {
        if self.fetching.is_none() {
            let of_sender = self.places.senders.of(sender).try_acquire_owned();
            let place = self.places.fetching.try_acquire();
            self.fetching = of_sender.ok().zip(place.ok());
        }
        match self.fetching {
            Some(_) => Ok(()),
            None => Err(Undone::Needs(Need::Fetching(sender.to_owned()))),
        }
    }

    /// Waits for a place to fetch something of this sender's.
    pub(super) async fn wait_to_fetch(&mut self, sender: &str) {
        if self.fetching.is_none() {
            // The semaphores are never closed.
            let of_sender = self.places.senders.of(sender).acquire_owned().await;
            let place = self.places.fetching.acquire().await;
            self.fetching = of_sender.ok().zip(place.ok());
        }
    }

    /// Nothing is to be fetched any more.
    pub(super) fn fetched(&mut self) {
        self.fetching = None;
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
            Err(Undone::Needs(Need::Place(Place::Asking)))
        ));
        assert!(theirs.take(Place::Sending));
        let waiting = theirs.wait_for(Place::Asking);
        let giving_back = async { ours.release(Place::Asking) };
        tokio::join!(waiting, giving_back);
        drop(theirs);
        assert!(ours.take(Place::Asking));
    }

    #[tokio::test]
    async fn nobody_takes_all_places_to_fetch() {
        let places = Places::new(1);
        let eve: Vec<_> = (0..FETCHING_PER_SENDER)
            .map(|_| {
                let mut held = places.held();
                held.need_to_fetch("@eve").unwrap();
                held
            })
            .collect();
        let mut more = places.held();
        let needs = more.need_to_fetch("@eve").unwrap_err();
        assert!(matches!(needs, Undone::Needs(Need::Fetching(sender)) if sender == "@eve"));
        assert!(places.held().need_to_fetch("@ann").is_ok());
        let giving_back = async { drop(eve) };
        tokio::join!(more.wait_to_fetch("@eve"), giving_back);
        assert!(more.need_to_fetch("@eve").is_ok());
    }
}
