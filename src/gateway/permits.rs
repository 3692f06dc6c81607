//! Permits: how many conversations hold messages in memory at the same time. Whoever waits for one
//! holds none; what it had read stays in the journal.

use std::{
    collections::HashMap,
    mem::discriminant,
    sync::{Arc, Mutex, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{error::Error, session::RoomFailure, threads::lock};

/// Messages that are looked at at the same time, to see what is to be done about them.
const READING: usize = 16;
/// Messages whose files or devices are fetched at the same time, or wait for the agent with them.
/// More than there are slow downloads at the same time, so that those hold up nobody else.
const FETCHING: usize = 64;
/// The same of one sender: whoever sends many must not keep others waiting.
const FETCHING_PER_SENDER: usize = 8;
/// Answers that are sent at the same time: more would not arrive sooner.
const SENDING: usize = 16;

/// What a message in memory needs a permit for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Being looked at.
    Reading,
    /// Fetching something of this sender's.
    Fetching(String),
    /// Asking the agent.
    Asking,
    /// Sending the answer.
    Sending,
}

/// Why an answer is not done.
#[derive(Debug, thiserror::Error)]
pub enum Undone {
    /// There is no such permit now; it goes on where it stopped, once there is.
    #[error("it has to wait")]
    Needs(Stage),
    /// It failed.
    #[error("{0}")]
    Failed(RoomFailure),
}

impl From<RoomFailure> for Undone {
    fn from(failure: RoomFailure) -> Self {
        Self::Failed(failure)
    }
}

/// Of the journal, whose errors are the only ones that are not a [`RoomFailure`].
impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Failed(RoomFailure::Store(error))
    }
}

/// All permits.
#[derive(Debug)]
pub struct Permits {
    reading: Arc<Semaphore>,
    fetching: Arc<Semaphore>,
    asking: Arc<Semaphore>,
    /// How many of these there are, once all are given back.
    asking_size: Mutex<usize>,
    sending: Arc<Semaphore>,
    /// Those of every sender, forgotten when nobody uses them.
    senders: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl Permits {
    /// With permits for this many questions to the agent.
    pub fn new(asking: usize) -> Self {
        let semaphore = |permits: usize| Arc::new(Semaphore::new(permits));
        let asking = asking.min(Semaphore::MAX_PERMITS);
        Self {
            reading: semaphore(READING),
            fetching: semaphore(FETCHING),
            asking: semaphore(asking),
            asking_size: Mutex::new(asking),
            sending: semaphore(SENDING),
            senders: Mutex::default(),
        }
    }

    /// There are permits for this many questions from now on. What is taken away is so as soon as it
    /// is given back.
    pub fn resize(&self, asking: usize) {
        let asking = asking.min(Semaphore::MAX_PERMITS);
        let before = std::mem::replace(&mut *lock(&self.asking_size), asking);
        match u32::try_from(before.saturating_sub(asking)) {
            Ok(0) | Err(_) => self.asking.add_permits(asking.saturating_sub(before)),
            Ok(fewer) => {
                // Whoever asks after this waits behind it.
                let taking = self.asking.clone().acquire_many_owned(fewer);
                // The semaphore is never closed.
                tokio::spawn(async move { taking.await.map(OwnedSemaphorePermit::forget) });
            }
        }
    }

    fn of(&self, stage: &Stage) -> Vec<Arc<Semaphore>> {
        match stage {
            Stage::Reading => vec![self.reading.clone()],
            Stage::Fetching(sender) => vec![self.of_sender(sender), self.fetching.clone()],
            Stage::Asking => vec![self.asking.clone()],
            Stage::Sending => vec![self.sending.clone()],
        }
    }

    fn of_sender(&self, sender: &str) -> Arc<Semaphore> {
        let mut senders = lock(&self.senders);
        senders.retain(|_, semaphore| semaphore.strong_count() > 0);
        let known = senders.get(sender).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let semaphore = Arc::new(Semaphore::new(FETCHING_PER_SENDER));
            senders.insert(sender.to_owned(), Arc::downgrade(&semaphore));
            semaphore
        })
    }
}

/// The permits that one conversation has; free again when this is dropped.
#[derive(Debug)]
pub struct Held<'a> {
    permits: &'a Permits,
    held: Vec<(Stage, Vec<OwnedSemaphorePermit>)>,
}

impl<'a> Held<'a> {
    /// None of these yet.
    pub fn new(permits: &'a Permits) -> Self {
        Self {
            permits,
            held: Vec::new(),
        }
    }

