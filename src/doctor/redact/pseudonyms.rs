//! Names that tell nothing, and the same one for the same thing.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// What sort of thing a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    User,
    Server,
    Room,
    Alias,
    Event,
    Device,
    Key,
    Media,
    Name,
    Path,
    Secret,
}

impl Sort {
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Server => "server",
            Self::Room => "room",
            Self::Alias => "alias",
            Self::Event => "event",
            Self::Device => "device",
            Self::Key => "key",
            Self::Media => "media",
            Self::Name => "name",
            Self::Path => "path",
            Self::Secret => "secret",
        }
    }
}

/// Gives pseudonyms, such as `user-3f2a`, by a hash that is salted anew for each report.
#[derive(Debug)]
pub(super) struct Pseudonyms {
    salt: [u8; 32],
    given: RefCell<Given>,
}

#[derive(Debug, Default)]
struct Given {
    names: BTreeMap<(Sort, String), String>,
    taken: BTreeSet<String>,
}

impl Pseudonyms {
    /// The fewest digits of the hash that are shown: enough for a report, too few to try all
    /// names that exist against.
    const DIGITS: usize = 4;

    pub(super) fn new() -> Result<Self> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| {
            Error::failure("the system gives no random numbers, so nothing can be redacted")
                .because(error)
        })?;
        let given = RefCell::default();
        Ok(Self { salt, given })
    }

    /// The pseudonym of a thing; that of another one never is the same.
    pub(super) fn of(&self, sort: Sort, thing: &str) -> String {
        let mut given = self.given.borrow_mut();
        let key = (sort, thing.to_owned());
        if let Some(name) = given.names.get(&key) {
            return name.clone();
        }
        let hash = self.hash(sort, thing);
        // Two hashes that agree in all of their digits do not occur.
        let mut names =
            (Self::DIGITS..=hash.len()).map(|n| format!("{}-{}", sort.word(), &hash[..n]));
        let free = names.find(|name| !given.taken.contains(name));
        let name = free.unwrap_or(hash);
        given.taken.insert(name.clone());
        given.names.insert(key, name.clone());
        name
    }

    fn hash(&self, sort: Sort, thing: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.salt)
            .chain_update(sort.word())
            .chain_update([0])
            .chain_update(thing)
            .finalize();
        let mut hex = String::new();
        for byte in digest {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_have_one_name_and_different_ones_have_two() {
        let pseudonyms = Pseudonyms::new().unwrap();
        let things: Vec<_> = (0..3000).map(|number| number.to_string()).collect();
        let name = |thing: &String| pseudonyms.of(Sort::Room, thing);
        let names: Vec<_> = things.iter().map(name).collect();
        assert_eq!(things.iter().map(name).collect::<Vec<_>>(), names);
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), things.len());
        assert!(names.iter().all(|name| name.starts_with("room-")));
    }

    #[test]
    fn the_next_report_has_other_names() {
        // By chance they agree once in 65536 times, for all ten never.
        let names = || {
            let pseudonyms = Pseudonyms::new().unwrap();
            (0..10)
                .map(|number| pseudonyms.of(Sort::User, &number.to_string()))
                .collect::<Vec<_>>()
        };
        assert_ne!(names(), names());
    }
}
