//! Every check has found its fault in a test, through its real probe.

use std::{collections::BTreeSet, fs, path::Path};

use nanobot::testing::doctor::catalogue;

use super::examined::assert_can_be_typed;

/// Checks whose fault cannot be made here, and why.
const NOT_MADE: [(&str, &str); 1] = [(
    "store.filesystem",
    "a network filesystem needs a server of its own and a kernel that mounts it",
)];

/// The checks that `expect("id", "warn" or "fail", …)` names in the tests of the doctor.
fn found_in_tests() -> BTreeSet<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/doctor");
    let texts = fs::read_dir(directory)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let text: String = texts.collect::<Vec<_>>().join("\n");
    let text: String = text.split_whitespace().collect::<Vec<_>>().join("");
    let mut found = BTreeSet::new();
    for call in text.split(".expect(\"").skip(1) {
        let mut words = call.split('"');
        let (id, _, status) = (words.next(), words.next(), words.next());
        if matches!(status, Some("warn" | "fail")) {
            found.extend(id.map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_check_has_found_its_fault() {
    let found = found_in_tests();
    let excused: BTreeSet<_> = NOT_MADE.iter().map(|(id, _)| *id).collect();
    let missing: Vec<_> = catalogue()
        .map(|check| check.id)
        .filter(|id| !found.contains(*id) && !excused.contains(id))
        .collect();
    assert_eq!(missing, [""; 0], "no test makes these find something");
    for id in excused {
        assert!(!found.contains(id), "{id} is no exception any more");
        assert!(catalogue().any(|check| check.id == id), "{id} is no check");
    }
}

#[test]
fn every_command_of_the_catalogue_can_be_typed() {
    for check in catalogue() {
        for command in &check.explanation().commands {
            assert_can_be_typed(command);
        }
    }
}
