//! Values that are valid and may not mean what they should.

use url::Url;

use super::{
    Document, GroupPolicy, TokenStore, address,
    identifier::has_hash_length,
    placeholder::is_all,
    schema::{self, Key},
    setting::Setting,
    shape::Typed,
    validate::{Finding, Severity},
};

/// A doubt: the key it is about, and when it holds.
struct Doubt {
    id: &'static str,
    key: &'static Key,
    holds: fn(&View<'_>) -> bool,
    message: &'static str,
    fix: &'static str,
}

const DOUBTS: [Doubt; 8] = [
    Doubt {
        id: "open-to-everyone",
        key: &schema::ALLOW_FROM,
        holds: |view| view.is_on(&schema::ENABLED) && view.is_empty_list(&schema::ALLOW_FROM),
        message: "allowFrom is empty, so everyone may talk to the bot (newer releases of the Python \
                  tool read it as nobody)",
        fix: "list user ids in allowFrom, or write [\"*\"] to say that everyone is meant",
    },
    Doubt {
        id: "no-group-rooms",
        key: &schema::GROUP_ALLOW_FROM,
        holds: |view| {
            let policy = view.text(&schema::GROUP_POLICY);
            policy == Some(GroupPolicy::Allowlist.name())
                && view.is_empty_list(&schema::GROUP_ALLOW_FROM)
        },
        message: "groupAllowFrom is empty, so the bot answers in no group room",
        fix: "list room ids in groupAllowFrom, or choose another groupPolicy",
    },
    Doubt {
        id: "short-room-id",
        key: &schema::GROUP_ALLOW_FROM,
        holds: |view| {
            let rooms = view.list(&schema::GROUP_ALLOW_FROM);
            rooms.is_some_and(|rooms| !rooms.iter().all(|room| has_hash_length(room)))
        },
        message: "groupAllowFrom has a room id without a server part that is not as long as such \
                  ids are",
        fix: "compare it with the id in the room's settings",
    },
    Doubt {
        id: "plain-http",
        key: &schema::HOMESERVER,
        holds: |view| {
            let url = view.text(&schema::HOMESERVER).map(Url::parse);
            matches!(url, Some(Ok(url)) if address::is_exposed(&url))
        },
        message: "homeserver is plain http, so the access token can be read on the way",
        fix: "write https:// in homeserver",
    },
    Doubt {
        id: "token-without-device",
        key: &schema::ACCESS_TOKEN,
        holds: |view| view.has_value(&schema::ACCESS_TOKEN) && view.is_absent(&schema::DEVICE_ID),
        message: "there is an accessToken and no deviceId to go with it",
        fix: "run `nanobot login`",
    },
    Doubt {
        id: "token-in-file",
        key: &schema::ACCESS_TOKEN,
        holds: |view| {
            let keyring = TokenStore::Keyring.name();
            view.text(&schema::TOKEN_STORE) == Some(keyring)
                && view.has_value(&schema::ACCESS_TOKEN)
                && view.is_in_file(&schema::ACCESS_TOKEN)
        },
        message: "accessToken is in the file, so the keyring that tokenStore names is not asked",
        fix: "remove accessToken or tokenStore, or run `nanobot login`",
    },
    Doubt {
        id: "password-in-file",
        key: &schema::PASSWORD,
        holds: |view| view.has_value(&schema::PASSWORD) && view.is_written_out(&schema::PASSWORD),
        message: "the account's password is in the file, and only a login needs it",
        fix: "remove password from the file once you are logged in",
    },
    Doubt {
        id: "zero-downloads",
        key: &schema::MAX_CONCURRENT_MEDIA_DOWNLOADS,
        holds: |view| view.value(&schema::MAX_CONCURRENT_MEDIA_DOWNLOADS) == Some(&Typed::Count(0)),
        message: "maxConcurrentMediaDownloads is 0, which counts as 1",
        fix: "write 1",
    },
];

/// Lists what may not be meant.
pub(super) fn doubts(document: &Document, settings: &[Setting]) -> Vec<Finding> {
    let view = View { document, settings };
    DOUBTS
        .iter()
        .filter(|doubt| (doubt.holds)(&view))
        .map(|doubt| Finding {
            id: doubt.id,
            severity: Severity::Warning,
            key: Some(doubt.key.path()),
            position: view
                .setting(doubt.key)
                .and_then(|found| found.origin.position()),
            message: doubt.message.to_owned(),
            fix: doubt.fix.to_owned(),
        })
        .collect()
}

/// The valid values; the invalid ones have findings of their own.
struct View<'a> {
    document: &'a Document,
    settings: &'a [Setting],
}

impl<'a> View<'a> {
    fn setting(&self, key: &Key) -> Option<&'a Setting> {
        let mut settings = self.settings.iter();
        settings.find(|setting| setting.key.name == key.name)
    }

    fn value(&self, key: &Key) -> Option<&'a Typed> {
        self.setting(key)?.value.as_ref().ok()?.as_ref()
    }

    fn has_value(&self, key: &Key) -> bool {
        self.value(key).is_some()
    }

    fn is_absent(&self, key: &Key) -> bool {
        self.setting(key)
            .is_some_and(|setting| setting.value == Ok(None))
    }

    fn is_in_file(&self, key: &Key) -> bool {
        self.setting(key)
            .is_some_and(|setting| setting.origin.position().is_some())
    }

    /// Whether the file holds the value itself, not only `${NAME}`s that stand for it.
    fn is_written_out(&self, key: &Key) -> bool {
        let text = self.document.get(&key.path());
        let stands_elsewhere = text.is_some_and(|text| text.as_str().is_some_and(is_all));
        self.is_in_file(key) && !stands_elsewhere
    }

    fn is_on(&self, key: &Key) -> bool {
        self.value(key) == Some(&Typed::Switch(true))
    }

    fn text(&self, key: &Key) -> Option<&'a str> {
        match self.value(key)? {
            Typed::Text(text) => Some(text),
            _ => None,
        }
    }

    fn list(&self, key: &Key) -> Option<&'a [String]> {
        match self.value(key)? {
            Typed::List(list) => Some(list),
            _ => None,
        }
    }

    fn is_empty_list(&self, key: &Key) -> bool {
        self.list(key).is_some_and(<[_]>::is_empty)
    }
}
