//! What a person and a program read of the status.

use super::*;
use crate::{
    doctor::catalogue,
    ipc::{Backlog, now},
};

fn running() -> BotStatus {
    let facts = Status {
        version: "0.1.0".to_owned(),
        pid: 4711,
        started_at: now() - 3_600_000 * 5,
        user_id: "@bot:example.org".to_owned(),
        device_id: "DEVICE".to_owned(),
        homeserver: "https://matrix.example.org/".to_owned(),
        connected: true,
        last_sync_at: Some(now()),
        last_received_at: Some(now() - 180_000),
        last_answered_at: Some(now() - 120_000),
        answered: 12,
        verified: Some(true),
        encryption: Encryption::Ready,
        backlog: Some(Backlog::default()),
        refused: [
            ("not-mentioned", 14),
            ("of-the-future", 1),
            ("room-muted", 0),
        ]
        .map(|(name, last_hour)| {
            let refused = Refused {
                last_hour,
                ..Refused::default()
            };
            (name.to_owned(), refused)
        })
        .into(),
        access: "Everyone may talk to this bot, in any room.".to_owned(),
        agent: AgentInUse {
            kind: "echo".to_owned(),
            description: "echo (repeats each message)".to_owned(),
        },
        ..Status::default()
    };
    BotStatus::new(State::Running, facts.judged())
}

#[test]
fn a_person_reads_a_row_for_each_thing() {
    let expected = "\
Account     @bot:example.org
Device      DEVICE (verified)
Homeserver  https://matrix.example.org (connected, last sync just now)
Gateway     running for 5 h (pid 4711, version 0.1.0)
Ready       yes
Encryption  ready
Received    last message: 3 min ago
Answered    12 messages since the start, the last 2 min ago
Waiting     0 messages
Failed      0 messages
Ignored     14 messages in the last hour: groupPolicy is \"mention\" and the bot was not mentioned
            1 message in the last hour: of-the-future
Access      Everyone may talk to this bot, in any room.
Agent       echo (repeats each message)
Problems    none";
    assert_eq!(running().to_string(), expected);
}

#[test]
fn a_line_tells_what_matters() {
    let mut status = running();
    assert_eq!(status.line(), "connected, 12 answered, 0 waiting, 0 failed");
    status.state = State::Stopped;
    status.problems = vec![Problem::new("gateway.running", "it is not running")];
    let line = "not running, 12 answered, 0 waiting, 0 failed, 1 problem: it is not running";
    assert_eq!(status.line(), line);
}

#[test]
fn every_problem_is_one_that_the_doctor_explains() {
    let known: Vec<_> = catalogue().map(|check| check.id).collect();
    let sources = [
        include_str!("mod.rs"),
        include_str!("../../ipc/status/problems.rs"),
    ];
    let ids = sources.iter().flat_map(|source| {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let calls = code.split("Problem::new(\"").skip(1);
        calls.filter_map(|call| call.split('"').next())
    });
    let ids: Vec<_> = ids.collect();
    assert!(ids.len() > 10, "{ids:?}");
    for id in ids {
        assert!(known.contains(&id), "{id}");
    }
}
