//! The checks of the bot's health, and how to fix problems.
//!
//! [`Examination::run`] is the whole of it: the `selection` of checks decides which `probes` are
//! asked, all at once and each under a deadline; what they find out are `facts`; the judgements of
//! the `checks` are pure functions over them; their verdicts are the rows of one [`Report`], which
//! is rendered in several formats. Adding a check is adding a row, and a probe where its question
//! is new.

mod check;
mod checks;
mod examination;
mod explanation;
mod facts;
mod fix;
mod panics;
mod probe;
mod probes;
mod redact;
mod report;
mod selection;

pub use check::Check;
pub use checks::catalogue;
pub use examination::{Examination, examine};
pub use explanation::about;
pub use fix::{Repair, plan};
pub use report::{Detail, Report, Row};
pub use selection::{Selection, find_named};
