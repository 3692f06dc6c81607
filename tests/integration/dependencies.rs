//! The dependencies keep to `deny.toml`, also where cargo-deny is not installed.

use std::{path::Path, process::Command};

use serde_json::Value;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The texts of one of the lists in `deny.toml`.
fn rules(list: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once(&format!("\n{list} = [")).unwrap();
    let (items, _) = rest.split_once(']').unwrap();
    let quoted = items.split('"').skip(1).step_by(2);
    let rules: Vec<_> = quoted.map(str::to_owned).collect();
    assert!(!rules.is_empty(), "{list}");
    rules
}

/// Whether an SPDX expression can be satisfied with these licences. `OR` binds less than `AND`.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.trim();
    let parts = |word: &str| split_outside_brackets(expression, word);
    let (any, all) = (parts(" OR "), parts(" AND "));
    if any.len() > 1 {
        return any.iter().any(|part| is_allowed(part, allowed));
    }
    if all.len() > 1 {
        return all.iter().all(|part| is_allowed(part, allowed));
    }
    let inner = expression.strip_prefix('(');
    match inner.and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed(inner, allowed),
        None => allowed.iter().any(|licence| licence == expression),
    }
}

fn split_outside_brackets<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut begin, mut depth) = (Vec::new(), 0, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && at >= begin && text[at..].starts_with(separator) => {
                parts.push(&text[begin..at]);
                begin = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

#[test]
fn every_dependency_comes_from_crates_io_under_an_allowed_licence() {
    let allowed = rules("allow");
    let denied = rules("deny");
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let Some(source) = package["source"].as_str() else {
            assert_eq!(
                name,
                env!("CARGO_PKG_NAME"),
                "a path outside of the repository"
            );
            continue;
        };
        assert_eq!(source, CRATES_IO, "{name}");
        assert!(
            !denied.iter().any(|denied| denied == name),
            "{name} is banned"
        );
        let licence = package["license"].as_str().unwrap_or_default();
        let licence = licence.replace(" / ", " OR ").replace('/', " OR ");
        assert!(is_allowed(&licence, &allowed), "{name}: {licence}");
    }
}

#[test]
fn licence_expressions_are_read_as_spdx_reads_them() {
    let allowed = ["MIT", "ISC"].map(str::to_owned);
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND GPL-3.0", false),
        ("ISC AND (GPL-3.0 OR MIT)", true),
        ("(MIT OR ISC) AND GPL-3.0", false),
        ("GPL-3.0 AND X OR MIT AND ISC", true),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}
