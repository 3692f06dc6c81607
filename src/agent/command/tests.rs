//! The settings of the agent, and what the program gets.

use serde_json::{Value, json};

use super::*;
use crate::{
    agent::{Attachment, Content, Room, Sender, Sort},
    config::Secret,
};

fn settings(keys: &Value) -> Result<Command> {
    let object = Secret::new(keys.to_string());
    let mut section = Section::new("a", Some(&object)).unwrap();
    let settings = Command::read(&mut section, Path::new("/home/bot"))?;
    section.finish()?;
    Ok(settings)
}

#[test]
fn relative_paths_start_at_the_configuration() {
    let read = settings(&json!({
        "command": ["./bot.sh", "./x"], "workingDirectory": "work",
        "attachmentsFrom": ["out", "/srv/out"], "history": 5, "timeoutSeconds": 7,
    }))
    .unwrap();
    let asked = Question::default();
    read.recent().add("x", &asked, "said");
    assert_eq!(read.recent().of("x").len(), 1);
    let program = read.program;
    assert_eq!(program.described, "the program `./bot.sh`");
    assert_eq!(program.arguments, ["./x"]);
    assert_eq!(program.directory, Path::new("/home/bot/work"));
    assert_eq!(program.time_limit, Duration::from_secs(7));
    let directories = ["/home/bot/out", "/srv/out"].map(PathBuf::from);
    assert_eq!(read.attachments_from, directories);
}

#[test]
fn a_shell_runs_only_what_was_meant_for_it() {
    let program = settings(&json!({"shell": "echo $HOME"})).unwrap().program;
    assert_eq!(program.arguments, ["-c", "echo $HOME"]);
    assert!(!program.described.contains("echo"), "it may be secret");
    assert_eq!(program.time_limit, TIME_LIMIT);
    let program = settings(&json!({"command": ["echo", "$HOME"]})).unwrap();
    assert_eq!(program.program.arguments, ["$HOME"]);
}

#[test]
fn there_is_one_command_and_nothing_unknown() {
    for keys in [
        json!({}),
        json!({"command": []}),
        json!({"command": [""]}),
        json!({"command": "echo"}),
        json!({"command": ["echo"], "shell": "echo"}),
        json!({"command": ["echo"], "history": 101}),
        json!({"command": ["echo"], "timeoutSeconds": 0}),
        json!({"command": ["echo"], "workingdir": "x"}),
        json!({"command": ["echo"], "attachmentsFrom": ["."]}),
        json!({"command": ["echo"], "attachmentsFrom": ["out", "/home"]}),
    ] {
        assert!(settings(&keys).is_err(), "{keys}");
    }
}

fn history() -> [Message; 2] {
    [
        Message::of_user(Some("@ann:h"), "before"),
        Message::of_assistant("answer"),
    ]
}

/// A question in a thread, with a file and one that is too large.
fn with_files() -> Question {
    let file = |content| Attachment {
        sort: Sort::Image,
        name: "a.png".to_owned(),
        mimetype: "image/png".to_owned(),
        voice_ms: None,
        quoted: false,
        content,
    };
    let kept = Content::Kept {
        path: "/data/1_a.png".into(),
        size: 5,
    };
    Question {
        id: String::new(),
        command: None,
        history: None,
        text: "one\ntwo".to_owned(),
        attachments: vec![file(kept), file(Content::TooLarge)],
        sender: Sender {
            user_id: "@ann:h".to_owned(),
            display_name: Some("Ann".to_owned()),
        },
        reply_to: None,
        context: Vec::new(),
        room: Room {
            id: "!r:h".to_owned(),
            name: None,
            direct: true,
            encrypted: false,
            follows: None,
        },
        thread: Some("$root".to_owned()),
        event_id: "$1".to_owned(),
        of_several: false,
    }
}

#[test]
fn a_document_tells_all_of_a_question_on_one_line() {
    let written = document(&with_files(), &history());
    assert!(!written.contains('\n'));
    let read: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(
        read,
        json!({
            "schema": "nanobot.question/1",
            "text": "one\ntwo",
            "sender": {"user_id": "@ann:h", "display_name": "Ann"},
            "reply_to": null,
            "context": [],
            "room": {"id": "!r:h", "name": null, "direct": true, "encrypted": false},
            "thread": "$root",
            "event_id": "$1",
            "of_several": false,
            "conversation": "matrix:!r:h:thread:$root",
            "attachments": [
                {"kind": "image", "name": "a.png", "mimetype": "image/png",
                 "path": "/data/1_a.png", "size": 5},
                {"kind": "image", "name": "a.png", "mimetype": "image/png",
                 "missing": "too large"},
            ],
            "history": [
                {"role": "user", "sender": "@ann:h", "text": "before"},
                {"role": "assistant", "text": "answer"},
            ],
        })
    );
}
