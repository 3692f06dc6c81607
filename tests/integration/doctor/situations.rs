//! Bots in the situations that every format has to tell.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::harness::account::Bot;
use crate::harness::bot::{Gateway, Home};
use crate::harness::output::Output;
use crate::harness::shared::shared_synapse;

/// A bot, what is asked, and the exit code that belongs to it.
pub struct Situation {
    pub name: &'static str,
    pub home: Home,
    pub code: i32,
    /// The code under `--strict`.
    pub strict: i32,
    /// What is asked besides.
    pub options: &'static [&'static str],
    /// Whether the environment has no `HOME`, so that there is no report at all.
    pub homeless: bool,
    /// It runs as long as the situation lasts.
    _gateway: Option<Gateway>,
}

impl Situation {
    fn of(name: &'static str, home: Home, code: i32) -> Self {
        Self {
            name,
            home,
            code,
            strict: code,
            options: &[],
            homeless: false,
            _gateway: None,
        }
    }

    /// Runs `nanobot doctor` with these words.
    pub async fn doctor(&self, more: &[&str]) -> Output {
        let words: Vec<_> = ["doctor"]
            .iter()
            .chain(self.options)
            .chain(more)
            .copied()
            .collect();
        let mut command: Command = self.home.command(&words);
        if self.homeless {
            command.env_remove("HOME").env_remove("NANOBOT_HOME");
        }
        self.home.run_command(command, "").await
    }
}

/// All of them, faults made for real.
pub async fn situations() -> Vec<Situation> {
    let broken = Home::new();
    broken.write_config("{\"channels\": ");
    let directory = Home::new();
    fs::create_dir_all(directory.config_path()).unwrap();
    let value = Home::new();
    value.write_config("{\"channels\": {\"matrix\": {\"maxMediaBytes\": -1, \"typo\": 1}}}");

    let synapse = shared_synapse().await;
    let revoked = Bot::new(synapse).await;
    revoked.account().await.logout().await;
    let idle = Bot::new(synapse).await;
    let healthy = Bot::new(synapse).await;
    let gateway = healthy.run().await;
    let partly = Bot::new(synapse).await;
    let offline = Bot::new(synapse).await;
    vec![
        Situation::of("no configuration", Home::new(), 4),
        Situation::of("a broken configuration", broken, 78),
        Situation::of("a directory in its place", directory, 78),
        Situation::of("a value that cannot be", value, 78),
        Situation {
            homeless: true,
            ..Situation::of("no home", Home::new(), 78)
        },
        Situation::of("a dead server", dead_server(), 69),
        Situation::of("a revoked token", revoked.home, 4),
        Situation {
            strict: 3,
            ..Situation::of("warnings only", idle.home, 0)
        },
        Situation {
            _gateway: Some(gateway),
            ..Situation::of("all is well", healthy.home, 0)
        },
        Situation {
            options: &["--only", "token.valid,store"],
            ..Situation::of("some checks", partly.home, 0)
        },
        Situation {
            options: &["--offline"],
            strict: 3,
            ..Situation::of("nobody asked", offline.home, 0)
        },
    ]
}

/// A bot whose homeserver refuses connections.
pub fn dead_server() -> Home {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    let home = Home::new();
    let section = json!({
        "enabled": true, "homeserver": url, "userId": "@bot:localhost",
        "accessToken": "opaque", "deviceId": "ABCDEFGHIJ", "allowFrom": ["*"],
    });
    home.write_config(&json!({"channels": {"matrix": section}}).to_string());
    home
}
