//! A misspelled `allowFrom`: the key that was meant is absent, so everyone may talk to the bot.

use super::{Finding, Severity};
use crate::{
    config::{Origin, keys::KEYS, values::Setting},
    text::nearest,
};

/// Its [`Finding::id`].
pub const MISSPELLED: &str = "misspelled-allow-from";
const ALLOW_FROM: &str = "allowFrom";

/// Turns the warning about an unknown key into an error where it was meant to be `allowFrom`, and
/// nothing else says who may talk to the bot.
pub fn mark_misspelled(findings: &mut [Finding], settings: &[Setting]) {
    let is_absent = |setting: &Setting| {
        setting.key.name == ALLOW_FROM && matches!(setting.origin, Origin::Default)
    };
    if !settings.iter().any(is_absent) {
        return;
    }
    for finding in findings.iter_mut().filter(|it| it.id == "unknown-key") {
        let name = finding
            .key
            .as_deref()
            .and_then(|key| key.rsplit('.').next());
        let name = name.unwrap_or_default();
        if nearest(name, KEYS.iter().map(|key| key.name)) != Some(ALLOW_FROM) {
            continue;
        }
        finding.id = MISSPELLED;
        finding.severity = Severity::Error;
        finding.message = format!(
            "{name:?} is not a key, and allowFrom is missing, so everyone can talk to the bot"
        );
        finding.fix.text = format!("rename {name:?} to \"allowFrom\"");
        if finding.renaming.is_none() {
            finding.fix.commands = vec!["nanobot config edit".to_owned()];
        }
        if let Some(renaming) = &mut finding.renaming {
            renaming.finding = MISSPELLED;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Document, Env, misspelled_allow_from};

    fn found(section: &str, env: Env<'_>) -> Option<Finding> {
        let document = Document::of(&format!("{{\"channels\": {{\"matrix\": {section}}}}}"));
        misspelled_allow_from(&document, env)
    }

    #[test]
    fn a_misspelled_list_without_the_right_one_is_an_error() {
        for name in ["allowForm", "allow_form", "alowFrom", "allowedFrom"] {
            let finding = found(&format!("{{\"{name}\": [\"@a:b\"]}}"), &|_| None).unwrap();
            assert_eq!(finding.severity, Severity::Error, "{name}");
            assert!(finding.message.contains("everyone can talk"), "{name}");
        }
        let fixable = found("{\"allowForm\": []}", &|_| None).unwrap();
        assert_eq!(fixable.fix.commands, ["nanobot doctor --fix"]);
    }

    #[test]
    fn the_right_list_beside_it_or_in_the_environment_makes_it_harmless() {
        let none: Env<'_> = &|_| None;
        for section in [
            "{\"allowForm\": [], \"allowFrom\": [\"@a:b\"]}",
            "{\"allowForm\": [], \"allow_from\": [\"@a:b\"]}",
            "{\"groupAllowForm\": []}",
            "{\"colour\": []}",
        ] {
            assert_eq!(found(section, none), None, "{section}");
        }
        let set: Env<'_> =
            &|name| (name == "NANOBOT_MATRIX_ALLOW_FROM").then(|| "[\"@a:b\"]".into());
        assert_eq!(found("{\"allowForm\": []}", set), None);
    }
}
