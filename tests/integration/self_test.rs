//! The self test of a device, through the library, against a real homeserver.

mod faults;
mod keys;
mod scene;

use std::time::{Duration, Instant};

use nanobot::testing::error::Kind;
use nanobot::testing::ipc::{Lock, TestOutcome};
use nanobot::testing::session::Session;
use serde_json::json;

use self::scene::{Device, LIMIT, assert_passed, failure};
use crate::harness::account::{Bot, LONG, http_person, person};
use crate::harness::eventually::PATIENCE;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

#[tokio::test]
async fn a_healthy_device_passes_again_and_again_in_one_room() {
    let device = Device::new(shared_synapse().await).await;
    for _ in 0..3 {
        let session = device.open().await;
        let test = session.self_test(true, LIMIT).await;
        assert_passed(&test.one_time_key);
        assert_passed(&test.round_trip);
        assert_passed(&test.media);
        let TestOutcome::Passed { millis, .. } = test.round_trip else {
            panic!("just seen");
        };
        assert!(millis > 0);
    }
    let rooms = device.person.joined_rooms().await;
    assert_eq!(rooms.len(), 1, "{rooms:?}");
    let members = device
        .person
        .membership(&rooms[0], device.person.user_id())
        .await;
    assert_eq!(members.as_deref(), Some("join"));

    // Every message was encrypted, and is redacted.
    let events = device.person.events(&rooms[0]).await;
    let sent = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    assert_eq!((sent("m.room.encrypted"), sent("m.room.redaction")), (3, 3));
    assert_eq!(sent("m.room.message"), 0);
    let left = events
        .iter()
        .filter(|event| event["type"] == "m.room.encrypted" && event["content"] != json!({}));
    assert_eq!(left.count(), 0, "{events:?}");

    // To the bot all that is no conversation, and the claimed keys are made up for.
    let mut session = device.open().await;
    device.step_until_keys(&mut session, 50).await;
    let journal = session.journal;
    assert!(journal.waiting_conversations().await.unwrap().is_empty());
}

