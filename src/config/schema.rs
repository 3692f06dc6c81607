//! The one table of the keys of `channels.matrix`.
//!
//! Typed reading, the environment's variable names, validation and did-you-mean all come from
//! here, as does whatever describes the keys to a person or an editor.

use super::{
    choices::{GroupPolicy, SenderTrust},
    shape::{Shape, Typed},
    token_store::TokenStore,
};

/// A key of `channels.matrix`.
#[derive(Debug)]
pub struct Key {
    /// Its documented name, in camelCase.
    pub name: &'static str,
    /// Its `snake_case` spelling, which the Python tool reads too.
    pub snake: &'static str,
    /// Spellings that older releases of the Python tool wrote.
    pub legacy: &'static [&'static str],
    /// What its value must look like.
    pub shape: Shape,
    /// What it is where nothing sets it.
    pub default: Preset,
    /// What it does, in one line.
    pub about: &'static str,
}

/// What a key is where nothing sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Absent.
    None,
    /// A switch.
    Switch(bool),
    /// A number.
    Count(u64),
    /// A word.
    Word(&'static str),
    /// An empty list.
    Empty,
}

impl Key {
    /// All its spellings, the one that counts first where several are present.
    pub fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        let snake = (self.snake != self.name).then_some(self.snake);
        let legacy = self.legacy.iter().copied();
        [self.name].into_iter().chain(snake).chain(legacy)
    }

    /// Its full path in the file.
    #[must_use]
    pub fn path(&self) -> String {
        format!("channels.matrix.{}", self.name)
    }

    /// Whether its value must not be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self.shape, Shape::Secret | Shape::Proxy)
    }

    /// The variable of the environment that overrides it, such as `NANOBOT_MATRIX_USER_ID`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("NANOBOT_MATRIX_{}", self.snake.to_ascii_uppercase())
    }

    /// The Python tool's variable for it, such as `NANOBOT_CHANNELS__MATRIX__USER_ID`. It counts
    /// only where nothing else sets the key, as there.
    #[must_use]
    pub fn python_variable(&self) -> String {
        format!(
            "NANOBOT_CHANNELS__MATRIX__{}",
            self.snake.to_ascii_uppercase()
        )
    }

    /// The systemd credential that overrides it, such as `nanobot-matrix-access-token`: the
    /// variable's name in lower case with dashes. Only the two secrets have one.
    #[must_use]
    pub fn credential(&self) -> Option<String> {
        let name = || self.variable().to_ascii_lowercase().replace('_', "-");
        (self.shape == Shape::Secret).then(name)
    }

    /// What it is where nothing sets it.
    #[must_use]
    pub fn preset(&self) -> Option<Typed> {
        match self.default {
            Preset::None => None,
            Preset::Switch(value) => Some(Typed::Switch(value)),
            Preset::Count(value) => Some(Typed::Count(value)),
            Preset::Word(value) => Some(Typed::Text(value.to_owned())),
            Preset::Empty => Some(Typed::List(Vec::new())),
        }
    }
}

/// The key that has this name or another of its spellings.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter()
        .copied()
        .find(|key| key.spellings().any(|spelling| spelling == name))
}

macro_rules! table {
    ($($constant:ident {
        $name:literal, $snake:literal, $legacy:expr, $shape:expr, $default:expr, $about:literal
    })*) => {
        $(
            #[doc = concat!("The key `", $name, "`.")]
            pub const $constant: Key = Key {
                name: $name,
                snake: $snake,
                legacy: &$legacy,
                shape: $shape,
                default: $default,
                about: $about,
            };
        )*

        /// Every key, in the order of the documentation.
        pub const KEYS: &[&Key] = &[$(&$constant),*];
    };
}

