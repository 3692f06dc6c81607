//! No text of a file, variable or argument makes anything fail in another way than it should, and
//! none shows a secret. `ARBTEST_BUDGET_MS` says how long it is tried.

use std::{env, ffi::OsString, path::Path};

use arbtest::{
    arbitrary::{Result, Unstructured},
    arbtest,
};
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde_json::{Value, json};

use super::{
    Document, KEYS, Key, KeyPath, Section, Severity,
    file::{Found, options},
    redact, settings, typo_fixes, validate,
};

const SECRET: &str = "canary-of-a-secret";

/// A value of any kind, at home in some key or in none.
fn noise(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match u.int_in_range(0..=15)? {
        0 => json!(null),
        1 => json!(u.arbitrary::<bool>()?),
        2 => json!(u.arbitrary::<i64>()?),
        3 => json!(u.arbitrary::<f32>()?),
        4 => json!(u.arbitrary::<String>()?),
        5 => json!([u.arbitrary::<String>()?, 1, null, "@a:b"]),
        6 => json!({"type": "echo", "x": [{}]}),
        7 => json!("\u{1b}[2J\n\u{202e}"),
        8 => json!("${SET} ${UNSET} ${"),
        9 => json!("${SET}"),
        10 => json!("https://h/a/b//"),
        11 => json!("20971520.0"),
        12 => json!("open"),
        13 => json!(["!room:h", "*", "@a:b"]),
        14 => json!("x".repeat(300)),
        _ => (0..u.int_in_range(0..=80)?).fold(json!({}), |inner, _| json!([inner])),
    })
}

/// The name of a key, nearly or quite.
fn name(u: &mut Unstructured<'_>) -> Result<String> {
    let spellings: Vec<_> = KEYS.iter().flat_map(Key::spellings).collect();
    let mut name = (*u.choose(&spellings)?).to_owned();
    match u.int_in_range(0..=5)? {
        0 => name = u.arbitrary()?,
        1 => drop(name.pop()),
        2 => name.push('s'),
        3 => name = name.to_uppercase(),
        _ => {}
    }
    Ok(name)
}

fn config(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut section = json!({});
    for _ in 0..u.int_in_range(0..=6)? {
        section[name(u)?] = noise(u)?;
    }
    section["accessToken"] = json!(SECRET);
    let mut config = json!({
        "channels": {"matrix": section, "telegram": {"botToken": SECRET}},
        "providers": {"x": {"apiKey": SECRET, "extraHeaders": {"A": SECRET}}},
    });
    for _ in 0..u.int_in_range(0..=2)? {
        let root = [
            "agents",
            "tools",
            "modelPresets",
            "channel",
            "Channels",
            "é",
        ];
        config[*u.choose(&root)?] = noise(u)?;
    }
    Ok(config)
}

/// The text of a file: laid out in one way or another, with comments, and perhaps spoiled.
fn file(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let config = config(u)?;
    let mut text = if u.arbitrary()? {
        format!("{config:#}")
    } else {
        config.to_string()
    };
    if u.arbitrary()? {
        text = text.replacen(',', &format!(", // the token is {SECRET}\r\n"), 1);
    }
    if u.arbitrary()? {
        text = format!("\u{feff}/* {SECRET}\n */{text}");
    }
    let mut bytes = text.into_bytes();
    if u.ratio(1, 4)? {
        for _ in 0..u.int_in_range(1..=3)? {
            let at = u.choose_index(bytes.len())?;
            // Not in the secret, which would be another one then.
            if !bytes[at].is_ascii_lowercase() {
                bytes[at] = *u.choose(b"\x00{}[]\",:/\n\xff9")?;
            }
        }
    }
    Ok(bytes)
}

fn environment(name: &str) -> Option<OsString> {
    match name {
        "SET" => Some(OsString::from("4096")),
        "NANOBOT_MATRIX_ALLOW_FROM" => Some(OsString::from("[\"@a:b\"")),
        _ => None,
    }
}

fn assert_harmless(shown: &str) {
    assert!(!shown.contains(SECRET), "{shown}");
}

