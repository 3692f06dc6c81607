//! The catalogue reads well, and its commands can be typed.

use clap::{Parser, error::ErrorKind};

use super::catalogue;
use crate::{cli::Cli, doctor::command::is_command};

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
fn every_check_is_explained_in_the_same_style() {
    for check in catalogue() {
        let explanation = check.explanation;
        for sentence in [explanation.meaning, explanation.matters] {
            assert!(sentence.ends_with('.'), "{}: {sentence:?}", check.id);
        }
        assert!(!explanation.causes.is_empty(), "{} has no cause", check.id);
        // They stand in a list, or after a colon.
        let fragments = explanation
            .causes
            .iter()
            .chain([&check.title, &check.remedy.text]);
        for fragment in fragments {
            assert!(!fragment.ends_with('.'), "{}: {fragment:?}", check.id);
        }
        let texts = [
            explanation.meaning,
            explanation.matters,
            check.title,
            check.remedy.text,
        ];
        for text in texts.iter().chain(explanation.causes) {
            assert!(!text.trim().is_empty(), "{} has an empty text", check.id);
            assert!(
                !text.contains(['\n', '\t']) && !text.contains("  "),
                "{}: {text:?}",
                check.id
            );
            assert!(text.chars().count() <= LONGEST, "{}: {text:?}", check.id);
        }
        assert!(
            check.title.chars().count() <= 60,
            "{}: {}",
            check.id,
            check.title
        );
    }
}

#[test]
fn every_command_can_be_typed() {
    for check in catalogue() {
        for command in check.remedy.commands {
            assert!(is_command(command), "{}: {command}", check.id);
            if command.starts_with("nanobot ") {
                if let Err(error) = Cli::try_parse_from(command.split(' ')) {
                    let shows = error.kind() == ErrorKind::DisplayVersion;
                    assert!(shows, "{}: {command}: {error}", check.id);
                }
            }
        }
    }
}
