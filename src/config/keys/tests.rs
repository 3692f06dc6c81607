use std::collections::HashSet;

use serde_json::{Value, json};

use super::*;

fn read(name: &str, value: &Value) -> Result<Value, String> {
    find(name).unwrap().read(value)
}

#[test]
fn spellings_are_unique() {
    let mut seen = HashSet::new();
    for key in KEYS.iter() {
        assert!(
            key.about.ends_with('.') && key.about.len() <= 90,
            "{}",
            key.about
        );
        assert!(!key.kind.is_empty(), "{}", key.name);
        for spelling in key.spellings() {
            assert!(seen.insert(spelling), "{spelling} is there twice");
            assert_eq!(find(spelling).unwrap().name, key.name);
        }
    }
}

#[test]
fn names_outside_the_file_follow_from_the_key() {
    let key = |name| find(name).unwrap();
    assert_eq!(key("e2EeEnabled").variable(), "NANOBOT_MATRIX_E2EE_ENABLED");
    assert_eq!(
        key("accessToken").credential().unwrap(),
        "nanobot-matrix-access-token"
    );
    assert_eq!(key("userId").credential(), None);
    assert_eq!(key("proxy").credential(), None);
    assert_eq!(
        key("userId").python_variable(),
        "NANOBOT_CHANNELS__MATRIX__USER_ID"
    );
    assert_eq!(key("user_id").path(), "channels.matrix.userId");
}

#[test]
fn every_spelling_is_described() {
    let schema = json_schema();
    let properties = &schema["properties"]["channels"]["properties"]["matrix"]["properties"];
    for key in KEYS.iter() {
        for spelling in key.spellings() {
            let description = properties[spelling]["description"].as_str().unwrap();
            assert!(description.ends_with(&key.about));
        }
    }
}

#[test]
fn switches_are_as_lax_as_in_the_python_tool() {
    for value in [
        json!(true),
        json!("true"),
        json!("ON"),
        json!("1"),
        json!(1),
    ] {
        assert_eq!(read("enabled", &value), Ok(json!(true)));
    }
    for value in [json!(false), json!("False"), json!("no"), json!(0)] {
        assert_eq!(read("enabled", &value), Ok(json!(false)));
    }
    for value in [json!(null), json!("maybe"), json!(2), json!([]), json!("")] {
        assert!(read("enabled", &value).is_err(), "{value}");
    }
}

#[test]
fn counts() {
    for value in [
        json!(20_971_520),
        json!("20971520"),
        json!(20_971_520.0),
        json!(" 20971520 "),
    ] {
        assert_eq!(read("maxMediaBytes", &value), Ok(json!(20_971_520)));
    }
    for (value, word) in [
        (json!(1.5), "fraction"),
        (json!("1.5"), "fraction"),
        (json!(-1), "negative"),
        (json!(1e30), "large"),
        (json!("20 MB"), "whole number of bytes"),
        (json!(true), "not true or false"),
        (json!(null), "leave the key out"),
    ] {
        let fault = read("maxMediaBytes", &value).unwrap_err();
        assert!(fault.contains(word), "{value}: {fault}");
    }
    let fault = read("syncStopGraceSeconds", &json!(86_401)).unwrap_err();
    assert!(fault.contains("at most 86400"));
}

#[test]
fn lists() {
    let users = json!(["*", "@a:b"]);
    assert_eq!(read("allowFrom", &users), Ok(users.clone()));
    let key = find("allowFrom").unwrap();
    assert_eq!(key.from_text("*, @a:b,"), Ok(users.clone()));
    assert_eq!(key.from_text(" [\"*\", \"@a:b\"]"), Ok(users));
    for value in [
        json!("@a:b"),
        json!(null),
        json!({}),
        json!(["@a"]),
        json!([1]),
    ] {
        assert!(read("allowFrom", &value).is_err(), "{value}");
    }
    let fault = read("groupAllowFrom", &json!(["!a:b", "#a"])).unwrap_err();
    assert!(fault.contains("entry 2"));
    assert!(find("groupAllowFrom").unwrap().from_text("[\"!a").is_err());
}

#[test]
fn texts() {
    assert_eq!(read("accessToken", &json!("")), Ok(Value::Null));
    assert_eq!(read("deviceId", &json!("D")), Ok(json!("D")));
    assert!(read("deviceId", &json!(5)).is_err());
    assert!(read("password", &json!("a\nb")).is_err());
    let url = read("homeserver", &json!("https://matrix.org/"));
    assert_eq!(url, Ok(json!("https://matrix.org")));
}

#[test]
fn a_wrong_word_gets_the_right_ones() {
    let fault = read("groupPolicy", &json!("mentions")).unwrap_err();
    assert!(fault.ends_with("; did you mean \"mention\"?"), "{fault}");
    let fault = read("groupPolicy", &json!("Open")).unwrap_err();
    assert!(fault.contains("did you mean \"open\""), "{fault}");
    for (word, meant) in [
        ("all", "open"),
        ("Everyone", "open"),
        ("whitelist", "allowlist"),
    ] {
        let fault = read("groupPolicy", &json!(word)).unwrap_err();
        assert!(
            fault.contains(&format!("did you mean {meant:?}")),
            "{fault}"
        );
    }
    let fault = read("senderTrust", &json!("all")).unwrap_err();
    assert!(fault.contains("did you mean \"any\""), "{fault}");
    assert_eq!(SenderTrust::from_name("signed"), Some(SenderTrust::Signed));
    assert_eq!(SenderTrust::from_name("canary"), None);
}

#[test]
fn a_refusal_never_quotes_the_value() {
    let canary = json!("canary\u{7}:canary");
    for key in KEYS.iter() {
        for value in [&canary, &json!([canary])] {
            let fault = read(key.name, value).unwrap_err();
            assert!(!fault.contains("canary"), "{fault}");
        }
    }
}
