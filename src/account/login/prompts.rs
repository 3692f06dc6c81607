//! What a login is not told and asks for.

use crate::{
    account::options::Options,
    address::{pasted, read_user, read_user_id},
    config::{Matrix, Origin},
    error::{Error, Kind, Result},
    terminal::{Choice, Question, Terminal},
};

pub(crate) const E2EE_OPTIONS: &str = "--e2ee or --no-e2ee";

/// What to find the homeserver by (a URL, a server name, or a user ID), and the user, where options
/// and configuration say so.
fn known(options: &Options, matrix: &Matrix) -> Result<(Option<String>, Option<String>)> {
    let configured = matrix.user_id_if_set()?;
    let user = options.user.as_deref().or(configured);
    let full_id = user.filter(|user| is_full_id(user));
    // The configured homeserver only counts for the configured user.
    let is_other_user = full_id.is_some() && user != configured;
    let place = match &options.homeserver {
        Some(given) => Some(user_or_server(given).unwrap_or_else(|server| server)),
        None if is_other_user => None,
        None => matrix.homeserver_if_set()?.map(String::from),
    };
    let place = place.or(full_id.map(str::to_owned));
    Ok((place, user.map(str::to_owned)))
}

/// The option that is missing to know the account.
pub(super) fn account_flag(options: &Options, matrix: &Matrix) -> Result<Option<&'static str>> {
    Ok(match known(options, matrix)? {
        (_, None) if !options.token_stdin => Some("--user"),
        (None, _) => Some("--homeserver"),
        _ => None,
    })
}

/// What to find the homeserver by, and the user, where that was said.
pub(super) async fn homeserver_and_user(
    options: &Options,
    matrix: &Matrix,
) -> Result<(String, Option<String>)> {
    let terminal = options.terminal;
    let user = match known(options, matrix)? {
        (Some(place), user) => return Ok((place, user)),
        (None, user) => user,
    };
    if let Some(user) = user {
        let question = Question::new("Homeserver (name or URL)", "--homeserver");
        let answer = pasted(&terminal.ask_text(question).await?);
        return Ok((answer, Some(user)));
    }
    let question = Question {
        why: "The bot needs a Matrix account of its own, not yours. If it has none yet, register \
              one first, for example with Element. Instead of the ID you can enter the URL of its \
              homeserver.",
        ..Question::new("Bot's Matrix ID (@bot:example.org)", "--user")
    };
    let answer = user_or_server(&terminal.ask_text(question).await?);
    let user = answer.clone().ok();
    Ok((answer.unwrap_or_else(|server| server), user))
}

/// Asks again for what did not lead to a homeserver.
pub(super) async fn homeserver_again(
    terminal: Terminal,
    before: &str,
) -> Result<(String, Option<String>)> {
    let question = Question {
        default: Some(before),
        ..Question::new(
            "Bot's Matrix ID, or the URL of its homeserver",
            "--homeserver",
        )
    };
    let answer = user_or_server(&terminal.ask_text(question).await?);
    let user = answer.clone().ok();
    Ok((answer.unwrap_or_else(|server| server), user))
}

/// The user that somebody names, or else their server.
fn user_or_server(typed: &str) -> Result<String, String> {
    read_user_id(typed).map_err(|_| pasted(typed))
}

pub(super) fn is_full_id(user: &str) -> bool {
    user.starts_with('@') && user.contains(':')
}

/// The user's ID or its localpart on this server.
pub(super) async fn user(terminal: Terminal, server: &str) -> Result<String> {
    let words = format!("Bot's user name on {server}");
    let read = |typed: &str| read_user(typed).map_err(|why| format!("it {why}"));
    terminal.ask(Question::new(&words, "--user"), read).await
}

/// Who may talk to the bot, by the options, the configuration, and at last the person; `None` where
/// nobody says. `bot` is the bot itself, where that is known.
pub(crate) async fn allow_from(
    options: &Options,
    matrix: &Matrix,
    bot: Option<&str>,
) -> Result<Option<Vec<String>>> {
    if !options.allow_from.is_empty() {
        let given = read_list(&options.allow_from.join(" "));
        return given.map(Some).map_err(|why| {
            Error::new(Kind::Usage, format!("--allow-from: {why}"))
                .hint("give IDs like @you:example.org, or \"*\" for everyone")
        });
    }
    let configured = matrix.allow_from()?;
    if !configured.is_empty() {
        return Ok(Some(configured.to_vec()));
    }
    match empty_list(matrix) {
        Some(empty) if options.guided => options.terminal.note(&empty),
        Some(empty) => {
            let error = Error::new(Kind::Usage, format!("--allow-from is missing: {empty}"));
            return Err(error.hint("give IDs like @you:example.org, or \"*\" for everyone"));
        }
        None if options.guided => {}
        None => return Ok(None),
    }
    ask_who(options.terminal, bot).await.map(Some)
}

