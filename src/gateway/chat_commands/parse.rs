//! Which messages are commands, and which; also behind the bot's name, as in "Bot: !help".

use crate::{
    address::linked_user,
    agent::COMMANDS_OF_AGENTS,
    gateway::{mentions::pills, message::Message},
};

/// What somebody tells the bot, and the sign they put before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// `!`, or `/`, which some clients keep for themselves.
    pub sign: char,
    pub order: Order,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Help,
    New,
    Stop,
    Status,
    /// `new` with words behind it: whoever begins a sentence so must not lose a conversation.
    NewWithWords,
    /// One that an agent may know by itself: the word, and what stands behind it.
    OfAgent {
        word: String,
        rest: String,
    },
    /// None that there is.
    Unknown {
        word: String,
        meant: Option<&'static str>,
    },
}

/// All commands: the word, what it does, what is done.
const COMMANDS: [(&str, &str, Order); 4] = [
    ("help", "show this list", Order::Help),
    (
        "new",
        "forget this conversation and start a new one",
        Order::New,
    ),
    (
        "stop",
        "stop answering here; earlier messages are not answered",
        Order::Stop,
    ),
    ("status", "show bot status", Order::Status),
];

/// The most letters of a word that may be meant as a command.
const LONGEST: usize = 32;
/// Words shorter than this resemble too much.
const SHORTEST_SLIP: usize = 4;

/// The rule by which messages are journaled apart: commands do not wait for answers.
pub fn is_command(payload: &str, own_id: &str, own_name: Option<&str>) -> bool {
    // Most messages are none, and are not read twice.
    payload.contains(['!', '/'])
        && Message::read(payload)
            .and_then(|message| Command::of(&message, own_id, own_name))
            // The agent is asked these like anything else, in their turn.
            .is_some_and(|command| !matches!(command.order, Order::OfAgent { .. }))
}

impl Command {
    /// The command in a message to the bot of this id, which goes by this name in the room;
    /// `None` for what is meant for the agent.
    pub fn of(message: &Message, own_id: &str, own_name: Option<&str>) -> Option<Self> {
        if message.file.is_some() {
            return None;
        }
        let text = message.text();
        let names = names(message, own_id, own_name);
        Self::read(without(&text, &names))
    }

    /// Reads a text that begins with a command. Paths, exclamations and sentences are none.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let sign = text.chars().next();
        let sign = sign.filter(|sign| ['!', '/'].contains(sign))?;
        let (word, rest) = match text[1..].split_once(char::is_whitespace) {
            Some((word, rest)) => (word, rest.trim()),
            None => (&text[1..], ""),
        };
        // As in `/help@bot`.
        let word = word.split_once('@').map_or(word, |(word, _)| word);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let is_word = word.len() <= LONGEST
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(plain);
        if !is_word {
            return None;
        }
        let word = word.to_lowercase();
        let known = COMMANDS.into_iter().find(|(name, ..)| *name == word);
        let order = match (known, meant(&word)) {
            (Some((.., Order::New)), _) if !rest.is_empty() => Order::NewWithWords,
            (Some((.., order)), _) => order,
            (None, _) if COMMANDS_OF_AGENTS.contains(&&*word) => Order::OfAgent {
                word,
                rest: rest.to_owned(),
            },
            (None, None) if !rest.is_empty() => return None,
            (None, meant) => Order::Unknown { word, meant },
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
pub fn help(sign: char, of_agent: &[&str]) -> String {
    let for_agent = of_agent.iter().map(|name| format!("{sign}{name}"));
    let for_agent = for_agent.collect::<Vec<_>>().join(", ");
    let for_agent = if for_agent.is_empty() {
        String::new()
    } else {
        format!("\nThe agent's own: {for_agent}")
    };
    let lines = COMMANDS.map(|(name, about, _)| format!("{sign}{name} – {about}"));
    format!(
        "Write to me and I answer. Commands, with ! or / in front:\n{}{for_agent}\n\
         Every thread is a separate conversation.",
        lines.join("\n")
    )
}

/// Everything that a message may call the bot at its beginning.
fn names(message: &Message, own_id: &str, own_name: Option<&str>) -> Vec<String> {
    let localpart = own_id.trim_start_matches('@').split(':').next();
    // The text of a link may be a name it went by once.
    let html = message.html.as_deref().unwrap_or_default();
    let mut pills = pills(html).filter(|pill| pill.is_first && pill.user_id == own_id);
    let pill = pills.next().map(|pill| pill.name);
    let names = [Some(own_id), own_name, localpart, pill.as_deref()];
    let names = names.into_iter().flatten().filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// The text behind one of these names at its beginning, where there is one; else the text.
fn without<'a>(text: &'a str, names: &[String]) -> &'a str {
    let text = text.trim_start();
    // As in `[Bot](https://matrix.to/#/@bot:example.org)`.
    let link = text.strip_prefix('[');
    let mut rests = names.iter().filter_map(|name| match link {
        Some(link) => past_link(strip(link, name)?),
        None => strip(text, name),
    });
    rests.find_map(past_separator).unwrap_or(text)
}

/// The text behind a name, with an `@` before it or not, in small or capital letters.
fn strip<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let called = [Some(text), text.strip_prefix('@')];
    called.into_iter().flatten().find_map(|text| {
        let (start, rest) = text.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some(rest)
    })
}

/// Behind the address of a Markdown link whose text has just ended.
fn past_link(rest: &str) -> Option<&str> {
    let (address, rest) = rest.strip_prefix("](")?.split_once(')')?;
    linked_user(address).map(|_| rest)
}

/// Behind what separates a name from what is said: a space at least, or a colon or comma.
fn past_separator(rest: &str) -> Option<&str> {
    let said = rest.trim_start_matches([':', ',']).trim_start();
    (said.len() < rest.len()).then_some(said)
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
        assert_eq!(help('!', &[]).matches("\n!").count(), COMMANDS.len());
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
        assert_eq!(order("!modle"), unknown("modle", None));
        assert_eq!(order("!now"), unknown("now", None));
        assert_eq!(order("!modle gpt"), None);
    }

    #[test]
    fn what_an_agent_may_know_is_told_apart_with_all_its_words() {
        let of_agent = |word: &str, rest: &str| {
            let (word, rest) = (word.to_owned(), rest.to_owned());
            Some(Order::OfAgent { word, rest })
        };
        assert_eq!(order("/model"), of_agent("model", ""));
        assert_eq!(
            order("!Goal  write a\nbook "),
            of_agent("goal", "write a\nbook")
        );
        assert_eq!(order("/dream-log abc"), of_agent("dream-log", "abc"));
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

    fn without_bot(text: &str) -> &str {
        let names = ["@bot:example.org", "Nano Böt", "bot"].map(str::to_owned);
        without(text, &names)
    }

    #[test]
    fn every_way_of_calling_it_is_taken_off() {
        for text in [
            "!help",
            "  !help",
            "@bot:example.org: !help",
            "@bot:example.org !help",
            "bot: !help",
            "Bot, !help",
            "@bot: !help",
            "Nano Böt: !help",
            "@nano Böt !help",
            "[Nano Böt](https://matrix.to/#/@bot:example.org): !help",
            "[@bot:example.org](https://matrix.to/#/@bot:example.org) !help",
        ] {
            assert_eq!(without_bot(text), "!help", "{text}");
        }
    }

    #[test]
    fn other_beginnings_stay() {
        for text in [
            "bottle: !help",
            "bot!help",
            "ann: !help",
            "[bot] !help",
            "[bot](https://example.org/) !help",
            "ö",
            "",
        ] {
            assert_eq!(without_bot(text), text);
        }
    }
}
