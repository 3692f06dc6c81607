use std::fs;

use serde_json::json;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::error::Kind;

fn file(text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempdir().unwrap();
    let path = dir.path().join("config.json");
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn refusal(text: impl AsRef<[u8]>) -> String {
    let (_dir, path) = file(&text);
    let error = Document::load(&path).unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.hint_text().is_some());
    assert_eq!(fs::read(&path).unwrap(), text.as_ref());
    error.to_string()
}

#[test]
fn bad_files_are_refused_in_one_sentence() {
    for (text, words) in [
        (
            "{\n  oops\n}",
            "line 2, column 3: a key must be in double quotes",
        ),
        (
            "[]",
            "line 1, column 1: the file must contain a JSON object, not a list",
        ),
        ("\"canary\"", "must contain a JSON object, not a string"),
        (
            "{\"channels\": [\"canary\"]}",
            "line 1, column 14: channels must be an object, not a list",
        ),
        (
            "{\"channels\":\n{\"matrix\": 5}}",
            "line 2, column 12: channels.matrix must be an object, not a number",
        ),
        (
            "{\"a\": \"canary\",\n\"a\": 2}",
            "line 2, column 1: duplicate key \"a\", first set on line 1",
        ),
        (
            "{\"a\": \"canary\"",
            "line 1, column 1: the object that starts here has no closing }",
        ),
        ("", "is empty"),
        ("// nothing", "the file is empty"),
    ] {
        let message = refusal(text);
        assert!(message.contains(words), "{message}");
        assert!(
            !message.contains("canary") && !message.contains('\n'),
            "{message}"
        );
    }
    assert!(refusal(b"{\"a\": \"\xff\"}").contains("line 1, column 8: this is not valid UTF-8"));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text_and_goes_with_a_save() {
    let (_dir, path) = file("\u{feff}{\"a\": 1}");
    let mut document = Document::load(&path).unwrap();
    assert!(document.has_bom() && !document.is_changed());
    assert_eq!(document.position("a").unwrap().column, 2);
    assert!(document.set("a", &json!(2)).unwrap());
    document.save().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"a\": 2}");
    assert!(!Document::load(&path).unwrap().has_bom());
}

#[test]
fn a_missing_file_is_an_empty_document() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("deep/config.json");
    let mut document = Document::load(&path).unwrap();
    assert!(!document.exists() && !document.is_changed());
    document.matrix_set("enabled", true).unwrap();
    assert!(document.is_changed());
    assert!(document.save().unwrap().created);
    assert!(document.exists() && !document.is_changed());
    let text = "{\n  \"channels\": {\n    \"matrix\": {\n      \"enabled\": true\n    }\n  }\n}\n";
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // And once more, on top of what it wrote itself.
    document.matrix_unset("enabled").unwrap();
    assert!(!document.save().unwrap().created);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n");
}

#[test]
fn an_edit_elsewhere_is_not_overwritten() {
    let (_dir, path) = file("{}");
    let mut mine = Document::load(&path).unwrap();
    let mut theirs = mine.clone();
    theirs.set("a", &json!(1)).unwrap();
    theirs.save().unwrap();
    mine.set("b", &json!(2)).unwrap();
    assert_eq!(mine.save().unwrap_err().kind(), Kind::Failure);
    assert_eq!(Document::load(&path).unwrap().get("a"), Some(json!(1)));
}

#[test]
fn a_key_is_found_and_edited_in_its_other_spellings() {
    let mut document = Document::of(
        "{\"channels\": {\"matrix\": {\"user_id\": \"@a:b\", \"e2EeEnabled\": false, \"user_Id\": 1}}}",
    );
    assert_eq!(document.get("channels.matrix.userId"), Some(json!("@a:b")));
    assert_eq!(
        document.get("channels.matrix.e2ee_enabled"),
        Some(json!(false))
    );
    document.matrix_set("userId", "@c:d").unwrap();
    document.matrix_set("e2eeEnabled", true).unwrap();
    assert_eq!(
        document.text(),
        "{\"channels\": {\"matrix\": {\"user_id\": \"@c:d\", \"e2EeEnabled\": true, \"user_Id\": 1}}}"
    );
}

#[test]
fn of_two_spellings_camel_case_counts_and_both_go() {
    let text =
        "{\"channels\": {\"matrix\": {\"user_id\": \"@a:b\", \"userId\": \"@c:d\", \"x\": 1}}}";
    let mut document = Document::of(text);
    assert_eq!(document.get("channels.matrix.user_id"), Some(json!("@c:d")));
    document.matrix_set("user_id", "@e:f").unwrap();
    assert!(document.text().contains("\"userId\": \"@e:f\""));
    assert!(document.matrix_unset("userId").unwrap());
    assert_eq!(document.text(), "{\"channels\": {\"matrix\": {\"x\": 1}}}");
    assert!(!document.matrix_unset("userId").unwrap());
}

#[test]
fn setting_what_is_there_changes_nothing() {
    let mut document = Document::of("{\"channels\": {\"matrix\": {\"enabled\":   true}}}");
    assert!(!document.matrix_set("enabled", true).unwrap());
    assert!(document.matrix_set("agent.type", "echo").unwrap());
    assert_eq!(
        document.get("channels.matrix.agent"),
        Some(json!({"type": "echo"}))
    );
}

#[test]
fn a_key_under_something_else_is_refused_without_its_value() {
    let mut document = Document::of("{\"a\": {\"b\": \"canary\"}}");
    let error = document.set("a.b.c", &json!(1)).unwrap_err().to_string();
    assert_eq!(
        error,
        "config.json, line 1, column 8: a.b is a string, not an object"
    );
    assert_eq!(document.get("a.b.c"), None);
    assert!(!document.unset("a.b.c").unwrap());
}

#[test]
fn an_edit_that_could_not_be_loaded_again_is_refused() {
    let mut document = Document::of("{\"a\": 1}");
    let long = "x".repeat(9 * 1024 * 1024);
    assert!(document.set("b", &json!(long)).is_err());
    assert!(document.set("channels", &json!([])).is_err());
    let deep = (0..600).fold(json!(1), |inner, _| json!([inner]));
    assert!(document.set("b", &deep).is_err());
    assert_eq!(document.text(), "{\"a\": 1}");
}

#[test]
fn debug_shows_no_content() {
    let document = Document::of("{\"a\": \"canary\"}");
    assert!(!format!("{document:?}").contains("canary"));
}
