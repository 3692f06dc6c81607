//! The bot and the people around it, living through a random history.

mod people;

use std::{collections::BTreeMap, path::PathBuf};

use arbtest::arbitrary::{Result as Chance, Unstructured};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    oracle::{Should, should},
    server::{ANN, BOT, Server, answer},
};
use crate::{
    error::Result,
    journal::{Changes, Journal, Part, inherit},
    session::intake::{
        classify::{Audience, Bot},
        record::Intake,
    },
};

const ROOMS: usize = 2;
/// Steps of one history.
const STEPS: usize = 60;

pub struct World {
    server: Server,
    home: TempDir,
    /// Where the journal is in it.
    directory: PathBuf,
    /// The bot's devices so far.
    devices: usize,
    journal: Journal,
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
    pub async fn new() -> Self {
        // Memory, where there is a filesystem of it.
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let home = home.unwrap();
        let directory = home.path().join("0");
        Self {
            server: Server::default(),
            journal: open(directory.clone(), 0).await,
            home,
            directory,
            devices: 0,
            is_up: false,
            first: 0,
            audience: Box::new(|_, sender| sender == ANN),
            transactions: BTreeMap::new(),
            seen: 0,
            story: Vec::new(),
        }
    }

    /// Lives through a history, and lets everything settle.
    pub async fn live(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
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
            14 if chance.arbitrary()? => self.cut_power().await,
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

    /// The account gets its first device.
    async fn log_in(&mut self) {
        self.note("login");
        let position = None;
        let response = self.server.sync(position, ROOMS);
        let mut changes = Changes::default();
        let mut intake = intake(&self.journal, &self.audience, &self.server, &mut changes);
        intake.record(response).await.unwrap();
        self.restart().await;
    }

    /// One sync of the bot, which may die at it.
    async fn sync(&mut self, fuse: Option<i64>) {
        self.note(&format!("sync, {fuse:?}"));
        self.journal.die_after(fuse.unwrap_or(-1));
        match self.try_sync().await {
            Ok(()) => {
                self.seen = self.server.now();
                self.is_up = true;
                self.journal.die_after(-1);
            }
            Err(_) => self.restart().await,
        }
    }

    async fn try_sync(&mut self) -> Result<()> {
        let mut changes = Changes::default();
        let mut intake = intake(&self.journal, &self.audience, &self.server, &mut changes);
        let is_in = |room: &usize| self.server.membership(*room, self.server.now()) == "join";
        let joined = (0..ROOMS).filter(is_in);
        let joined = joined.map(Server::known_room).collect();
        intake.take_over(joined).await?;
        let since = self.journal.position().await?;
        let since = since.map(|since| since[1..].parse().unwrap());
        let response = self.server.sync(since, ROOMS);
        intake.record(response).await?;
        self.look_again().await?;
        for invitation in self.journal.invitations().await? {
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
        let bot = bot(&self.audience);
        let mut last = 0;
        loop {
            let waiting = self.journal.undecryptable(None, last).await?;
            let Some(newest) = waiting.last() else {
                return Ok(());
            };
            last = newest.seq;
            for kept in waiting {
                let json: Value = serde_json::from_str(&kept.payload).unwrap();
                let event = self.server.event(json["event_id"].as_str().unwrap());
                if let Some(arrival) = bot.look_again(&kept, None, &event) {
                    self.journal.looked_at_again(kept, arrival).await?;
                }
            }
        }
    }

    /// Answers the oldest question, and may die at it.
    async fn answer(&mut self, fuse: Option<i64>) {
        if !self.is_up {
            return;
        }
        self.journal.die_after(fuse.unwrap_or(-1));
        match self.try_answer().await {
            Ok(_) => self.journal.die_after(-1),
            Err(_) => self.restart().await,
        }
    }

    /// Whether there was something to answer.
    async fn try_answer(&mut self) -> Result<bool> {
        let conversations = self.journal.waiting_conversations().await?;
        let Some(conversation) = conversations.first() else {
            return Ok(false);
        };
        let Some(waiting) = self.journal.next(conversation).await? else {
            return Ok(false);
        };
        let mut parts = self.journal.reply(waiting.seq).await?;
        if parts.is_none() {
            let event: Value = serde_json::from_str(&waiting.payload).unwrap();
            let words = event["content"]["body"].as_str();
            // Nobody answers what has no words.
            let Some(content) = words.map(str::to_owned) else {
                self.journal.close(vec![waiting.seq]).await?;
                return Ok(true);
            };
            self.judge_words(&waiting.event_id, &content);
            let new = vec![Part { part: 0, content }];
            let recorded = self
                .journal
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
            self.journal
                .part_sent(waiting.seq, part.part, event_id)
                .await?;
        }
        self.journal.close_answered(vec![waiting.seq]).await?;
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
        self.journal = open(self.directory.clone(), self.devices).await;
    }

    /// The power fails.
    async fn cut_power(&mut self) {
        self.note("power cut");
        let directory = format!("{}-{}", self.devices, self.story.len());
        self.directory = self.home.path().join(directory);
        self.journal.cut_power(&self.directory);
        self.restart().await;
    }

    /// The bot gets a new device, which takes over the journal.
    async fn change_device(&mut self) {
        self.devices += 1;
        self.note(&format!("device {}", self.devices));
        let new = self.home.path().join(self.devices.to_string());
        let old = std::mem::replace(&mut self.directory, new.clone());
        let journal = open(new.clone(), self.devices).await;
        let response = self.server.sync(None, ROOMS);
        let mut changes = Changes::default();
        let mut intake = intake(&journal, &self.audience, &self.server, &mut changes);
        intake.record(response).await.unwrap();
        inherit(&old, &new, BOT).await.unwrap();
        self.restart().await;
    }

    /// The homeserver gives a position that it has given before.
    async fn go_back(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        let now = self.journal.position().await.unwrap().unwrap();
        let now = now[1..].parse().unwrap();
        let position = chance.int_in_range(self.first..=now)?;
        let position = format!("s{position}");
        self.note(&format!("back to {position}"));
        self.server.went_back = true;
        // Only a device that goes on from there.
        if self.journal.predecessor().await.unwrap().is_none() {
            self.journal.set_position(Some(position)).await.unwrap();
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

    pub fn judge(&self) {
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

fn bot(audience: &Audience) -> Bot<'_> {
    Bot {
        user_id: BOT,
        audience,
        reactors: audience,
        is_command: |_, _, _| false,
    }
}

fn intake<'a>(
    journal: &'a Journal,
    audience: &'a Audience,
    histories: &'a Server,
    changes: &'a mut Changes,
) -> Intake<'a, &'a Server> {
    Intake {
        journal,
        bot: bot(audience),
        histories,
        changes,
    }
}

async fn open(directory: PathBuf, device: usize) -> Journal {
    std::fs::create_dir_all(&directory).unwrap();
    let journal = Journal::open(&directory, BOT, &device.to_string()).await;
    let journal = journal.unwrap();
    journal.hurry().await;
    journal
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
