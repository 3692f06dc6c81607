use arbtest::{
    arbitrary::{Result, Unstructured},
    arbtest,
};
use jsonc_parser::{ast, common::Ranged};
use serde_json::{Value, json};

use super::Document;

const KEY: &str = "channels.matrix.userId";

fn root(document: &Document) -> Value {
    jsonc_parser::ast::Value::Object(document.parsed().root).into()
}

/// The value without the objects that are empty, which go with their last key.
fn pruned(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        *members = std::mem::take(members)
            .into_iter()
            .map(|(name, value)| (name, pruned(value)))
            .filter(|(_, value)| *value != json!({}))
            .collect();
    }
    value
}

fn comments(document: &Document) -> Vec<String> {
    let comments = document.parsed().comments.into_iter();
    let text = |comment: std::ops::Range<usize>| document.text()[comment].trim_end().to_owned();
    comments.map(text).collect()
}

/// Adds the key and takes it away again; returns the text in between and the last one.
fn there_and_back(text: &str) -> (String, String) {
    let mut document = Document::of(text);
    let (before, said) = (pruned(root(&document)), comments(&document));
    assert!(document.set(KEY, &json!("@a:b")).unwrap());
    let between = document.text().to_owned();
    // As another process would, from what is on the disk.
    let mut document = Document::of(&between);
    assert_eq!(document.get(KEY), Some(json!("@a:b")));
    assert_eq!(comments(&document), said, "{between}");
    assert!(document.unset(KEY).unwrap());
    assert_eq!(pruned(root(&document)), before, "by way of {between}");
    assert_eq!(comments(&document), said, "by way of {between}");
    (between, document.text().to_owned())
}

#[test]
fn a_key_is_added_in_the_habits_of_the_text() {
    for (before, after) in [
        (
            "{\n  \"x\": 1\n}\n",
            "{\n  \"x\": 1,\n  \"channels\": {\n    \"matrix\": {\n      \"userId\": \"@a:b\"\n    }\n  }\n}\n",
        ),
        (
            "{\r\n\t\"channels\": {\r\n\t\t\"matrix\": {\r\n\t\t\t\"x\": 1 // y\r\n\t\t}\r\n\t}\r\n}",
            "{\r\n\t\"channels\": {\r\n\t\t\"matrix\": {\r\n\t\t\t\"x\": 1, // y\r\n\t\t\t\"userId\": \"@a:b\"\r\n\t\t}\r\n\t}\r\n}",
        ),
    ] {
        assert_eq!(
            there_and_back(before),
            (after.to_owned(), before.to_owned())
        );
    }
    let (between, _) = there_and_back("{\"channels\": {\"matrix\": {\"enabled\": true}}}");
    assert_eq!(
        between,
        "{\"channels\": {\"matrix\": {\n      \"enabled\": true,\n      \"userId\": \"@a:b\"\n    }}}"
    );
}

#[test]
fn nothing_is_lost_in_odd_shapes() {
    let sections = [
        "{}",
        "{ }",
        "{\n}",
        "{\n  }",
        "{\n\n    }",
        "{/**/}",
        "{ /* c */ }",
        "{ // c\n}",
        "{ // c  \n  }",
        "{\n    // c\n  }",
        "{\"x\": 1}",
        "{ \"x\": 1 }",
        "{\"x\":1}",
        "{\n    \"x\": 1\n  }",
        "{\"x\": 1 // c\n}",
        "{\"x\": 1 /* c */}",
        "{\"x\": 1 /* c */ // d \n , \"y\": 2\n// e\n}",
        "{\"x\": {}}",
        "{\r\"x\": 1\r}",
    ];
    for section in sections {
        for frame in [
            "X",
            "{\"channels\": X}",
            "{\n  \"channels\": X\n}\n",
            " { // a\n \"b\": [\n], \"channels\":X}",
        ] {
            for section in [
                section,
                &format!("{{\"matrix\": {section}}}"),
                &format!("{{\n \"matrix\": {section}\n}}"),
            ] {
                there_and_back(&frame.replace('X', section));
            }
        }
    }
}

