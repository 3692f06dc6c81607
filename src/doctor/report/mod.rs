//! What an examination found, and how it is shown. No format decides anything.

mod document;
mod github;
mod junit;
mod text;

pub use document::{Detail, Report, Row};

#[cfg(test)]
pub use document::tests;
