//! What an agent answers, and how programs and models write that as JSON.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::text::without_escapes;

/// What an agent answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The words, as Markdown. Where there is nothing else either, nothing is said.
    pub text: String,
    /// Files to send with them. Only those in a directory of
    /// [`Agent::attachments_from`](super::Agent::attachments_from) are sent.
    pub attachments: Vec<Outgoing>,
    /// What is neither words nor files.
    pub extras: Extras,
}

/// A file to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Its absolute path.
    pub path: PathBuf,
    /// A smaller picture of it, which is sent with it: an absolute path.
    pub thumbnail: Option<PathBuf>,
    pub shown: Shown,
}

/// How a file is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The words with it, as Markdown.
    pub caption: Option<String>,
    /// Whether it is a voice message; where that is not said, its content decides.
    pub voice: Option<bool>,
}

/// What of an answer is neither words nor files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// An emoji with which to react to the question.
    pub reaction: Option<String>,
    /// A poll to start.
    pub poll: Option<Poll>,
    /// Whether the answer is a reply to the question, or only the next message of the chat; where
    /// that is not said, the chat decides.
    pub reply: Option<bool>,
}

/// A question to everyone in the room, and what they choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    pub question: String,
    pub choices: Vec<String>,
    /// How many of the choices one person may select.
    #[serde(default = "one")]
    pub selections: u32,
}

impl Poll {
    /// It as a text: the question, and the choices with their numbers.
    pub fn in_words(&self) -> String {
        let choices = self.choices.iter().zip(1..);
        let choices = choices.map(|(choice, number)| format!("\n{number}. {choice}"));
        [self.question.clone()].into_iter().chain(choices).collect()
    }
}

fn one() -> u32 {
    1
}

/// Words without files.
impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

/// A file without a word.
impl From<PathBuf> for Outgoing {
    fn from(path: PathBuf) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }
}

/// An answer as JSON: an object with these keys and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<File>,
    reaction: Option<String>,
    poll: Option<Poll>,
    reply: Option<bool>,
}

/// A file as JSON: its path, or an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Path(PathBuf),
    Shown(ShownFile),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownFile {
    path: PathBuf,
    thumbnail: Option<PathBuf>,
    caption: Option<String>,
    voice: Option<bool>,
}

/// What a block of code is called with which a model says more than words.
const BLOCK: &str = "```nanobot";

impl Answer {
    /// The answer that this JSON is; `None` where it is none. Paths in it start at this directory.
    pub(super) fn of_object(json: &str, directory: &Path) -> Option<Self> {
        let object: Object = serde_json::from_str(json).ok()?;
        let file = |file| match file {
            File::Path(path) => directory.join(path).into(),
            File::Shown(file) => Outgoing {
                path: directory.join(file.path),
                thumbnail: file.thumbnail.map(|path| directory.join(path)),
                shown: Shown {
                    caption: file.caption.as_deref().map(fit),
                    voice: file.voice,
                },
            },
        };
        let poll = |poll: Poll| Poll {
            question: fit(&poll.question),
            choices: poll.choices.iter().map(|choice| fit(choice)).collect(),
            selections: poll.selections,
        };
        Some(Self {
            text: fit(&object.text),
            attachments: object.attachments.into_iter().map(file).collect(),
            extras: Extras {
                reaction: object.reaction.as_deref().map(fit),
                poll: object.poll.map(poll),
                reply: object.reply,
            },
        })
    }

    /// The answer in what a model wrote: where it may do more than talk, and ends with a block of the
    /// JSON of an answer without words, these are its extras. It has no files to send.
    pub(super) fn of_model(text: String, may_act: bool) -> Self {
        let read = |at: usize| {
            let block = text[at + BLOCK.len()..].trim_end().strip_suffix("```")?;
            let more = Self::of_object(block, Path::new("/"))?;
            (more.text.is_empty()).then_some(more.extras)
        };
        let block = block_in(&text).filter(|_| may_act);
        match block.and_then(|at| Some((at, read(at)?))) {
            Some((at, extras)) => Self {
                text: text[..at].trim_end().to_owned(),
                extras,
                ..Self::default()
            },
            None => text.into(),
        }
    }
}