#[test]
fn a_key_goes_with_its_line_and_its_comma() {
    for (text, name, left) in [
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", "b", "{\n  \"a\": 1\n}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", "a", "{\n  \"b\": 2\n}"),
        ("{\"a\": 1, \"b\": 2}", "a", "{\"b\": 2}"),
        ("{\"a\": 1, \"b\": 2}", "b", "{\"a\": 1}"),
        (
            "{\"a\": 1, \"b\": {\"c\": {\"d\": 1}}}",
            "b.c.d",
            "{\"a\": 1}",
        ),
        ("{\"a\": {\"b\": 1 /* c */}}", "a.b", "{\"a\": { /* c */}}"),
        ("{\"a\": {\"b\": 1}}", "a", "{}"),
    ] {
        let mut document = Document::of(text);
        assert!(document.unset(name).unwrap());
        assert_eq!(document.text(), left);
    }
}

#[test]
fn comments_stay_when_a_key_goes() {
    let mut document = Document::of(
        "{\n  // about a\n  \"a\": 1, // more\n  /* b */ \"b\": 2 /* c */, // d\n  // e\n  \"f\": 3 // g\n}",
    );
    let all = comments(&document);
    for name in ["b", "f", "a"] {
        document.unset(name).unwrap();
        assert_eq!(comments(&document), all);
    }
    assert_eq!(root(&document), json!({}));
}

#[test]
fn what_follows_a_comment_does_not_slip_into_it() {
    let mut document = Document::of("{ // c\n \"a\": 1 }");
    document.unset("a").unwrap();
    assert_eq!(root(&Document::of(document.text())), json!({}));
}

/// A gap between two tokens: white space and comments, each with a ¤ in it.
fn gap(u: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=2)? {
        let pieces = [
            " ",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "\n  ",
            "/* , \" ¤ */",
            "/*¤*/",
            "// } ¤\n",
            "// ¤  \r\n",
            "//¤\r",
        ];
        text.push_str(u.choose::<&str>(&pieces)?);
    }
    Ok(text)
}

fn object(u: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let mut names = vec![
        "channels", "matrix", "user_id", "enabled", "é", "a.b", "\\\"", "x",
    ];
    let mut members = Vec::new();
    for _ in 0..u.int_in_range(0..=4)? {
        let name = names.swap_remove(u.choose_index(names.len())?);
        // What these two hold has to be an object.
        let value = match name {
            "channels" | "matrix" => object(u, depth + 1)?,
            _ => value(u, depth + 1)?,
        };
        let [before, after] = [gap(u)?, gap(u)?];
        let colon = format!("{}:{}", gap(u)?, gap(u)?);
        members.push(format!("{before}\"{name}\"{colon}{value}{after}"));
    }
    Ok(format!("{{{}{}}}", gap(u)?, members.join(",")))
}

fn value(u: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let plain = [
        "1",
        "-2.5e3",
        "true",
        "null",
        "\"x // y\"",
        "\"\\u00e9\\n\"",
        "[]",
        "{}",
    ];
    match u.int_in_range(0..=3)? {
        0 if depth < 5 => object(u, depth),
        1 if depth < 5 => Ok(format!(
            "[{}{}, {}]",
            gap(u)?,
            value(u, depth + 1)?,
            value(u, depth + 1)?
        )),
        _ => u.choose(&plain).map(|text| (*text).to_owned()),
    }
}

fn text(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(format!("{}{}{}", gap(u)?, object(u, 0)?, gap(u)?))
}

#[test]
fn nothing_is_lost_when_keys_come_and_go() {
    arbtest(|u| {
        let text = text(u)?;
        let mut document = Document::of(&text);
        let (before, said) = (pruned(root(&document)), comments(&document));
        let paths = ["channels.matrix.new", "channels.new", "new", "n.e.w"];
        let values = [
            json!(1),
            json!("x"),
            json!(["a", {"b": 1}]),
            json!({"a": {"b": []}, "c": 1}),
            json!({}),
        ];
        let mut set = Vec::new();
        for (path, other) in paths
            .iter()
            .zip(["channels.matrix.o", "channels.o", "o", "n.e.o"])
        {
            if u.arbitrary()? {
                set.push(*path);
            }
            if u.arbitrary()? {
                set.push(other);
            }
        }
        for path in &set {
            let before = root(&document);
            let value = u.choose(&values)?;
            document.set(path, value).unwrap();
            assert_eq!(document.get(path).as_ref(), Some(value));
            assert_eq!(with(before, path, value), root(&document));
            assert_eq!(comments(&document), said);
        }
        while !set.is_empty() {
            let path = set.swap_remove(u.choose_index(set.len())?);
            // An object that was set empty may have gone with another key.
            document.unset(path).unwrap();
            assert_eq!(document.get(path), None);
        }
        assert_eq!(pruned(root(&document)), before);
        assert_eq!(comments(&document), said);
        Ok(())
    })
    .budget_ms(1_000);
}

