//! The catalogue reads well.

use super::{catalogue, find};
use crate::{
    homeserver::Whoami,
    session::{Facts, Fault},
};

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
    let facts = Facts {
        user_id: "@bot:example.org".to_owned(),
        device_id: "BOT".to_owned(),
        whoami: Whoami {
            user_id: "@bot:example.org".to_owned(),
            device_id: None,
            is_guest: false,
        },
        store: None,
        published: None,
    };
    let (user_id, device_id) = (facts.user_id.clone(), "OTHER".to_owned());
    for (id, fault) in [
        ("token.device", Fault::NoDevice),
        ("store.account", Fault::OtherStore { user_id, device_id }),
        ("e2ee.keys-elsewhere", Fault::KeysElsewhere),
        ("e2ee.keys-replaced", Fault::KeysReplaced),
        ("e2ee.keys-vanished", Fault::KeysVanished),
    ] {
        let error = fault.explain(&facts);
        let command = format!("`{}`", find(id).unwrap().remedy.commands[0]);
        assert!(error.hint_text().unwrap().contains(&command), "{id}");
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
