//! Files that are generated, checked in, and compared with what generates them.

use std::{fs, path::Path};

/// Set, to anything, it makes the tests write what they would compare.
const REWRITE: &str = "NANOBOT_REWRITE";

/// Asserts that a file of the repository holds exactly this.
#[track_caller]
pub(crate) fn check_file(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == expected {
        return;
    }
    assert!(
        std::env::var_os(REWRITE).is_some(),
        "{name} is out of date; `{REWRITE}=1 cargo test` rewrites it"
    );
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, expected).unwrap();
}

/// Asserts that a file of the repository holds exactly this between two lines.
#[track_caller]
pub(crate) fn check_between(name: &str, [begin, end]: [&str; 2], expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let found = fs::read_to_string(&path).unwrap_or_default();
    let parts = found.split_once(begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(end)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        panic!("{name} has no lines {begin} and {end}");
    };
    check_file(name, &format!("{before}{begin}\n{expected}{end}{after}"));
}
