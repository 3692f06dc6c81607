//! What the tests are built on: a real homeserver, independent people, the program under test, terminals.
#![allow(dead_code, reason = "a toolbox: not every test run uses every tool")]
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "tests panic, and nothing else calls this"
)]

pub mod account;
pub mod bot;
pub mod disk;
pub mod driver;
pub mod entry;
pub mod eventually;
pub mod fsyncs;
pub mod golden;
pub mod http_person;
pub mod http_rooms;
pub mod js_person;
pub mod machine;
pub mod message;
pub mod model;
pub mod nats;
pub mod node;
pub mod output;
pub mod person;
pub mod process;
pub mod pty;
pub mod python;
pub mod python_tool;
pub mod reaper;
pub mod record;
pub mod relay;
pub mod room;
pub mod secret_service;
pub mod shared;
pub mod synapse;
pub mod synapse_config;
pub mod systemd;
