//! What the tests are built on, as far as the benchmark needs it.
#![allow(dead_code, reason = "the tests use the rest of it")]
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "as in the tests: it panics, and nothing else calls it"
)]

#[path = "../../tests/integration/harness/driver.rs"]
pub mod driver;
#[path = "../../tests/integration/harness/entry.rs"]
pub mod entry;
#[path = "../../tests/integration/harness/eventually.rs"]
pub mod eventually;
#[path = "../../tests/integration/harness/fsyncs.rs"]
pub mod fsyncs;
#[path = "../../tests/integration/harness/http_person.rs"]
pub mod http_person;
#[path = "../../tests/integration/harness/http_rooms.rs"]
pub mod http_rooms;
#[path = "../../tests/integration/harness/message.rs"]
pub mod message;
#[path = "../../tests/integration/harness/person.rs"]
pub mod person;
#[path = "../../tests/integration/harness/python.rs"]
pub mod python;
#[path = "../../tests/integration/harness/room.rs"]
pub mod room;
#[path = "../../tests/integration/harness/shared.rs"]
pub mod shared;
#[path = "../../tests/integration/harness/synapse.rs"]
pub mod synapse;
#[path = "../../tests/integration/harness/synapse_config.rs"]
pub mod synapse_config;
