//! Every kind of prompt in a terminal, with all the keys that people press and all the ways in
//! which a prompt ends.
//!
//! The program under test is this one: started again, it asks what its environment says.

use std::future::pending;
use std::num::NonZero;
use std::process::Command;

use futures_util::future::join_all;
use nanobot::testing::error::Result;
use nanobot::testing::terminal::{Choice, Question, Terminal, or_stop};
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::pty::{Modes, Pty};
use crate::harness::record::Record;

const ROWS: u16 = 24;
const COLUMNS: u16 = 60;

const KIND: &str = "NANOBOT_TEST_PROMPT";
const KINDS: [&str; 4] = ["text", "hidden", "yes or no", "list"];

/// Asks until the answer is "end", and repeats what was answered.
#[tokio::test]
#[ignore = "it asks a person; the tests here run it"]
async fn asked() {
    let Ok(kind) = std::env::var(KIND) else {
        return;
    };
    let mut end = signal(SignalKind::user_defined1()).unwrap();
    let answered = tokio::select! {
        answered = ask_all(&kind) => answered,
        _ = end.recv() => panic!("beside a prompt"),
    };
    if let Err(error) = answered {
        eprintln!("{error}");
        std::process::exit(error.kind().exit_code().into());
    }
    std::process::exit(0);
}

async fn ask_all(kind: &str) -> Result<()> {
    let terminal = Terminal::new(true);
    loop {
        let answer = match kind {
            "text" => {
                let name = Question {
                    default: Some("bot"),
                    ..Question::new("Name", "--name")
                };
                terminal.ask_text(name).await?
            }
            "hidden" => {
                let password = Question {
                    echo: false,
                    ..Question::new("Password", "--password")
                };
                terminal.ask_text(password).await?
            }
            "yes or no" => {
                let go_on = Question {
                    default: Some("no"),
                    ..Question::new("Go on?", "--yes")
                };
                terminal.ask_yes_or_no(go_on).await?.to_string()
            }
            _ => {
                let which = Question {
                    default: Some("two"),
                    ..Question::new("Which?", "--which")
                };
                let choices = ["one", "two", "three"].map(|name| Choice::new(name, name));
                terminal.choose(which, choices).await?.to_owned()
            }
        };
        println!("answered {answer:?}");
        if answer == "work" {
            pending::<()>().await;
        }
        if answer == "stoppable work" {
            or_stop(pending::<Result<()>>()).await?;
        }
    }
}

fn ask(kind: &str) -> Pty {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "prompts::asked", "--ignored", "--nocapture"])
        .env(KIND, kind)
        .env("LANG", "C.UTF-8");
    Pty::spawn_sized(ROWS, COLUMNS, &command, &Record::default())
}

/// The last of what a prompt shows.
fn words(kind: &str) -> &'static str {
    match kind {
        "text" => "Name [bot]: ",
        "hidden" => "Password: ",
        "yes or no" => "Go on? [y/N] ",
        _ => "  three",
    }
}

/// Waits until the prompt after this many answers reads keys.
async fn expect_prompt(terminal: &Pty, kind: &str, answers: usize) {
    let words = words(kind);
    let what = format!("{words:?} after {answers} answers");
    eventually(&what, PATIENCE, || async {
        let screen = terminal.screen();
        let mut told = screen.split("answered ").skip(answers);
        if told.next().is_some_and(|told| told.contains(words)) && !terminal.modes().await.echo {
            Ok(())
        } else {
            Err(screen)
        }
    })
    .await;
}

/// Types these keys at the prompt, each time expecting this answer.
async fn answer_each(kind: &str, keys: &[(&str, &str)]) -> Pty {
    let terminal = ask(kind);
    for (index, (keys, answer)) in keys.iter().enumerate() {
        expect_prompt(&terminal, kind, index).await;
        terminal.send(keys.as_bytes()).await;
        let what = format!("{answer:?} for {keys:?}");
        eventually(&what, PATIENCE, || async {
            let screen = terminal.screen();
            let answered = format!("{answer:?}\n");
            match screen.split("answered ").nth(index + 1) {
                Some(told) if told.starts_with(&answered) => Ok(()),
                _ => Err(screen),
            }
        })
        .await;
    }
    expect_prompt(&terminal, kind, keys.len()).await;
    terminal
}

