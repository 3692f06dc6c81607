//! Which encrypted messages are believed: clear ones among them, and those of devices that are not
//! signed, not known, or not whose they were.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::body::Bytes;
use nanobot::testing::policy::Rule;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, LONG, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::js_person::JsPerson;
use crate::harness::message;
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;
use crate::status::{status, status_when};
use crate::verification::{Scene, expect_verified, js_person};

/// The same person, who only looks at what the server has.
async fn eyes(synapse: &Synapse, person: &JsPerson) -> HttpPerson {
    HttpPerson::with_token(&synapse.base_url(), person.access_token()).await
}

/// What was refused by each rule.
async fn refused(bot: &Bot) -> Value {
    let mut status = status(&bot.home).await;
    let rules = status["refused"].take();
    let rules = rules.as_object().unwrap().iter();
    rules
        .map(|(rule, refused)| (rule.clone(), refused["count"].clone()))
        .collect()
}

/// Waits until a message was refused by this rule.
async fn expect_refused(bot: &Bot, gateway: &Gateway, rule: &str) {
    status_when(&bot.home, |status| status["refused"][rule].is_object()).await;
    let words = Rule::from_name(rule).expect("a rule");
    gateway
        .expect_line(&format!("not answered: {words}"), PATIENCE)
        .await;
}

async fn is_answered(eyes: &HttpPerson, room: &str, question: &str) -> bool {
    let events = eyes.events(room).await;
    events
        .iter()
        .any(|event| message::answers(&event["content"]) == Some(question))
}

#[tokio::test]
async fn where_it_is_asked_for_only_devices_that_their_owner_has_signed_are_answered() {
    let synapse = shared_synapse().await;
    let Some(ann) = js_person(synapse, "ann").await else {
        return;
    };
    let bot = Bot::new(synapse).await;
    bot.set("senderTrust", "signed");
    let gateway = bot.run().await;
    let nia = person(synapse, "nia").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let nias = nia.create_room(&room).await;
    nia.wait_for_member(&nias, &bot.user_id).await;
    nia.send_text(&nias, "canary of an unsigned device").await;
    expect_refused(&bot, &gateway, "device-not-signed").await;

    let anns = ann.create_room(&bot.user_id).await;
    ann.wait_for_member(&anns, &bot.user_id).await;
    let question = ann.send_text(&anns, "from a signed device").await;
    let eyes = eyes(synapse, &ann).await;
    eyes.wait_for_reply(&anns, &question, &bot.user_id).await;
    assert_eq!(refused(&bot).await, json!({"device-not-signed": 1}));
    assert_eq!(gateway.terminate().await, 0);

    bot.set("senderTrust", "any");
    let _gateway = bot.run().await;
    let question = nia.send_text(&nias, "and now?").await;
    nia.wait_for_reply(&nias, &question, &bot.user_id).await;
    let timeline = nia.timeline(&nias).await;
    let answers = timeline
        .iter()
        .filter(|event| event.sender == bot.user_id && event.body.is_some());
    assert_eq!(answers.count(), 1, "what was refused stays so");
    bot.home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn a_clear_message_in_an_encrypted_room_is_not_obeyed_unless_that_is_allowed() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let done = bot.home.user_dir().join("done");
    let shell = format!("cat >/dev/null; touch {}; echo obeyed", done.display());
    bot.set("agent", json!({"type": "command", "shell": shell}));
    let gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let mut forged = vec![ann.send_text(&room, "in the clear").await];
    // Neither is the bot told to stop, or to forget, in somebody's name.
    forged.push(ann.send_text(&room, "!help").await);
    status_when(&bot.home, |status| {
        status["refused"]["plaintext-in-encrypted-room"]["count"] == 2
    })
    .await;
    expect_refused(&bot, &gateway, "plaintext-in-encrypted-room").await;
    let doctor = bot.home.run(&["doctor", "--json"], "").await.json();
    let checks = doctor["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["id"] == "gateway.refusals")
        .unwrap();
    assert_eq!(check["status"], "warn", "{check}");
    assert!(
        check.to_string().contains("allowPlaintextInEncryptedRooms"),
        "{check}"
    );
    for forged in &forged {
        assert!(!is_answered(&ann, &room, forged).await);
    }
    assert!(!done.exists());
    assert_eq!(gateway.terminate().await, 0);

    bot.set("allowPlaintextInEncryptedRooms", true);
    let _gateway = bot.run().await;
    let question = ann.send_text(&room, "by a bridge").await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(reply["type"], "m.room.encrypted");
    assert!(done.exists());
    for forged in &forged {
        assert!(!is_answered(&ann, &room, forged).await);
    }
}

#[tokio::test]
async fn a_clear_message_of_before_the_encryption_is_answered() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
    let before = ann.send_text(&room, "before").await;
    let algorithm = json!({"algorithm": "m.megolm.v1.aes-sha2"});
    ann.put_state(&room, "m.room.encryption", "", &algorithm)
        .await;
    let after = ann.send_text(&room, "after").await;
    let gateway = bot.run().await;
    let reply = ann.wait_for_reply(&room, &before, &bot.user_id).await;
    assert_eq!(reply["type"], "m.room.encrypted");
    expect_refused(&bot, &gateway, "plaintext-in-encrypted-room").await;
    assert!(!is_answered(&ann, &room, &after).await);
}

