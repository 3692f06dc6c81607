//! The keys of `channels.matrix`: one struct, and the table that is made from it.

mod choices;
mod forms;
mod health;
mod names;
mod plain;
mod table;

use std::num::NonZeroUsize;

pub use choices::{GroupPolicy, ReadReceipts, SenderTrust, TokenStore};
use forms::{
    ALLOWED_USER, As, BYTES, Choice, Count, DAYS, DOWNLOADS, EMOJI, HOMESERVER, ListOf, Object,
    PLAIN, PROXY, ROOM, SECONDS, SECRET, Switch, Text, USER_ID,
};
use health::HealthListen;
pub use names::names_of;
pub use plain::{as_number, as_switch, type_name, whole};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use table::{KEYS, Key, ROOT_KEYS, find, is_root_key, json_schema, snake_case};

use super::secrets::Secret;
use crate::address::Listen;

/// Where the keys of the Matrix channel are.
pub const SECTION: [&str; 2] = ["channels", "matrix"];

const GIBIBYTE: u64 = 1 << 30;

fn yes() -> bool {
    true
}

fn is<const DEFAULT: u64>() -> u64 {
    DEFAULT
}

/// Every key of `channels.matrix`, in the order of the documentation. A field's comment is what a
/// person reads about its key, everywhere.
///
/// What holds text is not for other rooms to read: a `${NAME}` in it that cannot be had must be an
/// error for whoever asks.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::doc_markdown, reason = "people read it as it is")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the file has that many switches"
)]
#[allow(rustdoc::bare_urls, reason = "a comment is also the key's help")]
pub struct Keys {
    /// Whether the gateway runs the Matrix channel.
    #[serde(with = "As::<Switch>", default)]
    pub enabled: bool,
    /// Base URL of the homeserver, such as https://matrix.org.
    #[serde(with = "As::<Text<HOMESERVER>>", default)]
    pub(in crate::config) homeserver: Option<Secret>,
    /// The bot's Matrix user ID, such as @nanobot:matrix.org.
    #[serde(with = "As::<Text<USER_ID>>", default)]
    pub(in crate::config) user_id: Option<Secret>,
    /// The access token of the bot's own device.
    #[serde(with = "As::<Text<SECRET>>", default)]
    pub(in crate::config) access_token: Option<Secret>,
    /// The ID of the bot's device, which owns the access token and the encryption keys.
    #[serde(with = "As::<Text<PLAIN>>", default)]
    pub(in crate::config) device_id: Option<Secret>,
    /// The account's password; only `nanobot login` and `nanobot store reset` use it.
    #[serde(with = "As::<Text<SECRET>>", default)]
    pub(in crate::config) password: Option<Secret>,
    /// Whether the bot reads and answers in encrypted rooms.
    #[serde(with = "As::<Switch>", default = "yes")]
    pub e2ee_enabled: bool,
    /// User IDs that may talk to the bot; an empty list or "*" means everyone.
    #[serde(with = "As::<ListOf<ALLOWED_USER>>", default)]
    pub(in crate::config) allow_from: Vec<String>,
    /// Which messages in group rooms are answered: all, only mentions, or only listed rooms.
    #[serde(with = "As::<Choice<GroupPolicy>>", default)]
    pub group_policy: GroupPolicy,
    /// Room IDs and aliases of rooms in which the bot answers when groupPolicy is "allowlist".
    #[serde(with = "As::<ListOf<ROOM>>", default)]
    pub(in crate::config) group_allow_from: Vec<String>,
    /// Whether @room counts as a mention.
    #[serde(with = "As::<Switch>", default)]
    pub allow_room_mentions: bool,
    /// Whether threads that the bot takes part in need no mention with groupPolicy "mention".
    #[serde(with = "As::<Switch>", default)]
    pub follow_threads: bool,
    /// Whether reactions to the bot's messages, and votes in its polls, are answered.
    #[serde(with = "As::<Switch>", default)]
    pub answer_reactions: bool,
    /// Which devices are answered: any, signed by their owner, or of users the bot verified.
    #[serde(with = "As::<Choice<SenderTrust>>", default)]
    pub sender_trust: SenderTrust,
    /// Whether unencrypted messages in encrypted rooms are answered; some bridges send them.
    #[serde(with = "As::<Switch>", default)]
    pub allow_plaintext_in_encrypted_rooms: bool,
    /// The bot's display name, kept so while the gateway runs.
    #[serde(with = "As::<Text<PLAIN>>", default)]
    pub(in crate::config) display_name: Option<Secret>,
    /// File with the bot's picture, kept so while the gateway runs.
    #[serde(with = "As::<Text<PLAIN>>", default)]
    pub(in crate::config) avatar: Option<Secret>,
    /// What the bot says once in each room that it was invited to.
    #[serde(with = "As::<Text<PLAIN>>", default)]
    pub(in crate::config) greeting: Option<Secret>,
    /// After how many days alone, or after an upgrade, the bot leaves a room; 0 means never.
    #[serde(with = "As::<Count<DAYS>>", default = "is::<30>")]
    pub empty_room_days: u64,
    /// Largest attachment in bytes, both ways; 0 blocks all media.
    #[serde(with = "As::<Count<BYTES>>", default = "is::<{ 20 << 20 }>")]
    pub max_media_bytes: u64,
    /// How many attachments are downloaded at once, not counting slow ones; 0 means 1.
    #[serde(with = "As::<Count<DOWNLOADS>>", default = "is::<2>")]
    pub(in crate::config) max_concurrent_media_downloads: u64,
    /// After how many days received files are deleted; 0 means never.
    #[serde(with = "As::<Count<DAYS>>", default = "is::<30>")]
    pub media_retention_days: u64,
    /// How many bytes of received files are kept; the oldest are deleted first. 0 means no limit.
    #[serde(with = "As::<Count<BYTES>>", default = "is::<GIBIBYTE>")]
    pub media_retention_bytes: u64,
    /// After how many days without a message a model's conversation is deleted; 0 means never.
    #[serde(with = "As::<Count<DAYS>>", default = "is::<365>")]
    pub conversation_retention_days: u64,
    /// How many bytes of conversations are kept; the oldest are deleted first. 0 means no limit.
    #[serde(with = "As::<Count<BYTES>>", default = "is::<{ GIBIBYTE / 4 }>")]
    pub conversation_retention_bytes: u64,
    /// After how many days an archived store is deleted if no key is only there; 0 means never.
    #[serde(with = "As::<Count<DAYS>>", default = "is::<90>")]
    pub archive_retention_days: u64,
    /// How many bytes of archived stores are kept, but always the newest one; 0 means no limit.
    #[serde(with = "As::<Count<BYTES>>", default = "is::<GIBIBYTE>")]
    pub archive_retention_bytes: u64,
    /// How many seconds unfinished answers may take when the gateway stops.
    #[serde(with = "As::<Count<SECONDS>>", default = "is::<2>")]
    pub sync_stop_grace_seconds: u64,
    /// Accept emoji verification without comparing. Unsafe: verifies an interceptor too.
    #[serde(with = "As::<Switch>", default)]
    pub sas_verification: bool,
    /// Whether an answer is shown while it is being written, as edits at most every 2 seconds.
    #[serde(with = "As::<Switch>", default)]
    pub streaming: bool,
    /// Who sees what the bot has read: everyone in the room, only its own account, or nobody.
    #[serde(with = "As::<Choice<ReadReceipts>>", default)]
    pub read_receipts: ReadReceipts,
    /// An emoji with which the bot marks messages that it is going to answer.
    #[serde(with = "As::<Text<EMOJI>>", default)]
    pub(in crate::config) reaction_seen: Option<Secret>,
    /// An emoji with which the bot marks messages while the agent is at work on them.
    #[serde(with = "As::<Text<EMOJI>>", default)]
    pub(in crate::config) reaction_working: Option<Secret>,
    /// An emoji with which the bot marks messages that it could not answer.
    #[serde(with = "As::<Text<EMOJI>>", default)]
    pub(in crate::config) reaction_failed: Option<Secret>,
    /// After how many seconds a missing room key is reported in the room; 0 means never.
    #[serde(with = "As::<Count<SECONDS>>", default = "is::<120>")]
    pub undecryptable_notice_seconds: u64,
    /// URL of the proxy through which the homeserver is reached.
    #[serde(with = "As::<Text<PROXY>>", default)]
    pub(in crate::config) proxy: Option<Secret>,
    /// Where `nanobot login` stores the access token: this file or the system's keyring.
    #[serde(with = "As::<Choice<TokenStore>>", default)]
    pub token_store: TokenStore,
    /// What generates the answers: an object with a type, such as openai, and its settings.
    #[serde(with = "As::<Object>", default)]
    pub(in crate::config) agent: Option<Secret>,
    /// How `nanobot worker` reaches the message broker: an object with its servers and settings.
    #[serde(with = "As::<Object>", default)]
    pub(in crate::config) worker: Option<Secret>,
    /// Where health checks and metrics are answered, such as {"listen": "127.0.0.1:9464"}.
    #[serde(with = "As::<HealthListen>", default)]
    pub(in crate::config) health: Option<Listen>,
    /// Read only by the Python tool: overrides channels.sendProgress.
    #[serde(with = "As::<Option<Switch>>", default)]
    send_progress: Option<bool>,
    /// Read only by the Python tool: overrides channels.sendToolHints.
    #[serde(with = "As::<Option<Switch>>", default)]
    send_tool_hints: Option<bool>,
    /// Read only by the Python tool: overrides channels.showReasoning.
    #[serde(with = "As::<Option<Switch>>", default)]
    show_reasoning: Option<bool>,
}

impl Keys {
    /// How many attachments are downloaded at once: 0 counts as 1, as in the Python tool.
    pub fn concurrent_media_downloads(&self) -> NonZeroUsize {
        let count = usize::try_from(self.max_concurrent_media_downloads);
        count
            .ok()
            .and_then(NonZeroUsize::new)
            .unwrap_or(NonZeroUsize::MIN)
    }
}

#[cfg(test)]
mod tests;
