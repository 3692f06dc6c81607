//! The catalogue reads well.

use super::catalogue;

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
