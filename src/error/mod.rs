//! One error type for the whole program: what failed, why, and the command that fixes it.

mod numbers;
mod remedy;

use std::{error::Error as StdError, fmt};

pub use numbers::without_error_numbers;
pub use remedy::Remedy;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};
use serde_json::{Value, json};

/// What sort of failure this is. Its number is the exit code.
///
/// One that a program of another version names and this one does not know is a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Any failure that has no code of its own.
    Failure = 1,
    /// The command line was wrong.
    Usage = 2,
    /// Nothing failed, and `--strict` asks for more.
    Warnings = 3,
    /// There are no credentials, or the homeserver rejects them.
    NotLoggedIn = 4,
    /// Another process owns the store.
    StoreInUse = 5,
    /// The homeserver, or the agent that answers, could not be reached; trying again may help.
    Unreachable = 69,
    /// `config.json` is invalid.
    Config = 78,
    /// A person ended a prompt or a one-shot command.
    Interrupted = 130,
}

impl Kind {
    /// Every kind, in the order of the exit codes.
    pub const ALL: [Self; 8] = [
        Self::Failure,
        Self::Usage,
        Self::Warnings,
        Self::NotLoggedIn,
        Self::StoreInUse,
        Self::Unreachable,
        Self::Config,
        Self::Interrupted,
    ];

    /// The process exit code of this kind.
    pub fn exit_code(self) -> u8 {
        self as u8
    }

    /// What its exit code tells whoever ran the program.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Failure => "failed, or what you asked for does not exist",
            Self::Usage => "invalid command line",
            Self::Warnings => "warnings, with --strict",
            Self::NotLoggedIn => "not logged in, or the homeserver rejects the credentials",
            Self::StoreInUse => "another nanobot process is using the store",
            Self::Unreachable => "the homeserver or the agent is unreachable; try again",
            Self::Config => "invalid configuration",
            Self::Interrupted => "interrupted",
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Value::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|kind| json!(kind) == name);
        Ok(known.unwrap_or(Self::Failure))
    }
}

/// Every exit code and what it means, in ascending order: the one table behind `--help` and the
/// manual.
pub fn exit_codes() -> impl Iterator<Item = (u8, &'static str)> {
    let failures = Kind::ALL.map(|kind| (kind.exit_code(), kind.meaning()));
    [(0, "done")].into_iter().chain(failures)
}

/// A failure told in words: one sentence on what went wrong and why, and a hint that fixes it.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    /// In a box, so that results stay small.
    remedy: Box<Remedy>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The result of anything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind that says this.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: without_error_numbers(&message.into()).into_owned(),
            remedy: Box::default(),
            source: None,
        }
    }

    /// A failure without a code of its own.
    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(Kind::Failure, message)
    }

    /// An invalid configuration.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// Missing or rejected credentials.
    pub fn not_logged_in(message: impl Into<String>) -> Self {
        Self::new(Kind::NotLoggedIn, message)
    }

    /// A homeserver that does not answer.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, message)
    }

    /// Says what the person can do about it, in a sentence, in place of what was said before.
    /// Commands to copy come after it, with [`Error::command`].
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        *self.remedy = Remedy::from(text);
        self
    }

    /// Adds a command that fixes it, to copy.
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.remedy.commands.push(command.into());
        self
    }

    /// Replaces what the person can do about it.
    pub fn with_remedy(mut self, remedy: Remedy) -> Self {
        *self.remedy = remedy;
        self
    }

    /// Adds the underlying error; its words follow the message.
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What sort of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The underlying error, where it is one of this type.
    pub fn cause<T: StdError + 'static>(&self) -> Option<&T> {
        self.source.as_deref()?.downcast_ref()
    }

    /// What the person can do about it; may be empty.
    pub fn remedy(&self) -> &Remedy {
        &self.remedy
    }

    /// What the person can do about it, on one line.
    pub fn hint_text(&self) -> Option<String> {
        (!self.remedy.is_empty()).then(|| self.remedy.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => {
                let words = chain(source.as_ref());
                if self.message.contains(&words) {
                    return Ok(());
                }
                write!(f, ": {words}")
            }
            None => Ok(()),
        }
    }
}

impl StdError for Error {}

/// As every command's JSON shows it.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Error", 3)?;
        fields.serialize_field("kind", &self.kind)?;
        fields.serialize_field("message", &self.to_string())?;
        fields.serialize_field("hint", &self.hint_text())?;
        fields.end()
    }
}

/// The words of an error and of its causes, each said once.
///
/// Many libraries repeat their cause's words in their own; a person should read them once.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        next = cause.source();
    }
    without_error_numbers(&words).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_follows_the_message_once() {
        let cause = std::io::Error::other("disk full");
        let error = Error::failure("cannot write config.json").because(cause);
        assert_eq!(error.to_string(), "cannot write config.json: disk full");
        let missing = || std::fs::read("/nowhere").unwrap_err();
        for error in [
            Error::failure("cannot read it").because(missing()),
            Error::failure(format!("cannot read it: {}", missing())),
        ] {
            assert_eq!(
                error.to_string(),
                "cannot read it: No such file or directory"
            );
        }
    }

    #[test]
    fn another_hint_takes_the_place_of_the_whole_remedy() {
        let error = Error::failure("x").hint("wait").command("nanobot login");
        assert_eq!(error.hint_text().unwrap(), "wait: `nanobot login`");
        assert_eq!(error.hint("go on").hint_text().unwrap(), "go on");
    }

    #[test]
    fn a_kind_is_written_with_its_name() {
        let names = [
            "failure",
            "usage",
            "warnings",
            "not_logged_in",
            "store_in_use",
            "unreachable",
            "config",
            "interrupted",
        ];
        let written = Kind::ALL.map(|kind| serde_json::to_value(kind).unwrap());
        assert_eq!(written, names);
        let read = names.map(|name| serde_json::from_value::<Kind>(name.into()).unwrap());
        assert_eq!(read, Kind::ALL);
        for unknown in [json!("solar_flare"), json!(7), json!(null)] {
            assert_eq!(
                serde_json::from_value::<Kind>(unknown).unwrap(),
                Kind::Failure
            );
        }
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes = [
            (Kind::Failure, 1),
            (Kind::Usage, 2),
            (Kind::Warnings, 3),
            (Kind::NotLoggedIn, 4),
            (Kind::StoreInUse, 5),
            (Kind::Unreachable, 69),
            (Kind::Config, 78),
            (Kind::Interrupted, 130),
        ];
        for (kind, code) in codes {
            assert_eq!(kind.exit_code(), code, "{kind:?}");
        }
        assert_eq!(codes.map(|(kind, _)| kind), Kind::ALL);
        assert!(exit_codes().is_sorted());
    }
}
