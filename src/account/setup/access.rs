//! Who may talk to the bot.

use std::{
    io,
    path::{Path, absolute},
    time::Duration,
};

use tokio::time::timeout;

use super::{run::Run, steps::Status};
use crate::{
    account::login::{allow_from, e2ee},
    address::parse_user_id,
    config::{Origin, SenderTrust},
    error::{Error, Result},
    gateway::check_picture,
    policy::Policy,
    session::Credentials,
    terminal::{Choice, Question, missing},
};

/// How long the homeserver may take to say whether it knows a user.
const PATIENCE: Duration = Duration::from_secs(5);

/// The path of a picture that the bot can have, from the root: the configuration's own begin elsewhere.
fn full_path(picture: &Path) -> Result<String> {
    check_picture(picture)?;
    let unusable = |why| Error::failure("cannot name the bot's picture").because(why);
    let path = absolute(picture).map_err(unusable)?;
    let path = path.to_str().map(str::to_owned);
    path.ok_or_else(|| unusable(io::Error::other("its path is not UTF-8")))
}

impl Run {
    /// Sees that an explicit list is written down, and the channel switched on. The bot has logged
    /// in now where `is_new`.
    pub async fn access(&mut self, bot: &Credentials, is_new: bool) -> Result<()> {
        self.steps.begin("access");
        let before = self.document.text().to_owned();
        let matrix = self.matrix()?;
        let wanted = loop {
            let wanted = allow_from(&self.options.login, &matrix, Some(&bot.user_id)).await?;
            let wanted = wanted.ok_or_else(|| missing("--allow-from"))?;
            let is_typed = self.options.login.allow_from.is_empty()
                && matrix.allow_from()?.is_empty()
                && self.terminal.is_interactive();
            if !is_typed || self.are_known(bot, &wanted).await? {
                break wanted;
            }
        };
        self.document.matrix_set("allowFrom", wanted)?;
        let reads_encrypted = e2ee(&self.options.login, &matrix, is_new).await?;
        if reads_encrypted != matrix.e2ee_enabled {
            self.document.matrix_set("e2eeEnabled", reads_encrypted)?;
        }
        if let Some(trust) = self.sender_trust().await? {
            self.document.matrix_set("senderTrust", trust.name())?;
        }
        if let Some(name) = &self.options.display_name {
            self.document.matrix_set("displayName", name.as_str())?;
        }
        if let Some(picture) = &self.options.avatar {
            self.document.matrix_set("avatar", full_path(picture)?)?;
        }
        self.document.matrix_set("enabled", true)?;
        let is_there = self.document.text() == before;
        if !is_there {
            self.save()?;
        }
        let audience = Policy::new(&self.matrix()?)?.describe();
        let audience = audience.trim_end_matches('.');
        if !reads_encrypted && self.options.login.e2ee.is_none() {
            let detail = format!(
                "{audience}, but not in encrypted rooms (e2eeEnabled is false), and most clients \
                 encrypt every chat. To enable encryption: `nanobot setup --e2ee`"
            );
            return self.steps.end(Status::Open, &detail);
        }
        self.steps.end(Status::done(is_there && !is_new), audience)
    }

    /// Whether the homeserver knows these users, or the person means them all the same.
    async fn are_known(&self, bot: &Credentials, users: &[String]) -> Result<bool> {
        let (account, ours) = (bot.account()?, parse_user_id(&bot.user_id));
        for user in users {
            let (Ok(ours), Ok(asked)) = (&ours, parse_user_id(user)) else {
                continue;
            };
            let asking = timeout(PATIENCE, account.profile_exists(ours, &asked));
            let known = self.terminal.during("Looking for this user", asking).await;
            if !matches!(known, Ok(Ok(Some(false)))) {
                continue;
            }
            let words = format!("The homeserver knows no {user}. Use this ID anyway?");
            let question = Question {
                default: Some("no"),
                ..Question::new(&words, "--allow-from")
            };
            if !self.terminal.ask_yes_or_no(question).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How far senders' devices must be trusted; `None` where the configuration says so already,
    /// or nobody is there to say.
    async fn sender_trust(&self) -> Result<Option<SenderTrust>> {
        let matrix = self.matrix()?;
        let is_said = matrix.origin("senderTrust") != Origin::Default;
        if let Some(given) = self.options.sender_trust {
            return Ok((!is_said || given != matrix.sender_trust).then_some(given));
        }
        if is_said || !matrix.e2ee_enabled || !self.terminal.is_interactive() {
            return Ok(None);
        }
        let question = Question {
            why: "An encrypted message comes from one of its sender's devices. An intruder could \
                  add a device to somebody's account, but not verify it.",
            ..Question::new("Which devices may talk to the bot?", "--sender-trust")
        };
        let choice = |trust: SenderTrust, about| Choice::new(trust, trust.name()).about(about);
        let choices = [
            choice(SenderTrust::Signed, "devices that their owner has verified"),
            choice(SenderTrust::Any, "every device"),
            choice(
                SenderTrust::Verified,
                "only people whom the bot has verified",
            ),
        ];
        self.terminal.choose(question, choices).await.map(Some)
    }
}
