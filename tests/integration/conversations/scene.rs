//! A bot whose agent is a puppet, running in this process.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream;
use nanobot::testing::agent::{Configured, WhileBusy};
use nanobot::testing::config::{Paths, ReadReceipts};
use nanobot::testing::error::Result;
use nanobot::testing::gateway::{self, Ending, Marks, MediaSettings, Milestone, Settings};
use nanobot::testing::ipc::{Answer, Request, Status, ask};
use nanobot::testing::policy::Policy;
use nanobot::testing::terminal::Order;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::puppet::Puppet;
use crate::harness::account::{Bot, LONG, http_person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// A bot that is logged in, what it is to do, and a person without encryption.
pub struct Scene {
    pub bot: Bot,
    /// Where the bot finds its homeserver.
    pub homeserver: String,
    pub puppet: Arc<Puppet>,
    pub ann: HttpPerson,
    pub conversations: usize,
    pub while_busy: WhileBusy,
    pub streaming: bool,
    pub marks: Marks,
    pub read_receipts: ReadReceipts,
    pub room_context: usize,
    pub policy: Policy,
}

/// The bot's gateway, running.
pub struct Running {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<Ending>>,
}

fn configured(bot: &Bot) -> gateway::Bot {
    gateway::Bot::configured(&Paths::of(bot.home.config_path())).unwrap()
}

impl Scene {
    pub async fn new() -> Self {
        Self::with(Puppet::new()).await
    }

    pub async fn with(puppet: Puppet) -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        Self {
            homeserver: synapse.base_url(),
            puppet: Arc::new(puppet),
            ann: http_person(synapse, "ann").await,
            conversations: 16,
            while_busy: WhileBusy::Queue,
            streaming: false,
            marks: Marks::default(),
            read_receipts: ReadReceipts::default(),
            room_context: 0,
            policy: configured(&bot).settings.policy,
            bot,
        }
    }

    /// Runs the gateway, and waits until it is connected.
    pub async fn run(&self) -> Running {
        let mut bot = configured(&self.bot);
        bot.credentials.homeserver = self.homeserver.parse().unwrap();
        bot.settings = Settings {
            policy: self.policy.clone(),
            agent: Configured {
                agent: self.puppet.clone(),
                kind: "puppet",
                conversations: NonZeroUsize::new(self.conversations).unwrap(),
                while_busy: self.while_busy,
                room_context: self.room_context,
                passed_over: None,
            },
            media: MediaSettings {
                max_bytes: 1 << 20,
                at_once: NonZeroUsize::MIN,
                ..bot.settings.media
            },
            streaming: self.streaming,
            read_receipts: self.read_receipts,
            marks: self.marks.clone(),
            stop_grace: Duration::from_millis(100),
            ..bot.settings
        };
        let (stop, stopped) = oneshot::channel();
        let (connected, is_connected) = oneshot::channel();
        let connected = std::sync::Mutex::new(Some(connected));
        let announce = move |milestone| {
            if milestone == Milestone::Connected
                && let Some(connected) = connected.lock().unwrap().take()
            {
                let _ = connected.send(());
            }
        };
        let orders = stream::once(async {
            let _ = stopped.await;
            Order::Stop
        });
        let task = tokio::spawn(bot.run(announce, orders));
        let connected = tokio::time::timeout(LONG, is_connected).await;
        connected.expect("connected in time").expect("connected");
        Running {
            stop: Some(stop),
            task,
        }
    }

    /// A direct chat of ann and the bot, not encrypted.
    pub async fn direct(&self) -> String {
        let room = RoomSpec::direct(&self.bot.user_id);
        let room = self.ann.create_room(&room).await;
        self.ann.wait_for_member(&room, &self.bot.user_id).await;
        room
    }

    /// Says this as ann, and gives the bot's reply.
    pub async fn ask(&self, room: &str, text: &str) -> Value {
        let question = self.ann.send_text(room, text).await;
        self.reply(room, &question).await
    }

    /// The bot's reply to an event.
    pub async fn reply(&self, room: &str, to: &str) -> Value {
        self.ann.wait_for_reply(room, to, &self.bot.user_id).await
    }

    /// How the running gateway is.
    pub async fn status(&self) -> Box<Status> {
        let told = ask(&self.bot.home.path(), Request::Status, PATIENCE).await;
        match told.unwrap() {
            Some(Answer::Status(status)) => status,
            other => panic!("no status: {other:?}"),
        }
    }

    /// Waits until the bot has taken in so many messages that it has not answered.
    pub async fn wait_for_backlog(&self, messages: u64) {
        eventually("the backlog", PATIENCE, || async {
            match self.status().await.backlog {
                Some(backlog) if backlog.waiting == messages => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    /// What the bot said in a room, as [`said`] gives it.
    pub async fn said(&self, room: &str) -> Vec<(String, String)> {
        said(&self.ann, room, &self.bot.user_id).await
    }
}

/// What the bot said in a room, with what it replied to, in order.
pub async fn said(reader: &HttpPerson, room: &str, bot: &str) -> Vec<(String, String)> {
    let events = reader.events(room).await.into_iter();
    events
        .filter(|event| event["sender"] == bot && event["type"] == "m.room.message")
        .map(|event| {
            let content = &event["content"];
            (
                message::answers(content).unwrap_or_default().to_owned(),
                content["body"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

impl Running {
    /// Tells it to stop, and waits until it has; says how long that took.
    pub async fn stop(mut self) -> Duration {
        let begun = Instant::now();
        let _ = self.stop.take().expect("it is stopped once").send(());
        let ended = tokio::time::timeout(LONG, self.task).await;
        ended
            .expect("it ends")
            .expect("it does not panic")
            .expect("it ends well");
        begun.elapsed()
    }
}
