//! What every file of checks needs.

pub use crate::doctor::{
    check::{Check, Judgement, Status, Verdict, answer, listed},
    facts::{Facts, Missing, known},
};
pub use crate::ipc::{Gateway, age};