#[tokio::test]
async fn a_verified_person_is_answered_until_their_identity_changes() {
    let synapse = shared_synapse().await;
    let strictly = |bot: &Bot| {
        bot.set("senderTrust", "verified");
        bot.set("sasVerification", true);
    };
    let Some(Scene {
        bot,
        ann,
        room,
        gateway,
    }) = Scene::with(synapse, strictly).await
    else {
        return;
    };
    ann.send_text(&room, "before anybody has compared anything")
        .await;
    expect_refused(&bot, &gateway, "sender-not-verified").await;

    let request = ann.ask_in_room(&room, &bot.user_id).await;
    ann.start(request).await;
    ann.compare(request).await;
    ann.confirm(request).await;
    assert_eq!(ann.wait_for_end(request).await.phase, "Done");
    expect_verified(&ann, &bot).await;
    // With the same key as the message before.
    let question = ann.send_text(&room, "and now?").await;
    let eyes = eyes(synapse, &ann).await;
    eyes.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);

    // That is refused whatever is configured.
    bot.set("senderTrust", "any");
    let gateway = bot.run().await;
    ann.reset_identity().await;
    eventually("a refusal", LONG, || async {
        // The bot learns of the new identity a moment after it is there.
        ann.send_text(&room, "by somebody else?").await;
        let refused = refused(&bot).await;
        match refused["identity-changed"].as_u64() {
            Some(1..) => Ok(()),
            _ => Err(refused.to_string()),
        }
    })
    .await;
    expect_refused(&bot, &gateway, "identity-changed").await;
}

/// What is logged when a device is looked for.
const LOOKS: &str = "looking up the device";

/// A homeserver that has not yet heard of somebody's devices.
#[derive(Clone)]
struct Late {
    of: String,
    waits: Arc<AtomicBool>,
    hidden: Arc<AtomicUsize>,
}

impl Late {
    /// Waits until the bot has asked for the devices, and got none.
    async fn expect_hidden(&self) {
        eventually("a question for the devices", PATIENCE, || async {
            let hidden = self.hidden.load(Ordering::SeqCst);
            (hidden > 0).then_some(()).ok_or(hidden)
        })
        .await;
    }
}

impl Meddler for Late {
    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        if !path.ends_with("/keys/query") || !self.waits.load(Ordering::SeqCst) {
            return answer;
        }
        let mut keys: Value = serde_json::from_slice(&answer).unwrap();
        for (_, of_users) in keys.as_object_mut().unwrap() {
            let of_users = of_users.as_object_mut();
            if of_users.is_some_and(|of_users| of_users.remove(&self.of).is_some()) {
                self.hidden.fetch_add(1, Ordering::SeqCst);
            }
        }
        keys.to_string().into()
    }
}

