//! The command line that does the whole set-up without questions.

use serde_json::Value;

use super::{agent_options::at, broker, identity::Recoverable, program, run::Run};
use crate::{
    account::{command_line::CommandLine, options::KeySource, secret_input::SecretSource},
    address::travels_in_clear,
    config::{Origin, TokenStore},
    error::Result,
    session::Credentials,
};

impl Run {
    /// The whole set-up as one command line, secrets left out.
    pub fn command_line(
        &self,
        credentials: &Credentials,
        recoverable: Recoverable,
    ) -> Result<CommandLine> {
        let (options, login) = (&self.options, &self.options.login);
        let matrix = self.matrix()?;
        let mut line = CommandLine::new("nanobot setup --no-input");
        if let Some(config) = &login.config {
            line.option("--config", config.display());
        }
        let homeserver = credentials.homeserver.as_str().trim_end_matches('/');
        line.option("--homeserver", homeserver);
        line.option("--user", &credentials.user_id);
        if let Some(name) = &login.device_name {
            line.option("--device-name", name);
        }
        for user in matrix.allow_from()? {
            line.option("--allow-from", user);
        }
        if !matrix.e2ee_enabled {
            line.add("--no-e2ee");
        }
        if matrix.origin("senderTrust") != Origin::Default {
            line.option("--sender-trust", matrix.sender_trust.name());
        }
        if let Some(name) = matrix.display_name()? {
            line.option("--display-name", name);
        }
        if let Some(file) = matrix.avatar()? {
            line.option("--avatar", self.paths.dir().join(file).display());
        }
        if matrix.token_store == TokenStore::Keyring {
            line.option("--token-store", TokenStore::Keyring.name());
        }
        self.agent_options(&mut line);
        self.recovery(recoverable, &mut line);
        if options.no_greeting {
            line.add("--no-greeting");
        }
        if travels_in_clear(&credentials.homeserver) {
            line.add("--allow-http");
        }
        match &login.password {
            _ if login.token_stdin => line.add("--token-stdin <token.txt"),
            Some(SecretSource::File(file)) => line.option("--password-file", file.display()),
            // The configuration or the service manager has it.
            None if matrix.origin("password") != Origin::Default => {}
            _ => line.add("--password-stdin <password.txt"),
        }
        Ok(line)
    }

    fn agent_options(&self, line: &mut CommandLine) {
        let text = |name| match self.document.get(&at(name)) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let Some(kind) = text("type") else {
            return;
        };
        line.option("--agent", &kind);
        if kind == "command" {
            if let Some(command) = program::read(&self.document) {
                line.option("--command", command);
            }
            return;
        }
        if kind == "nats" {
            for server in broker::read(&self.document) {
                line.option("--nats-server", server);
            }
        }
        if kind != "openai" {
            return;
        }
        for (option, name) in [("--model", "model"), ("--api-base", "apiBase")] {
            // An address can hold a password, which is hidden.
            if let Some(Value::String(value)) = self.document.redacted(&at(name)) {
                line.option(option, value);
            }
        }
        match &self.options.agent.api_key {
            Some(SecretSource::File(file)) => line.option("--api-key-file", file.display()),
            _ if text("apiKey").is_some() => line.option("--api-key-file", "api-key.txt"),
            _ => {}
        }
    }

    fn recovery(&self, recoverable: Recoverable, line: &mut CommandLine) {
        let login = &self.options.login;
        match (recoverable, &login.recovery_key) {
            (Recoverable::No, _) => line.add("--no-recovery"),
            (Recoverable::ByGivenKey, Some(KeySource::Keyring)) => {
                line.add("--recovery-key-keyring");
            }
            (Recoverable::ByGivenKey, Some(KeySource::Given(SecretSource::File(file)))) => {
                line.option("--recovery-key-file", file.display());
            }
            (Recoverable::ByGivenKey, _) => line.option("--recovery-key-file", "recovery-key.txt"),
            (Recoverable::ByKey, _) => {
                line.add("--recovery");
                if let Some(file) = &login.save_recovery_key {
                    line.option("--save-recovery-key", file.display());
                }
            }
        }
        if login.save_recovery_key_keyring {
            line.add("--save-recovery-key-keyring");
        }
    }
}
