//! Which messages are answered; what is not is said once, and counted.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use crate::{
    error::Kind,
    gateway::{
        health::Health,
        message::Message,
        permits::{Held, Stage, Undone},
        render::{Manner, is_visible},
        settings::Settings,
        shown,
    },
    homeserver::Account,
    journal::{Conversation, Journal, Lane, Protection, Waiting},
    policy::{Nothing, Protection as Came, Rule, Situation},
    session::{Newest, RoomFacts, RoomFailure, Rooms, Trust},
    threads::lock,
};

/// How long a session is not waited for again whose device did not become known.
const REMEMBERED: Duration = Duration::from_mins(10);
/// The most such sessions.
const MOST: usize = 1000;

/// The most threads that are known to be the bot's.
const MOST_THREADS: usize = 10_000;

/// A message that may be answered, and its room as it is now.
#[derive(Debug)]
pub struct Admitted {
    pub waiting: Waiting,
    pub message: Message,
    pub members: u64,
    /// Whether nothing of its room may be said in clear.
    pub encrypted: bool,
    /// Whether the bot may not send messages in its room; then it is a command, which is obeyed all
    /// the same.
    pub muted: bool,
    /// The newest messages of all conversations.
    pub newest: Newest,
    /// How its answer refers to it, once that is settled.
    pub manner: OnceLock<Manner>,
}

impl Admitted {
    /// Whether a reaction may say how far it is: none can be to a reaction.
    pub fn may_be_marked(&self) -> bool {
        self.message.about.is_none()
    }
}

/// Decides which messages are answered.
pub struct Filter {
    journal: Journal,
    rooms: Rooms,
    settings: Arc<Settings>,
    account: Account,
    user_id: String,
    health: Health,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Encrypted rooms of which it was said that they are not read.
    unread: HashSet<String>,
    /// Megolm sessions whose device was looked for in vain, and when.
    sessions: HashMap<String, Instant>,
    /// Threads that the bot takes part in.
    threads: HashSet<Conversation>,
}

impl Filter {
    pub fn new(
        journal: Journal,
        rooms: Rooms,
        settings: Arc<Settings>,
        account: Account,
        user_id: String,
        health: Health,
    ) -> Self {
        Self {
            journal,
            rooms,
            settings,
            account,
            user_id,
            health,
            seen: Mutex::default(),
        }
    }

    /// Those of the messages that may be answered; the others are closed.
    pub async fn admit(
        &self,
        lane: Lane,
        all: Vec<Waiting>,
        held: &mut Held<'_>,
    ) -> Result<Vec<Admitted>, Undone> {
        let (mut admitted, mut others, mut outcome) = (Vec::new(), Vec::new(), Ok(()));
        for waiting in all {
            let seq = waiting.seq;
            match self.judge(lane, waiting, held).await {
                Ok(Ok(message)) => admitted.push(message),
                Ok(Err(verdict)) => others.push((seq, verdict)),
                Err(why) => {
                    outcome = Err(why);
                    break;
                }
            }
        }
        // In any case: they are said and counted once.
        if !others.is_empty() {
            self.journal.close_refused(others).await?;
        }
        outcome.map(|()| admitted)
    }

    /// Whether a message is going to be answered, as far as that can be told before its turn.
    pub async fn expects(&self, waiting: Waiting) -> Option<Admitted> {
        let message = Message::read(&waiting.payload)?;
        if !is_visible(&message.text()) || message.is_unreadable {
            return None;
        }
        let admitted = self.in_its_room(waiting, message).await.ok()?;
        let known_as = self.journal.names().of(&admitted.waiting.room_id);
        let mut situation = self.situation(&admitted, &known_as).await.ok()?;
        let rule = self.rule(&mut situation, &admitted).await.ok()?;
        let (room_id, encrypted) = (&admitted.waiting.room_id, admitted.encrypted);
        let is_expected = rule.is_none() && self.rooms.may_speak(room_id, encrypted).await;
        is_expected.then_some(admitted)
    }

    /// A message, and its room as it is now.
    async fn in_its_room(
        &self,
        waiting: Waiting,
        message: Message,
    ) -> Result<Admitted, RoomFailure> {
        let RoomFacts { members, encrypted } = self.rooms.facts(&waiting.room_id).await?;
        Ok(Admitted {
            // What was encrypted once stays so, whatever the homeserver says of it now.
            encrypted: encrypted || waiting.protection != Protection::Clear,
            waiting,
            message,
            members,
            muted: false,
            newest: self.rooms.newest.clone(),
            manner: OnceLock::new(),
        })
    }

