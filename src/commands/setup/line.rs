//! The command line that does the same without questions.

use std::path::Path;

use super::{Run, agent::KEY as AGENT_KIND, identity::Recoverable};
use crate::{
    commands::login::wishes::quote,
    config::{Origin, TokenStore, schema},
    error::Result,
    homeserver::travels_in_clear,
    session::Credentials,
};

/// How wide a line of it becomes, its margin left out.
const COLUMNS: usize = 70;

impl Run<'_> {
    /// The whole set-up as the words of one command line, secrets left out: each is an option with
    /// its value.
    pub(super) fn line(
        &self,
        credentials: &Credentials,
        recoverable: Recoverable,
    ) -> Result<Vec<String>> {
        let matrix = self.matrix()?;
        let entry = &self.args.entry;
        let mut words = vec!["nanobot setup --no-input".to_owned()];
        let mut option = |name: &str, value: &str| words.push(format!("{name} {}", quote(value)));
        let path = |path: &Path| path.display().to_string();

        if let Some(config) = &self.global.config {
            option("--config", &path(config));
        }
        let homeserver = credentials.homeserver.as_str().trim_end_matches('/');
        option("--homeserver", homeserver);
        option("--user", &credentials.user_id);
        if let Some(name) = &entry.device_name {
            option("--device-name", name);
        }
        for user in matrix.allow_from()? {
            option("--allow-from", user);
        }
        if matrix.origin(&schema::SENDER_TRUST) != Origin::Default {
            option("--sender-trust", matrix.sender_trust.name());
        }
        if matrix.token_store == TokenStore::Keyring {
            option("--token-store", TokenStore::Keyring.name());
        }
        if let Some(kind) = self.document.get(AGENT_KIND) {
            option("--agent", kind.as_str().unwrap_or_default());
        }
        let identity = &entry.identity;
        match (recoverable, &identity.recovery_key_file) {
            (Recoverable::No, _) => words.push("--no-recovery".to_owned()),
            (Recoverable::ByGivenKey, _) if identity.recovery_key_keyring => {
                words.push("--recovery-key-keyring".to_owned());
            }
            (Recoverable::ByGivenKey, file) => {
                let file = file.as_deref().unwrap_or(Path::new("recovery-key.txt"));
                option("--recovery-key-file", &path(file));
            }
            (Recoverable::ByKey, _) => {
                words.push("--recovery".to_owned());
                if let Some(file) = &identity.save_recovery_key {
                    words.push(format!("--save-recovery-key {}", quote(&path(file))));
                }
            }
        }
        if identity.save_recovery_key_keyring {
            words.push("--save-recovery-key-keyring".to_owned());
        }
        if self.args.no_greeting {
            words.push("--no-greeting".to_owned());
        }
        if travels_in_clear(&credentials.homeserver) {
            words.push("--allow-http".to_owned());
        }
        words.extend(self.password_from()?);
        Ok(words)
    }

    /// Where the password comes from when nobody is asked for it; nothing where the configuration
    /// or the service manager has it.
    fn password_from(&self) -> Result<Option<String>> {
        let entry = &self.args.entry;
        if entry.token_stdin {
            return Ok(Some("--token-stdin <token.txt".to_owned()));
        }
        if let Some(file) = &entry.password_file {
            let file = quote(&file.display().to_string());
            return Ok(Some(format!("--password-file {file}")));
        }
        let is_configured = self.matrix()?.origin(&schema::PASSWORD) != Origin::Default;
        let is_there = is_configured && !entry.password_stdin;
        Ok((!is_there).then(|| "--password-stdin <password.txt".to_owned()))
    }
}

/// The words on lines of a terminal's width, as a shell reads them.
pub(super) fn fold(words: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines.join(" \\\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_line_is_the_same_to_a_shell() {
        let words: Vec<_> = (0..9)
            .map(|number| format!("--option-{number} 'a value'"))
            .collect();
        let folded = fold(&words);
        assert!(
            folded.lines().all(|line| line.len() <= COLUMNS + 6),
            "{folded}"
        );
        assert!(folded.lines().count() > 2, "{folded}");
        assert_eq!(folded.replace(" \\\n    ", " "), words.join(" "));
    }
}
