//! The settings of the health endpoint.

use serde_json::{Value, json};

use super::{forms::Form, plain::must_be};
use crate::{address::Listen, text::did_you_mean};

/// The one key of the object.
const LISTEN: &str = "listen";

/// An object that says where the health endpoint listens. An empty text, and an object without
/// one, mean that it does not.
pub struct HealthListen;

impl Form for HealthListen {
    type Value = Option<Listen>;

    fn read(value: &Value) -> Result<Option<Listen>, String> {
        let members = value.as_object();
        let members = members.ok_or_else(|| must_be("an object", value))?;
        if let Some(unknown) = members.keys().find(|key| *key != LISTEN) {
            let meant = did_you_mean(unknown, [LISTEN]);
            return Err(format!("must have no key but {LISTEN:?}{meant}"));
        }
        let listen = match members.get(LISTEN) {
            None => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            // As a text from elsewhere it is one, too.
            Some(Value::Number(port)) => port.to_string(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => String::new(),
        };
        let listen = listen.parse();
        listen
            .map(Some)
            .map_err(|fault| format!("is invalid in {LISTEN:?}: it {fault}"))
    }

    fn write(value: &Option<Listen>) -> Value {
        let written = |listen: &Listen| json!({LISTEN: listen.to_string()});
        value.as_ref().map_or(Value::Null, written)
    }

    fn schema() -> Value {
        let listen = json!({
            "description": "ADDRESS:PORT, a port of 127.0.0.1, or unix:PATH",
            "type": ["string", "integer"],
        });
        let properties = json!({LISTEN: listen});
        json!({"title": "object", "type": "object", "properties": properties})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_object_with_an_address() {
        let read = |value: Value| HealthListen::read(&value);
        for absent in [json!({}), json!({"listen": ""})] {
            assert_eq!(read(absent), Ok(None));
        }
        let listen = read(json!({"listen": 9464})).unwrap();
        assert_eq!(
            HealthListen::write(&listen),
            json!({"listen": "127.0.0.1:9464"})
        );
        for (wrong, words) in [
            (json!("127.0.0.1:9464"), "must be an object, not a string"),
            (json!({"listen": "example.org"}), "ADDRESS:PORT"),
            (json!({"listen": true}), "ADDRESS:PORT"),
            (json!({"lisen": "9464"}), "did you mean"),
        ] {
            let fault = read(wrong).unwrap_err();
            assert!(fault.contains(words), "{fault}");
        }
    }
}
