//! From the configuration to a bot, at its start and again whenever it is to be read anew.

use std::time::Duration;

use super::{
    Bot,
    media::MediaSettings,
    presence::Marks,
    settings::{ProfileSettings, RetentionSettings, RoomSettings, Settings},
};
use crate::{
    agent::{from_document, ingredients},
    config::{Document, Matrix, Paths, Secret, environment, misspelled_allow_from},
    error::{Error, Result},
    files::Retention,
    ipc::now,
    policy::Policy,
    session::{Credentials, credentials},
};

/// The keys of the device, of the way to its homeserver, and of the place where it is asked: a
/// gateway that runs keeps those it was started with.
const OF_THE_START: [&str; 8] = [
    "enabled",
    "homeserver",
    "userId",
    "accessToken",
    "deviceId",
    "e2eeEnabled",
    "proxy",
    "health",
];
/// The keys that mean nothing to a gateway.
const OF_OTHERS: [&str; 6] = [
    "password",
    "tokenStore",
    "sendProgress",
    "sendToolHints",
    "showReasoning",
    "worker",
];

/// What the configuration said when it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// When that was, in milliseconds since the Unix epoch.
    pub read_at: u64,
    matrix: Matrix,
    credentials: Credentials,
    agent: Secret,
}

/// What has changed in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The keys that count from now on.
    pub applied: Vec<String>,
    /// The keys that count when the gateway is started again.
    pub need_restart: Vec<String>,
    /// Whether the agent is another one, and not only asked in another way.
    pub agent: bool,
}

impl Bot {
    /// Reads the configuration, and judges it as a whole. Where the token is in the keyring, it
    /// waits for that.
    ///
    /// # Errors
    ///
    /// When anything in it cannot be used, or the Matrix channel is switched off.
    pub fn configured(paths: &Paths) -> Result<Self> {
        // Before it is read: what changes from now on is not in here.
        let read_at = now();
        let document = Document::load_existing(paths.config_file())?;
        let matrix = document.matrix(&environment)?;
        if !matrix.enabled {
            return Err(Error::config(
                "channels.matrix.enabled is not true, so there is nothing to run",
            )
            .hint("set it to true in the configuration, or log in")
            .command("nanobot login"));
        }
        if let Some(typo) = misspelled_allow_from(&document, &environment) {
            tracing::warn!(
                "THE BOT IS OPEN TO EVERYONE: {}; fix: {}",
                typo.message,
                typo.fix
            );
        }
        let settings = settings(&document, &matrix, paths)?;
        let credentials = credentials(&matrix)?;
        Ok(Self {
            paths: paths.clone(),
            settings,
            waits: false,
            listen: matrix.health()?.map(|listen| listen.below(paths.dir())),
            source: Source {
                read_at,
                agent: ingredients(&document, &matrix)?,
                credentials: credentials.clone(),
                matrix,
            },
            credentials,
        })
    }
}

fn settings(document: &Document, matrix: &Matrix, paths: &Paths) -> Result<Settings> {
    let agent = from_document(document, paths.dir())?;
    if let Some(why) = &agent.passed_over {
        tracing::warn!("the model configured in agents.defaults cannot be used: {why}");
    }
    if matrix.sas_verification {
        tracing::warn!(
            "sasVerification is true: verifications are completed without anyone comparing \
             emoji, so they prove nothing to the bot"
        );
    }
    Ok(Settings {
        policy: Policy::new(matrix)?,
        agent,
        media: MediaSettings {
            directory: paths.media(),
            max_bytes: matrix.max_media_bytes,
            at_once: matrix.concurrent_media_downloads(),
            retention: Retention::new(matrix.media_retention_days, matrix.media_retention_bytes),
        },
        retention: RetentionSettings {
            conversations: Retention::new(
                matrix.conversation_retention_days,
                matrix.conversation_retention_bytes,
            ),
            archives: Retention::new(
                matrix.archive_retention_days,
                matrix.archive_retention_bytes,
            ),
        },
        profile: ProfileSettings {
            display_name: matrix.display_name()?.map(str::to_owned),
            avatar: matrix.avatar()?.map(|path| paths.dir().join(path)),
        },
        rooms: RoomSettings {
            greeting: matrix.greeting()?.map(str::to_owned),
            empty_for: (matrix.empty_room_days > 0)
                .then(|| Duration::from_secs(matrix.empty_room_days * 86_400)),
        },
        sas_verification: matrix.sas_verification,
        streaming: matrix.streaming,
        read_receipts: matrix.read_receipts,
        marks: Marks {
            seen: matrix.reaction_seen()?.map(str::to_owned),
            working: matrix.reaction_working()?.map(str::to_owned),
            failed: matrix.reaction_failed()?.map(str::to_owned),
        },
        key_patience: (matrix.undecryptable_notice_seconds > 0)
            .then(|| Duration::from_secs(matrix.undecryptable_notice_seconds)),
        stop_grace: Duration::from_secs(matrix.sync_stop_grace_seconds),
    })
}

#[cfg(test)]
impl Settings {
    /// Those of an empty configuration, for these users.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub fn of(allow_from: crate::policy::AllowFrom) -> Self {
        let paths = Paths::of("/nowhere/config.json".into());
        let document = Document::load(paths.config_file()).unwrap();
        let matrix = document.matrix(&|_| None).unwrap();
        let mut settings = settings(&document, &matrix, &paths).unwrap();
        settings.policy.allow_from = allow_from;
        settings
    }
}