    /// Whether there is such a permit now, which is then held.
    pub fn take(&mut self, stage: Stage) -> bool {
        if !self.has(&stage) {
            let all = self.permits.of(&stage).into_iter();
            let taken: Result<Vec<_>, _> = all.map(Semaphore::try_acquire_owned).collect();
            let Ok(taken) = taken else {
                return false;
            };
            self.held.push((stage, taken));
        }
        true
    }

    /// As [`Self::take`], for those who have something in memory that can be read again.
    pub fn need(&mut self, stage: Stage) -> Result<(), Undone> {
        if self.take(stage.clone()) {
            Ok(())
        } else {
            Err(Undone::Needs(stage))
        }
    }

    /// Waits for such a permit.
    pub async fn wait_for(&mut self, stage: Stage) {
        if !self.has(&stage) {
            let mut taken = Vec::new();
            for semaphore in self.permits.of(&stage) {
                // The semaphores are never closed.
                taken.extend(semaphore.acquire_owned().await);
            }
            self.held.push((stage, taken));
        }
    }

    /// Gives a permit back; that for fetching whoever's it is for.
    pub fn release(&mut self, stage: &Stage) {
        self.held
            .retain(|(held, _)| discriminant(held) != discriminant(stage));
    }

    fn has(&self, stage: &Stage) -> bool {
        let mut held = self.held.iter();
        held.any(|(held, _)| discriminant(held) == discriminant(stage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetching(sender: &str) -> Stage {
        Stage::Fetching(sender.to_owned())
    }

    #[tokio::test]
    async fn a_permit_is_held_once_until_it_is_given_back() {
        let permits = Permits::new(1);
        let (mut ours, mut theirs) = (Held::new(&permits), Held::new(&permits));
        for _ in 0..2 {
            assert!(ours.take(Stage::Asking));
        }
        assert!(matches!(
            theirs.need(Stage::Asking),
            Err(Undone::Needs(Stage::Asking))
        ));
        assert!(theirs.take(Stage::Sending));
        let waiting = theirs.wait_for(Stage::Asking);
        let giving_back = async { ours.release(&Stage::Asking) };
        tokio::join!(waiting, giving_back);
        drop(theirs);
        assert!(ours.take(Stage::Asking));
    }

    #[tokio::test]
    async fn nobody_takes_all_permits_to_fetch() {
        let permits = Permits::new(1);
        let eve: Vec<_> = (0..FETCHING_PER_SENDER)
            .map(|_| {
                let mut held = Held::new(&permits);
                held.need(fetching("@eve")).unwrap();
                held
            })
            .collect();
        let mut more = Held::new(&permits);
        let needs = more.need(fetching("@eve")).unwrap_err();
        assert!(matches!(needs, Undone::Needs(stage) if stage == fetching("@eve")));
        assert!(Held::new(&permits).take(fetching("@ann")));
        let giving_back = async { drop(eve) };
        tokio::join!(more.wait_for(fetching("@eve")), giving_back);
        assert!(more.take(fetching("@eve")));
        more.release(&fetching("@whoever"));
        assert!(Held::new(&permits).take(fetching("@eve")));
    }

    #[tokio::test]
    async fn there_may_be_more_or_fewer_from_now_on() {
        let permits = Permits::new(2);
        let held = || Held::new(&permits);
        let (mut first, mut second) = (held(), held());
        assert!(first.take(Stage::Asking) && second.take(Stage::Asking));
        permits.resize(1);
        tokio::task::yield_now().await;
        drop(first);
        assert!(!held().take(Stage::Asking), "one of one is still held");
        let mut third = held();
        let waiting = third.wait_for(Stage::Asking);
        tokio::join!(waiting, async { drop(second) });
        assert!(!held().take(Stage::Asking));
        permits.resize(3);
        let (mut fourth, mut fifth) = (held(), held());
        assert!(fourth.take(Stage::Asking) && fifth.take(Stage::Asking));
        assert!(!held().take(Stage::Asking));
        // What was not taken away yet is not missed.
        permits.resize(1);
        permits.resize(2);
        tokio::task::yield_now().await;
        drop((third, fourth));
        assert!(held().take(Stage::Asking));
        drop(fifth);
    }

    #[test]
    fn a_sender_is_known_as_long_as_somebody_uses_it() {
        let permits = Permits::new(1);
        let mut ann = Held::new(&permits);
        assert!(ann.take(fetching("@ann")));
        let left = |sender| permits.of_sender(sender).available_permits();
        assert_eq!(left("@ann"), FETCHING_PER_SENDER - 1);
        assert_eq!(left("@eve"), FETCHING_PER_SENDER);
        drop(ann);
        assert_eq!(left("@eve"), FETCHING_PER_SENDER);
        assert!(permits.senders.lock().unwrap().len() <= 1);
    }
}
