//! What a newcomer types, and what the terminal shows.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    AS_NANOBOT, Result,
    harness::{
        pty::Pty,
        python,
        record::Record,
        shared,
        synapse::{Config, Synapse},
    },
};

/// The port a homeserver usually has.
const USUAL_PORT: u16 = 8008;
const PASSWORD: &str = "correct horse battery staple";
const LIMIT: Duration = Duration::from_mins(2);
const DEMO: &str = "cargo run --release --example demo";

/// A terminal window.
pub struct Window {
    /// What stands above it.
    pub title: &'static str,
    /// Everything the terminal was sent.
    pub bytes: Vec<u8>,
}

/// Runs everything the picture shows.
///
/// # Errors
///
/// What could not be run. What runs and does not do as expected panics, as in the tests.
pub async fn record() -> Result<[Window; 2]> {
    let demo = demo_program()?;
    let home = tempfile::Builder::new()
        .prefix("picture-")
        .tempdir_in(python::target_dir())?;
    let bot = Window {
        title: "Your own bot",
        bytes: set_up(home.path()).await?,
    };
    let chat = Window {
        title: "The demo: a homeserver, a bot and a chat, all thrown away afterwards",
        bytes: chat(&demo).await,
    };
    Ok([bot, chat])
}

/// The demo, built beside this program.
fn demo_program() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("demo");
    if program.exists() {
        return Ok(program);
    }
    Err("the demo is not built; run `cargo build --release --examples` first".into())
}

/// `nanobot login` and `nanobot gateway`.
async fn set_up(home: &Path) -> Result<Vec<u8>> {
    let config = Config {
        server_name: "example.org".to_owned(),
        port: free(USUAL_PORT).then_some(USUAL_PORT),
        remove_dir: true,
        ..Config::default()
    };
    let mut synapse = Synapse::start(shared::python(), &home.join("synapse"), config).await?;
    synapse.register("bot", PASSWORD).await?;

    let words = ["login"];
    let login = nanobot(home, &words)?;
    let url = synapse.base_url();
    let answers = [
        ("its homeserver: ", url.as_str()),
        ("user name", "bot"),
        ("Password of bot: ", PASSWORD),
        ("its device", ""),
        ("Who may talk", "@you:example.org"),
    ];
    for (question, answer) in answers {
        login.expect(question, LIMIT).await;
        login.send_line(answer).await;
    }
    if login.wait(LIMIT).await != 0 {
        return Err(format!("the login failed:\n{}", login.screen()).into());
    }

    let gateway = nanobot(home, &["gateway"])?;
    gateway.expect("E2EE enabled\n", LIMIT).await;
    let shown = gateway.raw_screen();
    gateway.send(b"\x03").await;
    gateway.wait(LIMIT).await;
    synapse.stop().await?;
    Ok([
        typed(&format!("nanobot {}", words.join(" "))),
        login.raw_screen(),
        typed("nanobot gateway"),
        shown,
    ]
    .concat()
    .into_bytes())
}

/// The demo, as the README's first command starts it.
async fn chat(program: &Path) -> Vec<u8> {
    let demo = Pty::spawn(&Command::new(program), &Record::default());
    for line in ["Hello, bot!", "Only you and I can read this."] {
        demo.expect("you: ", LIMIT).await;
        demo.send_line(line).await;
        demo.expect(&format!("bot: {line}\n"), LIMIT).await;
    }
    let shown = demo.raw_screen();
    demo.send_line("").await;
    demo.wait(LIMIT).await;
    let shown = shown.trim_end_matches("\r\n");
    [&typed(DEMO), shown].concat().into_bytes()
}

/// The program in a terminal, at home in this directory and nowhere else.
fn nanobot(home: &Path, words: &[&str]) -> Result<Pty> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(AS_NANOBOT).args(words);
    // So that the picture does not show where it was made.
    command.current_dir(home).env("HOME", ".");
    for name in ["NANOBOT_CONFIG", "NANOBOT_HOME", "NO_COLOR"] {
        command.env_remove(name);
    }
    Ok(Pty::spawn(&command, &Record::default()))
}

/// A command line as a shell shows it.
fn typed(line: &str) -> String {
    format!("\x1b[32m$\x1b[0m \x1b[1m{line}\x1b[0m\r\n")
}

fn free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
