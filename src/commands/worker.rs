//! `nanobot worker`: answer questions of a gateway on another machine.

use std::sync::Arc;

use super::{Outcome, paths};
use crate::{
    agent::{Worker, from_document, permissions, queue_of, worker_settings},
    cli::{Global, worker},
    config::{Document, environment},
    error::{Error, Kind, Result},
    gateway::NOTICE,
    terminal::{print, stop_signal},
};

/// The most characters of a worker's name.
const LONGEST_NAME: usize = 64;

pub async fn run(args: &worker::Worker, global: &Global) -> Result<Outcome> {
    let stop = stop_signal()?;
    let paths = paths(global)?;
    let document = Document::load(paths.config_file())?;
    if args.print_permissions {
        let queue = queue_of(&document)?;
        let permissions = permissions(&queue);
        let text = permissions.configuration(&queue);
        return Ok(Outcome::new(text, &permissions));
    }
    let matrix = document.matrix(&environment)?;
    let settings = worker_settings(&matrix, paths.dir())?;
    let name = match &args.name {
        Some(name) => checked(name)?,
        None => usual_name(),
    };
    let answerer = from_document(&document, paths.dir())?;
    let description = answerer.describe();
    tokio::pin!(stop);
    let connecting = Worker::connect(&settings, answerer, &name, matrix.max_media_bytes);
    let worker = tokio::select! {
        connected = connecting => connected?,
        () = &mut stop => return Ok(Outcome::default()),
    };
    let line = format!("Worker {name} is ready\nAgent: {description}");
    if global.json {
        tracing::info!(target: NOTICE, "{line}");
    } else if let Err(error) = print(&line) {
        tracing::warn!("cannot write to standard output: {error}");
    }
    Arc::new(worker).run(stop, args.grace).await?;
    Ok(Outcome::default())
}

/// The name is a part of a subject at the broker.
fn checked(name: &str) -> Result<String> {
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
        return Err(Error::new(
            Kind::Usage,
            "--name must be at most 64 letters, digits, - and _",
        ));
    }
    Ok(name.to_owned())
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn usual_name() -> String {
    // Where a system does not say it so, it is a worker and its number.
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let host = host.unwrap_or_default();
    let host = host.split('.').next().unwrap_or_default();
    let host: String = host.chars().filter(|c| is_plain(*c)).take(40).collect();
    let host = if host.is_empty() { "worker" } else { &host };
    format!("{host}-{}", std::process::id())
}