/// What a person sees.
fn seen(terminal: &Pty) -> String {
    let [rows, columns] = [ROWS, COLUMNS].map(|size| NonZero::new(size).unwrap());
    let mut parser = vt100::Parser::new(rows, columns, 0);
    parser.process(terminal.raw_screen().as_bytes());
    parser.screen().contents().trim_end().to_owned()
}

/// What the program wrote may be read after the modes that it set later.
async fn expect_put_back(terminal: &Pty, how: &str) {
    eventually(&format!("a terminal put back: {how}"), PATIENCE, || async {
        let screen = terminal.raw_screen();
        let marks_pastes = screen.rfind("\x1b[?2004h") > screen.rfind("\x1b[?2004l");
        match (terminal.modes().await, terminal.cursor_visible()) {
            (Modes::SANE, true) if !marks_pastes => Ok(()),
            (modes, cursor) => Err(format!("{modes:?}, cursor {cursor}, pastes {marks_pastes}")),
        }
    })
    .await;
}

#[tokio::test]
async fn a_text_is_edited_with_every_key() {
    let terminal = answer_each(
        "text",
        &[
            ("\r", "bot"),
            ("ac\x1b[Db\x1b[C!\r", "abc!"),
            ("bc\x1b[Ha\x1b[Fd\r", "abcd"),
            ("bc\x1bOHa\x1bOFd\r", "abcd"),
            ("bc\x01a\x05d\r", "abcd"),
            ("one two\x17three\r", "one three"),
            ("wrong\x15right\r", "right"),
            ("wrong\x01\x0bright\r", "right"),
            ("abxc\x1b[D\x7f\x1b[C\r", "abc"),
            (
                "xabc\x1b[H\x1b[3~\x1b[H\x04bc\x1b[D\x1b[Da\x1b[C\x1b[C\x0b\r",
                "abc",
            ),
            // Tab, F1 in two ways, F5, up, down, page down, insert twice.
            (
                "a\tb\x1bOPc\x1b[[Ad\x1b[15~e\x1b[A\x1b[B\x1b[6~f\r",
                "abcdef",
            ),
            ("ボット\x7fxy\x08\r", "ボッx"),
            ("\x1b[200~ @a:b\r\n@c:d\n\x1b[201~\r", "@a:b @c:d"),
        ],
    )
    .await;
    terminal.send("ボット\x7f".as_bytes()).await;
    eventually("two characters", PATIENCE, || async {
        match seen(&terminal) {
            seen if seen.ends_with("\nName [bot]: ボッ") => Ok(()),
            other => Err(other),
        }
    })
    .await;
}

#[tokio::test]
async fn a_hidden_text_is_never_shown() {
    let keys = [
        ("canary1\r", "canary1"),
        ("canary22\x7f\r", "canary2"),
        ("wrong\x15canary3\r", "canary3"),
        ("can\x1b[Da\x1bOPr\x1b[15~y\x1b4\r", "canary4"),
        ("canary5\nnext line\r", "canary5"),
    ];
    let terminal = answer_each("hidden", &keys).await;
    for (_, answer) in keys {
        assert_eq!(terminal.screen().matches(answer).count(), 1, "{answer}");
    }
    assert!(terminal.screen().contains("Password: [hidden]\n"));
}

#[tokio::test]
async fn yes_and_no_are_words_and_letters() {
    let keys = [
        ("\r", "false"),
        ("y\r", "true"),
        ("Yes\r", "true"),
        ("n\r", "false"),
        ("NO\r", "false"),
        ("perhaps\x17y\x7fyes\r", "true"),
    ];
    let terminal = answer_each("yes or no", &keys).await;
    terminal.send_line("perhaps").await;
    terminal.expect("please type yes or no", PATIENCE).await;
}

#[tokio::test]
async fn something_is_chosen_with_the_arrow_keys() {
    let keys = [
        ("\r", "two"),
        ("\x1b[B\r", "three"),
        ("\x1b[A\r", "one"),
        ("\x1b[B\x1b[B\r", "one"),
        // F1, F5, what is no key of a list.
        ("\x1bOP\x1b[15~xyz\x1b[A\r", "one"),
        // Escape alone, Ctrl and an arrow, Tab and back.
        ("\x1b\x1b[B\x1b\r", "three"),
        ("\x1b[1;5A\t\t\x1b[Z\r", "two"),
    ];
    let terminal = answer_each("list", &keys).await;
    assert!(terminal.screen().contains("Which? one\n"));
    // The list itself is gone.
    let seen = seen(&terminal);
    assert_eq!(seen.matches("arrow keys").count(), 1, "{seen}");
    assert_eq!(seen.matches("  three").count(), 1, "{seen}");
}

