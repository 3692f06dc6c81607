//! `${NAME}` in a string stands for a variable of the environment, as in the Python tool.

use std::{ffi::OsString, fmt};

use serde_json::Value;

use super::Env;

/// A variable that a value needs and that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub variable: String,
    /// Why, as a predicate: "is not set".
    pub why: &'static str,
}

impl Missing {
    /// What to do about it.
    pub fn fix(&self) -> String {
        format!("set {} in nanobot's environment", self.variable)
    }
}

/// A predicate of what needs it.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (variable, why) = (&self.variable, self.why);
        write!(f, "needs the environment variable {variable}, which {why}")
    }
}

/// Replaces every `${NAME}` in every string of a value.
///
/// What does not have exactly this form (`$NAME`, `${}`, `${A-B}`) is left as it is, and what a
/// variable holds is not looked at again.
pub fn fill(value: &mut Value, env: Env<'_>) -> Result<(), Missing> {
    match value {
        Value::String(text) => *text = fill_text(text, env)?,
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, env))?,
        Value::Object(members) => members.values_mut().try_for_each(|item| fill(item, env))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn fill_text(text: &str, env: Env<'_>) -> Result<String, Missing> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        filled.push_str(&rest[..at]);
        let behind = &rest[at + 2..];
        match behind.split_once('}') {
            Some((name, after)) if is_name(name) => {
                filled.push_str(&look_up(name, env)?);
                rest = after;
            }
            _ => {
                filled.push_str("${");
                rest = behind;
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Whether there is a `${NAME}` in a text.
pub fn is_in(text: &str) -> bool {
    without(text).is_some()
}

/// Whether a text is nothing but `${NAME}`s, so that nothing of what it stands for is in it.
pub fn is_all(text: &str) -> bool {
    without(text).is_some_and(|rest| rest.is_empty())
}

/// What stands around the `${NAME}`s of a text; `None` where there are none.
fn without(text: &str) -> Option<String> {
    // With nothing in their places the text gets shorter exactly where there are some.
    let rest = fill_text(text, &|_| Some(OsString::new())).ok()?;
    (rest.len() < text.len()).then_some(rest)
}

fn is_name(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(word)
        && text
            .bytes()
            .next()
            .is_some_and(|byte| !byte.is_ascii_digit())
}

fn look_up(name: &str, env: Env<'_>) -> Result<String, Missing> {
    let missing = |why| Missing {
        variable: name.to_owned(),
        why,
    };
    let value = env(name).ok_or_else(|| missing("is not set"))?;
    value
        .into_string()
        .map_err(|_| missing("is not valid UTF-8"))
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};

    use serde_json::json;

    use super::*;

    fn env(name: &str) -> Option<OsString> {
        match name {
            "A" => Some("1".into()),
            "NEST" => Some("${A}".into()),
            "RAW" => Some(OsString::from_vec(vec![0xff])),
            _ => None,
        }
    }

    fn filled(mut value: Value) -> Result<Value, Missing> {
        fill(&mut value, &env).map(|()| value)
    }

    #[test]
    fn fills_strings_everywhere() {
        let value = json!({"x": ["a${A}b${A}", 5], "y": "${NEST}"});
        assert_eq!(filled(value), Ok(json!({"x": ["a1b1", 5], "y": "${A}"})));
    }

    #[test]
    fn leaves_alone_what_is_no_placeholder() {
        for text in ["$A", "${}", "${A", "${1A}", "${A-B}", "${ A}", "}${", "$${"] {
            assert_eq!(filled(json!(text)), Ok(json!(text)));
        }
        assert_eq!(filled(json!("${${A}")), Ok(json!("${1")));
    }

    #[test]
    fn names_what_is_missing() {
        assert_eq!(filled(json!("${B}")).unwrap_err().variable, "B");
        assert!(filled(json!("${RAW}")).unwrap_err().why.contains("UTF-8"));
    }
}
