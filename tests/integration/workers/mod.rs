//! Agents on other machines, over a real message broker.

mod answering;
mod bench;
mod cluster;
mod deaths;
mod rogues;
mod safety;
mod scene;
mod storm;
mod whole;