#[tokio::test]
async fn whatever_ends_a_prompt_the_terminal_is_put_back() {
    let keys = [("Ctrl-C", "\x03"), ("Ctrl-D", "\x04")];
    let signals = [
        (Signal::INT, 130),
        (Signal::TERM, 130),
        (Signal::HUP, 130),
        // The panic of a test.
        (Signal::USR1, 101),
    ];
    let by_key = |kind: &'static str| {
        keys.iter().map(move |(name, key)| async move {
            let terminal = ask(kind);
            expect_prompt(&terminal, kind, 0).await;
            terminal.send(key.as_bytes()).await;
            let how = format!("{kind} and {name}");
            assert_eq!(terminal.wait(PATIENCE).await, 130, "{how}");
            expect_put_back(&terminal, &how).await;
            assert!(terminal.screen().contains("\ninterrupted\n"), "{how}");
        })
    };
    let by_signal = |kind: &'static str| {
        signals.iter().map(move |(signal, code)| async move {
            let terminal = ask(kind);
            expect_prompt(&terminal, kind, 0).await;
            terminal.signal(*signal).await;
            let how = format!("{kind} and {signal:?}");
            assert_eq!(terminal.wait(PATIENCE).await, *code, "{how}");
            expect_put_back(&terminal, &how).await;
        })
    };
    join_all(KINDS.into_iter().flat_map(by_key)).await;
    join_all(KINDS.into_iter().flat_map(by_signal)).await;
}

#[tokio::test]
async fn a_prompt_that_was_stopped_goes_on() {
    let goes_on = |(kind, keys, answer): (&'static str, &'static str, &'static str)| async move {
        let terminal = ask(kind);
        expect_prompt(&terminal, kind, 0).await;
        for _ in 0..2 {
            let asked = terminal.screen().matches(words(kind)).count();
            terminal.stop_with(b"\x1a").await;
            expect_put_back(&terminal, kind).await;
            terminal.signal(Signal::CONT).await;
            eventually("the prompt again", PATIENCE, || async {
                let is_shown = terminal.screen().matches(words(kind)).count() > asked;
                match terminal.modes().await {
                    Modes::SANE => Err(kind),
                    _ if is_shown => Ok(()),
                    _ => Err("it is not shown again"),
                }
            })
            .await;
        }
        terminal.send(keys.as_bytes()).await;
        terminal
            .expect(&format!("answered {answer:?}"), PATIENCE)
            .await;
    };
    join_all(
        [
            ("text", "ab\x1b[D!\r", "a!b"),
            ("hidden", "canary\r", "canary"),
            ("yes or no", "y\r", "true"),
            ("list", "\x1b[B\r", "three"),
        ]
        .map(goes_on),
    )
    .await;
}

#[tokio::test]
async fn after_a_prompt_signals_end_the_program_as_ever() {
    let ended = |(work, signal, code): (&'static str, Signal, i32)| async move {
        let terminal = ask("text");
        expect_prompt(&terminal, "text", 0).await;
        terminal.send_line(work).await;
        terminal
            .expect(&format!("answered {work:?}"), PATIENCE)
            .await;
        terminal.signal(signal).await;
        assert_eq!(terminal.wait(PATIENCE).await, code, "{work}");
    };
    join_all(
        [
            ("work", Signal::INT, 130),
            ("work", Signal::TERM, 143),
            ("stoppable work", Signal::TERM, 130),
        ]
        .map(ended),
    )
    .await;
}

#[tokio::test]
async fn a_prompt_is_never_on_standard_output() {
    for kind in KINDS {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("out");
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "exec \"$0\" --exact prompts::asked --ignored --nocapture >\"$OUT\"",
            ])
            .arg(std::env::current_exe().unwrap())
            .env(KIND, kind)
            .env("OUT", &file);
        let terminal = Pty::spawn(&command, &Record::default());
        let (words, keys) = match kind {
            "list" => ("  three", "\x03"),
            "hidden" => ("Password: ", "\x03"),
            _ => ("] ", "\x03"),
        };
        terminal.expect(words.trim_end(), PATIENCE).await;
        terminal.expect_no_echo().await;
        terminal.send(keys.as_bytes()).await;
        assert_eq!(terminal.wait(PATIENCE).await, 130);
        let out = std::fs::read_to_string(file).unwrap();
        assert_eq!(out, "\nrunning 1 test\n", "{kind}");
    }
}
