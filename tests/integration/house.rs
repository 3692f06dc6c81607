//! The house keeps its shape: a room imports only from the rooms below it, and nothing goes in circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use modules::{Modules, Place, paths};

mod modules;

/// Top to bottom, as `src/lib.rs` lists them.
const ROOMS: [&str; 19] = [
    "commands",
    "cli",
    "account",
    "service",
    "doctor",
    "gateway",
    "agent",
    "policy",
    "session",
    "journal",
    "homeserver",
    "ipc",
    "config",
    "address",
    "terminal",
    "threads",
    "text",
    "files",
    "error",
];
const KNOW_THE_SDK: [&str; 2] = ["session", "gateway"];
/// A file is one thing: nobody reads a longer one at once.
const MOST_LINES: usize = 400;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Of each folder, which of its modules import which others of it, each with an example.
type Neighbours = BTreeMap<Place, BTreeMap<String, BTreeMap<String, String>>>;

fn neighbours(modules: &Modules) -> Neighbours {
    let mut neighbours = Neighbours::new();
    for place in modules.places() {
        for import in modules.imports_of(place) {
            let together = place
                .iter()
                .zip(&import)
                .take_while(|(a, b)| a == b)
                .count();
            if together < place.len() && together < import.len() {
                let folder = neighbours.entry(place[..together].to_vec()).or_default();
                let from = folder.entry(place[together].clone()).or_default();
                let example = format!("{} imports {}", place.join("::"), import.join("::"));
                from.entry(import[together].clone()).or_insert(example);
            }
        }
    }
    neighbours
}

#[test]
fn a_room_imports_only_from_rooms_below_it() {
    let floor = |name: &str| ROOMS.iter().position(|room| *room == name);
    let rooms = &neighbours(&Modules::read(&source()))[&Vec::new()];
    for (room, imports) in rooms {
        for (import, example) in imports {
            if let (Some(above), Some(below)) = (floor(room), floor(import)) {
                assert!(above < below, "{example}");
            }
        }
    }
    assert!(rooms.len() > 10, "{rooms:?}");
}

#[test]
fn nothing_goes_in_circles() {
    for (folder, imports) in neighbours(&Modules::read(&source())) {
        // What imports nothing that is left is taken away; what stays goes in circles.
        let mut left: BTreeSet<&String> = imports.keys().collect();
        while let Some(free) = left.iter().copied().find(|module| {
            let imports = imports[*module].keys();
            imports.filter(|import| left.contains(import)).count() == 0
        }) {
            left.remove(free);
        }
        let circle = left.iter().flat_map(|module| {
            let imports = imports[*module].iter();
            imports
                .filter(|(import, _)| left.contains(import))
                .map(|(_, example)| example)
        });
        let circle: Vec<_> = circle.collect();
        assert!(circle.is_empty(), "in {folder:?}: {circle:#?}");
    }
}

#[test]
fn only_two_rooms_know_the_sdk() {
    let modules = Modules::read(&source());
    let know = |place: &&Place| modules.text(place).contains("use matrix_sdk");
    let rooms: BTreeSet<_> = modules
        .places()
        .filter(know)
        .map(|place| place[0].as_str())
        .collect();
    assert_eq!(rooms, BTreeSet::from(KNOW_THE_SDK));
}

#[test]
fn the_list_is_the_one_of_the_map() {
    let text = fs::read_to_string(source().join("lib.rs")).unwrap();
    let rooms: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(rooms, ROOMS);
}

#[test]
fn every_file_is_a_part_of_the_program() {
    let modules = Modules::read(&source());
    let is_declared = |place: &&Place| {
        let Some((name, above)) = place.split_last() else {
            return true;
        };
        let declaration = format!("mod {name};");
        name == "main" || modules.text(&above.to_vec()).contains(&declaration)
    };
    let left_over: Vec<_> = modules
        .places()
        .filter(|place| !is_declared(place))
        .collect();
    assert!(left_over.is_empty(), "{left_over:?}");
}

#[test]
fn no_file_is_too_long() {
    fn long(place: &Path) -> Vec<String> {
        if place.is_dir() {
            let entries = fs::read_dir(place).unwrap();
            return entries
                .flat_map(|entry| long(&entry.unwrap().path()))
                .collect();
        }
        let lines = fs::read_to_string(place).unwrap().lines().count();
        let too_long = (lines > MOST_LINES).then(|| format!("{}: {lines}", place.display()));
        too_long.into_iter().collect()
    }
    assert_eq!(long(&source()), Vec::<String>::new());
}

/// What the pages for whoever changes the program call by its place is there.
#[test]
fn the_places_that_the_papers_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for paper in ["docs/architecture.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root.join(paper)).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        let is_place = |word: &&str| {
            let starts = ["src/", "tests/", "docs/", "examples/"];
            starts.iter().any(|start| word.starts_with(start)) && !word.contains(' ')
        };
        let missing: Vec<_> = quoted
            .filter(is_place)
            .filter(|place| !root.join(place).exists())
            .collect();
        assert!(missing.is_empty(), "{paper} names {missing:?}");
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    let joined = |tree| -> Vec<_> { paths(tree).iter().map(|path| path.join("::")).collect() };
    assert_eq!(joined("crate::a::b as c"), ["crate::a::b"]);
    assert_eq!(
        joined("crate::{a::{self, b}, d,\n    e::f}"),
        ["crate::a::self", "crate::a::b", "crate::d", "crate::e::f"]
    );
}
