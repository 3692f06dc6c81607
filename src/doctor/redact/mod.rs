//! A report that can be shown to strangers: pseudonyms for everything that tells who and where
//! the bot is, the same one for the same thing wherever it occurs in the report.

mod known;
mod paths;
mod pseudonyms;
mod scan;
mod shape;

pub use known::Known;

use self::{pseudonyms::Pseudonyms, scan::Scanner};
use super::report::Report;
use crate::error::Result;

impl Report {
    /// The same report without names of users, devices, rooms, servers and places. Where two of
    /// them were the same they still are, within this report only.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers: a pseudonym could then be guessed back.
    pub fn redacted(self) -> Result<Self> {
        let pseudonyms = Pseudonyms::new()?;
        let scanner = Scanner::new(self.known().clone(), &pseudonyms);
        Ok(self.map_texts(&|text| scanner.text(text)))
    }
}

#[cfg(test)]
mod tests;
