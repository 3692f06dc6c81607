//! What a value of the file must look like, and reading it as that.
//!
//! As lax as the Python tool where it is lax (`"20971520"`, `"false"`), strict everywhere else. A
//! refusal is worded as a predicate ("must be …"), so that it can follow the name of a key, a
//! variable or a credential, and it never quotes the value.

use std::{borrow::Cow, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Value, json};

use super::{
    names::names_of,
    plain::{as_number, as_switch, must_be, read_text, whole},
};
use crate::{
    address::{check_proxy, check_room, parse_homeserver, parse_user_id},
    config::secrets::Secret,
    text::did_you_mean,
};

/// A text with a variable of the environment in it, which may become anything.
const VARIABLE: &str = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}";

/// What a value must look like.
pub trait Form {
    /// What it is read as.
    type Value;

    /// Reads a value. What is wrong with it is told as a predicate.
    fn read(value: &Value) -> Result<Self::Value, String>;

    /// The value as the file would have it, secrets included.
    fn write(value: &Self::Value) -> Value;

    /// The form as a JSON Schema. Its `title` is what a person calls it, and what is `writeOnly`
    /// must not be shown. It refuses nothing that is accepted.
    fn schema() -> Value;
}

/// A field that has a form, for serde and schemars.
pub struct As<F>(PhantomData<F>);

impl<F: Form> As<F> {
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<F::Value, D::Error> {
        F::read(&Value::deserialize(from)?).map_err(D::Error::custom)
    }

    pub fn serialize<S: Serializer>(value: &F::Value, to: S) -> Result<S::Ok, S::Error> {
        F::write(value).serialize(to)
    }
}

impl<F: Form> JsonSchema for As<F> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::try_from(F::schema()).unwrap_or_default()
    }
}

/// True or false.
pub struct Switch;

impl Form for Switch {
    type Value = bool;

    fn read(value: &Value) -> Result<bool, String> {
        as_switch(value).ok_or_else(|| match value {
            Value::String(_) | Value::Number(_) => "must be true or false".to_owned(),
            other => must_be("true or false", other),
        })
    }

    fn write(value: &bool) -> Value {
        Value::from(*value)
    }

    fn schema() -> Value {
        let word = "^\\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy]([Ee][Ss])?|[Nn][Oo]?|\
                    [Oo][Nn]|[Oo][Ff][Ff]|[Tt]|[Ff]|[01])\\s*$";
        let forms = json!([{"type": "boolean"}, {"enum": [0, 1]}, text(word)]);
        json!({"title": "true or false", "anyOf": forms})
    }
}

/// A value that may be absent, and has this form where it is not.
impl<F: Form> Form for Option<F> {
    type Value = Option<F::Value>;

    fn read(value: &Value) -> Result<Self::Value, String> {
        F::read(value).map(Some)
    }

    fn write(value: &Self::Value) -> Value {
        value.as_ref().map_or(Value::Null, F::write)
    }

    fn schema() -> Value {
        F::schema()
    }
}

/// What is counted, and how many there may be.
const COUNTED: [(&str, u64); 4] = [
    ("bytes", u64::MAX),
    ("downloads", 1024),
    ("seconds", 86_400),
    ("days", 36_500),
];

pub const BYTES: usize = 0;
pub const DOWNLOADS: usize = 1;
pub const SECONDS: usize = 2;
pub const DAYS: usize = 3;

/// A whole number.
pub struct Count<const COUNTED: usize>;

impl<const OF: usize> Form for Count<OF> {
    type Value = u64;

    fn read(value: &Value) -> Result<u64, String> {
        let (unit, largest) = COUNTED[OF];
        let form = format!("a whole number of {unit}");
        let number = as_number(value).ok_or_else(|| match value {
            Value::String(_) => format!("must be {form}"),
            other => must_be(&form, other),
        })?;
        let count = whole(&number).map_err(|fault| format!("must be {form}, {fault}"))?;
        if count > largest {
            return Err(format!("must be {form}, at most {largest}"));
        }
        Ok(count)
    }

    fn write(value: &u64) -> Value {
        Value::from(*value)
    }

    fn schema() -> Value {
        let (unit, largest) = COUNTED[OF];
        let mut number = json!({"type": "integer", "minimum": 0});
        let mut title = unit.to_owned();
        // No editor could compare with a larger one exactly.
        if largest < u64::MAX {
            number["maximum"] = json!(largest);
            title = format!("{unit}, at most {largest}");
        }
        let digits = text(r"^\s*[0-9]+([.]0+)?([eE][+]?[0-9]+)?\s*$");
        json!({"title": title, "anyOf": [number, digits]})
    }
}

/// What people write for some of the words, and would be taken for another by its letters.
const SYNONYMS: [(&str, &str); 9] = [
    ("all", "open"),
    ("any", "open"),
    ("everyone", "open"),
    ("public", "open"),
    ("listed", "allowlist"),
    ("whitelist", "allowlist"),
    ("all", "any"),
    ("everyone", "any"),
    ("none", "any"),
];

/// One of the words of an enum.
pub struct Choice<T>(PhantomData<T>);

impl<T: DeserializeOwned + Serialize> Form for Choice<T> {
    type Value = T;

    fn read(value: &Value) -> Result<T, String> {
        let word = read_text(value)?;
        let words = names_of::<T>();
        T::deserialize(value).map_err(|_| {
            let list: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
            let meant = SYNONYMS
                .iter()
                .find(|(other, meant)| other.eq_ignore_ascii_case(word) && words.contains(meant));
            let suggestion = did_you_mean(
                meant.map_or(word, |(_, meant)| meant),
                words.iter().copied(),
            );
            format!("must be one of {}{suggestion}", list.join(", "))
        })
    }

