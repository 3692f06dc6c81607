//! What an edit changes, line by line and without secrets.

use std::fmt::Write;

use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};

use crate::config::file::Document;

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// The difference in the form `diff -u` has. Lines are compared as they are and shown without
/// their secrets, so a secret that changes is a change of two lines that look the same.
pub fn diff(before: &Document, after: &Document) -> String {
    // Empty where there is no file yet.
    let texts = |it: &Document| {
        let there = it.exists() || it.is_changed();
        let texts = || (it.text().to_owned(), it.redacted_text());
        there.then(texts).unwrap_or_default()
    };
    let ((old_text, old_shown), (new_text, new_shown)) = (texts(before), texts(after));
    let ops = capture_diff_slices(Algorithm::Myers, &lines(&old_text), &lines(&new_text));
    let (old_lines, new_lines) = (lines(&old_shown), lines(&new_shown));
    let path = after.path().display().to_string();
    let origin = if before.exists() { &path } else { "/dev/null" };
    let mut text = format!("--- {origin}\n+++ {path}\n");
    for group in group_diff_ops(ops, CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let range = |start: usize, end: usize| format!("{},{}", start + 1, end - start);
        let old = range(first.old_range().start, last.old_range().end);
        let new = range(first.new_range().start, last.new_range().end);
        // Writing to a string does not fail.
        let _ = writeln!(text, "@@ -{old} +{new} @@");
        for (tag, old, new) in group.iter().map(similar::DiffOp::as_tag_tuple) {
            let (old, sign) = match tag {
                DiffTag::Equal => (0..0, ' '),
                _ => (old, '+'),
            };
            let old = old_lines[old].iter().map(|line| ('-', line));
            for (sign, line) in old.chain(new_lines[new].iter().map(|line| (sign, line))) {
                let _ = writeln!(text, "{sign}{line}");
            }
        }
    }
    text
}

fn lines(text: &str) -> Vec<&str> {
    text.split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_changed_secret_is_seen_and_not_shown() {
        let before = Document::of(
            "{\n  \"channels\": {\n    \"matrix\": {\n      \"accessToken\": \"canary-1\"\n    }\n  }\n}\n",
        );
        let mut after = before.clone();
        after.matrix_set("accessToken", "canary-2").unwrap();
        after.matrix_set("enabled", json!(true)).unwrap();
        let shown = diff(&before, &after);
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("-      \"accessToken\": \"<redacted>\"\n"),
            "{shown}"
        );
        assert!(
            shown.contains("+      \"accessToken\": \"<redacted>\",\n+      \"enabled\": true\n"),
            "{shown}"
        );
    }
}
