use std::{ffi::OsString, fs, os::unix::fs::PermissionsExt};

use super::*;
use crate::config::Severity;

fn found(text: &str) -> Vec<Finding> {
    validate(&Document::of(text), &|_| None)
}

/// The ids of the findings for this section.
fn ids(section: &str) -> Vec<&'static str> {
    let text = format!("{{\"channels\": {{\"matrix\": {section}}}}}");
    found(&text).iter().map(|finding| finding.id).collect()
}

#[test]
fn a_good_file_has_no_findings() {
    assert_eq!(found("{}"), []);
    let full = r#"{
      "enabled": true, "homeserver": "https://matrix.org", "user_id": "@a:b", "accessToken": "t",
      "deviceId": "D", "allowFrom": ["@c:d"], "groupPolicy": "mention", "sendProgress": false,
      "agent": {"type": "echo"}
    }"#;
    assert_eq!(ids(full), <[&str; 0]>::default());
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_file() {
    let text = "{\n  \"tool\": {},\n  \"channels\": {\"matrix\": {\n    \"userID\": \"canary\",\n    \
                \"maxMediaBytes\": -1,\n    \"e2EeEnabled\": true, // why\n    \
                \"allow_from\": [\"*\"],\n    \"allowFrom\": [\"canary\"],\n    \
                \"deviceId\": \"${CANARY}\"\n  }}\n}\n";
    let found = found(text);
    let lines: Vec<_> = found
        .iter()
        .map(|finding| (finding.position.unwrap().line, finding.id, finding.severity))
        .collect();
    let expected = [
        (2, "unknown-root-key", Severity::Warning),
        (4, "unknown-key", Severity::Warning),
        (5, "invalid-value", Severity::Error),
        (6, "old-spelling", Severity::Warning),
        (6, "comments", Severity::Warning),
        (7, "two-spellings", Severity::Warning),
        (8, "invalid-value", Severity::Error),
        (9, "unset-variable", Severity::Warning),
    ];
    assert_eq!(lines, expected);
    assert!(found[0].message.ends_with("; did you mean \"tools\"?"));
    assert!(found[1].message.ends_with("; did you mean \"userId\"?"));
    assert!(
        found[5]
            .message
            .contains("\"allow_from\" has no effect, because \"allowFrom\"")
    );
    for finding in found {
        assert!(!finding.message.contains("canary") && !finding.fix.is_empty());
    }
}

#[test]
fn valid_values_that_may_not_be_meant() {
    assert_eq!(ids(r#"{"enabled": true}"#), ["open-to-everyone"]);
    assert_eq!(ids(r#"{"groupPolicy": "allowlist"}"#), ["no-group-rooms"]);
    assert_eq!(
        ids(r#"{"groupAllowFrom": ["!short", "!a:b"]}"#),
        ["short-room-id"]
    );
    assert_eq!(
        ids(r#"{"homeserver": "http://matrix.org"}"#),
        ["plain-http"]
    );
    assert_eq!(
        ids(r#"{"homeserver": "http://localhost:8008"}"#),
        <[&str; 0]>::default()
    );
    assert_eq!(ids(r#"{"accessToken": "t"}"#), ["token-without-device"]);
    let in_both = r#"{"accessToken": "t", "deviceId": "D", "tokenStore": "keyring"}"#;
    assert_eq!(ids(in_both), ["token-in-file"]);
    let in_one = r#"{"userId": "@a:b", "deviceId": "D", "tokenStore": "keyring"}"#;
    assert_eq!(ids(in_one), <[&str; 0]>::default());
    assert_eq!(ids(r#"{"password": "p"}"#), ["password-in-file"]);
    assert_eq!(ids(r#"{"password": ""}"#), <[&str; 0]>::default());
    assert_eq!(
        ids(r#"{"maxConcurrentMediaDownloads": 0}"#),
        ["zero-downloads"]
    );
}

#[test]
fn a_misspelled_allow_from_is_told_once() {
    assert_eq!(
        ids(r#"{"enabled": true, "allowForm": ["@a:b"]}"#),
        ["misspelled-allow-from"]
    );
}

#[test]
fn every_bad_entry_of_a_list_is_found_at_its_place() {
    let text = "{\"channels\": {\"matrix\": {\"allowFrom\": [\n  \"canary\",\n  \"@a:b\",\n  \
                5,\n  \"${CANARY}\"\n]}}}";
    let found = found(text);
    let places: Vec<_> = found
        .iter()
        .map(|finding| finding.position.unwrap().to_string())
        .collect();
    assert_eq!(
        places,
        ["line 1, column 26", "line 2, column 3", "line 4, column 3"]
    );
    assert_eq!(found[0].id, "unset-variable");
    assert!(found[2].message.contains("entry 3"));
}

#[test]
fn a_misspelled_section_is_found() {
    assert_eq!(
        found("{\"channels\": {\"martix\": {}}}")[0].id,
        "unknown-section"
    );
    assert_eq!(found("{\"channels\": {\"telegram\": {}}}"), []);
}

#[test]
fn the_environment_is_judged_too() {
    let env = |name: &str| (name == "NANOBOT_MATRIX_ENABLED").then(|| OsString::from("perhaps"));
    let findings = validate(&Document::of("{}"), &env);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, Severity::Error);
    assert_eq!(findings[0].position, None);
    assert!(findings[0].fix.text.contains("NANOBOT_MATRIX_ENABLED"));
}

#[test]
fn wide_permissions_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.json");
    fs::write(&path, "{}").unwrap();
    for (mode, expected) in [(0o644, 1), (0o660, 1), (0o600, 0), (0o400, 0)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let document = Document::load(&path).unwrap();
        assert_eq!(validate(&document, &|_| None).len(), expected, "{mode:o}");
    }
}
