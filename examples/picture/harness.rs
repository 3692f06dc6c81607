//! What the tests are built on, as far as the picture needs it.
#![allow(dead_code, reason = "the tests use the rest of it")]
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "as in the tests: it panics, and nothing else calls it"
)]

#[path = "../../tests/integration/harness/driver.rs"]
pub mod driver;
#[path = "../../tests/integration/harness/eventually.rs"]
pub mod eventually;
#[path = "../../tests/integration/harness/pty.rs"]
pub mod pty;
#[path = "../../tests/integration/harness/python.rs"]
pub mod python;
#[path = "../../tests/integration/harness/record.rs"]
pub mod record;
#[path = "../../tests/integration/harness/shared.rs"]
pub mod shared;
#[path = "../../tests/integration/harness/synapse.rs"]
pub mod synapse;
#[path = "../../tests/integration/harness/synapse_config.rs"]
pub mod synapse_config;
