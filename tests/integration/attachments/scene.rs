//! A bot, a person in a room with it, and files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::harness::account::{Bot, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::Entry;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;

/// A bot with a limit on files, and a person in a room with it.
pub struct Scene {
    pub bot: Bot,
    pub gateway: Gateway,
    pub ann: Person,
    pub room: String,
    files: tempfile::TempDir,
}

impl Scene {
    pub async fn new(synapse: &Synapse, limit: u64, spec: impl Fn(&str) -> RoomSpec) -> Self {
        let bot = Bot::new(synapse).await;
        bot.set("maxMediaBytes", limit);
        let gateway = Gateway::connected(&bot.home, &["-vvv"]).await;
        let ann = person(synapse, "ann").await;
        let room = ann.create_room(&spec(&bot.user_id)).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        Self {
            bot,
            gateway,
            ann,
            room,
            files: tempfile::tempdir().unwrap(),
        }
    }

    pub async fn encrypted(limit: u64) -> Self {
        let synapse = shared_synapse().await;
        Self::new(synapse, limit, |bot| RoomSpec::direct(bot).encrypted()).await
    }

    /// Sends a file of so many bytes; `content` is laid over what describes it truthfully.
    pub async fn send(&self, size: u64, content: Value) -> String {
        let path = self.files.path().join("photo.png");
        fs::write(&path, bytes(size)).unwrap();
        let mut whole = json!({"msgtype": "m.image"});
        for (key, value) in content.as_object().unwrap() {
            whole[key] = value.clone();
        }
        self.ann
            .send_file(&self.room, &path, "image/png", whole)
            .await
    }

    /// What the bot says to a file.
    pub async fn answer(&self, size: u64, content: Value) -> String {
        let question = self.send(size, content).await;
        self.reply(&question).await.body.unwrap()
    }

    pub async fn reply(&self, question: &str) -> Entry {
        let bot = &self.bot.user_id;
        self.ann.wait_for_reply(&self.room, question, bot).await
    }

    /// The event as its sender sees it.
    pub async fn event(&self, event_id: &str) -> Entry {
        let timeline = self.ann.timeline(&self.room).await;
        let mut events = timeline.into_iter();
        events.find(|entry| entry.event_id == event_id).unwrap()
    }

    pub fn directory(&self) -> PathBuf {
        self.bot.home.path().join("media").join("matrix")
    }

    /// The names of all files kept, whole or not.
    pub fn kept(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.directory()) else {
            return Vec::new();
        };
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    pub fn assert_nothing_kept(&self) {
        assert_eq!(self.kept(), [""; 0]);
    }
}

/// What files of this size are made of.
pub fn bytes(size: u64) -> Vec<u8> {
    (0..size).map(|index| index.to_le_bytes()[0]).collect()
}

/// Who may do what with a file.
pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
