//! What the help and the manual say about the program as a whole, each thing in one place.

use crate::{
    config::schema::{self, KEYS},
    error,
};

/// A file or a variable, and what it is.
pub(super) struct Entry {
    /// Its name.
    pub(super) name: String,
    /// What it is, in sentences.
    pub(super) about: String,
}

impl Entry {
    fn new(name: impl Into<String>, about: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            about: about.into(),
        }
    }
}

/// The exit codes as a block of the help.
pub(super) fn exit_codes() -> String {
    let lines = error::exit_codes().map(|(code, meaning)| format!("\n  {code:<4} {meaning}"));
    format!("Exit codes:{}", lines.collect::<String>())
}

/// The files the program reads and writes.
pub(super) fn files() -> Vec<Entry> {
    [
        (
            "~/.nanobot/config.json",
            "The configuration; see nanobot-config(5). --config, NANOBOT_CONFIG and NANOBOT_HOME name another one; the \
             other files stand beside it.",
        ),
        (
            "~/.nanobot/matrix-store/",
            "The encryption keys of the bot's device and what it has yet to answer. It belongs to \
             deviceId in the configuration: one without the other cannot be used again.",
        ),
        (
            "~/.nanobot/matrix-store.old-*/",
            "Stores that a login has set aside.",
        ),
        ("~/.nanobot/media/matrix/", "Attachments the bot received."),
        (
            "~/.nanobot/conversations/",
            "What was said in each room and thread, for the agent that asks a model.",
        ),
        (
            "~/.nanobot/nanobot.lock",
            "Held by the nanobot that is using the store.",
        ),
        (
            "~/.nanobot/nanobot.sock",
            "Where the running gateway is asked how it is, by this user only. It is removed when \
             the gateway ends; one that a killed gateway left does no harm.",
        ),
    ]
    .map(|(name, about)| Entry::new(name, about))
    .into()
}

/// The variables that say where things are and how they look.
pub(super) fn variables() -> Vec<Entry> {
    [
        (
            "NANOBOT_CONFIG",
            "The configuration file, where --config does not name one.",
        ),
        (
            "NANOBOT_HOME",
            "The directory of config.json, where neither --config nor NANOBOT_CONFIG names a file.",
        ),
        (
            "HOME",
            "Where the directory .nanobot is, where nothing names another.",
        ),
        (
            "CREDENTIALS_DIRECTORY",
            "Set by systemd: a file nanobot-matrix-access-token or nanobot-matrix-password in it \
             goes before the environment and the configuration.",
        ),
        ("NO_COLOR", "No colors, whatever its value."),
    ]
    .map(|(name, about)| Entry::new(name, about))
    .into()
}

/// The variables that go before the keys of `channels.matrix`.
pub(super) fn overrides() -> Vec<Entry> {
    let entry = |key: &&schema::Key| {
        let about = format!("Goes before {}. {}", key.path(), key.about);
        Entry::new(key.variable(), about)
    };
    KEYS.iter().map(entry).collect()
}
