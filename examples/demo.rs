//! Chat with your own bot over real end-to-end encryption, on a throwaway homeserver.
//!
//! Sets up a Synapse under the target directory, registers a bot and a person, runs the real
//! `login` and `gateway`, and lets you write to the bot as that person. Leaves nothing running.

#[path = "../tests/integration/harness/python.rs"]
mod python;
#[expect(dead_code, reason = "the tests use the rest of it")]
#[path = "../tests/integration/harness/synapse.rs"]
mod synapse;
#[path = "../tests/integration/harness/synapse_config.rs"]
mod synapse_config;

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, IsTerminal, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStderr, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use clap::Parser;
use console::style;
use indicatif::ProgressBar;
use matrix_sdk::{
    Client, Room,
    config::SyncSettings,
    deserialized_responses::TimelineEvent,
    ruma::{
        OwnedEventId, UserId,
        api::client::room::{create_room, get_room_event},
        events::{
            AnySyncMessageLikeEvent, AnySyncTimelineEvent, InitialStateEvent, SyncMessageLikeEvent,
            room::{encryption::RoomEncryptionEventContent, message::RoomMessageEventContent},
        },
    },
};
use tokio::io::{AsyncBufReadExt, BufReader as AsyncBufReader};

use python::{Packages, Python};
use synapse::{Config, Synapse};

/// As this first argument, the program behaves as `nanobot` itself: an example builds no binary.
const AS_NANOBOT: &str = "--as-nanobot";
const PASSWORD: &str = "demo";
const REPLY_LIMIT: Duration = Duration::from_mins(1);

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Chat with your own bot over real end-to-end encryption, on a throwaway homeserver.
#[derive(Parser)]
struct Options {
    /// Send this one message, show the answer, and end
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
}

fn main() -> ExitCode {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == AS_NANOBOT) {
        args.remove(1);
        return nanobot::run(args);
    }
    let options = Options::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = demo(options) => ended,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    });
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error.as_ref()),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("{} {error}", style("error:").red().bold());
    ExitCode::FAILURE
}

async fn demo(options: Options) -> Result<()> {
    let watched = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let message = options
        .message
        .or_else(|| (!watched).then(|| "Hello, bot!".to_owned()));

    let progress = Progress::new();
    let python = Python::prepare(Packages::Synapse, &|text| progress.say(text))?;
    let home = tempfile::Builder::new()
        .prefix("demo-")
        .tempdir_in(python::target_dir())?;
    progress.say("Starting a Synapse homeserver");
    let config = Config {
        remove_dir: true,
        ..Config::default()
    };
    let mut synapse = Synapse::start(&python, home.path(), config).await?;
    let bot_id = synapse.register("bot", PASSWORD).await?;
    let you_id = synapse.register("you", PASSWORD).await?;

    progress.say("nanobot login");
    let bot_home = home.path().join("bot");
    log_in(&synapse, &bot_home, &you_id)?;
    progress.say("nanobot gateway");
    let _gateway = Gateway::start(&python, &bot_home)?;
    progress.say("Opening an encrypted chat");
    let mut you = Person::log_in(&synapse, &bot_id).await?;
    progress.done();

    match message {
        Some(text) => one_message(&mut you, &text).await?,
        None => chat(&mut you, &synapse).await?,
    }
    synapse.stop().await?;
    Ok(())
}

/// Sends one message and shows what came back, and how the homeserver stores it.
async fn one_message(you: &mut Person, text: &str) -> Result<()> {
    let answer = you.ask(text).await?;
    println!("you: {text}");
    println!("bot: {}", answer.text);
    println!("stored by the homeserver as: {}", answer.stored_type);
    println!("sent from the bot's device: {}", answer.device);
    Ok(())
}

async fn chat(you: &mut Person, synapse: &Synapse) -> Result<()> {
    println!(
        "You are chatting with your bot, end-to-end encrypted. An empty line ends it.\n\
         To do the same from Element:\n  \
           homeserver {}\n  \
           user name  you\n  \
           password   {PASSWORD}\n",
        synapse.base_url()
    );
    let mut lines = AsyncBufReader::new(tokio::io::stdin()).lines();
    loop {
        print!("{} ", style("you:").cyan());
        std::io::stdout().flush()?;
        let line = lines.next_line().await?.unwrap_or_default();
        if line.trim().is_empty() {
            return Ok(());
        }
        let answer = you.ask(&line).await?;
        println!("{} {}", style("bot:").green(), answer.text);
    }
}

/// The program itself as `nanobot`, with its files in this directory.
fn nanobot(home: &Path) -> Result<Vec<OsString>> {
    Ok(vec![
        std::env::current_exe()?.into(),
        AS_NANOBOT.into(),
        "--config".into(),
        home.join("config.json").into(),
    ])
}

