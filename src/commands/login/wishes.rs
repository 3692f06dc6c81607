//! How the bot is to be: its device's name, and who may talk to it.

use super::{entrance::Entered, ways::Way};
use crate::{
    cli::Entry as Arguments,
    config::Matrix,
    error::{Error, Kind, Result},
    homeserver::UserId,
    terminal::{Question, Terminal},
};

const DEFAULT_NAME: &str = "nanobot";

/// How the bot is to be.
#[derive(Debug)]
pub(super) struct Wishes {
    /// The device's name, as others see it.
    pub(super) device_name: String,
    /// Who may talk to the bot, explicitly.
    pub(super) allow_from: Vec<String>,
    /// What the person should know about how that was chosen.
    pub(super) notice: Option<String>,
    pub(super) e2ee_enabled: bool,
}

impl Wishes {
    pub(super) async fn collect(
        args: &Arguments,
        matrix: &Matrix,
        way: &Way,
        terminal: Terminal,
        guided: bool,
    ) -> Result<Self> {
        let device_name = device_name(args, way, terminal, guided).await?;
        let (allow_from, notice) = allow_from(args, matrix, terminal, guided).await?;
        Ok(Self {
            device_name,
            allow_from,
            notice,
            e2ee_enabled: matrix.e2ee_enabled,
        })
    }

    /// The command line that does the same without asking, secrets left out.
    pub(super) fn equivalent(&self, entered: &Entered) -> String {
        let Entered {
            target,
            way,
            discovery,
            custody,
            device,
            ..
        } = entered;
        let user = way.user().or(target.user.as_deref()).unwrap_or_default();
        let mut line = format!(
            "nanobot login --no-input --homeserver {} \\\n    --user {} --device-name {} \\\n   ",
            quote(&discovery.homeserver.name()),
            quote(user),
            quote(&self.device_name)
        );
        for user in &self.allow_from {
            line = format!("{line} --allow-from {}", quote(user));
        }
        if let Some(store) = custody.option {
            line = format!("{line} --token-store {store}");
        }
        for option in device.plan.options() {
            line = format!("{line} {option}");
        }
        format!("{line} --password-stdin <password.txt")
    }
}

/// Whether a person is led through the login. Someone who gave the user and the password as options
/// wants no conversation.
pub(super) fn is_guided(args: &Arguments, terminal: Terminal) -> bool {
    terminal.is_interactive()
        && !(args.password_stdin || args.token_stdin || args.password_file.is_some())
}

async fn device_name(
    args: &Arguments,
    way: &Way,
    terminal: Terminal,
    guided: bool,
) -> Result<String> {
    match &args.device_name {
        Some(name) => Ok(name.clone()),
        None if guided && way.makes_devices() => {
            let question = Question {
                default: Some(DEFAULT_NAME),
                why: "Others see it where their client lists the bot's devices.",
                ..Question::new("The name of its device", "--device-name")
            };
            terminal.ask(question, |name| Ok(name.to_owned())).await
        }
        None => Ok(DEFAULT_NAME.to_owned()),
    }
}

/// The list that is written, always an explicit one: newer Python releases read an empty list as
/// nobody, older ones as everyone.
async fn allow_from(
    args: &Arguments,
    matrix: &Matrix,
    terminal: Terminal,
    guided: bool,
) -> Result<(Vec<String>, Option<String>)> {
    if !args.allow_from.is_empty() {
        return Ok((given_allow_from(args)?, None));
    }
    let configured = matrix.allow_from()?;
    if !configured.is_empty() {
        return Ok((configured.to_vec(), None));
    }
    if guided {
        return Ok((ask_allow_from(terminal).await?, None));
    }
    let notice = "Everyone may talk to this bot. To name who may: \
                  nanobot login --allow-from @you:example.org";
    Ok((vec!["*".to_owned()], Some(notice.to_owned())))
}

/// Asks who may talk to the bot.
pub(in crate::commands) async fn ask_allow_from(terminal: Terminal) -> Result<Vec<String>> {
    let question = Question {
        why: "The bot answers only those who are named here, and accepts only their invitations. \
              Give your own Matrix id, such as @you:example.org, or several with spaces between \
              them; the first is greeted in the end. A * lets in everyone who finds the bot.",
        ..Question::new(
            "Who may talk to it? Your own id, or * for everyone",
            "--allow-from",
        )
    };
    terminal.ask(question, read_list).await
}

/// The list that the option gives.
pub(in crate::commands) fn given_allow_from(args: &Arguments) -> Result<Vec<String>> {
    read_list(&args.allow_from.join(" ")).map_err(|why| {
        Error::new(Kind::Usage, format!("--allow-from: {why}"))
            .hint("give ids like @you:example.org, or \"*\" for everyone")
    })
}

/// Reads user ids and `*` with spaces or commas between them.
fn read_list(text: &str) -> Result<Vec<String>, String> {
    let items = text
        .split([' ', ','])
        .filter(|item| !item.is_empty())
        .map(str::to_owned);
    let list: Vec<_> = items.collect();
    for item in &list {
        if item != "*"
            && let Err(why) = UserId::parse(item)
        {
            return Err(format!("{item} is not a user id: {why}"));
        }
    }
    if list.is_empty() {
        return Err("nobody is named".to_owned());
    }
    Ok(list)
}

/// A word of a shell command, quoted where a shell would read more into it.
pub(in crate::commands) fn quote(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "@:/._-".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_however_it_is_separated() {
        let expected = vec!["@a:b.org".to_owned(), "@c:d.org".to_owned()];
        assert_eq!(read_list("@a:b.org @c:d.org"), Ok(expected.clone()));
        assert_eq!(read_list(" @a:b.org, @c:d.org "), Ok(expected));
        assert_eq!(read_list("*"), Ok(vec!["*".to_owned()]));
        assert!(read_list("me").unwrap_err().contains("me is not a user id"));
        assert!(read_list(" , ").is_err());
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quote("@bot:example.org"), "@bot:example.org");
        assert_eq!(quote("*"), "'*'");
        assert_eq!(quote("Ann's bot"), "'Ann'\\''s bot'");
    }
}
