//! `nanobot doctor --list`: what there is to check.

use serde_json::{Map, Value, json};

use crate::{
    commands::Outcome,
    doctor::{Check, Selection, catalogue},
};

pub(super) fn list(selection: &Selection) -> Outcome {
    let checks: Vec<_> = catalogue().filter(|check| selection.wants(check)).collect();
    let lines: Vec<_> = checks
        .iter()
        .map(|check| format!("{:<24} {}", check.id, check.title))
        .collect();
    let entry = |check: &&Check| json!({"id": check.id, "category": check.category(), "title": check.title});
    let entries: Vec<Value> = checks.iter().map(entry).collect();
    Outcome {
        text: lines.join("\n"),
        json: Map::from_iter([("checks".to_owned(), json!(entries))]),
        ..Outcome::default()
    }
}
