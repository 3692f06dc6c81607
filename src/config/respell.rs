//! Names of keys that are spelled wrongly and can only mean one other name.

use super::{
    Document, Env, Finding, Severity, document::SECTION, schema, suggest::nearest, syntax::Node,
    validate, validate::ROOT_KEYS,
};

/// A key that can be given its right name; nothing but the name changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// The [`Finding::id`] that tells of it.
    pub finding: &'static str,
    /// The exact names that lead to it.
    pub path: Vec<String>,
    /// Its right name.
    pub name: &'static str,
    /// The line it is on.
    pub line: usize,
}

/// The renamings that are safe, in the order in which they are made, and the findings of these
/// kinds that are there after them.
///
/// A key is renamed only where no other key has a claim to the new name, and where the config is
/// not refused for it afterwards.
#[must_use]
pub fn respell(
    document: &Document,
    env: Env<'_>,
    findings: &[&str],
) -> (Vec<Renaming>, Vec<Finding>) {
    let mut document = document.clone();
    let mut made = Vec::new();
    while let Some((renaming, renamed)) = first_safe(&document, env, findings) {
        made.push(renaming);
        document = renamed;
    }
    let mut left = validate(&document, env);
    left.retain(|finding| findings.contains(&finding.id));
    (made, left)
}

fn first_safe(
    document: &Document,
    env: Env<'_>,
    findings: &[&str],
) -> Option<(Renaming, Document)> {
    let faults = count_faults(document, env);
    let wanted = |renaming: &Renaming| findings.contains(&renaming.finding);
    candidates(document)
        .into_iter()
        .filter(wanted)
        .find_map(|renaming| {
            let mut renamed = document.clone();
            let path: Vec<_> = renaming.path.iter().map(String::as_str).collect();
            let done = renamed.rename(&path, renaming.name).ok()?;
            (done && count_faults(&renamed, env) <= faults).then_some((renaming, renamed))
        })
}

fn count_faults(document: &Document, env: Env<'_>) -> usize {
    let findings = validate(document, env);
    let is_fault = |finding: &&Finding| finding.severity == Severity::Error;
    findings.iter().filter(is_fault).count()
}

/// Every name that has one right name to go with it.
fn candidates(document: &Document) -> Vec<Renaming> {
    let root = document.root();
    let mut found = in_object(document, &[], root, "unknown-root-key", root_key);
    if let Some(channels) = root.member("channels") {
        let channels = &channels.node;
        found.extend(in_object(
            document,
            &SECTION[..1],
            channels,
            "unknown-section",
            section_name,
        ));
    }
    if let Some(section) = document.section() {
        for (finding, right_name) in [
            ("old-spelling", old_spelling as RightName),
            ("unknown-key", unknown_key),
        ] {
            found.extend(in_object(document, &SECTION, section, finding, right_name));
        }
    }
    found
}

/// The right name for a name in an object, if it is wrong and the right one is free.
type RightName = fn(&Node, &str) -> Option<&'static str>;

fn in_object(
    document: &Document,
    path: &[&str],
    object: &Node,
    finding: &'static str,
    right_name: RightName,
) -> Vec<Renaming> {
    let members = object.members().unwrap_or_default();
    let meant: Vec<_> = members
        .iter()
        .filter_map(|member| Some((member, right_name(object, &member.name)?)))
        .collect();
    meant
        .iter()
        // Two that mean the same: nobody can tell which one is to count.
        .filter(|(_, name)| meant.iter().filter(|(_, other)| other == name).count() == 1)
        .map(|(member, name)| Renaming {
            finding,
            path: path
                .iter()
                .map(ToString::to_string)
                .chain([member.name.clone()])
                .collect(),
            name,
            line: document.place(member.start).line,
        })
        .collect()
}

fn root_key(root: &Node, name: &str) -> Option<&'static str> {
    let is_known = ROOT_KEYS.contains(&name) || name == "model_presets";
    let meant = slip_of(name, &ROOT_KEYS).filter(|_| !is_known)?;
    let is_free = root.member(meant).is_none();
    let in_snake = meant == "modelPresets" && root.member("model_presets").is_some();
    (is_free && !in_snake).then_some(meant)
}

fn section_name(channels: &Node, name: &str) -> Option<&'static str> {
    let [_, matrix] = SECTION;
    let is_free = channels.member(matrix).is_none();
    slip_of(name, &[matrix]).filter(|_| is_free)
}

fn old_spelling(section: &Node, name: &str) -> Option<&'static str> {
    let key = schema::find(name).filter(|key| key.legacy.contains(&name))?;
    let stand = key
        .spellings()
        .filter(|name| section.member(name).is_some());
    (stand.count() == 1).then_some(key.name)
}

fn unknown_key(section: &Node, name: &str) -> Option<&'static str> {
    if schema::find(name).is_some() {
        return None;
    }
    let names: Vec<_> = schema::KEYS.iter().map(|key| key.name).collect();
    let key = schema::find(slip_of(name, &names)?)?;
    let is_free = key.spellings().all(|name| section.member(name).is_none());
    is_free.then_some(key.name)
}

/// The known name that this one differs from by a slip or two, if there is exactly one, and a
/// finding suggests the same.
fn slip_of(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let fold = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    let folded = fold(name);
    let slips = if folded.chars().count() < 6 { 1 } else { 2 };
    let mut near = known
        .iter()
        .filter(|known| strsim::damerau_levenshtein(&folded, &fold(known)) <= slips);
    let only = near.next().filter(|_| near.next().is_none())?;
    nearest(name, known.iter().copied()).filter(|suggested| suggested == only)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 5] = [
        "old-spelling",
        "two-spellings",
        "unknown-key",
        "unknown-root-key",
        "unknown-section",
    ];

    /// What is renamed, in words, and what is left.
    fn respelled(text: &str) -> (Vec<String>, Vec<&'static str>) {
        let (made, left) = respell(&Document::of(text), &|_| None, &ALL);
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
        assert_eq!(two, (vec![], vec!["unknown-key"; 2]));
    }

    #[test]
    fn only_what_is_asked_for_is_renamed() {
        let text = "{\"channels\": {\"matrix\": {\"e2EeEnabled\": true, \"allowform\": []}}}";
        let (made, left) = respell(&Document::of(text), &|_| None, &["unknown-key"]);
        assert_eq!((made.len(), left.len()), (1, 0));
        assert_eq!(made[0].name, "allowFrom");
    }

    #[test]
    fn nothing_is_renamed_twice() {
        for key in schema::KEYS {
            for spelling in key.spellings() {
                let names: Vec<_> = schema::KEYS.iter().map(|key| key.name).collect();
                assert_eq!(slip_of(spelling, &names).unwrap_or(key.name), key.name);
            }
        }
    }
}
