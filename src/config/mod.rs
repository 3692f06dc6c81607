//! The shared configuration: where it lives, how it is read, edited and judged.
//!
//! - [`Paths`] says where things are; [`Document`] is the file itself and loses nothing.
//! - [`schema`] is the one table of keys; [`Matrix`] is their typed view; [`Origin`] tells where
//!   each value came from.
//! - [`validate()`] lists every fault and warning at once.

mod address;
mod argument;
mod choices;
mod diff;
mod document;
mod doubts;
mod draft;
mod edit;
mod file;
#[cfg(test)]
pub(crate) mod generated;
mod identifier;
mod inspect;
mod json_schema;
mod key_path;
mod keyring;
mod layout;
pub mod manual;
mod mask;
mod matrix;
mod origin;
mod paths;
mod placeholder;
mod position;
mod reading;
mod redact;
mod respell;
mod save;
pub mod schema;
mod secret;
mod section;
mod sensitive;
mod setting;
mod shape;
mod source;
mod suggest;
mod syntax;
mod token_store;
mod trivia;
mod validate;

pub use choices::{GroupPolicy, SenderTrust};
pub use diff::diff;
pub use document::Document;
pub use draft::Draft;
pub use inspect::{inspect, unknown_variables};
pub use json_schema::json_schema;
pub use key_path::KeyPath;
pub use keyring::{Entry, Keyring, KeyringState};
pub use mask::REDACTED;
pub use matrix::Matrix;
pub use origin::Origin;
pub use paths::Paths;
pub use position::Position;
pub use redact::redact;
pub use respell::{Renaming, respell};
pub use save::{PrivateFile, Saved};
pub use secret::Secret;
pub use section::Section;
pub(crate) use sensitive::looks_secret;
pub use setting::{Problem, Setting, settings};
pub use shape::{Shape, Typed};
pub use suggest::did_you_mean;
pub use token_store::TokenStore;
pub use validate::{FINDINGS, Finding, Severity, validate};

use std::ffi::OsString;

/// How a variable of the environment is looked up; tests hand in their own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;
