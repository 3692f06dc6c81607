//! What a program says beside words: reactions, polls, captions, voice messages, new messages.

use std::fs;

use serde_json::{Value, json};

use super::files::{Scene, text};
use crate::harness::entry::{Entry, Wanted};
use crate::harness::eventually::PATIENCE;
use crate::harness::room::RoomSpec;
use crate::stress::die_at;

const POLL: &str = "org.matrix.msc3381.poll.start";

/// A program that answers with the JSON that it is sent.
async fn scene(spec: impl Fn(&str) -> RoomSpec) -> Scene {
    let program = "import json, sys; print(json.load(sys.stdin)['text'])";
    let agent = json!({
        "type": "command", "command": ["python3", "-c", program], "attachmentsFrom": ["files"],
    });
    Scene::new(agent, spec).await
}

impl Scene {
    /// The bot's events for this answer, up to its words.
    async fn say(&self, answer: &Value) -> Vec<Entry> {
        self.ask(text(&answer.to_string())).await
    }
}

/// A page of an Ogg stream.
fn page(granule: u64, packet: &[u8]) -> Vec<u8> {
    let mut page = b"OggS\0\0".to_vec();
    page.extend(granule.to_le_bytes());
    page.extend([
        7,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        u8::try_from(packet.len()).unwrap(),
    ]);
    page.extend(packet);
    page
}

async fn everything_is_said(encrypted: bool) {
    let spec = |bot: &str| {
        let direct = RoomSpec::direct(bot);
        if encrypted {
            direct.encrypted()
        } else {
            direct
        }
    };
    let scene = scene(spec).await;
    let speech = [
        page(0, b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0"),
        page(48_000 * 3, &[0; 99]),
    ];
    fs::write(scene.path("v.ogg"), speech.concat()).unwrap();
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 0, 2, 0, 0, 0, 1, 0]);
    fs::write(scene.path("chart.png"), &png).unwrap();
    fs::write(scene.path("small.png"), &png[..]).unwrap();
    let answer = json!({
        "text": "See above.", "reaction": "👍",
        "attachments": [
            {"path": "files/chart.png", "caption": "**Sales**", "thumbnail": "files/small.png"},
            "files/v.ogg",
        ],
        "poll": {"question": "More?", "choices": ["yes", "no"]},
    });
    let said = scene.say(&answer).await;
    let [chart, voice, words] = &said[..] else {
        panic!("{said:?}");
    };
    assert!(said.iter().all(|entry| entry.decrypted == encrypted));
    assert_eq!(chart.content["body"], "**Sales**");
    assert_eq!(
        chart.content["formatted_body"],
        "<p><strong>Sales</strong></p>"
    );
    assert_eq!(chart.content["filename"], "chart.png");
    assert_eq!(
        (&chart.content["info"]["w"], &chart.content["info"]["h"]),
        (&json!(512), &json!(256))
    );
    let source = if encrypted {
        "thumbnail_file"
    } else {
        "thumbnail_url"
    };
    assert!(chart.content["info"].get(source).is_some(), "{chart:?}");
    assert_eq!(
        chart.content["info"]["thumbnail_info"]["mimetype"],
        "image/png"
    );
    assert_eq!(voice.content["msgtype"], "m.audio");
    assert_eq!(voice.content["org.matrix.msc3245.voice"], json!({}));
    assert_eq!(voice.content["org.matrix.msc1767.audio"]["duration"], 3000);
    assert_eq!(words.body.as_deref(), Some("See above."));
    let question = words.in_reply_to.clone().unwrap();

    let wanted = |kind| Wanted {
        sender: Some(&scene.bot.user_id),
        kind: Some(kind),
        ..Wanted::default()
    };
    let poll = scene
        .ann
        .wait_for(&scene.room, &wanted(POLL), PATIENCE)
        .await;
    assert_eq!(poll.decrypted, encrypted);
    let start = &poll.content[POLL];
    assert_eq!(start["question"]["org.matrix.msc1767.text"], "More?");
    assert_eq!(start["answers"][1]["org.matrix.msc1767.text"], "no");
    assert_eq!(
        poll.content["org.matrix.msc1767.text"],
        "More?\n1. yes\n2. no"
    );
    let reaction = wanted("m.reaction");
    let reaction = scene.ann.wait_for(&scene.room, &reaction, PATIENCE).await;
    let relation = &reaction.content["m.relates_to"];
    assert_eq!(relation["key"], "👍");
    assert_eq!(relation["event_id"], question.as_str());

    // As a reply, where the program wants one.
    let said = scene.say(&json!({"text": "yes", "reply": true})).await;
    let to = &said[0].content["m.relates_to"]["m.in_reply_to"]["event_id"];
    assert_eq!(to, said[0].in_reply_to.as_deref().unwrap());
    // A poll that is not valid is sent as a list.
    let poll = json!({"question": "Which?", "choices": vec!["x"; 21]});
    let said = scene.say(&json!({"poll": poll})).await;
    let body = said[0].body.as_deref().unwrap();
    assert!(body.starts_with("Which?\n1. x\n2. x"), "{body}");
    assert_eq!(scene.gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_program_says_more_than_words_in_clear() {
    everything_is_said(false).await;
}

#[tokio::test]
async fn a_program_says_more_than_words_encrypted() {
    everything_is_said(true).await;
}

#[tokio::test]
async fn each_thing_is_there_once_however_often_the_bot_dies_over_it() {
    let scene = scene(|bot| RoomSpec::direct(bot).encrypted()).await;
    scene.gateway.kill().await;
    let answer = json!({
        "text": "so", "reaction": "👍", "poll": {"question": "More?", "choices": ["yes", "no"]},
    });
    scene.ann.send_text(&scene.room, &answer.to_string()).await;
    for point in ["send", "close", "close", "send", "close"] {
        die_at(&scene.bot, point).await;
    }
    let _gateway = scene.bot.run().await;
    scene.say(&json!({"text": "the last"})).await;
    let timeline = scene.ann.timeline(&scene.room).await;
    let own = timeline
        .iter()
        .filter(|entry| entry.sender == scene.bot.user_id);
    let own = own.filter(|entry| entry.state_key.is_none());
    let kinds: Vec<_> = own.map(|entry| entry.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["m.room.message", POLL, "m.reaction", "m.room.message"]
    );
}
