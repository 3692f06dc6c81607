use super::*;

fn fault(text: &str) -> (Position, String) {
    match parse(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(flaw) => (flaw.position.unwrap(), flaw.message),
    }
}

#[test]
fn positions_count_lines_and_characters() {
    let text = "a\r\nbß\rc\n";
    let place = |offset| {
        let Position { line, column } = Position::of(text, offset);
        (line, column)
    };
    assert_eq!(place(0), (1, 1));
    assert_eq!(place(3), (2, 1));
    assert_eq!(place(6), (2, 3));
    assert_eq!(place(7), (3, 1));
    assert_eq!(place(99), (4, 1));
}

#[test]
fn reads_json_with_comments() {
    let tree =
        parse("// top\n{\"a\": [1, -2.5e3, \"x\\u00e9\", null, true], /* c */ \"b\": {}}").unwrap();
    assert_eq!(tree.comments, [0..6, 49..56]);
    assert_eq!(
        serde_json::Value::from(Value::Object(tree.root)),
        serde_json::json!({"a": [1, -2500.0, "xé", null, true], "b": {}})
    );
}

#[test]
fn refuses_what_is_not_json() {
    for text in [
        "",
        " ",
        "// only",
        "{",
        "[1,]",
        "{\"a\": 1,}",
        "{a: 1}",
        "{'a': 1}",
        "{\"a\": 0x1}",
        "{\"a\": +1}",
        "{\"a\": .5}",
        "{\"a\": 01}",
        "{\"a\": NaN}",
        "{\"a\" 1}",
        "{\"a\": 1 \"b\": 2}",
        "{} {}",
        "{\"a\": \"\\x41\"}",
        "{\"a\": \"\\ud800\"}",
        "{\u{a0}}",
        "{\u{b}}",
        "{\"a\": \"x\ny\"}",
        "{\"a\": tru}",
        "{\"a\": 1e999}",
        "nope",
        "{\"a\":}",
        "/* open",
    ] {
        fault(text);
    }
}

#[test]
fn names_a_duplicate_key_and_its_line() {
    let (place, message) = fault("{\"a\": 1,\n \"b\": {},\n \"a\": 2}");
    assert_eq!((place.line, place.column), (3, 2));
    assert_eq!(message, "duplicate key \"a\", first set on line 1");
    // The same name in another object is no twin.
    assert!(parse("{\"a\": {\"a\": 1}}").is_ok());
}

#[test]
fn deep_nesting_is_refused_without_overflowing() {
    for pair in [("[", "]"), ("{\"a\":", "}")] {
        let nest = |depth| format!("{}1{}", pair.0.repeat(depth), pair.1.repeat(depth));
        assert!(parse(&format!("{{\"a\": {}}}", nest(100))).is_ok());
        let (_, message) = fault(&nest(100_000));
        assert!(message.contains("nested"), "{message}");
    }
}

#[test]
fn messages_hold_no_values() {
    for text in [
        "{\"a\": \"canary\\q\"}",
        "{\"a\": canary}",
        "{\"a\": \"\\udead canary\"}",
        "{\"a\": \"canary",
    ] {
        let (_, message) = fault(text);
        assert!(
            !message.contains("canary") && !message.contains("dead"),
            "{message}"
        );
    }
}
