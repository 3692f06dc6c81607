//! What people tell the bot itself in a chat, with `!` or `/` before it.

mod address;
mod run;

use super::message::Message;

/// What somebody tells the bot, and the sign they put before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// `!`, or `/`, which some clients keep for themselves.
    sign: char,
    order: Order,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Order {
    Help,
    New,
    Stop,
    Status,
    /// `new` with words behind it: whoever begins a sentence so must not lose a conversation.
    NewWithWords,
    /// None that there is.
    Unknown {
        word: String,
        meant: Option<&'static str>,
    },
}

/// All commands: the word, what it does, what is done.
const COMMANDS: [(&str, &str, Order); 4] = [
    ("help", "this list", Order::Help),
    (
        "new",
        "stop, and forget what was said in this conversation",
        Order::New,
    ),
    (
        "stop",
        "stop answering here: what was asked before this stays without an answer",
        Order::Stop,
    ),
    ("status", "how I am", Order::Status),
];

/// The most letters of a word that may be meant as a command.
const LONGEST: usize = 32;
/// Words shorter than this resemble too much.
const SHORTEST_SLIP: usize = 4;

/// The rule by which messages are journaled apart: commands do not wait for answers.
pub(super) fn is_command(payload: &str, own_id: &str, own_name: Option<&str>) -> bool {
    // Most messages are none, and are not read twice.
    payload.contains(['!', '/'])
        && Message::read(payload)
            .is_some_and(|message| Command::of(&message, own_id, own_name).is_some())
}

impl Command {
    /// The command in a message to the bot of this id, which goes by this name in the room;
    /// `None` for what is meant for the agent.
    pub(super) fn of(message: &Message, own_id: &str, own_name: Option<&str>) -> Option<Self> {
        if message.file().is_some() {
            return None;
        }
        let text = message.text();
        let names = address::names(message, own_id, own_name);
        Self::read(address::without(&text, &names))
    }

    /// Reads a text that begins with a command. Paths, exclamations and sentences are none.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let sign = text
            .chars()
            .next()
            .filter(|sign| ['!', '/'].contains(sign))?;
        let (word, rest) = match text[1..].split_once(char::is_whitespace) {
            Some((word, rest)) => (word, rest.trim()),
            None => (&text[1..], ""),
        };
        // As in `/help@bot`.
        let word = word.split_once('@').map_or(word, |(word, _)| word);
        let is_word = word.len() <= LONGEST
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        if !is_word {
            return None;
        }
        let word = word.to_lowercase();
        let known = COMMANDS.into_iter().find(|(name, ..)| *name == word);
        let order = match known {
            Some((.., Order::New)) if !rest.is_empty() => Order::NewWithWords,
            Some((.., order)) => order,
            None => {
                let meant = meant(&word);
                if meant.is_none() && !rest.is_empty() {
                    return None;
                }
                Order::Unknown { word, meant }
            }
        };
        Some(Self { sign, order })
    }
}

/// The command that was meant by a word with a slip in it.
fn meant(word: &str) -> Option<&'static str> {
    let near = |name: &&str| strsim::damerau_levenshtein(word, name) == 1;
    let names = COMMANDS.into_iter().map(|(name, ..)| name);
    names.filter(|_| word.len() >= SHORTEST_SLIP).find(near)
}

/// The list of commands.
fn help(sign: char) -> String {
    let lines = COMMANDS.map(|(name, about, _)| format!("{sign}{name} – {about}"));
    format!(
        "I answer what is written to me. I also understand, with ! or / before it:\n{}\n\
         Every thread is a conversation of its own.",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(text: &str) -> Option<Order> {
        Command::read(text).map(|command| command.order)
    }

    #[test]
    fn commands_are_known_by_either_sign_in_any_case() {
        for (text, expected) in [
            ("!help", Order::Help),
            ("/help", Order::Help),
            ("  !STOP \n", Order::Stop),
            ("!stop that, please", Order::Stop),
            ("/status@bot", Order::Status),
            ("!new", Order::New),
            ("!new York is great", Order::NewWithWords),
        ] {
            assert_eq!(order(text), Some(expected), "{text}");
        }
        assert_eq!(Command::read("/help").unwrap().sign, '/');
        assert_eq!(help('!').matches("\n!").count(), COMMANDS.len());
    }

    #[test]
    fn what_is_no_command_is_for_the_agent() {
        for text in [
            "",
            "help",
            "!",
            "!!!",
            "! help",
            "/",
            "//help",
            "/etc/passwd is broken",
            "/etc/passwd",
            "!important: read this",
            "/shrug who knows",
            "!1",
            "!=",
            "what does !help do?",
            "/ü",
            "/now playing",
            "!a-word-that-is-much-too-long-for-this",
        ] {
            assert_eq!(order(text), None, "{text}");
        }
    }

    #[test]
    fn a_slip_is_recognised_and_a_single_word_is_answered() {
        let unknown = |word: &str, meant| {
            let word = word.to_owned();
            Some(Order::Unknown { word, meant })
        };
        assert_eq!(order("!hlep"), unknown("hlep", Some("help")));
        assert_eq!(order("/stpo it"), unknown("stpo", Some("stop")));
        assert_eq!(order("!statu"), unknown("statu", Some("status")));
        assert_eq!(order("!model"), unknown("model", None));
        assert_eq!(order("!now"), unknown("now", None));
        assert_eq!(order("!model gpt"), None);
    }

    #[test]
    fn any_text_is_read() {
        arbtest::arbtest(|u| {
            let text: String = u.arbitrary()?;
            let _ = Command::read(&text);
            let _ = Command::read(&format!("!{text}"));
            Ok(())
        });
    }
}
