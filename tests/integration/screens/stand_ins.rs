//! Stand-ins for what differs from run to run; where lines may break, as long as what they stand for.

use regex::{Captures, Regex};

use crate::harness::account::Bot;
use crate::harness::synapse::Synapse;

/// What differs by its form, and what stands for it.
const PATTERNS: [(&str, &str); 8] = [
    // The time of a log line.
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z",
        "2026-01-01T00:00:00.000000Z",
    ),
    // Its lines break by the figures in it.
    (
        r"(?s)Size {12}.{0,120}?other\s+[0-9.]+\s+(?:B|KiB|MiB)(?-u:\b)",
        "Size            0 B: keys 0 B, rooms 0 B, journal 0 B, other 0 B",
    ),
    (
        r"![A-Za-z0-9_-]{18,43}",
        "!room-room-room-room-room-room-room-room-roo",
    ),
    (r"[0-9]+(?:\.[0-9]+)? (?:B|KiB|MiB)(?-u:\b)", "0 B"),
    (r"\(pid(?-u:\s)+[0-9]+", "(pid 0"),
    (r"running for [0-9.]+ [a-z]+", "running for 1 s"),
    (r"[0-9.]+ [a-z]+ ago(?-u:\b)", "just now"),
    (r"[0-9]+ (checks?|ok|passed|skipped)(?-u:\b)", "N $1"),
];

/// A recovery key or a fingerprint, in groups of four.
const KEY: &str = r"(?:[A-Za-z0-9+/]{4}(?: |\n +)){9,}[A-Za-z0-9+/]{2,4}(?-u:\b)";

/// Replaces places, ids, keys and figures in what a person sees.
pub struct StandIns<'a> {
    bot: &'a Bot,
    port: u16,
}

impl<'a> StandIns<'a> {
    /// Those of one bot on one homeserver.
    pub fn of(bot: &'a Bot, synapse: &Synapse) -> Self {
        let port = synapse.port();
        Self { bot, port }
    }

    /// The text with the stand-ins in it.
    pub fn put_into(&self, text: &str) -> String {
        let home = self.bot.home.user_dir().display().to_string();
        let mut text = text
            .replace(&home, &format!("/home/{}", "x".repeat(home.len() - 6)))
            .replace(&format!(":{}", self.port), ":54321");
        if self.bot.home.config_path().exists() {
            text = text.replace(&self.device_id(), "DEVICEABCD");
        }
        let key = Regex::new(KEY).unwrap();
        let masked = |key: &Captures<'_>| {
            let mask = |c: char| if c.is_whitespace() { c } else { 'K' };
            key[0].chars().map(mask).collect::<String>()
        };
        text = key.replace_all(&text, masked).into_owned();
        for (pattern, name) in PATTERNS {
            let pattern = Regex::new(pattern).unwrap();
            text = pattern.replace_all(&text, name).into_owned();
        }
        text
    }

    /// The device of the configuration, where it is one that can be read.
    fn device_id(&self) -> String {
        let text = std::fs::read(self.bot.home.config_path()).unwrap();
        let config: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        let device = config["channels"]["matrix"]["deviceId"].as_str();
        device.unwrap_or("no device").to_owned()
    }
}
