//! JSON: the report as it is.

use crate::{
    doctor::report::Report,
    error::{Error, Result},
};

pub(super) fn render(report: &Report) -> Result<String> {
    serde_json::to_string(report)
        .map_err(|error| Error::failure("cannot write the report as JSON").because(error))
}
