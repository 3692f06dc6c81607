//! Which homeserver and which user: asked for, and asked again until the homeserver answers.

use std::time::Duration;

use tokio::time::timeout;

use super::prompts;
use crate::{
    account::options::Options,
    address::read_user,
    config::Matrix,
    error::{Error, Kind, Result},
    homeserver::{self, Discovery, FoundBy, discover},
    terminal::{Question, Terminal},
};

/// How long the server in a user ID may take to say where its homeserver is, where another one has
/// answered already.
const PATIENCE: Duration = Duration::from_secs(5);

/// The account to log in to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Its homeserver, which has answered.
    pub discovery: Discovery,
    /// The user's ID or its localpart; empty with a token.
    pub user: String,
}

/// Finds the account that options, configuration and at last the person name.
///
/// # Errors
///
/// What is wrong with it, where nobody can correct it.
pub(super) async fn find(
    options: &Options,
    matrix: &Matrix,
    transport: &homeserver::Options,
) -> Result<Target> {
    let known = prompts::homeserver_and_user(options, matrix).await?;
    search(options, transport, known).await
}

/// Asks for the account again, after a login that was refused.
///
/// # Errors
///
/// When the person leaves.
pub(super) async fn find_again(
    options: &Options,
    transport: &homeserver::Options,
    before: Target,
) -> Result<Target> {
    let question = Question {
        default: Some(&before.user),
        ..Question::new("Bot's user name or Matrix ID", "--user")
    };
    let read = |typed: &str| read_user(typed).map_err(|why| format!("it {why}"));
    let user = options.terminal.ask(question, read).await?;
    if user == before.user {
        return Ok(before);
    }
    match check(&user, &before.discovery, transport).await {
        Ok(()) => Ok(Target { user, ..before }),
        // It is an account on another homeserver.
        Err(_) => search(options, transport, (user.clone(), Some(user))).await,
    }
}

/// Tries what is to lead to the homeserver, and the user, until both can be right.
async fn search(
    options: &Options,
    transport: &homeserver::Options,
    (mut place, mut user): (String, Option<String>),
) -> Result<Target> {
    let terminal = options.terminal;
    let discovery = loop {
        match reach(&place, options, transport).await {
            Ok(discovery) => break discovery,
            Err(error) if terminal.is_interactive() && may_be_corrected(&error) => {
                complain(terminal, &error);
                let (next, named) = prompts::homeserver_again(terminal, &place).await?;
                (place, user) = (next, named.or(user));
            }
            Err(error) => return Err(error),
        }
    };
    if terminal.is_interactive() {
        terminal.note(&describe(&discovery));
    }
    if options.token_stdin {
        let user = String::new();
        return Ok(Target { discovery, user });
    }
    let user = match user {
        Some(user) => user,
        None => ask_user(terminal, &discovery, transport).await?,
    };
    Ok(Target { discovery, user })
}

/// The homeserver at this place, if this login can be made there.
async fn reach(
    place: &str,
    options: &Options,
    transport: &homeserver::Options,
) -> Result<Discovery> {
    let finding = discover(place, transport);
    let doing = "Looking for the homeserver";
    let discovery = options.terminal.during(doing, finding).await?;
    if !options.token_stdin {
        refuse_without_passwords(&discovery)?;
    }
    Ok(discovery)
}

/// Whether another answer may help.
fn may_be_corrected(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Usage | Kind::Unreachable | Kind::Failure
    )
}

async fn ask_user(
    terminal: Terminal,
    discovery: &Discovery,
    transport: &homeserver::Options,
) -> Result<String> {
    loop {
        let user = prompts::user(terminal, &discovery.homeserver.name()).await?;
        match check(&user, discovery, transport).await {
            Ok(()) => return Ok(user),
            Err(error) => complain(terminal, &error),
        }
    }
}

/// Refuses a user ID whose server says that its homeserver is another one.
async fn check(user: &str, discovery: &Discovery, transport: &homeserver::Options) -> Result<()> {
    if !prompts::is_full_id(user) {
        return Ok(());
    }
    let chosen = &discovery.homeserver;
    match timeout(PATIENCE, discover(user, transport)).await {
        Ok(Ok(own)) if own.homeserver.base_url != chosen.base_url => {
            let (own, chosen) = (own.homeserver.name(), chosen.name());
            let message = format!("{user} is not on {chosen}: its homeserver is {own}");
            Err(Error::new(Kind::Usage, message)
                .hint("give an ID on this homeserver, or only its part before the colon"))
        }
        // A homeserver that its own name does not lead to can still be the right one.
        _ => Ok(()),
    }
}

/// Says that a homeserver takes no password, where that is so.
pub(crate) fn refuse_without_passwords(discovery: &Discovery) -> Result<()> {
    if discovery.flows.password {
        return Ok(());
    }
    Err(Error::failure(format!(
        "{} does not accept passwords; it offers {}",
        discovery.homeserver.name(),
        discovery.flows.describe()
    ))
    .hint("get an access token for a new device there, then run")
    .command("nanobot login --token-stdin"))
}

/// Says what is wrong with an answer before it is asked for again.
fn complain(terminal: Terminal, error: &Error) {
    terminal.note(&format!("  {error}"));
    if let Some(hint) = error.hint_text() {
        terminal.note(&format!("  → {hint}"));
    }
}

/// What was found, for a person.
fn describe(discovery: &Discovery) -> String {
    let how = match discovery.found_by {
        FoundBy::WellKnown => " (from its server's .well-known file)",
        FoundBy::Direct => "",
    };
    format!(
        "Found the homeserver {}{how}. Login with {}.",
        discovery.homeserver.name(),
        discovery.flows.describe()
    )
}
