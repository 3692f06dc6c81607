//! JSON: the report as it is.

use serde_json::{Map, Value};

use crate::{
    doctor::report::Report,
    error::{Error, Result},
};

impl Report {
    /// The report as a JSON object.
    ///
    /// # Errors
    ///
    /// When it cannot be written down, which is a mistake of this program.
    pub fn to_json(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Error::failure("the report is no JSON object")),
            Err(error) => Err(Error::failure("cannot write the report as JSON").because(error)),
        }
    }
}

pub(super) fn render(report: &Report) -> Result<String> {
    Ok(Value::Object(report.to_json()?).to_string())
}