/// Why an empty list in the file is none that counts.
pub(super) fn empty_list(matrix: &Matrix) -> Option<String> {
    match matrix.origin("allowFrom") {
        Origin::Default => None,
        origin => Some(format!(
            "allowFrom is an empty list ({origin}): the Python tool allows nobody then, but \
             nanobot gateway everyone"
        )),
    }
}

/// Whom a person means who says who may talk to the bot.
#[derive(Clone, Copy)]
enum Audience {
    Me,
    These,
    Everyone,
}

async fn ask_who(terminal: Terminal, bot: Option<&str>) -> Result<Vec<String>> {
    const FLAG: &str = "--allow-from";
    let question = Question {
        why: "The bot answers only the people you allow, and accepts only their invitations.",
        ..Question::new("Who may talk to the bot?", FLAG)
    };
    let choices = [
        Choice::new(Audience::Me, "only me"),
        Choice::new(Audience::These, "these people").about("you list their Matrix IDs"),
        Choice::new(Audience::Everyone, "everyone").about("whoever finds the bot"),
    ];
    let question = match terminal.choose(question, choices).await? {
        Audience::Everyone => return Ok(vec!["*".to_owned()]),
        Audience::Me => Question {
            why: "Your own account, the one you will write from.",
            ..Question::new("Your Matrix ID (@you:example.org)", FLAG)
        },
        Audience::These => Question {
            why: "Put spaces between them. The first one gets the bot's first message.",
            ..Question::new("Their Matrix IDs", FLAG)
        },
    };
    let read = |typed: &str| {
        let list = read_list(typed)?;
        match bot {
            Some(bot) if list.iter().all(|user| is_same_user(user, bot)) => {
                Err("that is the bot itself; enter your own ID".to_owned())
            }
            _ => Ok(list),
        }
    };
    terminal.ask(question, read).await
}

/// Whether the bot reads and answers in encrypted rooms, by the options, the configuration, and
/// where the file says no, at last the person, who means this by default: the Python tool's set-up
/// writes no for everyone.
pub(crate) async fn e2ee(options: &Options, matrix: &Matrix, default: bool) -> Result<bool> {
    if let Some(given) = options.e2ee {
        return Ok(given);
    }
    if !(options.guided && is_e2ee_open(options, matrix)) {
        return Ok(matrix.e2ee_enabled);
    }
    options.terminal.note(&format!(
        "e2eeEnabled is false ({}), as the Python tool's set-up writes it.",
        matrix.origin("e2eeEnabled")
    ));
    let question = Question {
        default: Some(if default { "yes" } else { "no" }),
        why: "Most clients encrypt every chat. Without encryption the bot ignores those chats.",
        ..Question::new("Read and answer in encrypted rooms?", E2EE_OPTIONS)
    };
    options.terminal.ask_yes_or_no(question).await
}

/// Whether the file says no to encrypted rooms, and no option says anything.
pub(crate) fn is_e2ee_open(options: &Options, matrix: &Matrix) -> bool {
    let origin = matrix.origin("e2eeEnabled");
    options.e2ee.is_none() && !matrix.e2ee_enabled && matches!(origin, Origin::File { .. })
}

/// Whether this id is the user that was typed, in full or only the localpart.
pub(crate) fn is_same_user(user_id: &str, typed: &str) -> bool {
    let localpart = user_id
        .strip_prefix('@')
        .and_then(|id| id.split(':').next());
    user_id == typed || localpart == Some(typed.trim_start_matches('@'))
}

/// Reads user IDs and `*` with spaces or commas between them.
fn read_list(text: &str) -> Result<Vec<String>, String> {
    let items = text.split(|c: char| c.is_whitespace() || ",;".contains(c));
    let read = |item: &str| match pasted(item).as_str() {
        "" => Ok(None),
        "*" => Ok(Some("*".to_owned())),
        id => match read_user_id(id) {
            Ok(id) => Ok(Some(id)),
            Err(why) => Err(format!("{item} is not a Matrix ID: it {why}")),
        },
    };
    let list: Vec<_> = items
        .filter_map(|item| read(item).transpose())
        .collect::<Result<_, _>>()?;
    if list.is_empty() {
        return Err("enter at least one Matrix ID".to_owned());
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_however_it_is_separated() {
        let expected = vec!["@a:b.org".to_owned(), "@c:d.org".to_owned()];
        assert_eq!(read_list("@a:b.org @c:d.org"), Ok(expected.clone()));
        assert_eq!(read_list(" @a:b.org, @c:d.org "), Ok(expected.clone()));
        let copied = "\"a:b.org\",\r\n\thttps://matrix.to/#/@c:d.org";
        assert_eq!(read_list(copied), Ok(expected));
        assert_eq!(read_list("*"), Ok(vec!["*".to_owned()]));
        assert!(
            read_list("me")
                .unwrap_err()
                .contains("me is not a Matrix ID")
        );
        assert!(read_list(" , ").is_err());
    }
}