table! {
    ENABLED {
        "enabled", "enabled", [], Shape::Switch, Preset::Switch(false),
        "Whether the gateway runs the Matrix channel."
    }
    HOMESERVER {
        "homeserver", "homeserver", [], Shape::Homeserver, Preset::None,
        "Base URL of the homeserver, such as https://matrix.org."
    }
    USER_ID {
        "userId", "user_id", [], Shape::UserId, Preset::None,
        "The bot's Matrix user id, such as @nanobot:matrix.org."
    }
    ACCESS_TOKEN {
        "accessToken", "access_token", [], Shape::Secret, Preset::None,
        "The access token of the bot's own device."
    }
    DEVICE_ID {
        "deviceId", "device_id", [], Shape::Text, Preset::None,
        "The bot's own device, which its access token and its encryption keys belong to."
    }
    PASSWORD {
        "password", "password", [], Shape::Secret, Preset::None,
        "The account's password; only `nanobot login` and `nanobot store reset` use it."
    }
    E2EE_ENABLED {
        "e2eeEnabled", "e2ee_enabled", ["e2EeEnabled"], Shape::Switch, Preset::Switch(true),
        "Whether the bot reads and answers in encrypted rooms."
    }
    ALLOW_FROM {
        "allowFrom", "allow_from", [], Shape::Users, Preset::Empty,
        "User ids that may talk to the bot; an empty list or \"*\" means everyone."
    }
    GROUP_POLICY {
        "groupPolicy", "group_policy", [], Shape::Choice(&GroupPolicy::NAMES), Preset::Word("open"),
        "Which messages in group rooms are answered: all, only mentions, or only listed rooms."
    }
    GROUP_ALLOW_FROM {
        "groupAllowFrom", "group_allow_from", [], Shape::Rooms, Preset::Empty,
        "Room ids in which the bot answers when groupPolicy is \"allowlist\"."
    }
    ALLOW_ROOM_MENTIONS {
        "allowRoomMentions", "allow_room_mentions", [], Shape::Switch, Preset::Switch(false),
        "Whether @room counts as a mention."
    }
    SENDER_TRUST {
        "senderTrust", "sender_trust", [], Shape::Choice(&SenderTrust::NAMES), Preset::Word("any"),
        "Which devices are answered: any, signed by their owner, or of users the bot verified."
    }
    ALLOW_PLAINTEXT_IN_ENCRYPTED_ROOMS {
        "allowPlaintextInEncryptedRooms", "allow_plaintext_in_encrypted_rooms", [],
        Shape::Switch, Preset::Switch(false),
        "Whether unencrypted messages in encrypted rooms are answered; some bridges send them."
    }
    MAX_MEDIA_BYTES {
        "maxMediaBytes", "max_media_bytes", [], Shape::Count { largest: u64::MAX, unit: "bytes" },
        Preset::Count(20 * 1024 * 1024),
        "Largest attachment in bytes, both ways; 0 blocks all media."
    }
    MAX_CONCURRENT_MEDIA_DOWNLOADS {
        "maxConcurrentMediaDownloads", "max_concurrent_media_downloads", [],
        Shape::Count { largest: 1024, unit: "downloads" }, Preset::Count(2),
        "How many attachments are downloaded at once, slow ones apart; 0 counts as 1."
    }
    SYNC_STOP_GRACE_SECONDS {
        "syncStopGraceSeconds", "sync_stop_grace_seconds", [],
        Shape::Count { largest: 86_400, unit: "seconds" }, Preset::Count(2),
        "How many seconds answers under way may take when the gateway stops."
    }
    SAS_VERIFICATION {
        "sasVerification", "sas_verification", [], Shape::Switch, Preset::Switch(false),
        "Whether emoji are confirmed uncompared; whoever sits in between is then verified too."
    }
    STREAMING {
        "streaming", "streaming", [], Shape::Switch, Preset::Switch(false),
        "Whether an answer is shown while it is being written, as edits at most every 2 seconds."
    }
    PROXY {
        "proxy", "proxy", [], Shape::Proxy, Preset::None,
        "URL of the proxy through which the homeserver is reached."
    }
    TOKEN_STORE {
        "tokenStore", "token_store", [], Shape::Choice(&TokenStore::NAMES), Preset::Word("file"),
        "Where `nanobot login` keeps the access token: in this file or in the system's keyring."
    }
    AGENT {
        "agent", "agent", [], Shape::Section, Preset::None,
        "Who answers: an object with a type, such as openai, nanobot or command, and its settings."
    }
    SEND_PROGRESS {
        "sendProgress", "send_progress", [], Shape::Switch, Preset::None,
        "Only the Python tool reads it: overrides channels.sendProgress."
    }
    SEND_TOOL_HINTS {
        "sendToolHints", "send_tool_hints", [], Shape::Switch, Preset::None,
        "Only the Python tool reads it: overrides channels.sendToolHints."
    }
    SHOW_REASONING {
        "showReasoning", "show_reasoning", [], Shape::Switch, Preset::None,
        "Only the Python tool reads it: overrides channels.showReasoning."
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn snake(name: &str) -> String {
        let mut snake = String::new();
        for character in name.chars() {
            if character.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(character.to_ascii_lowercase());
        }
        snake
    }

    #[test]
    fn spellings_are_unique_and_regular() {
        let mut seen = HashSet::new();
        for key in KEYS {
            assert_eq!(key.snake, snake(key.name));
            assert!(
                key.about.ends_with('.') && key.about.len() <= 90,
                "{}",
                key.about
            );
            for spelling in key.spellings() {
                assert!(seen.insert(spelling), "{spelling} is there twice");
                assert_eq!(find(spelling).unwrap().name, key.name);
            }
        }
    }

    #[test]
    fn names_outside_the_file_follow_from_the_key() {
        assert_eq!(E2EE_ENABLED.variable(), "NANOBOT_MATRIX_E2EE_ENABLED");
        assert_eq!(
            ACCESS_TOKEN.credential().unwrap(),
            "nanobot-matrix-access-token"
        );
        assert_eq!(USER_ID.credential(), None);
        assert_eq!(
            USER_ID.python_variable(),
            "NANOBOT_CHANNELS__MATRIX__USER_ID"
        );
        assert_eq!(USER_ID.path(), "channels.matrix.userId");
    }
}
