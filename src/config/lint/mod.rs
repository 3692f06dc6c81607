//! What is wrong with a config, what may not be meant, and which names were mistyped.

mod finding;
mod inspect;
mod lints;
mod misspelled_allow_from;
mod right_name;
mod typo_fixes;
mod validate;

pub use finding::{FINDINGS, Finding, Renaming, Severity};
pub use inspect::{Draft, inspect, unknown_variables};
pub use typo_fixes::typo_fixes;
pub use validate::{misspelled_allow_from, validate};
