//! How an answer refers to the message that it answers.

use super::filter::Admitted;
use crate::{
    gateway::render::{Address, Manner},
    policy::is_direct,
};

impl Admitted {
    /// How an answer to it refers to it. In a group whoever asked is mentioned; in a direct chat
    /// everybody knows who is meant, and of what, unless something was said in between. What answers
    /// a reaction is no reply: none can be one to that.
    ///
    /// It is settled when the first of the answer is to be sent, which comes in between itself.
    pub fn address(&self) -> Address<'_> {
        let manner = self.manner.get_or_init(|| {
            let (room_id, message) = (&self.waiting.room_id, &self.message);
            let encrypted = self.encrypted;
            let is_newest = || {
                self.newest
                    .is(room_id, message.thread.as_deref(), &message.event_id)
            };
            if message.about.is_some() {
                Manner::Plain { encrypted }
            } else if !is_direct(self.members) {
                Manner::Mention
            } else if is_newest() {
                Manner::Plain { encrypted }
            } else {
                Manner::Reply
            }
        });
        Address {
            message: &self.message,
            manner: *manner,
        }
    }

    /// Has the answer refer to it as the agent wants it, unless it is shown otherwise already: as
    /// a reply, or only as what comes next in the chat.
    pub fn answer_as(&self, reply: Option<bool>) {
        let encrypted = self.encrypted;
        let manner = match reply {
            None => return,
            _ if self.message.about.is_some() => return,
            Some(true) if is_direct(self.members) => Manner::Reply,
            Some(true) => Manner::Mention,
            Some(false) => Manner::Plain { encrypted },
        };
        self.manner.get_or_init(|| manner);
    }
}
