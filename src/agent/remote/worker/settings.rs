//! How a worker reaches the broker.

use std::path::Path;

use serde_json::json;

use crate::{
    agent::remote::nats::{Settings, queue},
    config::{Document, Matrix, Secret, Section},
    error::{Error, Result},
};

/// Where it is configured.
const PATH: &str = "channels.matrix.worker";

/// How the broker is reached. Relative paths start at this directory.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) where that is missing or not as it must be.
pub fn worker_settings(matrix: &Matrix, home: &Path) -> Result<Settings> {
    let Some(object) = matrix.worker()? else {
        return Err(
            Error::config(format!("{PATH} is missing: where is the message broker?"))
                .hint("name it")
                .command("nanobot config set worker '{\"servers\": [\"tls://BROKER:4222\"]}'"),
        );
    };
    let mut section = Section::new(PATH, Some(object))?;
    let settings = Settings::read(&mut section, home)?;
    section.finish()?;
    Ok(settings)
}

/// The queue that is named for a worker or for the gateway; the rest need not be complete, and secrets
/// need not be there.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) where that is no name.
pub fn queue_of(document: &Document) -> Result<String> {
    let named = |path| Some((path, document.get(&format!("{path}.queue"))?));
    let (path, name) = named(PATH)
        .or_else(|| named("channels.matrix.agent"))
        .unwrap_or_default();
    let object = Secret::new(json!({"queue": name}).to_string());
    queue(&mut Section::new(path, Some(&object))?)
}
