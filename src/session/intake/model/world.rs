//! The bot and the people around it, living through a random history.

use std::{collections::BTreeMap, path::PathBuf};

use arbtest::arbitrary::{Result as Chance, Unstructured};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    super::{Audience, Intake, View, classify},
    oracle::{Should, should},
    server::{ANN, BOT, EVE, Server, answer},
};
use crate::{
    error::Result,
    inbox::{Changes, Inbox, Part, inherit},
};

const ROOMS: usize = 2;
/// Steps of one history.
const STEPS: usize = 60;

pub(super) struct World {
    server: Server,
    home: TempDir,
    /// The bot's devices so far.
    devices: usize,
    inbox: Inbox,
    /// It has synced since it was started: before that it answers nothing.
    is_up: bool,
    /// Where the first device began.
    first: usize,
    audience: Audience,
    /// Answers that the homeserver remembers by their transactions.
    transactions: BTreeMap<(usize, String), String>,
    /// The furthest position that was taken in.
    seen: usize,
    /// What happened, to be read when it went wrong.
    story: Vec<String>,
}

impl World {
    pub(super) async fn new() -> Self {
        // Memory, where there is a filesystem of it.
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let home = home.unwrap();
        let inbox = open(home.path().join("0"), 0).await;
        Self {
            server: Server::default(),
            home,
            devices: 0,
            inbox,
            is_up: false,
            first: 0,
            audience: Audience::new(|_, sender| sender == ANN),
            transactions: BTreeMap::new(),
            seen: 0,
            story: Vec::new(),
        }
    }

    /// Lives through a history, and lets everything settle.
    pub(super) async fn live(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        self.server.heeds_end = chance.arbitrary()?;
        self.server.limit = chance.int_in_range(1..=5)?;
        self.server.set_membership(0, "join", BOT);
        for _ in 0..chance.int_in_range(0..=8)? {
            self.talk(chance)?;
        }
        self.first = self.server.now();
        self.log_in().await;
        for _ in 0..STEPS {
            if chance.is_empty() {
                break;
            }
            self.step(chance).await?;
        }
        self.settle().await;
        Ok(())
    }

    async fn step(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        match chance.int_in_range(0..=15)? {
            0..=5 => self.talk(chance)?,
            6 => self.move_bot(chance)?,
            7 => self.bring_key(chance)?,
            8..=10 => self.sync(fuse(chance)?).await,
            11..=13 => self.answer(fuse(chance)?).await,
            14 => self.restart().await,
            _ => match chance.int_in_range(0..=3)? {
                0 => self.change_device().await,
                1 => self.transactions.clear(),
                2 => self.go_back(chance).await?,
                _ => self.sync(None).await,
            },
        }
        Ok(())
    }

    /// Somebody says something, edits it, or takes it back.
    fn talk(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        let room = chance.choose_index(ROOMS)?;
        let sender = *chance.choose(&[ANN, ANN, ANN, EVE])?;
        let target = chance.int_in_range(0..=self.server.now())?;
        let is_encrypted = chance.arbitrary()?;
        match chance.int_in_range(0..=6)? {
            0 => self.edit(target, sender, is_encrypted),
            1 => self.redact(target),
            kind => {
                let words = format!("words {}", self.server.now());
                let json = json!({"type": "m.room.message", "sender": sender,
                    "content": {"msgtype": "m.text", "body": words}});
                // Before there is a bot nothing tells what is late from what is old.
                let late_by = if kind == 2 && self.first > 0 {
                    chance.int_in_range(0..=6)?
                } else {
                    0
                };
                let id = self.server.append(room, json, is_encrypted, late_by);
                let has_key = !is_encrypted || chance.ratio(2, 3)?;
                if has_key {
                    self.server.keys.insert(id.clone());
                }
                self.note(&format!(
                    "{sender} says {id} in {room}, late by {late_by}, key {has_key}"
                ));
            }
        }
        Ok(())
    }

    fn edit(&mut self, target: usize, sender: &str, is_encrypted: bool) {
        if !self.is_message(target) {
            return;
        }
        let room = self.server.events[target].room;
        let words = format!("edited {}", self.server.now());
        let json = json!({"type": "m.room.message", "sender": sender, "content": {
            "body": "*", "m.new_content": {"msgtype": "m.text", "body": words},
            "m.relates_to": {"rel_type": "m.replace", "event_id": format!("${target}")},
        }});
        let id = self.server.append(room, json, is_encrypted, 0);
        self.server.keys.insert(id.clone());
        self.note(&format!("{sender} edits ${target}: {id}"));
    }

    fn redact(&mut self, target: usize) {
        if !self.is_message(target) {
            return;
        }
        let room = self.server.events[target].room;
        self.server.events[target].is_redacted = true;
        let json = json!({"type": "m.room.redaction", "sender": ANN,
            "redacts": format!("${target}"), "content": {}});
        let id = self.server.append(room, json, false, 0);
        self.note(&format!("${target} is taken back: {id}"));
    }

