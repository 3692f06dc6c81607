//! `nanobot completions`: a script for a shell.

use serde_json::{Map, json};

use super::Outcome;
use crate::cli::{Completions, completions::script};

pub(super) fn run(args: &Completions) -> Outcome {
    let script = script(args.shell);
    let fields = [
        ("shell", json!(args.shell.to_string())),
        ("script", json!(script)),
    ];
    Outcome {
        // Whoever prints it ends the last line.
        text: script.trim_end_matches('\n').to_owned(),
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    }
}
