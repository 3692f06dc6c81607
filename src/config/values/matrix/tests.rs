use std::{collections::HashMap, ffi::OsString, fs};

use super::*;
use crate::config::keys::{GroupPolicy, KEYS, Key, SenderTrust, TokenStore, find};

fn document(section: &str) -> Document {
    Document::of(&format!("{{\"channels\": {{\"matrix\": {section}}}}}"))
}

fn read(section: &str, pairs: &[(&str, &str)]) -> Result<Matrix> {
    let pairs: HashMap<_, _> = pairs.iter().copied().collect();
    document(section).matrix(&|name| pairs.get(name).map(OsString::from))
}

fn error(result: Result<impl Sized>) -> (Kind, String) {
    let error = result.err().unwrap();
    assert!(error.hint_text().is_some(), "{error}");
    (error.kind(), error.to_string())
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let matrix = Document::of("{}").matrix(&|_| None).unwrap();
    assert!(!matrix.enabled && matrix.e2ee_enabled && !matrix.allow_room_mentions);
    assert!(!matrix.sas_verification && !matrix.streaming);
    assert_eq!(matrix.group_policy, GroupPolicy::Open);
    assert_eq!(matrix.sender_trust, SenderTrust::Any);
    assert!(!matrix.allow_plaintext_in_encrypted_rooms);
    assert_eq!(matrix.max_media_bytes, 20_971_520);
    assert_eq!(matrix.concurrent_media_downloads().get(), 2);
    assert_eq!(matrix.sync_stop_grace_seconds, 2);
    assert!(matrix.allow_from().unwrap().is_empty());
    assert!(matrix.group_allow_from().unwrap().is_empty());
    assert_eq!(matrix.password().unwrap(), None);
    assert_eq!(matrix.proxy().unwrap(), None);
    assert_eq!(matrix.agent().unwrap(), None);
    assert_eq!(matrix.origin("userId"), Origin::Default);
}

#[test]
fn the_documented_example_is_read_in_every_spelling() {
    let camel = r#"{
        "enabled": true, "homeserver": "https://matrix.org", "userId": "@nanobot:matrix.org",
        "accessToken": "syt_xxx", "deviceId": "NANOBOT01", "e2eeEnabled": false,
        "allowFrom": ["@your_user:matrix.org"], "groupPolicy": "allowlist",
        "groupAllowFrom": ["!a:matrix.org"], "allowRoomMentions": true, "maxMediaBytes": "5",
        "maxConcurrentMediaDownloads": 0, "syncStopGraceSeconds": 9, "sasVerification": "true",
        "streaming": true, "proxy": "http://p:1", "senderTrust": "signed",
        "allowPlaintextInEncryptedRooms": true, "password": "pw", "agent": {"type": "echo"}
    }"#;
    let snake = KEYS_OF(camel, |key| key.spellings().nth(1).unwrap_or(key.name));
    let legacy = KEYS_OF(camel, |key| key.spellings().nth(2).unwrap_or(key.name));
    for section in [camel, &snake, &legacy] {
        let matrix = read(section, &[]).unwrap();
        assert!(matrix.enabled && !matrix.e2ee_enabled && matrix.allow_room_mentions);
        assert!(matrix.sas_verification && matrix.streaming);
        assert_eq!(matrix.homeserver().unwrap().as_str(), "https://matrix.org/");
        assert_eq!(matrix.user_id().unwrap(), "@nanobot:matrix.org");
        assert_eq!(matrix.access_token().unwrap().expose(), "syt_xxx");
        assert_eq!(matrix.device_id().unwrap(), "NANOBOT01");
        assert_eq!(matrix.allow_from().unwrap(), ["@your_user:matrix.org"]);
        assert_eq!(matrix.group_policy, GroupPolicy::Allowlist);
        assert_eq!(matrix.sender_trust, SenderTrust::Signed);
        assert!(matrix.allow_plaintext_in_encrypted_rooms);
        assert_eq!(matrix.group_allow_from().unwrap(), ["!a:matrix.org"]);
        assert_eq!(matrix.max_media_bytes, 5);
        assert_eq!(matrix.concurrent_media_downloads().get(), 1);
        assert_eq!(matrix.sync_stop_grace_seconds, 9);
        assert_eq!(matrix.password().unwrap().unwrap().expose(), "pw");
        assert_eq!(matrix.proxy().unwrap().unwrap().expose(), "http://p:1");
        assert_eq!(
            matrix.agent().unwrap().unwrap().expose(),
            "{\"type\":\"echo\"}"
        );
        let debug = format!("{matrix:?}");
        for secret in ["syt_xxx", "\"pw\"", "http://p", "echo"] {
            assert!(!debug.contains(secret), "{debug}");
        }
    }
}

