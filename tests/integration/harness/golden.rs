//! Files that are generated and checked in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Set in the environment, it makes the tests write what they would otherwise compare with.
const REWRITE: &str = "NANOBOT_REWRITE";

/// Asserts that a directory of the repository holds exactly these files, byte for byte, or writes them.
///
/// # Panics
///
/// When it does not; the message says how to write them.
pub fn assert_directory(name: &str, expected: &BTreeMap<String, String>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os(REWRITE).is_some() {
        rewrite(&dir, expected);
    }
    let expected_names: BTreeSet<String> = expected.keys().cloned().collect();
    assert!(
        names(&dir) == expected_names,
        "{name}/ holds {:?} instead of {expected_names:?}{}",
        names(&dir),
        advice()
    );
    for (file, text) in expected {
        let found = fs::read(dir.join(file)).expect("it is in the list");
        assert!(
            found == text.as_bytes(),
            "{name}/{file} is not what the program generates{}",
            advice()
        );
    }
}

fn rewrite(dir: &Path, expected: &BTreeMap<String, String>) {
    fs::create_dir_all(dir).expect("a directory of the repository");
    for stale in names(dir)
        .iter()
        .filter(|name| !expected.contains_key(*name))
    {
        fs::remove_file(dir.join(stale)).expect("a generated file");
    }
    for (file, text) in expected {
        fs::write(dir.join(file), text).expect("a file of the repository");
    }
}

fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).into_iter().flatten();
    entries
        .map(|entry| entry.expect("a directory that can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

fn advice() -> String {
    format!("; run the test again with {REWRITE}=1 to write it")
}
