//! Which checks are made.

use std::collections::BTreeSet;

use super::{LIVE, check::Check, checks::catalogue, engine::Probe, evaluate::COMPLETE};
use crate::{
    config::did_you_mean,
    error::{Error, Kind, Result},
};

/// Names of checks and of categories.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these; all where it is empty.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
}

impl Selection {
    /// Refuses names that no check and no category has.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`], with the name that may be meant.
    pub fn validate(&self) -> Result<()> {
        let known: BTreeSet<_> = catalogue()
            .flat_map(|check| [check.id, check.category()])
            .collect();
        let mut given = self.only.iter().chain(&self.skip);
        match given.find(|name| !known.contains(name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let suggestion = did_you_mean(name, known.iter().copied());
                let message = format!("there is no check {name:?}{suggestion}");
                Err(Error::new(Kind::Usage, message).hint("see `nanobot doctor --list`"))
            }
        }
    }

    /// Refuses checks that use the device, unless it may be used.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`], with the option that is missing.
    pub fn validate_live(&self, live: bool) -> Result<()> {
        let is_live = |name: &&String| name.split('.').next() == Some(LIVE);
        match self.only.iter().find(is_live) {
            Some(name) if !live => {
                let message =
                    format!("{name} is checked only under --live, because it uses the device");
                Err(Error::new(Kind::Usage, message).hint("add --live"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a check is asked for.
    #[must_use]
    pub fn wants(&self, check: &Check) -> bool {
        let names = |list: &[String]| {
            let mut list = list.iter();
            list.any(|name| name == check.id || name == check.category())
        };
        (self.only.is_empty() || names(&self.only)) && !names(&self.skip)
    }
}

/// The wanted checks and those they need, in the order of the catalogue.
pub(super) fn with_needs(
    selection: &Selection,
    catalogue: &[&'static Check],
) -> Vec<&'static Check> {
    let mut needed = BTreeSet::new();
    // What a check needs comes before it.
    for check in catalogue.iter().rev() {
        if selection.wants(check) || needed.contains(check.id) {
            needed.insert(check.id);
            needed.extend(check.needs);
        }
    }
    catalogue
        .iter()
        .copied()
        .filter(|check| needed.contains(check.id) && check.id != COMPLETE)
        .collect()
}

/// The probes that these checks read, and those that they need.
pub(super) fn probes_of(checks: &[&Check], all: &[Probe]) -> Vec<Probe> {
    let mut names: BTreeSet<_> = checks.iter().map(|check| check.probe).collect();
    loop {
        let before = names.len();
        for probe in all {
            if names.contains(probe.name) {
                names.extend(probe.needs);
            }
        }
        if names.len() == before {
            break;
        }
    }
    let wanted = |probe: &&Probe| names.contains(probe.name);
    all.iter().filter(wanted).copied().collect()
}
