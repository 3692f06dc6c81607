//! Secrets: the type that hides them, the system's keyring, and how they are recognised.

mod keyring;
mod secret;
mod sensitive;

pub use keyring::{Entry, Keyring, KeyringState};
pub use secret::Secret;
pub use sensitive::{
    announces_secret, counts_tokens, is_container_name, is_harmless, is_secret_name,
    is_telling_comment, looks_secret,
};
