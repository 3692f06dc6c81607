//! The house keeps its shape: a room imports only from the rooms below it.

use std::fs;
use std::path::{Path, PathBuf};

/// Top to bottom, as `src/lib.rs` lists them.
const ROOMS: [&str; 13] = [
    "commands",
    "cli",
    "doctor",
    "gateway",
    "agent",
    "policy",
    "session",
    "inbox",
    "homeserver",
    "instance",
    "config",
    "terminal",
    "error",
];
const KNOW_THE_SDK: [&str; 2] = ["session", "gateway"];

fn source_files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let entries = fs::read_dir(place).unwrap();
    entries
        .flat_map(|entry| source_files(&entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

/// Each room's name and the text of its files, comments left out.
fn rooms() -> Vec<(&'static str, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text_of = |room: &str| {
        let folder = source.join(room);
        let place = if folder.is_dir() {
            folder
        } else {
            source.join(format!("{room}.rs"))
        };
        let files = source_files(&place).into_iter().map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            code.collect::<Vec<_>>().join("\n")
        });
        files.collect::<Vec<_>>().join("\n")
    };
    ROOMS.map(|room| (room, text_of(room))).to_vec()
}

/// The rooms a text names behind `crate::`, in a path or in a braced list.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in text.split("crate::").skip(1) {
        let list = part.strip_prefix('{').and_then(top_level_names);
        found.extend(list.unwrap_or_else(|| vec![first_word(part)]));
    }
    found
}

/// The first words of the items of a braced list, nested braces skipped.
fn top_level_names(list: &str) -> Option<Vec<String>> {
    let (mut depth, mut names, mut item) = (0, Vec::new(), String::new());
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(first_word(item.trim()));
                names.retain(|name| !name.is_empty());
                return Some(names);
            }
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first_word(std::mem::take(&mut item).trim())),
            _ if depth == 0 => item.push(character),
            _ => {}
        }
    }
    None
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect()
}

#[test]
fn a_room_imports_only_from_rooms_below_it() {
    let place = |name: &str| ROOMS.iter().position(|room| *room == name);
    for (room, text) in rooms() {
        for import in imports(&text) {
            let Some(below) = place(&import) else {
                continue;
            };
            assert!(place(room) <= Some(below), "{room} imports {import}");
        }
    }
}

#[test]
fn only_two_rooms_know_the_sdk() {
    for (room, text) in rooms() {
        let knows = text.contains("use matrix_sdk");
        assert_eq!(knows, KNOW_THE_SDK.contains(&room), "{room}");
    }
}

#[test]
fn the_list_is_the_one_of_the_map() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let text = fs::read_to_string(source).unwrap();
    let modules: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(modules, ROOMS);
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::{a::{b, c}, d, e::f};\nuse crate::g::h; crate::i::j()";
    assert_eq!(imports(text), ["a", "d", "e", "g", "i"]);
}
