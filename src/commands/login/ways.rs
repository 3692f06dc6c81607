//! The ways in: how the bot proves who it is. Browser logins will be further ones.

use std::path::Path;

use super::target::Target;
use crate::{
    cli::Entry as Arguments,
    commands::secret_input::{secret_file, secret_stdin},
    config::{Matrix, Secret},
    error::{Error, Result},
    homeserver::{Discovery, Login},
    terminal::{Question, Terminal},
};

/// How the bot proves who it is.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// A user name and its password, for as many devices as are needed.
    Password {
        /// The user's id or its localpart.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that exists, with the device it belongs to.
    Token(Secret),
}

impl Way {
    /// Chooses the way by the options, the configuration, and at last the person.
    pub(super) async fn choose(
        args: &Arguments,
        matrix: &Matrix,
        target: &Target,
        discovery: &Discovery,
        terminal: Terminal,
    ) -> Result<Self> {
        if args.token_stdin {
            return secret_stdin().await.map(Self::Token);
        }
        if !discovery.flows.password {
            return Err(no_password(discovery));
        }
        let user = if let Some(user) = &target.user {
            user.clone()
        } else {
            let words = format!("The bot's user name on {}", discovery.homeserver.name());
            let question = Question::new(&words, "--user");
            terminal.ask(question, |user| Ok(user.to_owned())).await?
        };
        let from = SecretFrom {
            stdin: args.password_stdin,
            file: args.password_file.as_deref(),
        };
        let password = password(from, matrix, &user, terminal).await?;
        Ok(Self::Password { user, password })
    }

    /// The user that was named, as it was typed.
    pub(super) fn user(&self) -> Option<&str> {
        match self {
            Self::Password { user, .. } => Some(user),
            Self::Token(_) => None,
        }
    }

    /// The password, for a homeserver that asks for it again.
    pub(super) fn password(&self) -> Option<&Secret> {
        match self {
            Self::Password { password, .. } => Some(password),
            Self::Token(_) => None,
        }
    }

    /// Whether this way can give a device that there was not before.
    pub(super) fn makes_devices(&self) -> bool {
        matches!(self, Self::Password { .. })
    }

    /// Logs in: as this device, or as whichever the homeserver gives.
    pub(super) async fn log_in(
        &self,
        discovery: &Discovery,
        device_id: Option<&str>,
        device_name: &str,
    ) -> Result<Login> {
        let homeserver = &discovery.homeserver;
        match self {
            Self::Password { user, password } => Ok(homeserver
                .login_password(user, password, device_id, device_name)
                .await?),
            Self::Token(token) => {
                let whoami = homeserver.with_token(token).whoami().await?;
                let device_id = whoami.device_id.ok_or_else(|| {
                    Error::failure("this token belongs to no device, so it cannot encrypt")
                        .hint("log in with a password: nanobot login")
                })?;
                Ok(Login {
                    user_id: whoami.user_id,
                    device_id,
                    access_token: token.clone(),
                    expires_in: None,
                })
            }
        }
    }
}

pub(in crate::commands) fn no_password(discovery: &Discovery) -> Error {
    Error::failure(format!(
        "{} does not take a password; it offers {}",
        discovery.homeserver.name(),
        discovery.flows.describe()
    ))
    .hint("make a token for a device of the bot's own there, then: nanobot login --token-stdin")
}

/// Where the options say that a secret is.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands) struct SecretFrom<'a> {
    pub(in crate::commands) stdin: bool,
    pub(in crate::commands) file: Option<&'a Path>,
}

impl SecretFrom<'_> {
    /// Reads the secret, which is called `what`; `None` where the options do not say where it is.
    pub(in crate::commands) async fn read(self, what: &str) -> Result<Option<Secret>> {
        if self.stdin {
            return secret_stdin().await.map(Some);
        }
        match self.file {
            Some(path) => secret_file(what, path).await.map(Some),
            None => Ok(None),
        }
    }
}

/// The account's password, by the options, the configuration, and at last the person.
pub(in crate::commands) async fn password(
    from: SecretFrom<'_>,
    matrix: &Matrix,
    user: &str,
    terminal: Terminal,
) -> Result<Secret> {
    if let Some(password) = from.read("password").await? {
        return Ok(password);
    }
    if let Some(password) = matrix.password()? {
        return Ok(password.clone());
    }
    let words = format!("Password of {user}");
    let question = Question {
        echo: false,
        why: "It is used to log in now, and kept nowhere.",
        ..Question::new(&words, "--password-stdin or --password-file")
    };
    terminal
        .ask(question, |password| Ok(Secret::new(password)))
        .await
}
