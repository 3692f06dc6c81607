//! What a key's value must look like, and reading it as that.
//!
//! As lax as the Python tool where it is lax (`"20971520"`, `"false"`), strict everywhere else.
//! A refusal is worded as a predicate ("must be …"), so that it can follow the name of a key, a
//! variable or a credential, and it never quotes the value.

use serde_json::{Number, Value};

use super::{
    Secret, address,
    identifier::{check_room_id, check_user_id},
    suggest::did_you_mean,
    syntax::type_name,
};

/// Whole numbers up to here are exact as floating-point numbers: 2 to the power of 53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// True or false.
    Switch,
    /// A whole number from 0 to `largest`.
    Count {
        /// The largest that is allowed.
        largest: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// Any text.
    Text,
    /// Any text that must not be shown.
    Secret,
    /// The base URL of a homeserver.
    Homeserver,
    /// The URL of a proxy; it may hold a password.
    Proxy,
    /// A Matrix user id.
    UserId,
    /// A list of Matrix user ids, or `*`.
    Users,
    /// A list of Matrix room ids.
    Rooms,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An object.
    Section,
}

/// A value that has the shape it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// True or false.
    Switch(bool),
    /// A whole number.
    Count(u64),
    /// A text.
    Text(String),
    /// A text that must not be shown.
    Secret(Secret),
    /// A list of texts.
    List(Vec<String>),
    /// An object, as JSON; what is in it may be secret.
    Section(Secret),
}

impl Typed {
    /// The value as JSON, secrets included: for the one place that may show or write it.
    #[must_use]
    pub fn expose(&self) -> Value {
        match self {
            Self::Switch(value) => Value::Bool(*value),
            Self::Count(value) => Value::from(*value),
            Self::Text(text) => Value::from(text.as_str()),
            Self::Secret(secret) => Value::from(secret.expose()),
            Self::List(list) => Value::from(list.as_slice()),
            // It was written from a value, so it can be read as one.
            Self::Section(json) => serde_json::from_str(json.expose()).unwrap_or_default(),
        }
    }
}

impl Shape {
    /// What a person calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Switch => "boolean",
            Self::Count { .. } => "number",
            Self::Users | Self::Rooms => "array",
            Self::Section => "object",
            Self::Text
            | Self::Secret
            | Self::Homeserver
            | Self::Proxy
            | Self::UserId
            | Self::Choice(_) => "string",
        }
    }

    /// Reads a value; an empty text is `None`, as good as absent.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a predicate.
    pub fn read(self, value: &Value) -> Result<Option<Typed>, String> {
        match self {
            Self::Switch => read_switch(value).map(Some),
            Self::Count { largest, unit } => read_count(value, largest, unit).map(Some),
            Self::Users => read_list(value, check_allowed_user).map(Some),
            Self::Rooms => read_list(value, check_room_id).map(Some),
            Self::Section if value.is_object() => {
                Ok(Some(Typed::Section(Secret::new(value.to_string()))))
            }
            Self::Section => Err(must_be("an object", value)),
            Self::Choice(words) => read_choice(read_text(value)?, words).map(Some),
            Self::Text | Self::Secret | Self::Homeserver | Self::Proxy | Self::UserId => {
                match read_text(value)? {
                    "" => Ok(None),
                    text => self.read_full(text).map(Some),
                }
            }
        }
    }

    /// What is wrong with one entry of a list, as a predicate.
    pub(super) fn entry_fault(self, entry: &Value) -> Option<String> {
        let check = match self {
            Self::Users => check_allowed_user,
            Self::Rooms => check_room_id,
            _ => return None,
        };
        check_entry(entry, check).err()
    }

    /// Reads a text from outside the file, where everything is text: a list is a JSON array or
    /// words between commas.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a predicate.
    pub fn read_str(self, text: &str) -> Result<Option<Typed>, String> {
        let json = |text| serde_json::from_str(text).map_err(|_| "is not valid JSON".to_owned());
        let value = match self {
            Self::Users | Self::Rooms if text.trim_start().starts_with('[') => json(text)?,
            Self::Users | Self::Rooms => text
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .collect(),
            Self::Section => json(text)?,
            _ => Value::String(text.to_owned()),
        };
        self.read(&value)
    }

    fn read_full(self, text: &str) -> Result<Typed, String> {
        match self {
            Self::Homeserver => {
                let url = address::read_homeserver(text)?;
                // As a person writes it.
                Ok(Typed::Text(url.as_str().trim_end_matches('/').to_owned()))
            }
            Self::UserId => {
                check_user_id(text)?;
                Ok(Typed::Text(text.to_owned()))
            }
            Self::Proxy => {
                address::check_proxy(text)?;
                Ok(Typed::Secret(Secret::new(text)))
            }
            Self::Secret if text.contains(char::is_control) => {
                Err("holds a line break or another control character".to_owned())
            }
            Self::Secret => Ok(Typed::Secret(Secret::new(text))),
            _ if text.contains(char::is_control) => {
                Err("holds a line break or another control character".to_owned())
            }
            _ => Ok(Typed::Text(text.to_owned())),
        }
    }
}

