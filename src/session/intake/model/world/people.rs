//! What the people around the bot do.

use arbtest::arbitrary::{Result as Chance, Unstructured};
use serde_json::json;

use super::{ROOMS, World};
use crate::session::intake::model::server::{ANN, BOT, EVE};

impl World {
    /// Somebody says something, edits it, or takes it back.
    pub fn talk(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
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
    pub fn is_message(&self, index: usize) -> bool {
        self.server.events.get(index).is_some_and(|event| {
            event.json["type"] == "m.room.message"
                && event.json["sender"] != BOT
                && event.json["content"]["m.new_content"].is_null()
        })
    }

    /// Somebody invites the bot or shows it out.
    pub fn move_bot(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
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

    pub fn bring_key(&mut self, chance: &mut Unstructured<'_>) -> Chance<()> {
        let index = chance.int_in_range(0..=self.server.now())?;
        self.server.keys.insert(format!("${index}"));
        Ok(())
    }
}
