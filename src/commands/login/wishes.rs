//! What a login needs to know, from options, the configuration, or the person.

use std::io::Read;

use crate::{
    cli::Login,
    config::{Matrix, Secret},
    error::{Error, Kind, Result},
    homeserver::Options,
    terminal::Terminal,
};

/// More than any password; a file piped in by mistake must not fill the memory.
const LONGEST_PASSWORD: u64 = 4096;

/// Everything a login needs but the password.
#[derive(Debug)]
pub(super) struct Wishes {
    /// What to find the homeserver by: a URL, a server name, or a user id.
    pub(super) homeserver: String,
    /// The user's id or its localpart.
    pub(super) user: String,
    /// The device's name, as others see it.
    pub(super) device_name: String,
    /// Who may talk to the bot, explicitly.
    pub(super) allow_from: Vec<String>,
    /// What the person should know about how that was chosen.
    pub(super) notice: Option<String>,
    pub(super) e2ee_enabled: bool,
    pub(super) options: Options,
}

impl Wishes {
    pub(super) async fn collect(args: &Login, matrix: &Matrix, terminal: Terminal) -> Result<Self> {
        let configured = matrix.user_id_if_set()?;
        let user = match args.user.as_deref().or(configured) {
            Some(user) => user.to_owned(),
            None => terminal.ask("The bot's user id", "--user").await?,
        };
        let homeserver = match find_by(args, matrix, &user)? {
            Some(homeserver) => homeserver,
            None => terminal.ask("Homeserver", "--homeserver").await?,
        };
        let (allow_from, notice) = allow_from(args, matrix)?;
        Ok(Self {
            homeserver,
            user,
            device_name: args.device_name.clone(),
            allow_from,
            notice,
            e2ee_enabled: matrix.e2ee_enabled,
            options: Options {
                proxy: matrix.proxy()?.map(|proxy| proxy.expose().to_owned()),
                ..Options::default()
            },
        })
    }
}

/// What was said about the homeserver; the configured one only counts for the configured user.
fn find_by(args: &Login, matrix: &Matrix, user: &str) -> Result<Option<String>> {
    if args.homeserver.is_some() {
        return Ok(args.homeserver.clone());
    }
    let configured = matrix.homeserver_if_set()?.map(String::from);
    let is_other_user = matrix.user_id_if_set()? != Some(user);
    let is_full_id = user.starts_with('@') && user.contains(':');
    if is_full_id && (is_other_user || configured.is_none()) {
        return Ok(Some(user.to_owned()));
    }
    Ok(configured)
}

/// The list that is written, always an explicit one: newer Python releases read an empty list as
/// nobody, older ones as everyone.
fn allow_from(args: &Login, matrix: &Matrix) -> Result<(Vec<String>, Option<String>)> {
    if !args.allow_from.is_empty() {
        return Ok((args.allow_from.clone(), None));
    }
    let configured = matrix.allow_from()?;
    if !configured.is_empty() {
        return Ok((configured.to_vec(), None));
    }
    let notice = "Everyone may talk to this bot. To name who may: \
                  nanobot login --allow-from @you:example.org";
    Ok((vec!["*".to_owned()], Some(notice.to_owned())))
}

/// The password, from standard input or the person.
pub(super) async fn password(args: &Login, user: &str, terminal: Terminal) -> Result<Secret> {
    if !args.password_stdin {
        return terminal
            .ask_hidden(&format!("Password of {user}"), "--password-stdin")
            .await
            .map(Secret::new);
    }
    let text = tokio::task::spawn_blocking(read_stdin)
        .await
        .map_err(|error| Error::failure("reading standard input ended").because(error))??;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(Error::new(Kind::Usage, "standard input holds no password")
            .hint("pipe the password in: nanobot login --password-stdin <password.txt"));
    }
    Ok(Secret::new(password))
}

fn read_stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(LONGEST_PASSWORD + 1)
        .read_to_string(&mut text)
        .map_err(|error| {
            Error::new(Kind::Usage, "cannot read the password from standard input").because(error)
        })?;
    if text.len() as u64 > LONGEST_PASSWORD {
        return Err(Error::new(
            Kind::Usage,
            "what standard input holds is too long for a password",
        ));
    }
    Ok(text)
}
