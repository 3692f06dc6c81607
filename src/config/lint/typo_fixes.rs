//! Names of keys that are spelled wrongly and can only mean one other name.

use super::{Finding, Severity, finding::Renaming, validate};
use crate::config::{Env, file::Document};

/// The renamings that are safe, in the order in which they are made, and the findings of these
/// kinds that are there after them.
///
/// A key is renamed only where no other key has a claim to the new name, and where the config is
/// not refused for it afterwards.
pub fn typo_fixes(
    document: &Document,
    env: Env<'_>,
    kinds: &[&str],
) -> (Vec<Renaming>, Vec<Finding>) {
    let mut document = document.clone();
    let mut made = Vec::new();
    loop {
        let mut findings = validate(&document, env);
        let faults = count_faults(&findings);
        findings.retain(|finding| kinds.contains(&finding.id));
        let candidates = findings
            .iter()
            .filter_map(|finding| finding.renaming.as_ref());
        let safe = candidates.into_iter().find_map(|renaming| {
            let mut renamed = document.clone();
            let path: Vec<_> = renaming.path.iter().map(String::as_str).collect();
            let done = renamed.rename(&path, renaming.name).ok()?;
            let is_safe = done && count_faults(&validate(&renamed, env)) <= faults;
            is_safe.then(|| (renaming.clone(), renamed))
        });
        let Some((renaming, renamed)) = safe else {
            return (made, findings);
        };
        made.push(renaming);
        document = renamed;
    }
}

fn count_faults(findings: &[Finding]) -> usize {
    let is_fault = |finding: &&Finding| finding.severity == Severity::Error;
    findings.iter().filter(is_fault).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 6] = [
        "misspelled-allow-from",
        "old-spelling",
        "two-spellings",
        "unknown-key",
        "unknown-root-key",
        "unknown-section",
    ];

    /// What is renamed, in words, and what is left.
    fn respelled(text: &str) -> (Vec<String>, Vec<&'static str>) {
        let (made, left) = typo_fixes(&Document::of(text), &|_| None, &ALL);
        let words = |renaming: &Renaming| {
            let path = renaming.path.join("/");
            format!("{path} > {}:{}", renaming.name, renaming.line)
        };
        let left = left.iter().map(|finding| finding.id).collect();
        (made.iter().map(words).collect(), left)
    }

    fn in_section(section: &str) -> (Vec<String>, Vec<&'static str>) {
        let (made, left) = respelled(&format!("{{\"channels\": {{\"matrix\": {section}}}}}"));
        let short = |words: &String| words.replace("channels/matrix/", "");
        (made.iter().map(short).collect(), left)
    }

    #[test]
    fn what_can_only_mean_one_key_is_renamed() {
        for (section, made) in [
            ("{\n\"e2EeEnabled\": true}", "e2EeEnabled > e2eeEnabled:2"),
            ("{\"allowform\": []}", "allowform > allowFrom:1"),
            ("{\"user-id\": \"@a:b\"}", "user-id > userId:1"),
            ("{\"grouppolcy\": \"open\"}", "grouppolcy > groupPolicy:1"),
        ] {
            assert_eq!(in_section(section), (vec![made.to_owned()], vec![]));
        }
        let nested = "{\"chanels\": {\n\"matirx\": {\n\"e2EeEnabled\": true}}}";
        let made = [
            "chanels > channels:1",
            "channels/matirx > matrix:2",
            "channels/matrix/e2EeEnabled > e2eeEnabled:3",
        ];
        assert_eq!(respelled(nested), (made.map(str::to_owned).into(), vec![]));
    }

    #[test]
    fn what_may_mean_something_else_is_left() {
        for (section, left) in [
            // The right name is taken, in whatever spelling.
            ("{\"allowform\": [], \"allowFrom\": []}", "unknown-key"),
            ("{\"allowform\": [], \"allow_from\": []}", "unknown-key"),
            (
                "{\"e2EeEnabled\": true, \"e2ee_enabled\": true}",
                "two-spellings",
            ),
            // Like nothing.
            ("{\"colour\": 1}", "unknown-key"),
            ("{\"token\": \"x\"}", "unknown-key"),
            // The value would be refused.
            ("{\"grouppolcy\": \"all\"}", "unknown-key"),
            ("{\"agents\": []}", "unknown-key"),
        ] {
            assert_eq!(in_section(section), (vec![], vec![left]), "{section}");
        }
        let two = in_section("{\"allowform\": [], \"alowFrom\": []}");
        assert_eq!(two, (vec![], vec!["misspelled-allow-from"; 2]));
    }

    #[test]
    fn only_what_is_asked_for_is_renamed() {
        let text = "{\"channels\": {\"matrix\": {\"e2EeEnabled\": true, \"allowform\": []}}}";
        let (made, left) = typo_fixes(&Document::of(text), &|_| None, &["misspelled-allow-from"]);
        assert_eq!((made.len(), left.len()), (1, 0));
        assert_eq!(made[0].name, "allowFrom");
    }
}
