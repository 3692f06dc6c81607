use serde_json::json;

use super::*;

const BYTES: Shape = Shape::Count {
    largest: u64::MAX,
    unit: "bytes",
};

#[test]
fn switches_are_as_lax_as_in_the_python_tool() {
    for value in [
        json!(true),
        json!("true"),
        json!("ON"),
        json!("1"),
        json!(1),
    ] {
        assert_eq!(Shape::Switch.read(&value), Ok(Some(Typed::Switch(true))));
    }
    for value in [json!(false), json!("False"), json!("no"), json!(0)] {
        assert_eq!(Shape::Switch.read(&value), Ok(Some(Typed::Switch(false))));
    }
    for value in [json!(null), json!("maybe"), json!(2), json!([]), json!("")] {
        assert!(Shape::Switch.read(&value).is_err(), "{value}");
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
        assert_eq!(BYTES.read(&value), Ok(Some(Typed::Count(20_971_520))));
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
        let fault = BYTES.read(&value).unwrap_err();
        assert!(fault.contains(word), "{value}: {fault}");
    }
    let few = Shape::Count {
        largest: 3,
        unit: "x",
    };
    assert!(few.read(&json!(4)).unwrap_err().contains("at most 3"));
}

#[test]
fn lists() {
    let users = json!(["*", "@a:b"]);
    let expected = Ok(Some(Typed::List(vec!["*".into(), "@a:b".into()])));
    assert_eq!(Shape::Users.read(&users), expected);
    assert_eq!(Shape::Users.read_str("*, @a:b,"), expected);
    assert_eq!(Shape::Users.read_str(" [\"*\", \"@a:b\"]"), expected);
    for value in [
        json!("@a:b"),
        json!(null),
        json!({}),
        json!(["@a"]),
        json!([1]),
    ] {
        assert!(Shape::Users.read(&value).is_err(), "{value}");
    }
    assert!(
        Shape::Rooms
            .read(&json!(["!a:b", "#a:b"]))
            .unwrap_err()
            .contains("entry 2")
    );
    assert!(Shape::Rooms.read_str("[\"!a").is_err());
}

#[test]
fn texts() {
    assert_eq!(Shape::Secret.read(&json!("")), Ok(None));
    assert_eq!(
        Shape::Text.read(&json!("D")),
        Ok(Some(Typed::Text("D".into())))
    );
    assert!(Shape::Text.read(&json!(5)).is_err());
    assert!(Shape::Secret.read(&json!("a\nb")).is_err());
    let url = Shape::Homeserver.read(&json!("https://matrix.org/"));
    assert_eq!(url, Ok(Some(Typed::Text("https://matrix.org".into()))));
}

#[test]
fn a_wrong_word_gets_the_right_ones() {
    let policy = Shape::Choice(&["open", "mention", "allowlist"]);
    let fault = policy.read(&json!("mentions")).unwrap_err();
    assert!(fault.ends_with("; did you mean \"mention\"?"), "{fault}");
    assert!(
        policy
            .read(&json!("Open"))
            .unwrap_err()
            .contains("did you mean \"open\"")
    );
}

#[test]
fn a_refusal_never_quotes_the_value() {
    let canary = json!("canary\u{7}:canary");
    let shapes = [
        Shape::Switch,
        BYTES,
        Shape::Text,
        Shape::Secret,
        Shape::Homeserver,
        Shape::Proxy,
        Shape::UserId,
        Shape::Users,
        Shape::Rooms,
        Shape::Choice(&["open"]),
        Shape::Section,
    ];
    for shape in shapes {
        for value in [&canary, &json!([canary])] {
            let fault = shape.read(value).unwrap_err();
            assert!(!fault.contains("canary"), "{fault}");
        }
    }
}