fn assert_judged(document: &Document) {
    let findings = validate(document, &environment);
    for finding in &findings {
        assert_harmless(&format!("{} {}", finding.message, finding.fix));
        assert!(!finding.message.contains(['\n', '\u{1b}']), "{finding:?}");
    }
    let has_error = findings.iter().any(|it| it.severity == Severity::Error);
    match document.matrix(&environment) {
        Ok(matrix) => {
            assert!(!has_error, "{findings:?}");
            assert_harmless(&format!("{matrix:?}"));
            let agent = matrix.agent().ok().flatten();
            assert_taken_apart(Section::new("a", agent).unwrap());
        }
        Err(error) => {
            assert_harmless(&format!("{error} {error:?}"));
            let unset = findings
                .iter()
                .any(|finding| finding.id == "unset-variable");
            assert!(has_error || unset, "{error}: {findings:?}");
        }
    }
    let kinds: Vec<_> = findings.iter().map(|finding| finding.id).collect();
    let (made, left) = typo_fixes(document, &environment, &kinds);
    assert!(
        left.len() + made.len() <= 2 * findings.len() + 2,
        "{made:?}"
    );
}

/// Every reader, on every key that a section has.
fn assert_taken_apart(section: Section) {
    for key in ["type", "x", "url"] {
        let _ = section.clone().text(key);
        let _ = section.clone().switch(key);
        let _ = section.clone().count(key, 5);
        let _ = section.clone().number(key, 2.0);
        let _ = section.clone().url(key);
        let _ = section.clone().list(key);
        let _ = section.clone().texts(key);
        let _ = section.clone().choice(key, &["echo"]);
    }
    let _ = section.finish();
}

fn assert_redacted(document: &Document) {
    let shown = document.redacted_text();
    assert_harmless(&shown);
    let lines = |text: &str| text.matches('\n').count();
    assert_eq!(lines(&shown), lines(document.text()));
    let read = parse_to_ast(&shown, &CollectOptions::default(), &options());
    assert!(read.is_ok(), "{shown}");
    assert_harmless(&document.redacted_root().to_string());
    assert!(document.redacted_root().is_object());
    for setting in settings(document, &environment) {
        let value = setting.value.unwrap_or_default();
        assert_harmless(&redact(setting.key, &value).to_string());
    }
}

fn assert_edited(u: &mut Unstructured<'_>, document: &Document) -> Result<()> {
    let named = format!(
        "{}.{}",
        u.choose(&["channels.matrix", "agents", ""])?,
        name(u)?
    );
    let Ok(path) = KeyPath::resolve(named.trim_start_matches('.'), document) else {
        return Ok(());
    };
    assert_harmless(&path.unknown());
    let text = u.arbitrary::<String>()?;
    let Ok(value) = path.read(&text, document.get(&path.path()).as_ref()) else {
        return Ok(());
    };
    let mut edited = document.clone();
    if edited.set(&path.path(), &value).is_ok() {
        assert_eq!(edited.get(&path.path()), Some(value));
        edited.unset(&path.path()).unwrap();
        assert_eq!(edited.get(&path.path()), None);
    }
    Ok(())
}

fn property(u: &mut Unstructured<'_>) -> Result<()> {
    let found = Found {
        bytes: file(u)?,
        mode: 0o600,
    };
    match Document::parse(Path::new("c.json"), Some(found)) {
        Err(flaw) => assert_harmless(&flaw.into_error(Path::new("c.json")).to_string()),
        Ok(document) => {
            assert_judged(&document);
            assert_redacted(&document);
            assert_edited(u, &document)?;
        }
    }
    for key in KEYS.iter() {
        let text: String = u.arbitrary()?;
        if let Ok(value) = key.from_text(&text) {
            // What was read is read again, and stays what it is.
            if let Ok(read) = key.read(&value)
                && !read.is_null()
            {
                assert_eq!(key.read(&read), Ok(read), "{} {text:?}", key.name);
            }
        }
    }
    Ok(())
}

#[test]
fn any_file_is_read_or_refused_and_shows_no_secret() {
    let test = arbtest(property);
    if env::var_os("ARBTEST_BUDGET_MS").is_none() {
        test.budget_ms(10_000);
    }
}
