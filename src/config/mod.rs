//! The shared configuration: where it lives, how it is read, edited and judged.
//!
//! - `file`: [`Paths`] says where things are; [`Document`] is the file itself and loses nothing.
//! - `keys`: the keys of `channels.matrix` are one struct; the table of [`Key`]s is made from it.
//! - `values`: [`Matrix`] holds the values in effect; [`Origin`] tells where each came from.
//! - `secrets`: what must not be shown, and the system's keyring; `redact` shows the rest.
//! - `lint`: [`validate()`] lists every fault and warning at once.

#[cfg(test)]
mod any_tests;
mod file;
mod keys;
mod lint;
mod placeholder;
mod redact;
mod secrets;
mod section;
mod values;

use std::ffi::OsString;

pub use file::{Document, Paths, Saved};
pub use keys::{
    GroupPolicy, KEYS, Key, ReadReceipts, SenderTrust, TokenStore, find as find_key, json_schema,
    names_of,
};
pub use lint::{
    Draft, FINDINGS, Finding, Renaming, Severity, inspect, misspelled_allow_from, typo_fixes,
    unknown_variables, validate,
};
pub use redact::{REDACTED, diff, redact};
pub use secrets::{Entry, Keyring, KeyringState, Secret, looks_secret};
pub use section::Section;
pub use values::{KeyPath, Matrix, Origin, Setting, settings};

/// How a variable of the environment is looked up; tests hand in their own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Looks a variable up in the environment of this process.
pub fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