fn log_in(synapse: &Synapse, home: &Path, owner: &str) -> Result<()> {
    let words = nanobot(home)?;
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .args(["login", "--no-input", "--password-stdin", "--user", "bot"])
        .args(["--homeserver", &synapse.base_url(), "--allow-from", owner])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(PASSWORD.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// The running bot. It ends with this process, however that ends.
struct Gateway {
    launcher: Child,
}

impl Gateway {
    fn start(python: &Python, home: &Path) -> Result<Self> {
        let mut launcher = python
            .script("launcher.py")
            .args(nanobot(home)?)
            .arg("gateway")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let output = launcher.stderr.take();
        let mut gateway = Self { launcher };
        gateway.await_ready(BufReader::new(
            output.ok_or("the gateway's output is not piped")?,
        ))?;
        Ok(gateway)
    }

    fn await_ready(&mut self, mut output: BufReader<ChildStderr>) -> Result<()> {
        let mut said = String::new();
        while output.read_line(&mut said)? > 0 {
            if said.contains("E2EE enabled") {
                // Whatever else it says must go somewhere, or it would wait for a reader.
                std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
                return Ok(());
            }
        }
        self.launcher.wait()?;
        Err(format!("the gateway ended:\n{said}").into())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.launcher.stdin.take());
        // It has been killed by now; there is nothing to learn from how.
        let _ = self.launcher.wait();
    }
}

/// The person at the terminal, as a Matrix client.
struct Person {
    client: Client,
    room: Room,
    bot_id: String,
}

/// What the bot answered.
struct Answer {
    text: String,
    stored_type: String,
    device: String,
}

impl Person {
    async fn log_in(synapse: &Synapse, bot_id: &str) -> Result<Self> {
        let client = Client::builder()
            .homeserver_url(synapse.base_url())
            .build()
            .await?;
        client
            .matrix_auth()
            .login_username("you", PASSWORD)
            .initial_device_display_name("demo")
            .await?;
        client.sync_once(SyncSettings::new()).await?;

        let mut request = create_room::v3::Request::new();
        request.is_direct = true;
        request.invite = vec![UserId::parse(bot_id)?];
        request.preset = Some(create_room::v3::RoomPreset::TrustedPrivateChat);
        let encrypted = RoomEncryptionEventContent::with_recommended_defaults();
        request.initial_state =
            vec![InitialStateEvent::with_empty_state_key(encrypted).to_raw_any()];
        let room = client.create_room(request).await?;
        Ok(Self {
            client,
            room,
            bot_id: bot_id.to_owned(),
        })
    }

    /// Sends a message and waits for the answer to it.
    async fn ask(&mut self, text: &str) -> Result<Answer> {
        let content = RoomMessageEventContent::text_plain(text);
        let question = self.room.send(content).await?.response.event_id;
        let deadline = Instant::now() + REPLY_LIMIT;
        while Instant::now() < deadline {
            let settings = SyncSettings::new().timeout(Duration::from_secs(10));
            let response = self.client.sync_once(settings).await?;
            let update = response.rooms.joined.get(self.room.room_id());
            for event in update.map_or(&[][..], |update| &update.timeline.events) {
                if let Some((id, text)) = self.answer_in(event, &question) {
                    let device = event
                        .encryption_info()
                        .and_then(|info| info.sender_device.as_ref());
                    return Ok(Answer {
                        text,
                        stored_type: self.stored_type(id).await?,
                        device: device.map_or("none".into(), ToString::to_string),
                    });
                }
            }
        }
        Err("the bot did not answer".into())
    }

    /// The id and the words of this event, if it is the bot's answer to that question.
    fn answer_in(
        &self,
        event: &TimelineEvent,
        question: &OwnedEventId,
    ) -> Option<(OwnedEventId, String)> {
        // In a direct chat the answer is no reply; the bot says for itself what it answers.
        let content: serde_json::Value = event.raw().get_field("content").ok()??;
        let answers = content["nanobot.answer"]["question"] == question.as_str();
        let AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(
            SyncMessageLikeEvent::Original(event),
        )) = event.raw().deserialize().ok()?
        else {
            return None;
        };
        (answers && event.sender == self.bot_id)
            .then(|| (event.event_id, event.content.body().to_owned()))
    }

    /// The type of an event as the homeserver stores it.
    async fn stored_type(&self, id: OwnedEventId) -> Result<String> {
        let request = get_room_event::v3::Request::new(self.room.room_id().to_owned(), id);
        let stored = self.client.send(request).await?.event;
        Ok(stored.get_field("type")?.unwrap_or_default())
    }
}

/// What is being done: a moving line for a person, plain lines for a log.
struct Progress {
    spinner: Option<ProgressBar>,
}

impl Progress {
    fn new() -> Self {
        let watched = std::io::stderr().is_terminal();
        Self {
            spinner: watched.then(|| {
                let spinner = ProgressBar::new_spinner();
                spinner.enable_steady_tick(Duration::from_millis(100));
                spinner
            }),
        }
    }

    fn say(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => spinner.set_message(text.to_owned()),
            None => eprintln!("{text} …"),
        }
    }

    fn done(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}
