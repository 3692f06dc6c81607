//! OpenAI's chat API over HTTP: one question, its answer as it comes, and what can go wrong.

mod answer;
mod endpoint;
mod events;
mod fault;
mod images;
mod models;
mod refusal;
mod thoughts;

pub(super) use answer::Said;
pub(super) use endpoint::{Endpoint, Limits, Wishes};
pub(super) use fault::{Fault, Why};
pub(super) use images::{ImageLimits, content, pictures};
pub(super) use refusal::harmless;
