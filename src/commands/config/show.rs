//! `nanobot config show`: the file without its secrets.

use serde_json::json;

use super::{Outcome, Paths, Result, outcome};
use crate::{config::Document, error::Error};

pub(super) fn run(paths: &Paths) -> Result<Outcome> {
    let document = Document::load(paths.config_file())?;
    if !document.exists() {
        return Err(missing(paths));
    }
    let text = document.redacted_text();
    Ok(outcome(
        text.trim_end().to_owned(),
        [
            ("file", json!(paths.config_file())),
            ("config", document.redacted_root()),
        ],
    ))
}

fn missing(paths: &Paths) -> Error {
    let message = format!(
        "there is no configuration at {}",
        paths.config_file().display()
    );
    Error::failure(message).hint("run `nanobot login`")
}
