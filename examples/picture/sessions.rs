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
    svg,
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

/// Runs everything the pictures show; each with the name of its file.
///
/// # Errors
///
/// What could not be run. What runs and does not do as expected panics, as in the tests.
pub async fn record() -> Result<Vec<(&'static str, Window)>> {
    let demo = demo_program()?;
    let home = tempfile::Builder::new()
        .prefix("picture-")
        .tempdir_in(python::target_dir())?;
    let mut pictures = own_bot(home.path()).await?;
    let title = "The demo: a throwaway homeserver, a bot, and a chat";
    let bytes = chat(&demo).await;
    pictures.push(("demo.svg", Window { title, bytes }));
    Ok(pictures)
}

/// The demo, built beside this program.
fn demo_program() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("demo");
    if program.exists() {
        return Ok(program);
    }
    Err("the demo is not built; run `cargo build --release --examples` first".into())
}

/// `nanobot setup`, the running bot, and a problem that the doctor finds.
async fn own_bot(home: &Path) -> Result<Vec<(&'static str, Window)>> {
    let config = Config {
        server_name: "example.org".to_owned(),
        port: free(USUAL_PORT).then_some(USUAL_PORT),
        remove_dir: true,
        ..Config::default()
    };
    let mut synapse = Synapse::start(shared::python(), &home.join("synapse"), config).await?;
    synapse.register("bot", PASSWORD).await?;
    synapse.register("you", PASSWORD).await?;

    let setup = set_up(home, &synapse).await?;
    let gateway = nanobot(home, &["gateway"])?;
    gateway.expect("E2EE enabled", LIMIT).await;
    let running = shown("nanobot gateway &", &gateway);
    let status = nanobot(home, &["status"])?;
    status.wait(LIMIT).await;
    let status = Window {
        title: "Run it",
        bytes: [running, shown("nanobot status", &status)].concat(),
    };
    gateway.send(b"\x03").await;
    gateway.wait(LIMIT).await;

    // A slip of the keyboard that lets everyone in.
    let file = home.join(".nanobot/config.json");
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, text.replace("\"allowFrom\"", "\"allowFrm\""))?;
    let doctor = nanobot(home, &["doctor"])?;
    doctor.wait(LIMIT).await;
    let doctor = Window {
        title: "Find out what is wrong",
        bytes: shown("nanobot doctor", &doctor),
    };
    synapse.stop().await?;
    Ok(vec![
        ("setup.svg", setup),
        ("status.svg", status),
        ("doctor.svg", doctor),
    ])
}

/// `nanobot setup`, as a newcomer answers it.
async fn set_up(home: &Path, synapse: &Synapse) -> Result<Window> {
    let setup = nanobot(home, &["setup"])?;
    let url = synapse.base_url();
    let answers = [
        ("Bot's Matrix ID", url.as_str()),
        ("user name on ", "bot"),
        ("Password of ", PASSWORD),
        ("Who may talk", ""),
        ("Your Matrix ID", "@you:example.org"),
        ("Which devices may talk", ""),
        ("Set up a recovery key", ""),
        ("Save it to a new file", ""),
        ("Have you stored", "y"),
    ];
    for (question, answer) in answers {
        setup.expect(question, LIMIT).await;
        setup.send_line(answer).await;
    }
    // Drawn with the list open: what follows is long.
    setup.expect("Who answers?", LIMIT).await;
    setup.expect("openai", LIMIT).await;
    let bytes = shown("nanobot setup", &setup);
    setup.send_line("").await;
    let code = setup.wait(LIMIT).await;
    if code != 0 {
        return Err(format!("the set-up failed ({code}):\n{}", setup.screen()).into());
    }
    Ok(Window {
        title: "Set up your own bot",
        bytes,
    })
}

/// A command line and what came of it.
fn shown(line: &str, terminal: &Pty) -> Vec<u8> {
    let screen = terminal.raw_screen();
    let screen = screen.trim_end_matches("\r\n");
    format!("{}{screen}\r\n", typed(line)).into_bytes()
}

/// The demo, as the README's first command starts it.
async fn chat(program: &Path) -> Vec<u8> {
    let demo = terminal(&Command::new(program));
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
    Ok(terminal(&command))
}

fn terminal(command: &Command) -> Pty {
    let (rows, columns) = (svg::ROWS.get(), svg::COLUMNS.get());
    Pty::spawn_sized(rows, columns, command, &Record::default())
}

/// A command line as a shell shows it.
fn typed(line: &str) -> String {
    format!("\x1b[32m$\x1b[0m \x1b[1m{line}\x1b[0m\r\n")
}

fn free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
