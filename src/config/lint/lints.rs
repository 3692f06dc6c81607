//! Values that are valid and may not mean what they should.

use super::Finding;
use crate::{
    address::{has_hash_length, parse_homeserver, travels_in_clear},
    config::{
        file::Document,
        keys::{GroupPolicy, Keys, TokenStore},
        placeholder::is_all,
        values::Setting,
    },
};

/// A lint: the key it is about, and when it holds. It is not asked where the key's value is
/// invalid; another's counts as the default then.
struct Lint {
    id: &'static str,
    key: &'static str,
    holds: fn(&View<'_>) -> bool,
    message: &'static str,
    fix: &'static str,
}

/// The [`Finding::id`] of a bot that answers everyone, which nobody has said in so many words.
pub const OPEN: &str = "open-to-everyone";

const LINTS: [Lint; 8] = [
    Lint {
        id: OPEN,
        key: "allowFrom",
        holds: |view| view.keys.enabled && view.keys.allow_from.is_empty(),
        message: "allowFrom is empty or missing, so everyone may talk to the bot (newer releases of the Python \
                  tool read it as nobody)",
        fix: "list user IDs in allowFrom, or write [\"*\"] to say that everyone is meant",
    },
    Lint {
        id: "no-group-rooms",
        key: "groupAllowFrom",
        holds: |view| {
            view.keys.group_policy == GroupPolicy::Allowlist
                && view.keys.group_allow_from.is_empty()
        },
        message: "groupAllowFrom is empty, so the bot answers in no group room",
        fix: "list room IDs in groupAllowFrom, or choose another groupPolicy",
    },
    Lint {
        id: "short-room-id",
        key: "groupAllowFrom",
        holds: |view| {
            let mut rooms = view.keys.group_allow_from.iter();
            !rooms.all(|room| has_hash_length(room))
        },
        message: "groupAllowFrom has a room ID without a server part that is not as long as such \
                  ids are",
        fix: "compare it with the id in the room's settings",
    },
    Lint {
        id: "plain-http",
        key: "homeserver",
        holds: |view| {
            let url = view.keys.homeserver.as_ref();
            let url = url.and_then(|url| parse_homeserver(url.expose()).ok());
            url.is_some_and(|url| travels_in_clear(&url))
        },
        message: "homeserver is plain http, so the access token can be read on the way",
        fix: "write https:// in homeserver",
    },
    Lint {
        id: "token-without-device",
        key: "accessToken",
        holds: |view| {
            view.keys.access_token.is_some()
                && view.keys.device_id.is_none()
                && view.is_valid("deviceId")
        },
        message: "there is an accessToken and no deviceId to go with it",
        fix: "run `nanobot login`",
    },
    Lint {
        id: "token-in-file",
        key: "accessToken",
        holds: |view| {
            view.keys.token_store == TokenStore::Keyring
                && view.keys.access_token.is_some()
                && view.is_in_file("accessToken")
        },
        message: "accessToken is in the file, so the keyring that tokenStore names is not asked",
        fix: "remove accessToken or tokenStore, or run `nanobot login`",
    },
    Lint {
        id: "password-in-file",
        key: "password",
        holds: |view| view.keys.password.is_some() && view.is_written_out("password"),
        message: "the account's password is in the file, and only a login needs it",
        fix: "remove password from the file once you are logged in",
    },
    Lint {
        id: "zero-downloads",
        key: "maxConcurrentMediaDownloads",
        holds: |view| view.keys.max_concurrent_media_downloads == 0,
        message: "maxConcurrentMediaDownloads is 0, which counts as 1",
        fix: "write 1",
    },
];

/// Lists what may not be meant.
pub fn lints(document: &Document, settings: &[Setting]) -> Vec<Finding> {
    let values = settings.iter().filter_map(|setting| {
        let value = setting.value.as_ref().ok()?;
        Some((setting.key.name.to_owned(), value.clone())).filter(|_| !value.is_null())
    });
    // Each value was read by itself.
    let Ok(keys) = serde_json::from_value(values.collect()) else {
        return Vec::new();
    };
    let view = View {
        document,
        settings,
        keys,
    };
    LINTS
        .iter()
        .filter(|lint| view.is_valid(lint.key) && (lint.holds)(&view))
        .map(|lint| {
            let finding = Finding::warning(lint.id, lint.message, lint.fix);
            match view.setting(lint.key) {
                Some(setting) => finding.at(setting.key.path(), setting.origin.position()),
                None => finding,
            }
        })
        .collect()
}

/// The valid values; the invalid ones have findings of their own.
struct View<'a> {
    document: &'a Document,
    settings: &'a [Setting],
    keys: Keys,
}

impl View<'_> {
    fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings
            .iter()
            .find(|setting| setting.key.name == name)
    }

    fn is_valid(&self, name: &str) -> bool {
        self.setting(name)
            .is_some_and(|setting| setting.value.is_ok())
    }

    fn is_in_file(&self, name: &str) -> bool {
        self.setting(name)
            .is_some_and(|setting| setting.origin.position().is_some())
    }

    /// Whether the file holds the value itself, not only `${NAME}`s that stand for it.
    fn is_written_out(&self, name: &str) -> bool {
        let text = self
            .setting(name)
            .and_then(|it| self.document.get(&it.key.path()));
        let stands_elsewhere = text.is_some_and(|text| text.as_str().is_some_and(is_all));
        self.is_in_file(name) && !stands_elsewhere
    }
}