    /// Whether this is what somebody said, and not an edit of it.
    fn is_message(&self, index: usize) -> bool {
        self.server.events.get(index).is_some_and(|event| {
            event.json["type"] == "m.room.message"
                && event.json["sender"] != BOT
                && event.json["content"]["m.new_content"].is_null()
        })
    }

    /// Somebody invites the bot or shows it out.
    fn move_bot(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        let room = chance.choose_index(ROOMS)?;
        let next = match self.server.membership(room, self.server.now()) {
            "join" => *chance.choose(&["leave", "ban"])?,
            "invite" => "leave",
            _ => "invite",
        };
        self.server.set_membership(room, next, ANN);
        self.note(&format!("the bot's membership of {room}: {next}"));
        Ok(())
    }

    fn bring_key(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        let index = chance.int_in_range(0..=self.server.now())?;
        self.server.keys.insert(format!("${index}"));
        Ok(())
    }

    /// The account gets its first device.
    async fn log_in(&mut self) {
        self.note("login");
        let position = None;
        let response = self.server.sync(position, ROOMS);
        intake(&self.inbox, &self.audience)
            .journal(response, &mut &self.server, &mut Changes::default())
            .await
            .unwrap();
        self.restart().await;
    }

    /// One sync of the bot, which may die at it.
    async fn sync(&mut self, fuse: Option<i64>) {
        self.note(&format!("sync, {fuse:?}"));
        self.inbox.die_after(fuse.unwrap_or(-1));
        match self.try_sync().await {
            Ok(()) => {
                self.seen = self.server.now();
                self.is_up = true;
                self.inbox.die_after(-1);
            }
            Err(_) => self.restart().await,
        }
    }

    async fn try_sync(&mut self) -> Result<()> {
        let intake = intake(&self.inbox, &self.audience);
        let mut server = &self.server;
        let is_in = |room: &usize| self.server.membership(*room, self.server.now()) == "join";
        let joined = (0..ROOMS).filter(is_in);
        let joined = joined.map(Server::known_room).collect();
        let mut changes = Changes::default();
        intake.take_over(joined, &mut server, &mut changes).await?;
        let since = self.inbox.position().await?;
        let since = since.map(|since| since[1..].parse().unwrap());
        let response = self.server.sync(since, ROOMS);
        intake.journal(response, &mut server, &mut changes).await?;
        self.look_again().await?;
        for invitation in self.inbox.invitations().await? {
            let room: usize = invitation.room_id["!room".len()..].parse().unwrap();
            if self.server.membership(room, self.server.now()) == "invite" {
                self.server.set_membership(room, "join", BOT);
                self.note(&format!("the bot joins {room}"));
            }
        }
        Ok(())
    }

    /// Tries again what could not be decrypted.
    async fn look_again(&self) -> Result<()> {
        let mut last = 0;
        loop {
            let waiting = self.inbox.undecryptable(None, last).await?;
            let Some(newest) = waiting.last() else {
                return Ok(());
            };
            last = newest.seq;
            for kept in waiting {
                let json: Value = serde_json::from_str(&kept.payload).unwrap();
                let event = self.server.event(json["event_id"].as_str().unwrap());
                let view = View {
                    room_id: &kept.room_id.clone(),
                    own_id: BOT,
                    was_invited: false,
                    was_encrypted: true,
                    is_encrypted: true,
                    audience: &self.audience,
                    is_urgent: &|_| false,
                };
                if let Some((_, arrival)) = classify(&view, &event, true) {
                    self.inbox.looked_at_again(kept, arrival).await?;
                }
            }
        }
    }

    /// Answers the oldest question, and may die at it.
    async fn answer(&mut self, fuse: Option<i64>) {
        if !self.is_up {
            return;
        }
        self.inbox.die_after(fuse.unwrap_or(-1));
        match self.try_answer().await {
            Ok(_) => self.inbox.die_after(-1),
            Err(_) => self.restart().await,
        }
    }

    /// Whether there was something to answer.
    async fn try_answer(&mut self) -> Result<bool> {
        let conversations = self.inbox.waiting_conversations().await?;
        let Some(conversation) = conversations.first() else {
            return Ok(false);
        };
        let Some(waiting) = self.inbox.next(conversation).await? else {
            return Ok(false);
        };
        let mut parts = self.inbox.reply(waiting.seq).await?;
        if parts.is_none() {
            let event: Value = serde_json::from_str(&waiting.payload).unwrap();
            let words = event["content"]["body"].as_str();
            // Nobody answers what has no words.
            let Some(content) = words.map(str::to_owned) else {
                self.inbox.close(vec![waiting.seq]).await?;
                return Ok(true);
            };
            self.judge_words(&waiting.event_id, &content);
            let new = vec![Part { part: 0, content }];
            let recorded = self
                .inbox
                .record_reply(waiting.seq, None, Vec::new(), new.clone());
            parts = recorded.await?.then_some(new);
        }
        for part in parts.into_iter().flatten() {
            let room: usize = waiting.room_id["!room".len()..].parse().unwrap();
            if self.server.membership(room, self.server.now()) != "join" {
                // It is refused.
                break;
            }
            let event_id = self.send(room, &waiting.event_id, &part.content);
            self.inbox
                .part_sent(waiting.seq, part.part, event_id)
                .await?;
        }
        self.inbox.close(vec![waiting.seq]).await?;
        Ok(true)
    }

