//! The values in effect, each with where it came from, and how a person names one.

mod argument;
mod key_path;
mod matrix;
mod setting;
mod sources;

pub use key_path::KeyPath;
pub use matrix::Matrix;
pub use setting::{Origin, Problem, Setting};
pub use sources::settings;
