//! What the program wrote: an answer in words, or as JSON.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::Answer;

/// An answer as JSON: an object with these keys and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<String>,
}

/// The answer in what the program wrote. It is the object only where that is all of it; whatever
/// else it wrote is the words of the answer. Paths in it start at this directory.
pub(super) fn read(output: &[u8], directory: &Path) -> Answer {
    let text = words(output);
    let Some(object) = object(&text) else {
        return Answer {
            text,
            ..Answer::default()
        };
    };
    Answer {
        text: without_controls(&object.text),
        attachments: object
            .attachments
            .iter()
            .map(|path| directory.join(path))
            .collect(),
    }
}

fn object(text: &str) -> Option<Object> {
    // A list would be taken for the object's values.
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    serde_json::from_value(Value::Object(object)).ok()
}

/// The words in what a program wrote: what is no text in it is replaced, colours and other
/// controls are left out.
pub(super) fn words(output: &[u8]) -> String {
    without_controls(&String::from_utf8_lossy(output))
}

fn without_controls(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn answer(output: &[u8]) -> (String, Vec<PathBuf>) {
        let answer = read(output, Path::new("/work"));
        (answer.text, answer.attachments)
    }

    fn said(output: &[u8]) -> String {
        let (text, attachments) = answer(output);
        assert_eq!(attachments, [""; 0].map(PathBuf::from));
        text
    }

    #[test]
    fn words_are_words() {
        assert_eq!(said(b"  hello\r\n\nyou\n\n"), "  hello\n\nyou");
        assert_eq!(said(b"\n \n"), "");
        assert_eq!(said(b"\x1b[31mred\x07\x00"), "[31mred");
        assert_eq!(said(b"a\xff\xfeb"), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn an_object_with_known_keys_is_an_answer() {
        let (text, attachments) =
            answer(b"\n{\"text\": \"hi\\u0007\\n\", \"attachments\": [\"a\", \"/b\"]}\n");
        assert_eq!(text, "hi");
        assert_eq!(attachments, ["/work/a", "/b"].map(PathBuf::from));
        let (text, attachments) = answer(b"{\"attachments\": [\"a\"]}");
        assert_eq!((text.as_str(), attachments.len()), ("", 1));
        assert_eq!(said(b"{}"), "");
    }

    #[test]
    fn any_other_json_is_words() {
        for output in [
            "{\"text\": \"hi\", \"more\": 1}",
            "{\"text\": 5}",
            "{\"text\": null}",
            "{\"text\": \"hi\"} and more",
            "[\"hi\"]",
            "\"hi\"",
            "{",
        ] {
            assert_eq!(said(output.as_bytes()), output);
        }
    }
}