fn must_be(what: &str, value: &Value) -> String {
    match value {
        Value::Null => format!("must be {what}, not null; leave the key out instead"),
        value => format!("must be {what}, not {}", type_name(value)),
    }
}

fn read_text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| must_be("a text", value))
}

fn read_switch(value: &Value) -> Result<Typed, String> {
    let word = match value {
        Value::Bool(value) => return Ok(Typed::Switch(*value)),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Number(number) => number.to_string(),
        other => return Err(must_be("true or false", other)),
    };
    match word.as_str() {
        "true" | "yes" | "on" | "y" | "t" | "1" => Ok(Typed::Switch(true)),
        "false" | "no" | "off" | "n" | "f" | "0" => Ok(Typed::Switch(false)),
        _ => Err("must be true or false".to_owned()),
    }
}

fn read_count(value: &Value, largest: u64, unit: &str) -> Result<Typed, String> {
    let form = format!("a whole number of {unit}");
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) => text
            .trim()
            .parse::<Number>()
            .map_err(|_| format!("must be {form}"))?,
        other => return Err(must_be(&form, other)),
    };
    let count = whole(&number).map_err(|fault| format!("must be {form}, {fault}"))?;
    if count > largest {
        return Err(format!("must be {form}, at most {largest}"));
    }
    Ok(Typed::Count(count))
}

/// A number as a whole one, if it is: `5` and `5.0` are.
fn whole(number: &Number) -> Result<u64, &'static str> {
    if let Some(whole) = number.as_u64() {
        return Ok(whole);
    }
    let number = number.as_f64().unwrap_or(f64::NAN);
    if number < 0.0 {
        Err("not a negative one")
    } else if number >= EXACT {
        Err("and this one is far too large")
    } else if number.fract() != 0.0 {
        Err("not a fraction")
    } else {
        format!("{number:.0}").parse().map_err(|_| "not this")
    }
}

fn read_choice(text: &str, words: &[&str]) -> Result<Typed, String> {
    if words.contains(&text) {
        return Ok(Typed::Text(text.to_owned()));
    }
    let list: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
    let suggestion = did_you_mean(text, words.iter().copied());
    Err(format!("must be one of {}{suggestion}", list.join(", ")))
}

fn read_list(value: &Value, check: fn(&str) -> Result<(), &'static str>) -> Result<Typed, String> {
    let Value::Array(items) = value else {
        return Err(must_be("a list", value));
    };
    let mut list = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let text = check_entry(item, check).map_err(|fault| entry_words(index, &fault))?;
        list.push(text.to_owned());
    }
    Ok(Typed::List(list))
}

fn check_entry(entry: &Value, check: fn(&str) -> Result<(), &'static str>) -> Result<&str, String> {
    let text = read_text(entry)?;
    check(text)?;
    Ok(text)
}

/// The fault of the entry at this index as a predicate of the list.
pub(super) fn entry_words(index: usize, fault: &str) -> String {
    format!("has a fault in entry {}: it {fault}", index + 1)
}

fn check_allowed_user(id: &str) -> Result<(), &'static str> {
    if id == "*" { Ok(()) } else { check_user_id(id) }
}

#[cfg(test)]
mod tests;
