//! A bot that is logged in, as most tests start with.

use std::fs;
use std::time::Duration;

use super::bot::{Gateway, Home};
use super::eventually::PATIENCE;
use super::http_person::HttpPerson;
use super::output::Output;
use super::person::Person;
use super::process::Process;
use super::shared::new_name;
use super::synapse::Synapse;

/// Every bot's password. It must never be seen in any output.
pub const PASSWORD: &str = "canary-password-of-the-bot";

/// A bot with an account on a homeserver and a home of its own.
pub struct Bot {
    pub home: Home,
    pub user_id: String,
    base_url: String,
    name: String,
}

impl Bot {
    /// An account, and nothing else yet.
    pub async fn registered(synapse: &Synapse) -> Self {
        Self::registered_as(synapse, &new_name("bot")).await
    }

    /// As [`Bot::registered`], with a user name that nobody else has.
    pub async fn registered_as(synapse: &Synapse, name: &str) -> Self {
        let name = name.to_owned();
        Self {
            home: Home::new(),
            user_id: synapse.register(&name, PASSWORD).await.unwrap(),
            base_url: synapse.base_url(),
            name,
        }
    }

    /// A bot that anyone may talk to, logged in by the program itself.
    pub async fn new(synapse: &Synapse) -> Self {
        let bot = Self::registered(synapse).await;
        bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
        bot
    }

    /// Another machine that knows nothing yet, for the same account.
    pub fn elsewhere(&self) -> Self {
        Self {
            home: Home::new(),
            user_id: self.user_id.clone(),
            base_url: self.base_url.clone(),
            name: self.name.clone(),
        }
    }

    /// Runs `nanobot login` with the right password.
    pub async fn log_in(&self, more: &[&str]) -> Output {
        let mut arguments = vec![
            "login",
            "--homeserver",
            &self.base_url,
            "--user",
            &self.name,
        ];
        arguments.extend(["--no-input", "--password-stdin"]);
        arguments.extend(more);
        self.home.run(&arguments, PASSWORD).await
    }

    /// A file with the right password.
    pub fn password_file(&self) -> String {
        let path = self.home.user_dir().join("password.txt");
        fs::write(&path, PASSWORD).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Begins `nanobot store reset` as a script does, which is killed where it is told to.
    pub fn begin_reset(&self, more: &[&str], crash_point: Option<&str>) -> Process {
        let file = self.password_file();
        let arguments = ["store", "reset", "--yes", "--password-file", &file];
        let mut command = self.home.command(&[&arguments, more].concat());
        if let Some(point) = crash_point {
            command.env("NANOBOT_CRASH_POINT", point);
        }
        let process = Process::spawn(command, self.home.record());
        process.give(b"");
        process
    }

    /// Runs `nanobot store reset` with the right password.
    pub async fn reset(&self, more: &[&str]) -> Output {
        self.begin_reset(more, None).wait(LONG).await
    }

    /// A key of `channels.matrix`.
    pub fn setting(&self, key: &str) -> serde_json::Value {
        self.home.config()["channels"]["matrix"][key].clone()
    }

    pub fn token(&self) -> String {
        self.setting("accessToken").as_str().unwrap().to_owned()
    }

    pub fn device_id(&self) -> String {
        self.setting("deviceId").as_str().unwrap().to_owned()
    }

    pub fn set(&self, key: &str, value: impl Into<serde_json::Value>) {
        self.home
            .edit_config(|config| config["channels"]["matrix"][key] = value.into());
    }

    /// The bot's account over plain HTTP.
    pub async fn account(&self) -> HttpPerson {
        HttpPerson::with_token(&self.base_url, &self.token()).await
    }

    /// The gateway, with encryption confirmed.
    pub async fn run(&self) -> Gateway {
        let gateway = Gateway::connected(&self.home, &[]).await;
        gateway.expect_line("E2EE enabled", PATIENCE).await;
        gateway
    }

    /// No secret of this bot in anything it ever printed, and none in this text besides.
    pub fn assert_no_secret(&self) {
        let token = self.token();
        self.home.assert_no_secret(&[PASSWORD, &token]);
    }
}

/// A person with an independent encrypted client.
pub async fn person(synapse: &Synapse, name: &str) -> Person {
    let name = new_name(name);
    synapse.register(&name, "a password").await.unwrap();
    Person::login(&synapse.base_url(), &name, "a password").await
}

/// A person without encryption.
pub async fn http_person(synapse: &Synapse, name: &str) -> HttpPerson {
    HttpPerson::register(&synapse.base_url(), &new_name(name), "a password").await
}

/// How long many messages may take.
pub const LONG: Duration = Duration::from_mins(3);
