//! A bot, and a person with Element's encryption whom it may talk to.

use std::time::Duration;

use serde_json::Value;

use crate::harness::account::{Bot, LONG};
use crate::harness::bot::Gateway;
use crate::harness::eventually::eventually;
use crate::harness::js_person::{JsPerson, Request, Shown};
use crate::harness::pty::Pty;
use crate::harness::shared::new_name;
use crate::harness::synapse::Synapse;

pub struct Scene {
    pub bot: Bot,
    pub ann: JsPerson,
    pub room: String,
    pub gateway: Gateway,
}

/// A person with Element's encryption and an identity; `None` where it cannot be had.
pub async fn js_person(synapse: &Synapse, name: &str) -> Option<JsPerson> {
    let name = new_name(name);
    synapse.register(&name, "a password").await.unwrap();
    JsPerson::login(&synapse.base_url(), &name, "a password", true).await
}

impl Scene {
    /// Ann and the bot in a chat of their own, the gateway running; nobody else may talk to it.
    pub async fn new(synapse: &Synapse) -> Option<Self> {
        Self::with(synapse, |_| {}).await
    }

    /// The same with a changed configuration.
    pub async fn with(synapse: &Synapse, change: impl FnOnce(&Bot)) -> Option<Self> {
        let ann = js_person(synapse, "ann").await?;
        let bot = Bot::registered(synapse).await;
        let login = bot.log_in(&["--allow-from", ann.user_id()]).await;
        login.expect_code(0);
        change(&bot);
        let gateway = bot.run().await;
        let room = ann.create_room(&bot.user_id).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        Some(Self {
            bot,
            ann,
            room,
            gateway,
        })
    }

    pub async fn list(&self) -> Vec<Value> {
        list(&self.bot).await
    }

    /// The only verification, once it is at this stage.
    pub async fn at(&self, stage: &str) -> Value {
        at(&self.bot, stage).await
    }

    /// Ann asks in the chat, and begins to compare as soon as the bot has accepted.
    pub async fn ann_asks(&self) -> (Request, Shown) {
        let request = self.ann.ask_in_room(&self.room, &self.bot.user_id).await;
        self.ann.start(request).await;
        (request, self.ann.compare(request).await)
    }

    /// Neither of them has verified the other.
    pub async fn assert_nobody_verified(&self) {
        assert!(!self.ann.sees_user_verified(&self.bot.user_id).await);
        assert!(!has_signed(&self.bot, self.ann.user_id()).await);
    }
}

pub async fn list(bot: &Bot) -> Vec<Value> {
    let output = bot.home.run(&["verify", "list", "--json"], "").await;
    let list = output.expect_code(0).json();
    list["verifications"].as_array().unwrap().clone()
}

pub async fn at(bot: &Bot, stage: &str) -> Value {
    eventually(&format!("a verification at {stage}"), LONG, || async {
        let mut all = list(bot).await;
        match all.len() {
            1 if all[0]["stage"] == stage => Ok(all.remove(0)),
            _ => Err(format!("{all:?}")),
        }
    })
    .await
}

/// Whether the bot's identity has signed that of this user, as the server holds it.
pub async fn has_signed(bot: &Bot, user_id: &str) -> bool {
    let keys = bot.account().await.query_keys(user_id).await;
    keys["master_keys"][user_id]["signatures"][&bot.user_id].is_object()
}

/// Waits until both identities have signed each other.
pub async fn expect_verified(ann: &JsPerson, bot: &Bot) {
    eventually("ann's client with a verified bot", LONG, || async {
        let user = ann.sees_user_verified(&bot.user_id).await;
        let device = ann
            .sees_device_verified(&bot.user_id, &bot.device_id())
            .await;
        let back = has_signed(bot, ann.user_id()).await;
        if user && device && back {
            Ok(())
        } else {
            Err(format!("user: {user}, device: {device}, back: {back}"))
        }
    })
    .await;
}

/// The same, as the program lists it.
pub fn shown_in(verification: &Value) -> Shown {
    let emoji = verification["emoji"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Shown {
        emoji: emoji
            .map(|emoji| (text(&emoji["symbol"]), text(&emoji["name"])))
            .collect(),
        decimals: serde_json::from_value(verification["decimals"].clone()).unwrap(),
    }
}

/// Waits until the terminal shows the same as the other side and asks.
pub async fn expect_shown(terminal: &Pty, shown: &Shown, limit: Duration) {
    terminal.expect("show the same?", limit).await;
    let screen = terminal.screen();
    let mut rest = screen.as_str();
    assert_eq!(shown.emoji.len(), 7);
    for (symbol, name) in &shown.emoji {
        let line = format!("{symbol}  {name}\n");
        let (_, behind) = rest
            .split_once(&line)
            .unwrap_or_else(|| panic!("no {line:?} in {rest}"));
        rest = behind;
    }
    let [first, second, third] = shown.decimals;
    let numbers = format!("{first} {second} {third}");
    assert!(rest.contains(&numbers), "no {numbers} in {rest}");
}
