//! The config file: where it is, how it is read, edited and saved without losing anything.

mod disk;
mod document;
mod edit;
mod paths;
mod save;
mod syntax;

pub use disk::{Found, LARGEST, read};
pub use document::{Document, split};
pub use paths::Paths;
pub use save::{Saved, save};
pub use syntax::{Flaw, Parsed, Position, options, parse};