#[tokio::test]
async fn a_device_that_is_not_known_yet_is_looked_for() {
    let synapse = shared_synapse().await;
    let Some(ann) = js_person(synapse, "ann").await else {
        return;
    };
    let late = Late {
        of: ann.user_id().to_owned(),
        waits: Arc::new(AtomicBool::new(true)),
        hidden: Arc::default(),
    };
    let bot = Bot::new(synapse).await;
    bot.set("senderTrust", "signed");
    bot.set("homeserver", relay(synapse.base_url(), late.clone()).await);
    let gateway = Gateway::connected(&bot.home, &["-vv"]).await;
    let room = ann.create_room(&bot.user_id).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    // Her client sends what it has of her device along with the key, but not her identity.
    ann.send_text(&room, "by whom?").await;
    gateway.expect_line(LOOKS, PATIENCE).await;
    expect_refused(&bot, &gateway, "device-not-signed").await;
    assert!(late.hidden.load(Ordering::SeqCst) > 0);

    late.waits.store(false, Ordering::SeqCst);
    ann.rotate_session(&room).await;
    let question = ann.send_text(&room, "by me").await;
    let eyes = eyes(synapse, &ann).await;
    eyes.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(refused(&bot).await, json!({"device-not-signed": 1}));
}

#[tokio::test]
async fn a_device_that_becomes_known_while_it_is_waited_for_is_judged_by_what_it_is() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set("senderTrust", "signed");
    // matrix-nio sends nothing of its device along with its keys.
    let nia = person(synapse, "nia").await;
    let late = Late {
        of: nia.user_id().to_owned(),
        waits: Arc::new(AtomicBool::new(true)),
        hidden: Arc::default(),
    };
    bot.set("homeserver", relay(synapse.base_url(), late.clone()).await);
    let gateway = Gateway::connected(&bot.home, &["-vv"]).await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = nia.create_room(&room).await;
    nia.wait_for_member(&room, &bot.user_id).await;
    late.expect_hidden().await;
    nia.send_text(&room, "who am I?").await;
    gateway.expect_line(LOOKS, PATIENCE).await;
    late.waits.store(false, Ordering::SeqCst);
    // Its homeserver says that something about the device is new.
    let eyes = HttpPerson::with_token(&synapse.base_url(), nia.access_token()).await;
    let path = ["v3", "devices", nia.device_id()];
    let name = json!({"display_name": "nia's"});
    eyes.call(Method::PUT, &path, Some(&name)).await;
    expect_refused(&bot, &gateway, "device-not-signed").await;
    assert_eq!(refused(&bot).await, json!({"device-not-signed": 1}));
}

#[tokio::test]
async fn a_device_that_stays_unknown_holds_up_its_own_conversation_only() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set("senderTrust", "signed");
    bot.set("agent", json!({"type": "echo", "conversations": 1}));
    let nia = person(synapse, "nia").await;
    let late = Late {
        of: nia.user_id().to_owned(),
        waits: Arc::new(AtomicBool::new(true)),
        hidden: Arc::default(),
    };
    bot.set("homeserver", relay(synapse.base_url(), late.clone()).await);
    let gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let anns = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&anns, &bot.user_id).await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = nia.create_room(&room).await;
    nia.wait_for_member(&room, &bot.user_id).await;
    nia.send_text(&room, "who am I?").await;
    nia.send_text(&room, "and I?").await;
    let question = ann.send_text(&anns, "meanwhile").await;
    ann.wait_for_reply(&anns, &question, &bot.user_id).await;
    assert_eq!(
        refused(&bot).await,
        json!({}),
        "it is still being looked for"
    );
    // The second is not waited for again.
    expect_refused(&bot, &gateway, "device-unknown").await;
    status_when(&bot.home, |status| {
        status["refused"]["device-unknown"]["count"] == 2
    })
    .await;
}