    fn write(value: &T) -> Value {
        serde_json::to_value(value).unwrap_or_default()
    }

    fn schema() -> Value {
        let words = names_of::<T>();
        let title = format!("one of {}", words.join(", "));
        let variable = json!({"type": "string", "pattern": VARIABLE});
        json!({"title": title, "anyOf": [{"enum": words}, variable]})
    }
}

/// A sort of text.
struct Sort {
    title: &'static str,
    /// What it looks like as a regular expression, where there is more to it than to any text.
    pattern: Option<&'static str>,
    is_secret: bool,
    read: Read,
}

/// Reads a text that is not empty. What is wrong with it is told as a predicate.
type Read = fn(&str) -> Result<String, &'static str>;

impl Sort {
    const fn new(title: &'static str, pattern: Option<&'static str>, read: Read) -> Self {
        Self {
            title,
            pattern,
            is_secret: false,
            read,
        }
    }
}

pub const PLAIN: usize = 0;
pub const SECRET: usize = 1;
pub const HOMESERVER: usize = 2;
pub const PROXY: usize = 3;
pub const USER_ID: usize = 4;
pub const ALLOWED_USER: usize = 5;
pub const ROOM: usize = 6;
pub const EMOJI: usize = 7;

/// The longest emoji in bytes: those of families and flags have many parts.
const LONGEST_EMOJI: usize = 64;

const SORTS: [Sort; 8] = [
    Sort::new("string", None, read_line),
    Sort {
        is_secret: true,
        ..Sort::new("secret string", None, read_line)
    },
    Sort::new(
        "URL",
        Some(r"^$|^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\s]+(/(?!_matrix(/|$))[^/?#\s]*)*$"),
        // As a person writes it.
        |text| {
            Ok(parse_homeserver(text)?
                .as_str()
                .trim_end_matches('/')
                .to_owned())
        },
    ),
    Sort {
        is_secret: true,
        ..Sort::new(
            "URL, possibly secret",
            Some(r"^$|^([Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss](4|5|5[Hh]))://\S+$"),
            |text| check_proxy(text).map(|()| text.to_owned()),
        )
    },
    Sort::new("user ID", Some(r"^$|^@[^:\s]+:\S+$"), read_user_id),
    Sort::new(
        "user ID",
        Some(r"^[*]$|^@[^:\s]+:\S+$"),
        |text| match text {
            "*" => Ok(text.to_owned()),
            _ => read_user_id(text),
        },
    ),
    Sort::new("room", Some(r"^[!#]\S+$"), |text| {
        check_room(text).map(|()| text.to_owned())
    }),
    Sort::new("emoji", None, |text| match read_line(text)?.trim() {
        emoji if emoji.len() > LONGEST_EMOJI => Err("is longer than an emoji"),
        emoji => Ok(emoji.to_owned()),
    }),
];

fn read_user_id(text: &str) -> Result<String, &'static str> {
    parse_user_id(text).map(|_| text.to_owned())
}

fn read_line(text: &str) -> Result<String, &'static str> {
    if text.contains(char::is_control) {
        return Err("contains a line break or another control character");
    }
    Ok(text.to_owned())
}

/// A text of one sort; an empty one is as good as absent. All are held as secrets: a person may
/// write one into any.
pub struct Text<const SORT: usize>;

impl<const SORT: usize> Form for Text<SORT> {
    type Value = Option<Secret>;

    fn read(value: &Value) -> Result<Option<Secret>, String> {
        match read_text(value)? {
            "" => Ok(None),
            text => Ok(Some(Secret::new((SORTS[SORT].read)(text)?))),
        }
    }

    fn write(value: &Option<Secret>) -> Value {
        value.as_ref().map(Secret::expose).into()
    }

    fn schema() -> Value {
        let sort = &SORTS[SORT];
        let mut schema = sort.pattern.map_or_else(|| json!({"type": "string"}), text);
        schema["title"] = json!(sort.title);
        if sort.is_secret {
            schema["writeOnly"] = json!(true);
        }
        schema
    }
}

/// A list of texts of one sort.
pub struct ListOf<const SORT: usize>;

impl<const SORT: usize> Form for ListOf<SORT> {
    type Value = Vec<String>;

    fn read(value: &Value) -> Result<Vec<String>, String> {
        let entries = value.as_array().ok_or_else(|| must_be("a list", value))?;
        let read = |entry| Ok((SORTS[SORT].read)(read_text(entry)?)?);
        entries.iter().map(read).collect()
    }

    fn write(value: &Vec<String>) -> Value {
        value.as_slice().into()
    }

    fn schema() -> Value {
        let title = format!("list of {}s", SORTS[SORT].title);
        let entry = SORTS[SORT].pattern.map(text);
        json!({"title": title, "type": "array", "items": entry})
    }
}

/// An object, kept as JSON; what is in it may be secret.
pub struct Object;

impl Form for Object {
    type Value = Option<Secret>;

    fn read(value: &Value) -> Result<Option<Secret>, String> {
        if value.is_object() {
            Ok(Some(Secret::new(value.to_string())))
        } else {
            Err(must_be("an object", value))
        }
    }

    fn write(value: &Option<Secret>) -> Value {
        // It was written from a value, so it can be read as one.
        let read = |json: &Secret| serde_json::from_str(json.expose()).ok();
        value.as_ref().and_then(read).unwrap_or_default()
    }

    fn schema() -> Value {
        json!({"title": "object", "type": "object"})
    }
}

/// A text of this form, or one that a variable completes.
fn text(pattern: &str) -> Value {
    json!({"type": "string", "pattern": format!("{pattern}|{VARIABLE}")})
}
