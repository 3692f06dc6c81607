//! Which checks are made.

use std::collections::BTreeSet;

use super::{
    check::Check,
    checks::{COMPLETE, LIVE, catalogue},
    probe::Probe,
};
use crate::{
    error::{Error, Kind, Result},
    text::did_you_mean,
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
    /// Refuses names that no check and no category has, and those of checks that use the device
    /// unless it may be used.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`], with the name that may be meant, or the option that is missing.
    pub fn validate(&self, live: bool) -> Result<()> {
        for name in self.only.iter().chain(&self.skip) {
            find_named(name).map_err(|message| {
                Error::new(Kind::Usage, message).command("nanobot doctor --list")
            })?;
        }
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
    pub fn wants(&self, id: &str) -> bool {
        let names = |list: &[String]| list.iter().any(|name| is_named(id, name));
        (self.only.is_empty() || names(&self.only)) && !names(&self.skip)
    }

    /// The wanted checks and those they need, in the order of the catalogue.
    pub fn with_needs<'a>(&self, catalogue: &[&'a Check]) -> Vec<&'a Check> {
        let mut needed = BTreeSet::new();
        // What a check needs comes before it.
        for check in catalogue.iter().rev() {
            if self.wants(check.id) || needed.contains(check.id) {
                needed.insert(check.id);
                needed.extend(check.needs);
            }
        }
        let mut checks = catalogue.to_vec();
        checks.retain(|check| needed.contains(check.id) && check.id != COMPLETE);
        checks
    }
}

/// The checks of this name or category, or words on what may be meant.
///
/// # Errors
///
/// When there are none.
pub fn find_named(name: &str) -> Result<Vec<&'static Check>, String> {
    let checks: Vec<_> = catalogue()
        .filter(|check| is_named(check.id, name))
        .collect();
    if checks.is_empty() {
        let known = catalogue().flat_map(|check| [check.id, check.category()]);
        let suggestion = did_you_mean(name, known);
        return Err(format!("there is no check {name:?}{suggestion}"));
    }
    Ok(checks)
}

/// Whether this is the name of a check or of its category.
fn is_named(id: &str, name: &str) -> bool {
    let rest = id.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The probes that these checks read, and those that they need.
pub fn probes_of(checks: &[&Check], all: &[Probe]) -> Vec<Probe> {
    let read = checks
        .iter()
        .flat_map(|check| [Some(check.probe), check.advised_by]);
    let mut names: BTreeSet<_> = read.flatten().collect();
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
    all.iter().filter(wanted).cloned().collect()
}