/// Where the last block begins with which a model says more than words.
fn block_in(text: &str) -> Option<usize> {
    let is_at_line = |at: &usize| *at == 0 || text[..*at].ends_with('\n');
    text.rfind(BLOCK).filter(is_at_line)
}

/// As much as is to be shown of words that are still being written: not the block behind them.
pub fn without_block(text: &str) -> &str {
    block_in(text).map_or(text, |at| text[..at].trim_end())
}

/// Words as they may be said: without colours and other controls.
pub(super) fn fit(text: &str) -> String {
    let text = without_escapes(unmarked(text));
    let is_fit = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text: String = text.chars().filter(is_fit).collect();
    text.trim_end().to_owned()
}

/// The text without a byte order mark.
pub(super) fn unmarked(text: &str) -> &str {
    let begun = text.trim_ascii_start();
    begun.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_says_more_than_words() {
        let json = r#"{"text": "Lunch?", "attachments": ["menu.pdf", {"path": "/v.ogg",
            "caption": "listen\u0007", "voice": true, "thumbnail": "v.png"}],
            "reaction": "👍", "reply": false,
            "poll": {"question": "What?", "choices": ["a\u001b[1m", "b"]}}"#;
        let answer = Answer::of_object(json, Path::new("/srv")).unwrap();
        let [menu, voice] = &*answer.attachments else {
            panic!("{answer:?}");
        };
        assert_eq!(menu, &PathBuf::from("/srv/menu.pdf").into());
        assert_eq!(voice.path, Path::new("/v.ogg"));
        assert_eq!(voice.thumbnail.as_deref(), Some(Path::new("/srv/v.png")));
        let caption = Some("listen".to_owned());
        let shown = Shown {
            caption,
            voice: Some(true),
        };
        assert_eq!(voice.shown, shown);
        let Extras {
            reaction,
            poll,
            reply,
        } = answer.extras;
        assert_eq!((reaction.as_deref(), reply), (Some("👍"), Some(false)));
        let poll = poll.unwrap();
        assert_eq!((&*poll.question, poll.selections), ("What?", 1));
        assert_eq!(poll.choices, ["a", "b"]);
        for json in [
            r#"{"poll": {"question": "What?"}}"#,
            r#"{"poll": {"question": "What?", "choices": [], "x": 1}}"#,
            r#"{"attachments": [{"path": "a", "size": 5}]}"#,
            r#"{"reply": "no"}"#,
        ] {
            assert!(Answer::of_object(json, Path::new("/")).is_none(), "{json}");
        }
    }

    #[test]
    fn a_model_says_more_in_a_block_at_the_end() {
        let of = |text: &str| Answer::of_model(text.to_owned(), true);
        let answer = of("Fine.\n\n```nanobot\n{\"reaction\": \"👍\"}\n```\n");
        assert_eq!(answer.text, "Fine.");
        assert_eq!(answer.extras.reaction.as_deref(), Some("👍"));
        assert!(of("```nanobot\n{\"reply\": true}\n```").text.is_empty());
        for text in [
            "```nanobot\n{\"reaction\": 5}\n```",
            "```nanobot\n{\"reaction\": \"x\"}\n```\nand more",
            "```nanobot\n{\"text\": \"x\"}\n```",
            "say ```nanobot\n{\"reaction\": \"x\"}\n```",
            "```json\n{\"reaction\": \"x\"}\n```",
            "```nanobot",
        ] {
            assert_eq!(of(text), text.to_owned().into(), "{text}");
        }
        let files = of("x\n```nanobot\n{\"attachments\": [\"/etc/passwd\"]}\n```");
        assert!(files.attachments.is_empty());
        assert_eq!(without_block("So\n\n```nanobot\n{\"rea"), "So");
        assert_eq!(without_block("So ```nan"), "So ```nan");
    }
}