/// The section with its keys in another spelling.
#[expect(non_snake_case)]
fn KEYS_OF(section: &str, spelling: fn(&'static Key) -> &'static str) -> String {
    let mut section = section.to_owned();
    for key in KEYS.iter() {
        let name = format!("\"{}\":", key.name);
        section = section.replace(&name, &format!("\"{}\":", spelling(key)));
    }
    section
}

#[test]
fn what_is_missing_sends_to_login() {
    let matrix = read(
        r#"{"userId": "", "accessToken": "", "homeserver": ""}"#,
        &[],
    )
    .unwrap();
    let missing = |key: &str| format!("channels.matrix.{key} is missing in config.json");
    assert_eq!(
        error(matrix.user_id()),
        (Kind::NotLoggedIn, missing("userId"))
    );
    assert_eq!(
        error(matrix.access_token()),
        (Kind::NotLoggedIn, missing("accessToken"))
    );
    assert_eq!(
        error(matrix.device_id()),
        (Kind::NotLoggedIn, missing("deviceId"))
    );
    assert_eq!(
        error(matrix.homeserver()),
        (Kind::Config, missing("homeserver"))
    );
    assert_eq!(matrix.homeserver_if_set().unwrap(), None);
}

#[test]
fn bad_values_are_refused_by_key_and_place() {
    for (section, words) in [
        (
            r#"{"maxMediaBytes": 1.5}"#,
            "maxMediaBytes must be a whole number of bytes, not a fraction",
        ),
        (r#"{"maxMediaBytes": -1}"#, "not a negative one"),
        (r#"{"maxMediaBytes": 1e30}"#, "too large"),
        (r#"{"groupPolicy": "mentoin"}"#, "did you mean \"mention\"?"),
        (
            r#"{"userId": "canary"}"#,
            "userId must be a user ID that begins with @",
        ),
        (
            r#"{"allowFrom": ["*", "canary"]}"#,
            "allowFrom is invalid in entry 2: it must be a user ID",
        ),
        (
            r#"{"groupAllowFrom": ["canary:b"]}"#,
            "groupAllowFrom is invalid in entry 1",
        ),
        (
            r#"{"allowFrom": null}"#,
            "allowFrom must be a list, not null; leave the key out instead",
        ),
        (
            r#"{"allowFrom": "canary"}"#,
            "allowFrom must be a list, not a string",
        ),
        (
            r#"{"homeserver": "canary.org"}"#,
            "homeserver has no scheme",
        ),
        (
            r#"{"homeserver": "https://canary.org/_matrix"}"#,
            "homeserver includes an API path",
        ),
        (
            r#"{"homeserver": "https://canary:x@a"}"#,
            "homeserver contains a user name or password",
        ),
        (
            r#"{"homeserver": "https://a/?canary"}"#,
            "homeserver has a query",
        ),
        (
            r#"{"accessToken": 5}"#,
            "accessToken must be a string, not a number",
        ),
        (r#"{"enabled": "canary"}"#, "enabled must be true or false"),
    ] {
        let (kind, message) = error(read(section, &[]));
        assert_eq!(kind, Kind::Config);
        assert!(
            message.starts_with("config.json, line 1, column 26: channels.matrix."),
            "{message}"
        );
        assert!(message.contains(words), "{message}");
        assert!(!message.contains("canary"), "{message}");
    }
}

#[test]
fn the_first_error_tells_how_many_more_there_are() {
    let hint = read(r#"{"enabled": 5, "streaming": 5, "userId": 5}"#, &[]).unwrap_err();
    assert!(
        hint.hint_text()
            .unwrap()
            .ends_with("; 2 more values are wrong")
    );
}

#[test]
fn a_variable_is_needed_only_where_its_value_is() {
    let section =
        r#"{"accessToken": "${TOKEN}", "allowFrom": ["${WHO}"], "maxMediaBytes": "${MAX}"}"#;
    let matrix = read(section, &[("TOKEN", "t"), ("MAX", "7")]).unwrap();
    assert_eq!(matrix.access_token().unwrap().expose(), "t");
    assert_eq!(matrix.max_media_bytes, 7);
    let words = "config.json, line 1, column 53: channels.matrix.allowFrom needs the environment \
                 variable WHO, which is not set";
    assert_eq!(error(matrix.allow_from()), (Kind::Config, words.to_owned()));
    let (kind, message) = error(read(section, &[]));
    assert_eq!(kind, Kind::Config);
    assert!(message.contains("MAX"), "{message}");
    assert_eq!(
        read("{\"deviceId\": \"${D}\"}", &[("D", "")])
            .unwrap()
            .device_id_if_set()
            .unwrap(),
        None
    );
}

#[test]
fn the_environment_comes_before_the_file() {
    let section = r#"{"enabled": false, "allowFrom": ["@a:b"], "userId": "broken"}"#;
    let matrix = read(
        section,
        &[
            ("NANOBOT_MATRIX_ENABLED", "true"),
            ("NANOBOT_MATRIX_ALLOW_FROM", "@c:d,@e:f"),
            ("NANOBOT_MATRIX_USER_ID", "@g:h"),
            ("NANOBOT_MATRIX_GROUP_POLICY", ""),
        ],
    )
    .unwrap();
    assert!(matrix.enabled);
    assert_eq!(matrix.allow_from().unwrap(), ["@c:d", "@e:f"]);
    assert_eq!(matrix.user_id().unwrap(), "@g:h");
    assert_eq!(
        matrix.origin("userId").to_string(),
        "environment variable NANOBOT_MATRIX_USER_ID"
    );
    assert_eq!(matrix.origin("groupPolicy"), Origin::Default);
    let (_, message) = error(read("{}", &[("NANOBOT_MATRIX_MAX_MEDIA_BYTES", "many")]));
    assert_eq!(
        message,
        "channels.matrix.maxMediaBytes from the environment variable NANOBOT_MATRIX_MAX_MEDIA_BYTES \
         must be a whole number of bytes"
    );
}

#[test]
fn the_python_tools_variables_only_fill_gaps() {
    let variable = find("userId").unwrap().python_variable();
    let pairs = [(variable.as_str(), "@env:b")];
    let matrix = read("{}", &pairs).unwrap();
    assert_eq!(matrix.user_id().unwrap(), "@env:b");
    let matrix = read(r#"{"user_id": "@file:b"}"#, &pairs).unwrap();
    assert_eq!(matrix.user_id().unwrap(), "@file:b");
    // There, an empty text in the file is a value too.
    let matrix = read(r#"{"userId": ""}"#, &pairs).unwrap();
    assert_eq!(matrix.user_id_if_set().unwrap(), None);
    let ours = find("userId").unwrap().variable();
    let both = [(variable.as_str(), "@env:b"), (ours.as_str(), "@ours:b")];
    let matrix = read("{}", &both).unwrap();
    assert_eq!(matrix.user_id().unwrap(), "@ours:b");
}

#[test]
fn a_credential_comes_before_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nanobot-matrix-access-token");
    fs::write(&path, "from-credential\n").unwrap();
    fs::write(dir.path().join("nanobot-matrix-password"), "\n").unwrap();
    let pairs = [
        ("CREDENTIALS_DIRECTORY", dir.path().to_str().unwrap()),
        ("NANOBOT_MATRIX_ACCESS_TOKEN", "from-environment"),
    ];
    let matrix = read(r#"{"accessToken": "x", "password": "from-file"}"#, &pairs).unwrap();
    assert_eq!(matrix.access_token().unwrap().expose(), "from-credential");
    assert_eq!(matrix.password().unwrap().unwrap().expose(), "from-file");
    assert_eq!(matrix.origin("accessToken").name(), "credential");
    let settings = &matrix.settings;
    let token = settings
        .iter()
        .find(|setting| setting.key.name == "accessToken")
        .unwrap();
    let shadowed: Vec<_> = token.shadowed.iter().map(Origin::name).collect();
    assert_eq!(shadowed, ["environment", "file"]);

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(error(read("{}", &pairs)).1.contains("cannot be read"));
}

#[test]
fn the_keyring_comes_last_and_only_where_it_is_named() {
    let section = r#"{"userId": "@a:b", "deviceId": "D", "tokenStore": "keyring"}"#;
    let matrix = read(section, &[]).unwrap();
    let entry = Entry::of("@a:b", "D");
    assert_eq!(matrix.token_store, TokenStore::Keyring);
    assert_eq!(matrix.keyring_entry(), Some(entry.clone()));
    assert_eq!(
        matrix.origin("accessToken"),
        Origin::Keyring {
            entry: entry.clone()
        }
    );
    // Every other source goes before it, and then it is not asked.
    let python = find("accessToken").unwrap().python_variable();
    let ours = find("accessToken").unwrap().variable();
    for variable in [python.as_str(), ours.as_str()] {
        let matrix = read(section, &[(variable, "from-environment")]).unwrap();
        assert_eq!(matrix.access_token().unwrap().expose(), "from-environment");
        assert_eq!(matrix.keyring_entry(), Some(entry.clone()));
    }
    let in_file = section.replace('}', ", \"access_token\": \"from-file\"}");
    let matrix = read(&in_file, &[]).unwrap();
    assert_eq!(matrix.access_token().unwrap().expose(), "from-file");
    assert_eq!(matrix.keyring_entry(), Some(entry));
    // Without a device there is nothing to look for.
    for section in [
        r#"{"userId": "@a:b", "tokenStore": "keyring"}"#,
        r#"{"userId": "@a:b", "deviceId": "D"}"#,
        r#"{"userId": "@a:b", "deviceId": "D", "tokenStore": "file"}"#,
    ] {
        let matrix = read(section, &[]).unwrap();
        assert_eq!(matrix.keyring_entry(), None);
        assert_eq!(error(matrix.access_token()).0, Kind::NotLoggedIn);
    }
}