fn with(mut root: Value, path: &str, value: &Value) -> Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    if root.pointer(&pointer).is_none() {
        let mut object = &mut root;
        for name in path.split('.') {
            object = &mut object[name];
        }
        *object = value.clone();
    }
    root
}

#[test]
fn replacing_or_removing_a_key_leaves_every_other_alone() {
    arbtest(|u| {
        let text = text(u)?;
        let mut document = Document::of(&text);
        let before = root(&document);
        let names: Vec<_> = before.as_object().unwrap().keys().cloned().collect();
        let names: Vec<_> = names
            .into_iter()
            .filter(|name| !name.contains('.'))
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        let name = u.choose(&names)?;
        let mut expected = before.clone();
        if u.arbitrary()? || name == "channels" {
            let member = document.find(&[name]).unwrap();
            let member = member.start()..member.end();
            let inside = text[member].matches('¤').count();
            document.unset(name).unwrap();
            expected.as_object_mut().unwrap().remove(name);
            // Every comment outside of the member stays.
            let left = text.matches('¤').count() - inside;
            assert_eq!(document.text().matches('¤').count(), left);
        } else {
            document.set(name, &json!({"new": [1]})).unwrap();
            expected[name] = json!({"new": [1]});
        }
        assert_eq!(root(&document), expected);
        Ok(())
    })
    .budget_ms(1_000);
}

#[test]
fn a_name_changes_alone_and_can_be_changed_back() {
    let text = "{ /* a */ \"old\" /* b */ : // c\n 1 }";
    let mut document = Document::of(text);
    assert!(document.rename(&["old"], "new \"one\"").unwrap());
    assert_eq!(document.text(), text.replace("\"old\"", r#""new \"one\"""#));
    assert!(!document.rename(&["old"], "x").unwrap());
    assert!(!document.rename(&["new \"one\"", "below"], "x").unwrap());
    assert!(!document.rename(&[], "x").unwrap());

    let text = "{\"a\": 1, \"b\": 2}";
    let mut document = Document::of(text);
    assert!(document.rename(&["a"], "b").is_err());
    assert_eq!(document.text(), text);
}

#[test]
fn renaming_any_key_leaves_every_other_byte_alone() {
    arbtest(|u| {
        let text = text(u)?;
        let mut document = Document::of(&text);
        let (mut path, mut object) = (Vec::new(), document.parsed().root);
        // Some key of some object.
        let member = loop {
            if object.properties.is_empty() {
                return Ok(());
            }
            let member = u.choose(&object.properties)?.clone();
            path.push(member.name.as_str().to_owned());
            match member.value {
                ast::Value::Object(inner) if !inner.properties.is_empty() && !u.arbitrary()? => {
                    object = inner;
                }
                _ => break member.name,
            }
        };
        let (start, name) = (member.start(), member.into_string());
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        assert!(document.rename(&path, "renamed").unwrap());
        // It starts at its quote and goes on with its colon, or what stands before that.
        let (before, rest) = text.split_at(start);
        let after = &document.text()[before.len() + "\"renamed\"".len()..];
        assert!(document.text().starts_with(&format!("{before}\"renamed\"")));
        let old = rest.strip_suffix(after).unwrap();
        assert_eq!(serde_json::from_str::<String>(old).unwrap(), name);

        let parents = &path[..path.len() - 1];
        let renamed: Vec<_> = parents.iter().copied().chain(["renamed"]).collect();
        assert!(document.rename(&renamed, path[path.len() - 1]).unwrap());
        assert_eq!(
            root(&Document::of(document.text())),
            root(&Document::of(&text))
        );
        Ok(())
    })
    .budget_ms(1_000);
}

#[test]
fn nothing_panics() {
    arbtest(|u| {
        let mut bytes = text(u)?.into_bytes();
        // Valid text with a few bytes spoiled goes deeper than noise does.
        for _ in 0..u.int_in_range(0..=3)? {
            let at = u.choose_index(bytes.len())?;
            bytes[at] = u.arbitrary()?;
        }
        let noise: Vec<u8> = u.arbitrary()?;
        for bytes in [bytes, noise] {
            if let Ok(text) = super::disk::text(&bytes) {
                let _ = super::parse(&text);
            }
        }
        Ok(())
    })
    .budget_ms(1_000);
}
