//! `nanobot config path`, `show` and `schema`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::{Outcome, Paths, Result};
use crate::{
    config::{Document, json_schema},
    error::Error,
    files::shown_path,
};

#[derive(Serialize)]
struct Places<'a> {
    #[serde(serialize_with = "shown_path")]
    config: &'a Path,
    exists: bool,
    chosen_by: &'static str,
    #[serde(serialize_with = "shown_path")]
    dir: &'a Path,
    #[serde(serialize_with = "shown_path")]
    store: PathBuf,
    #[serde(serialize_with = "shown_path")]
    media: PathBuf,
}

/// Where the file is.
pub fn path(paths: &Paths) -> Outcome {
    let config = paths.config_file();
    let places = Places {
        config,
        exists: config.exists(),
        chosen_by: paths.chosen_by(),
        dir: paths.dir(),
        store: paths.store(),
        media: paths.media(),
    };
    Outcome::new(config.display().to_string(), &places)
}

/// The file without its secrets.
pub fn show(paths: &Paths) -> Result<Outcome> {
    let file = paths.config_file();
    let document = Document::load(file)?;
    if !document.exists() {
        let message = format!("no configuration file at {}", file.display());
        return Err(Error::failure(message).command("nanobot login"));
    }
    let shown = json!({"file": file.display().to_string(), "config": document.redacted_root()});
    Ok(Outcome::new(document.redacted_text().trim_end(), &shown))
}

/// The JSON Schema of the file.
pub fn schema() -> Outcome {
    let schema = json_schema();
    // In many lines.
    Outcome::new(format!("{schema:#}"), &json!({"schema": schema}))
}
