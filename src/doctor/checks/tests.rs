//! The catalogue reads well.

use super::{Check, catalogue};
use crate::{
    doctor::{check::Verdict, explanation::EXPLANATIONS},
    error::Remedy,
    homeserver::Whoami,
    session::{DeviceState, Fault},
};

/// The check of this id.
fn find(id: &str) -> Option<&'static Check> {
    catalogue().find(|check| check.id == id)
}

/// No sentence of the catalogue is longer than this, in characters.
const LONGEST: usize = 400;

#[test]
fn a_name_says_where_it_belongs() {
    for check in catalogue() {
        let parts: Vec<_> = check.id.split('.').collect();
        let plain = |part: &&str| {
            let belongs = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !part.is_empty() && part.chars().all(belongs)
        };
        assert!(parts.len() == 2 && parts.iter().all(plain), "{}", check.id);
    }
}

#[test]
fn the_doctor_and_the_gateway_name_the_same_remedy() {
    let facts = DeviceState {
        user_id: "@bot:example.org".to_owned(),
        device_id: "BOT".to_owned(),
        whoami: Whoami {
            user_id: "@bot:example.org".to_owned(),
            device_id: None,
            is_guest: false,
            is_application_service: false,
        },
        store: None,
        published: None,
    };
    for (id, fault) in [
        ("token.device", Fault::NoDevice),
        ("store.account", Fault::OtherStore),
        ("e2ee.keys-elsewhere", Fault::KeysElsewhere),
        ("e2ee.keys-replaced", Fault::KeysReplaced),
        ("e2ee.keys-vanished", Fault::KeysVanished),
    ] {
        let error = fault.explain(&facts);
        let command = format!("`{}`", find(id).unwrap().explanation().commands[0]);
        assert!(error.hint_text().unwrap().contains(&command), "{id}");
    }
}

#[test]
fn every_check_is_explained_in_the_same_style() {
    for check in catalogue() {
        let (id, said) = (check.id, check.explanation());
        assert!(!said.title.is_empty(), "{id} has no section in docs/checks");
        for sentence in [&said.meaning, &said.matters] {
            assert!(sentence.ends_with('.'), "{id}: {sentence:?}");
        }
        assert!(!said.causes.is_empty(), "{id} has no cause");
        // They stand in a list, or after a colon.
        let causes = said.causes.iter().map(String::as_str);
        let fragments = causes.chain([said.title, &said.fix]);
        for fragment in fragments.clone() {
            assert!(!fragment.ends_with('.'), "{id}: {fragment:?}");
        }
        for text in fragments.chain([said.meaning.as_str(), &said.matters]) {
            assert!(!text.is_empty(), "{id} has an empty text");
            assert!(text.chars().count() <= LONGEST, "{id}: {text:?}");
        }
        assert!(said.title.chars().count() <= 60, "{id}: {}", said.title);
    }
}

#[test]
fn no_command_is_a_circle_or_has_a_placeholder() {
    for check in catalogue() {
        for command in &check.explanation().commands {
            let is_circle = command.starts_with("nanobot doctor") && !command.contains("--fix");
            assert!(!is_circle, "{}: {command}", check.id);
            let is_placeholder = |word: &str| {
                word.starts_with("@you") || (word.len() > 1 && word == word.to_uppercase())
            };
            assert!(
                !command.split(' ').any(is_placeholder),
                "{}: {command}",
                check.id
            );
        }
    }
}

#[test]
fn every_explanation_is_that_of_a_check() {
    for id in EXPLANATIONS.keys() {
        assert!(find(id).is_some(), "there is no check {id}");
    }
}

#[test]
fn the_page_of_the_doctor_names_checks_that_are_there() {
    let page = include_str!("../../../docs/doctor.md");
    for check in catalogue() {
        let link = format!("(checks/{}.md)", check.category());
        assert!(page.contains(&link), "{link} is missing");
    }
    for asked in page.split("`nanobot doctor --only ").skip(1) {
        let names = asked.split('`').next().unwrap();
        for name in names.split(',') {
            assert!(
                catalogue().any(|check| check.id == name || check.category() == name),
                "{name}"
            );
        }
    }
}

#[test]
fn the_usual_remedy_fills_what_a_case_leaves_open() {
    let check = find("config.permissions").unwrap();
    let said = check.explanation();
    let usual = check.remedy(&Verdict::fail("x"));
    assert_eq!(usual.text, said.fix);
    assert_eq!(usual.commands, said.commands);
    let error = Verdict::fail("x").remedy(Remedy::command("chmod 600 /x"));
    let error = check.remedy(&error);
    assert_eq!(error.text, said.fix);
    assert_eq!(error.commands[0], "chmod 600 /x");
    assert_eq!(error.commands[1..], said.commands);
    let own = Verdict::fail("x").advice("stop it");
    let own = check.remedy(&own.command("nanobot logout"));
    assert_eq!(own.text, "stop it");
    assert_eq!(own.commands, ["nanobot logout"]);
}