    /// Whether a message may be answered; the name of the verdict where it may not.
    async fn judge(
        &self,
        lane: Lane,
        waiting: Waiting,
        held: &mut Held<'_>,
    ) -> Result<Result<Admitted, &'static str>, Undone> {
        let Some(message) = Message::read(&waiting.payload) else {
            let nothing = Message::nothing_in(&waiting.payload);
            return Ok(Err(self.pass_over(nothing, &waiting, None)));
        };
        if !is_visible(&message.text()) {
            let sender = Some(&*message.sender);
            return Ok(Err(self.pass_over(Nothing::Empty, &waiting, sender)));
        }
        let mut admitted = self.in_its_room(waiting, message).await?;
        let mut rule = self.objection(&admitted, held).await?;
        let room_id = &admitted.waiting.room_id;
        // Before the agent is asked for what could not be said.
        if rule.is_none() && !self.rooms.may_speak(room_id, admitted.encrypted).await {
            match lane {
                Lane::Message | Lane::Reaction => rule = Some(Rule::RoomMuted),
                Lane::Command => admitted.muted = true,
            }
        }
        match rule {
            None => {
                self.follow(&admitted);
                Ok(Ok(admitted))
            }
            Some(rule) => {
                self.refuse(rule, &admitted);
                Ok(Err(rule.name()))
            }
        }
    }

    /// The rule by which a message is not answered. A device that is not known may only be so
    /// for the moment, and is looked for.
    async fn objection(
        &self,
        admitted: &Admitted,
        held: &mut Held<'_>,
    ) -> Result<Option<Rule>, Undone> {
        let (waiting, sender) = (&admitted.waiting, &*admitted.message.sender);
        let room_id = &*waiting.room_id;
        let known_as = self.journal.names().of(room_id);
        let mut situation = self.situation(admitted, &known_as).await?;
        let rule = self.rule(&mut situation, admitted).await?;
        let (Some(rule), Some(session)) = (rule, session_of(waiting)) else {
            return Ok(rule);
        };
        if !rule.may_pass() || !self.is_worth_a_look(session) {
            return Ok(Some(rule));
        }
        // That takes a while, in which the agent is free for others.
        held.release(&Stage::Asking);
        held.need(Stage::Fetching(sender.to_owned()))?;
        held.release(&Stage::Reading);
        tracing::debug!(
            room_id,
            event_id = waiting.event_id,
            sender,
            "looking up the device that encrypted a message"
        );
        let trust = self.rooms.look_for_device(room_id, session, sender).await?;
        situation.protection = Came::Encrypted(trust.unwrap_or(Trust::Unknown));
        let rule = self.settings.policy.objection(&situation);
        let mut seen = lock(&self.seen);
        if rule.is_some_and(Rule::may_pass) && seen.sessions.len() < MOST {
            seen.sessions.insert(session.to_owned(), Instant::now());
        }
        Ok(rule)
    }

    /// What the rules look at in a message and its room, which is also known as this.
    async fn situation<'a>(
        &self,
        admitted: &'a Admitted,
        known_as: &'a [String],
    ) -> Result<Situation<'a>, RoomFailure> {
        let (waiting, message) = (&admitted.waiting, &admitted.message);
        let (room_id, sender) = (&*waiting.room_id, &*message.sender);
        Ok(Situation {
            sender,
            room_id,
            known_as,
            members: admitted.members,
            encrypted: admitted.encrypted,
            protection: self.protection(waiting, message).await?,
            mentions_bot: message.mentions(&self.user_id),
            is_reaction: message.about.is_some(),
            mentions_room: message.mentions_room() && self.rooms.may_notify(room_id, sender).await,
            in_own_thread: false,
        })
    }

    /// The rule by which a message is not answered. Whether it was written in the bot's own thread is
    /// found out only where that matters.
    async fn rule(
        &self,
        situation: &mut Situation<'_>,
        admitted: &Admitted,
    ) -> Result<Option<Rule>, RoomFailure> {
        let policy = &self.settings.policy;
        let rule = policy.objection(situation);
        if rule != Some(Rule::NotMentioned) || !policy.follow_threads {
            return Ok(rule);
        }
        situation.in_own_thread = self.takes_part(admitted).await?;
        Ok(policy.objection(situation))
    }

    /// Whether the bot takes part in the thread of this message: it has said something there, or
    /// what the thread begins with. The homeserver knows.
    async fn takes_part(&self, admitted: &Admitted) -> Result<bool, RoomFailure> {
        let Some(root) = &admitted.message.thread else {
            return Ok(false);
        };
        let room_id = &*admitted.waiting.room_id;
        if lock(&self.seen)
            .threads
            .contains(&Conversation::new(room_id, Some(root)))
        {
            return Ok(true);
        }
        match self.account.takes_part(&self.user_id, room_id, root).await {
            Err(failure) if !matches!(failure.kind(), Kind::Unreachable | Kind::NotLoggedIn) => {
                tracing::debug!(room_id, root, "cannot look up a thread: {failure}");
                Ok(false)
            }
            answer => answer.map_err(|failure| RoomFailure::Later(failure.into())),
        }
    }

    /// Remembers the thread of a message that is answered.
    fn follow(&self, admitted: &Admitted) {
        if let Some(root) = &admitted.message.thread {
            let threads = &mut lock(&self.seen).threads;
            if threads.len() >= MOST_THREADS {
                threads.clear();
            }
            threads.insert(Conversation::new(&admitted.waiting.room_id, Some(root)));
        }
    }

    /// How a message came, by what is known of its sender's device now.
    async fn protection(&self, waiting: &Waiting, message: &Message) -> Result<Came, RoomFailure> {
        let sender = &*message.sender;
        let at_intake = match &waiting.protection {
            Protection::Clear => return Ok(Came::Clear),
            Protection::Exposed if message.about.as_ref().is_some_and(|it| it.never_encrypted) => {
                return Ok(Came::NeverEncrypted);
            }
            Protection::Exposed => return Ok(Came::Exposed),
            Protection::Encrypted { trust, .. } => Trust::from_name(trust),
        };
        let now = match session_of(waiting) {
            Some(session) => self.rooms.trust(&waiting.room_id, session, sender).await?,
            None => None,
        };
        // A session of an earlier device may be unknown to this one.
        Ok(Came::Encrypted(now.unwrap_or(at_intake)))
    }

    /// Whether the device of this session is to be looked for: not again after it was looked for
    /// in vain a moment ago.
    fn is_worth_a_look(&self, session_id: &str) -> bool {
        let sessions = &mut lock(&self.seen).sessions;
        sessions.retain(|_, at| at.elapsed() < REMEMBERED);
        !sessions.contains_key(session_id)
    }

    /// Logs and counts that a rule refuses a message.
    fn refuse(&self, rule: Rule, admitted: &Admitted) {
        self.health.refusals.add(rule);
        let (waiting, sender) = (&admitted.waiting, &*admitted.message.sender);
        let room_id = &*waiting.room_id;
        let is_new_room = || lock(&self.seen).unread.insert(room_id.to_owned());
        let is_worth_a_warning = match rule {
            Rule::EncryptionDisabled => is_new_room(),
            rule => rule.is_about_protection(),
        };
        if is_worth_a_warning {
            tracing::warn!(
                event = "message",
                room_id,
                sender,
                event_id = waiting.event_id,
                verdict = rule.name(),
                "{sender} in {}: not answered: {rule}",
                shown(&self.rooms, room_id)
            );
        } else {
            self.say(rule.name(), &rule.to_string(), waiting, Some(sender));
        }
    }

    /// Logs that there is nothing to answer in a message; the name of the verdict.
    fn pass_over(&self, nothing: Nothing, waiting: &Waiting, sender: Option<&str>) -> &'static str {
        self.say(nothing.name(), &nothing.to_string(), waiting, sender);
        nothing.name()
    }

    /// Logs that a message is not answered, and why.
    fn say(&self, verdict: &str, why: &str, waiting: &Waiting, sender: Option<&str>) {
        let room_id = &*waiting.room_id;
        tracing::info!(
            event = "message",
            room_id,
            sender,
            event_id = waiting.event_id,
            verdict,
            "{} in {}: not answered: {why}",
            sender.unwrap_or("a message"),
            shown(&self.rooms, room_id)
        );
    }
}

fn session_of(waiting: &Waiting) -> Option<&str> {
    match &waiting.protection {
        Protection::Encrypted { session_id, .. } => session_id.as_deref(),
        Protection::Clear | Protection::Exposed => None,
    }
}