    /// The same transaction gives the same event, as long as the homeserver remembers it.
    fn send(&mut self, room: usize, question: &str, words: &str) -> String {
        let transaction = (self.devices, question.to_owned());
        if let Some(sent) = self.transactions.get(&transaction) {
            return sent.clone();
        }
        let sent = self.server.append(room, answer(question, words), false, 0);
        self.note(&format!("the bot answers {question}: {sent}"));
        self.transactions.insert(transaction, sent.clone());
        sent
    }

    /// What it answers is the newest that it has seen of the question, and was not taken back.
    fn judge_words(&self, question: &str, words: &str) {
        let target = json!(question);
        let asked: usize = question[1..].parse().unwrap();
        let asked = &self.server.events[asked];
        let mut newest = asked.json["content"]["body"].clone();
        for event in &self.server.events[..self.seen] {
            let content = &event.json["content"];
            let is_edit = content["m.relates_to"]["event_id"] == target
                && event.json["sender"] == asked.json["sender"]
                && (event.is_encrypted || !asked.is_encrypted);
            if is_edit && !event.is_redacted {
                newest = content["m.new_content"]["body"].clone();
            }
            assert_ne!(event.json["redacts"], target, "taken back\n{}", self.told());
        }
        assert_eq!(json!(words), newest, "{question}\n{}", self.told());
    }

    async fn restart(&mut self) {
        self.is_up = false;
        self.inbox = open(
            self.home.path().join(self.devices.to_string()),
            self.devices,
        )
        .await;
    }

    /// The bot gets a new device, which takes over the journal.
    async fn change_device(&mut self) {
        let old = self.home.path().join(self.devices.to_string());
        self.devices += 1;
        self.note(&format!("device {}", self.devices));
        let new = self.home.path().join(self.devices.to_string());
        let inbox = open(new.clone(), self.devices).await;
        let response = self.server.sync(None, ROOMS);
        intake(&inbox, &self.audience)
            .journal(response, &mut &self.server, &mut Changes::default())
            .await
            .unwrap();
        inherit(&old, &new, BOT).await.unwrap();
        self.restart().await;
    }

    /// The homeserver gives a position that it has given before.
    async fn go_back(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        let now = self.inbox.position().await.unwrap().unwrap();
        let now = now[1..].parse().unwrap();
        let position = chance.int_in_range(self.first..=now)?;
        let position = format!("s{position}");
        self.note(&format!("back to {position}"));
        self.server.went_back = true;
        // Only a device that goes on from there.
        if self.inbox.predecessor().await.unwrap().is_none() {
            self.inbox.set_position(Some(position)).await.unwrap();
        }
        Ok(())
    }

    /// Lets every key come, and everything be answered that is to be.
    async fn settle(&mut self) {
        for index in 0..self.server.now() {
            self.server.keys.insert(format!("${index}"));
        }
        for _ in 0..3 {
            self.sync(None).await;
            while self.try_answer().await.unwrap() {}
        }
    }

    pub(super) fn judge(&self) {
        for index in (0..self.server.now()).filter(|index| self.is_message(*index)) {
            let question = json!(format!("${index}"));
            let answers = self.server.events.iter().filter(|event| {
                event.json["sender"] == BOT
                    && event.json["content"]["m.relates_to"]["m.in_reply_to"]["event_id"]
                        == question
            });
            let should = should(&self.server, index, self.first);
            let is_right = matches!(
                (should, answers.count()),
                (Should::Answer, 1) | (Should::Ignore, 0) | (Should::Either, 0 | 1)
            );
            assert!(is_right, "{question}: {should:?}\n{}", self.told());
        }
    }

    fn note(&mut self, what: &str) {
        let at = self.server.now();
        self.story.push(format!("{at}: {what}"));
    }

    fn told(&self) -> String {
        self.story.join("\n")
    }
}

fn intake<'a>(inbox: &'a Inbox, audience: &'a Audience) -> Intake<'a> {
    Intake {
        inbox,
        own_id: BOT,
        audience,
    }
}

async fn open(directory: PathBuf, device: usize) -> Inbox {
    std::fs::create_dir_all(&directory).unwrap();
    let inbox = Inbox::open(&directory, BOT, &device.to_string()).await;
    let inbox = inbox.unwrap();
    inbox.hurry().await;
    inbox
}

/// After how many more writes the bot dies, if it does.
fn fuse(chance: &mut Unstructured<'_>) -> Chance<Option<i64>> {
    let dies = chance.ratio(1, 3)?;
    Ok(if dies {
        Some(chance.int_in_range(1..=12)?)
    } else {
        None
    })
}
