//! How many messages each rule refused, since the start and in the last hour.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use crate::{
    ipc::{Refused, now},
    policy::Rule,
    threads::lock,
};

/// In milliseconds.
const MINUTE: u64 = 60_000;
/// Minutes of which the counts are kept.
const HOUR: u64 = 60;

/// The messages that were not answered. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<BTreeMap<Rule, Counted>>>);

#[derive(Debug, Default)]
struct Counted {
    count: u64,
    last_at: u64,
    /// How many there were in each of the last minutes in which there were any, oldest first.
    minutes: VecDeque<(u64, u64)>,
}

impl Refusals {
    /// One more was refused by this rule.
    pub fn add(&self, rule: Rule) {
        lock(&self.0).entry(rule).or_default().add(now());
    }

    /// All of them, by the name of the rule.
    pub fn all(&self) -> BTreeMap<String, Refused> {
        let at = now();
        let all = lock(&self.0);
        let refused = all
            .iter()
            .map(|(rule, counted)| (rule.name().to_owned(), counted.told(at)));
        refused.collect()
    }
}

impl Counted {
    fn add(&mut self, at: u64) {
        self.count += 1;
        self.last_at = at;
        let minute = at / MINUTE;
        match self.minutes.back_mut() {
            Some((last, count)) if *last == minute => *count += 1,
            _ => self.minutes.push_back((minute, 1)),
        }
        while self.minutes.len() > 1
            && self
                .minutes
                .front()
                .is_some_and(|(old, _)| *old + HOUR <= minute)
        {
            self.minutes.pop_front();
        }
    }

    fn told(&self, at: u64) -> Refused {
        let recent = self
            .minutes
            .iter()
            .filter(|(minute, _)| minute + HOUR > at / MINUTE);
        Refused {
            count: self.count,
            last_hour: recent.map(|(_, count)| count).sum(),
            last_at: self.last_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hour_is_counted_by_the_minute_and_the_rest_is_not_forgotten() {
        let mut counted = Counted::default();
        for minute in 100..200 {
            counted.add(minute * MINUTE);
            counted.add(minute * MINUTE + 1);
        }
        assert!(counted.minutes.len() <= 60);
        let told = counted.told(199 * MINUTE + 2);
        assert_eq!((told.count, told.last_hour), (200, 120));
        assert_eq!(told.last_at, 199 * MINUTE + 1);
        assert_eq!(counted.told(229 * MINUTE).last_hour, 60);
        assert_eq!(counted.told(300 * MINUTE).last_hour, 0);
    }

    #[test]
    fn they_are_told_by_the_name_of_the_rule() {
        let refusals = Refusals::default();
        refusals.add(Rule::NotMentioned);
        refusals.clone().add(Rule::NotMentioned);
        let all = refusals.all();
        assert_eq!(all.len(), 1);
        assert_eq!(all["not-mentioned"].last_hour, 2);
    }
}
