//! Verification by comparing emoji, with Element's encryption (matrix-js-sdk) and with matrix-nio.

mod blindly;
mod own_account;
mod refused;
mod scene;
mod scripts;
mod terminal;

pub use self::scene::{Scene, expect_verified, js_person};
