//! Whom to log in as, and where.

use crate::{
    cli::Entry as Arguments,
    config::Matrix,
    error::Result,
    homeserver::Options,
    terminal::{Question, Terminal},
};

/// What is known before anything is asked of a homeserver.
#[derive(Debug)]
pub(super) struct Target {
    /// What to find the homeserver by: a URL, a server name, or a user id.
    pub(super) homeserver: String,
    /// The user's id or its localpart, where it was said.
    pub(super) user: Option<String>,
    pub(super) options: Options,
}

impl Target {
    pub(super) async fn choose(
        args: &Arguments,
        matrix: &Matrix,
        terminal: Terminal,
    ) -> Result<Self> {
        let options = Options {
            proxy: matrix.proxy()?.map(|proxy| proxy.expose().to_owned()),
            allow_http: args.allow_http,
            ..Options::default()
        };
        let user = args.user.as_deref().or(matrix.user_id_if_set()?);
        let (homeserver, user) = match (find_by(args, matrix, user)?, user) {
            (Some(homeserver), user) => (homeserver, user.map(str::to_owned)),
            (None, Some(user)) => (ask_homeserver(terminal).await?, Some(user.to_owned())),
            (None, None) => {
                let question = Question {
                    why: "The bot has a Matrix account of its own, not yours. Where there is none \
                          yet, register one first, as for a person: with Element for example.",
                    ..Question::new("The bot's user id, or its homeserver", "--homeserver")
                };
                let answer = terminal.ask(question, |text| Ok(text.to_owned())).await?;
                let user = is_full_id(&answer).then(|| answer.clone());
                (answer, user)
            }
        };
        Ok(Self {
            homeserver,
            user,
            options,
        })
    }
}

async fn ask_homeserver(terminal: Terminal) -> Result<String> {
    let question = Question::new("The homeserver, as a name or a URL", "--homeserver");
    terminal.ask(question, |text| Ok(text.to_owned())).await
}

/// What was said about the homeserver; the configured one only counts for the configured user.
fn find_by(args: &Arguments, matrix: &Matrix, user: Option<&str>) -> Result<Option<String>> {
    if args.homeserver.is_some() {
        return Ok(args.homeserver.clone());
    }
    let configured = matrix.homeserver_if_set()?.map(String::from);
    let Some(user) = user else {
        return Ok(configured);
    };
    let is_other_user = matrix.user_id_if_set()? != Some(user);
    if is_full_id(user) && (is_other_user || configured.is_none()) {
        return Ok(Some(user.to_owned()));
    }
    Ok(configured)
}

fn is_full_id(user: &str) -> bool {
    user.starts_with('@') && user.contains(':')
}
