//! OpenAI's chat API over HTTP: one question, its answer as it comes, and what can go wrong.

mod advice;
mod answer;
mod endpoint;
mod events;
mod fault;
mod halves;
mod images;
mod json;
mod models;
mod thoughts;

pub use endpoint::{Endpoint, Service};
pub use fault::{Fault, Why};
pub use images::{ImageLimits, Picture, content, kept, pictures};

#[cfg(test)]
mod any_tests;