impl Source {
    /// What has changed since this one was read, for a gateway that was started with `first`.
    pub fn changes(&self, first: &Self, new: &Self) -> Changes {
        let names = |keys: Vec<&'static str>, counts: &dyn Fn(&str) -> bool| {
            let keys = keys.into_iter().filter(|key| counts(key));
            keys.map(str::to_owned).collect::<Vec<_>>()
        };
        let of_start = |key: &str| OF_THE_START.contains(&key);
        let applies = |key: &str| !of_start(key) && !OF_OTHERS.contains(&key);
        let mut changes = Changes {
            applied: names(self.matrix.differences(&new.matrix), &applies),
            need_restart: names(first.matrix.differences(&new.matrix), &of_start),
            agent: self.agent != new.agent,
        };
        let add = |changed: bool, keys: &mut Vec<String>, key: &str| {
            if changed && !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        };
        // What the file shares with the Python tool, and what is in the keyring, is no value here.
        add(changes.agent, &mut changes.applied, "agent");
        let has_other_token = first.credentials.access_token != new.credentials.access_token;
        add(has_other_token, &mut changes.need_restart, "accessToken");
        changes
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;
    use crate::{config::KEYS, error::Kind};

    struct Home(TempDir);

    impl Home {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn read(&self, more: &Value) -> Result<Bot> {
            let mut config = json!({"channels": {"matrix": {
                "enabled": true, "homeserver": "http://localhost:1", "userId": "@bot:h",
                "deviceId": "D", "accessToken": "t", "allowFrom": ["@ann:h"],
            }}});
            for (key, value) in more.as_object().unwrap() {
                match key.as_str() {
                    "providers" | "tools" => config[key] = value.clone(),
                    _ => config["channels"]["matrix"][key] = value.clone(),
                }
            }
            let file = self.0.path().join("config.json");
            fs::write(&file, config.to_string()).unwrap();
            Bot::configured(&Paths::of(file))
        }

        fn changes(&self, before: &Value, after: &Value) -> Changes {
            let before = self.read(before).unwrap().source;
            before.changes(&before, &self.read(after).unwrap().source)
        }
    }

    #[test]
    fn what_is_of_the_device_needs_a_restart_and_the_rest_applies() {
        let home = Home::new();
        let after = json!({
            "allowFrom": ["@ben:h"], "streaming": true, "homeserver": "http://localhost:2",
            "e2eeEnabled": false, "password": "secret",
        });
        let changes = home.changes(&json!({}), &after);
        assert_eq!(changes.applied, ["allowFrom", "streaming"]);
        assert_eq!(changes.need_restart, ["homeserver", "e2eeEnabled"]);
        assert!(!changes.agent);
        assert_eq!(home.changes(&after, &after), Changes::default());
    }

    #[test]
    fn an_agent_that_is_only_asked_in_another_way_is_the_same() {
        let home = Home::new();
        let agent = |more: &Value| {
            let mut agent = json!({"type": "command", "shell": "cat"});
            for (key, value) in more.as_object().unwrap() {
                agent[key] = value.clone();
            }
            json!({"agent": agent})
        };
        let plain = agent(&json!({}));
        let asked = home.changes(&plain, &agent(&json!({"conversations": 2})));
        assert_eq!(
            (&*asked.applied, asked.agent),
            (&["agent".to_owned()][..], false)
        );
        let other = home.changes(&plain, &agent(&json!({"history": 2})));
        assert_eq!(
            (&*other.applied, other.agent),
            (&["agent".to_owned()][..], true)
        );
        let mut shared = plain.clone();
        shared["providers"] = json!({"openai": {"apiKey": "k"}});
        assert!(home.changes(&plain, &shared).agent);
        let mut tools = plain.clone();
        tools["tools"] = json!({"x": 1});
        assert_eq!(home.changes(&plain, &tools), Changes::default());
    }

    #[test]
    fn what_a_start_refuses_is_refused_again() {
        let home = Home::new();
        let refused = [
            json!({"enabled": false}),
            json!({"allowFrom": 7}),
            json!({"agent": {"type": "nonsense"}}),
            json!({"agent": {"type": "echo", "nonsense": 1}}),
        ];
        for more in refused {
            assert_eq!(home.read(&more).unwrap_err().kind(), Kind::Config, "{more}");
        }
    }

    /// A key that nobody thought of must not seem to be applied.
    #[test]
    fn it_is_known_of_every_key_when_it_counts() {
        const APPLIED: [&str; 29] = [
            "allowFrom",
            "groupPolicy",
            "groupAllowFrom",
            "allowRoomMentions",
            "followThreads",
            "answerReactions",
            "senderTrust",
            "allowPlaintextInEncryptedRooms",
            "maxMediaBytes",
            "maxConcurrentMediaDownloads",
            "mediaRetentionDays",
            "mediaRetentionBytes",
            "conversationRetentionDays",
            "conversationRetentionBytes",
            "archiveRetentionDays",
            "archiveRetentionBytes",
            "syncStopGraceSeconds",
            "sasVerification",
            "streaming",
            "readReceipts",
            "reactionSeen",
            "reactionWorking",
            "reactionFailed",
            "displayName",
            "avatar",
            "greeting",
            "emptyRoomDays",
            "undecryptableNoticeSeconds",
            "agent",
        ];
        for key in KEYS.iter() {
            let lists: [&[&str]; 3] = [&OF_THE_START, &OF_OTHERS, &APPLIED];
            let known = lists.iter().filter(|list| list.contains(&key.name)).count();
            assert_eq!(known, 1, "{}", key.name);
        }
    }
}
