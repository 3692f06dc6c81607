//! Plain values, as lax as the Python tool reads them.

use serde_json::{Number, Value};

/// Whole numbers up to here are exact as floating-point numbers: 2 to the power of 53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// True or false, in all the words there are for them.
pub fn as_switch(value: &Value) -> Option<bool> {
    let word = match value {
        Value::Bool(value) => return Some(*value),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    match word.as_str() {
        "true" | "yes" | "on" | "y" | "t" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// A number, or a text that is one.
pub fn as_number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number as a whole one, if it is: `5` and `5.0` are.
pub fn whole(number: &Number) -> Result<u64, &'static str> {
    if let Some(whole) = number.as_u64() {
        return Ok(whole);
    }
    let number = number.as_f64().unwrap_or(f64::NAN);
    if number < 0.0 {
        Err("not a negative one")
    } else if number >= EXACT {
        Err("and this one is too large")
    } else if number.fract() != 0.0 {
        Err("not a fraction")
    } else {
        format!("{number:.0}").parse().map_err(|_| "not this")
    }
}

/// What a person calls this sort of value.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// That a value is of another type, as a predicate.
pub fn must_be(what: &str, value: &Value) -> String {
    match value {
        Value::Null => format!("must be {what}, not null; leave the key out instead"),
        value => format!("must be {what}, not {}", type_name(value)),
    }
}

pub fn read_text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| must_be("a string", value))
}
