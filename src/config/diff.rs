//! What an edit changes, line by line and without secrets.

use std::fmt::Write;

use similar::{Algorithm, ChangeTag, capture_diff_slices, group_diff_ops};

use super::Document;

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// The difference in the form `diff -u` has. Lines are compared as they are and shown without
/// their secrets, so a secret that changes is a change of two lines that look the same.
#[must_use]
pub fn diff(before: &Document, after: &Document) -> String {
    let (old, new) = (Side::of(before), Side::of(after));
    let path = after.path().display();
    let (old_lines, new_lines) = (lines(&old.text), lines(&new.text));
    let ops = capture_diff_slices(Algorithm::Myers, &old_lines, &new_lines);
    let (old_shown, new_shown) = (lines(&old.shown), lines(&new.shown));
    let origin = if before.exists() {
        path.to_string()
    } else {
        "/dev/null".to_owned()
    };
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
        for change in group
            .iter()
            .flat_map(|op| op.iter_changes(&old_lines, &new_lines))
        {
            let shown = match (change.old_index(), change.new_index()) {
                (_, Some(index)) => new_shown.get(index),
                (Some(index), None) => old_shown.get(index),
                (None, None) => None,
            };
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let _ = writeln!(text, "{sign}{}", shown.copied().unwrap_or_default());
        }
    }
    text
}

struct Side {
    text: String,
    shown: String,
}

impl Side {
    fn of(document: &Document) -> Self {
        if !document.exists() && !document.is_changed() {
            // There is no file yet.
            return Self {
                text: String::new(),
                shown: String::new(),
            };
        }
        Self {
            text: document.text().to_owned(),
            shown: document.redacted_text(),
        }
    }
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
            "{\n  \"channels\": {\"matrix\": {\n    \"accessToken\": \"canary-1\"\n  }}\n}\n",
        );
        let mut after = before.clone();
        after.matrix_set("accessToken", "canary-2").unwrap();
        after.matrix_set("enabled", json!(true)).unwrap();
        let shown = diff(&before, &after);
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("-    \"accessToken\": \"<redacted>\"\n"),
            "{shown}"
        );
        assert!(
            shown.contains("+    \"accessToken\": \"<redacted>\",\n+    \"enabled\": true\n"),
            "{shown}"
        );
    }
}
