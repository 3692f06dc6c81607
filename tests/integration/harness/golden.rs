//! Files that are generated and checked in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Set in the environment, it makes the tests write what they would otherwise compare with.
const REWRITE: &str = "NANOBOT_REWRITE";

/// Asserts that the repository holds exactly these files, byte for byte, and no others in these
/// directories; or writes them.
///
/// # Panics
///
/// When it does not; the message says how to write them.
pub fn assert_files(expected: &BTreeMap<String, String>, directories: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rewrite = std::env::var_os(REWRITE).is_some();
    for (name, text) in expected {
        let path = root.join(name);
        if rewrite {
            let directory = path.parent().expect("a file in a directory");
            fs::create_dir_all(directory).expect("a directory of the repository");
            fs::write(&path, text).expect("a file of the repository");
        }
        let found = fs::read(&path).unwrap_or_default();
        assert!(
            found == text.as_bytes(),
            "{name} is not what the program gives{}:\n{}",
            advice(),
            difference(&String::from_utf8_lossy(&found), text)
        );
    }
    for directory in directories {
        for name in names(&root.join(directory)) {
            let file = format!("{directory}/{name}");
            assert!(expected.contains_key(&file), "{file} is not generated");
        }
    }
}

fn difference(found: &str, expected: &str) -> String {
    let diff = similar::TextDiff::from_lines(found, expected);
    diff.unified_diff().context_radius(2).to_string()
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
