//! `nanobot config path`: where the file is.

use serde_json::json;

use super::{Outcome, outcome};
use crate::config::Paths;

pub(super) fn run(paths: &Paths) -> Outcome {
    let file = paths.config_file();
    outcome(
        file.display().to_string(),
        [
            ("config", json!(file)),
            ("exists", json!(file.exists())),
            ("chosen_by", json!(paths.chosen_by())),
            ("dir", json!(paths.dir())),
            ("store", json!(paths.store())),
            ("media", json!(paths.media())),
        ],
    )
}
