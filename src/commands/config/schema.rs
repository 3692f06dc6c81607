//! `nanobot config schema`: the JSON Schema of the file.

use super::{Outcome, outcome};
use crate::{
    config::json_schema,
    error::{Error, Result},
};

pub(super) fn run() -> Result<Outcome> {
    let schema = json_schema();
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Error::failure("cannot write the schema").because(error))?;
    Ok(outcome(text, [("schema", schema)]))
}