#[tokio::test]
async fn without_encryption_the_test_is_made_without() {
    let device = Device::new(shared_synapse().await).await;
    for e2ee_enabled in [false, true, false] {
        let session = device.open().await;
        let test = session.self_test(e2ee_enabled, LIMIT).await;
        let skipped = matches!(test.one_time_key, TestOutcome::Skipped { .. });
        assert_eq!(skipped, !e2ee_enabled);
        assert_passed(&test.round_trip);
        assert_passed(&test.media);
    }
    let mut kinds = Vec::new();
    for room in device.person.joined_rooms().await {
        let events = device.person.events(&room).await;
        let messages = events
            .iter()
            .filter_map(|event| event["type"].as_str())
            .filter(|kind| ["m.room.encrypted", "m.room.message"].contains(kind));
        kinds.push(messages.map(str::to_owned).collect::<Vec<_>>());
    }
    kinds.sort();
    let expected = [
        vec!["m.room.encrypted"],
        vec!["m.room.message", "m.room.message"],
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn while_another_steps_tests_take_turns_and_may_be_dropped() {
    let device = Device::new(shared_synapse().await).await;
    let mut session = device.open().await;
    session.step(Duration::ZERO).await.unwrap();
    let tester = session.self_tester(true);
    let stepping = tokio::spawn(async move {
        loop {
            session.step(Duration::from_secs(30)).await.unwrap();
        }
    });
    let (one, other) = tokio::join!(tester.run(LIMIT), tester.run(LIMIT));
    assert_passed(&one.round_trip);
    assert_passed(&other.round_trip);
    assert_eq!(device.person.joined_rooms().await.len(), 1);
    for millis in [1, 10, 30, 60] {
        let cut = tokio::time::timeout(Duration::from_millis(millis), tester.run(LIMIT)).await;
        assert!(cut.is_err() || millis > 1, "{cut:?}");
    }
    let test = tokio::spawn(async move { tester.run(LIMIT).await });
    assert_passed(&test.await.unwrap().round_trip);
    assert_eq!(device.person.joined_rooms().await.len(), 1);
    stepping.abort();
}

#[tokio::test]
async fn when_nobody_steps_the_test_ends_at_its_limit_and_says_so() {
    let device = Device::new(shared_synapse().await).await;
    let session = device.open().await;
    let tester = session.self_tester(true);
    let limit = Duration::from_secs(4);
    let begun = Instant::now();
    let test = tester.run(limit).await;
    let took = begun.elapsed();
    assert!(took >= limit && took < limit * 2, "{took:?}");
    let (kind, message) = failure(&test.round_trip);
    assert_eq!(kind, Kind::Unreachable);
    assert!(message.contains("read the message back"), "{message}");
    assert!(message.contains("4 s"), "{message}");
    // The room that no sync has shown yet is used again.
    tester.run(limit).await;
    assert_eq!(device.person.joined_rooms().await.len(), 1);
}

#[tokio::test]
async fn a_room_that_only_looks_like_the_test_room_is_left_alone() {
    let synapse = shared_synapse().await;
    let device = Device::new(synapse).await;
    let eve = http_person(synapse, "eve").await;
    let bait = RoomSpec::direct(device.person.user_id())
        .encrypted()
        .with("creation_content", json!({"type": "nanobot.self_test"}));
    let bait = eve.create_room(&bait).await;
    device.person.join(&bait).await;
    eve.leave(&bait).await;
    let session = device.open().await;
    let test = session.self_test(true, LIMIT).await;
    assert_passed(&test.round_trip);
    let events = device.person.events(&bait).await;
    let kinds = events.iter().map(|event| &event["type"]);
    assert!(!kinds.clone().any(|kind| kind == "m.room.encrypted"));
    assert!(kinds.clone().any(|kind| kind == "m.room.create"));

    // Nor is a room any more that somebody came into.
    let rooms = device.person.joined_rooms().await;
    let ours = rooms.iter().find(|room| **room != bait).unwrap();
    device.person.invite(ours, eve.user_id()).await;
    let session = device.open().await;
    let test = session.self_test(true, LIMIT).await;
    assert_passed(&test.round_trip);
    assert_eq!(device.person.joined_rooms().await.len(), 3);
}

#[tokio::test]
async fn what_people_write_during_a_test_is_answered_afterwards() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let device = Device::of_bot(synapse, &bot).await;
    let gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    let first = ann.send_text(&room, "first").await;
    ann.wait_for_reply(&room, &first, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);

    let bodies: Vec<String> = (0..20)
        .map(|number| format!("meanwhile {number}"))
        .collect();
    let lock = Lock::acquire(&bot.home.path()).unwrap();
    let session = device.open().await;
    let (sent, test) = tokio::join!(
        ann.send_many(&room, &bodies, false),
        repeatedly(&device, session)
    );
    for outcome in test {
        assert_passed(&outcome);
    }
    drop(lock);

    let ben = person(synapse, "ben").await;
    let _gateway = bot.run().await;
    for event in &sent {
        let reply = ann.wait_for_reply(&room, event, &bot.user_id).await;
        assert!(reply.decrypted, "{reply:?}");
    }
    // A new conversation can begin: the device is as it was.
    let new = RoomSpec::direct(&bot.user_id).encrypted();
    let new = ben.create_room(&new).await;
    let question = ben.send_text(&new, "still there?").await;
    let reply = ben.wait_for_reply(&new, &question, &bot.user_id).await;
    assert!(reply.decrypted);
    // Behind all of that nothing was answered twice, and nothing in the bot's own room.
    let last = ann.send_text(&room, "last").await;
    ann.wait_for_reply(&room, &last, &bot.user_id).await;
    let from_bot = |entries: &[crate::harness::entry::Entry]| {
        let replies = entries
            .iter()
            .filter(|entry| entry.sender == bot.user_id && entry.kind == "m.room.message");
        replies.count()
    };
    assert_eq!(from_bot(&ann.timeline(&room).await), sent.len() + 2);
    for own in device.person.joined_rooms().await {
        if own != room && own != new {
            let events = device.person.events(&own).await;
            let sent = events.iter().filter(|e| e["type"] == "m.room.encrypted");
            assert_eq!(sent.count(), 3, "{events:?}");
        }
    }
}

/// Three tests one after another, each on a session of its own.
async fn repeatedly(device: &Device, first: Session) -> Vec<TestOutcome> {
    let mut outcomes = Vec::new();
    let mut session = first;
    for _ in 0..2 {
        outcomes.push(session.self_test(true, LONG).await.round_trip);
        session = device.open().await;
    }
    outcomes.push(session.self_test(true, PATIENCE).await.round_trip);
    outcomes
}
