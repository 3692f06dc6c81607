//! What Element's own library sends reaches the agent, and what the bot sends is shown there for what it
//! is.

use serde_json::{Value, json};

use crate::harness::account::Bot;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::js_person::{JsEvent, JsPerson};
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;

/// Says again what it is told: the words, what they reply to, and the sorts of the files. Asks or
/// cheers where it is told to.
const PROGRAM: &str = "import json, sys
q = json.load(sys.stdin)
said = q['text']
if q['reply_to']: said += ' <- ' + q['reply_to']['text']
for file in q['attachments']: said += ' +' + file['kind']
answer = {'text': said}
if said == 'ask': answer = {'poll': {'question': 'Tea?', 'choices': ['Green', 'Black']}}
if said == 'cheer': answer['reaction'] = '🎉'
print(json.dumps(answer))";
/// The smallest GIF there is, in Base64.
const GIF: &str = "R0lGODlhAQABAAAAADs=";

struct Scene {
    bot: Bot,
    ann: JsPerson,
    room: String,
}

impl Scene {
    async fn new(synapse: &Synapse) -> Option<Self> {
        let name = format!("ann{}", std::process::id());
        synapse.register(&name, "a password").await.unwrap();
        let ann = JsPerson::login(&synapse.base_url(), &name, "a password", true).await?;
        let bot = Bot::new(synapse).await;
        bot.set("answerReactions", true);
        bot.set(
            "agent",
            json!({"type": "command", "command": ["python3", "-c", PROGRAM]}),
        );
        let gateway = bot.run().await;
        let room = ann.create_room(&bot.user_id).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        gateway.terminate().await;
        Some(Self { bot, ann, room })
    }

    async fn act(&self, what: &str, arguments: Value) -> String {
        let result = self.ann.act(what, &self.room, arguments).await;
        result.as_str().expect("an ID").to_owned()
    }

    async fn say(&self, content: Value) -> String {
        self.act(
            "send",
            json!({"type": "m.room.message", "content": content}),
        )
        .await
    }

    /// Waits until the client shows such an event of the bot's.
    async fn shows(&self, what: &str, is_it: impl Fn(&JsEvent) -> bool) -> JsEvent {
        eventually(what, PATIENCE, || async {
            let shown = self.ann.timeline(&self.room).await;
            let mut own = shown
                .iter()
                .filter(|event| event.sender == self.bot.user_id);
            let found = own.find(|event| is_it(event)).cloned();
            found.ok_or_else(|| format!("{shown:#?}"))
        })
        .await
    }

    /// The bot's message in these words.
    async fn expect(&self, body: &str) -> JsEvent {
        let shown = self
            .shows(body, |event| event.content["body"] == body)
            .await;
        assert!(shown.encrypted && !shown.failed, "{shown:?}");
        shown
    }
}

fn text(body: &str) -> Value {
    json!({"msgtype": "m.text", "body": body})
}

#[tokio::test]
async fn what_element_sends_is_understood_and_what_it_gets_is_shown() {
    let Some(scene) = Scene::new(shared_synapse().await).await else {
        return;
    };
    let gateway = scene.bot.run().await;
    let first = scene.say(text("hello")).await;
    let hello = scene.expect("hello").await;

    everything_is_told(&scene, &first, &hello).await;
    everything_is_shown(&scene).await;

    let thumb = json!({"rel_type": "m.annotation", "event_id": hello.event_id, "key": "👍️"});
    let thumb = json!({"type": "m.reaction", "content": {"m.relates_to": thumb}});
    scene.act("send", thumb).await;
    let is_told = |event: &JsEvent| {
        let body = event.content["body"].as_str().unwrap_or_default();
        body.starts_with("[reaction \"👍\" to your message \"hello\"") && event.reply.is_none()
    };
    scene.shows("the answer to a reaction", is_told).await;
    assert_eq!(gateway.terminate().await, 0);

    while_it_is_away(&scene).await;
}

async fn everything_is_told(scene: &Scene, first: &str, hello: &JsEvent) {
    scene.act("emote", json!({"body": "waves"})).await;
    scene.expect("* waves").await;

    let mut reply = text("what?");
    reply["m.relates_to"] = json!({"m.in_reply_to": {"event_id": hello.event_id}});
    scene.say(reply).await;
    scene.expect("what? <- hello").await;

    let threaded = json!({"thread": first, "type": "m.room.message", "content": text("aside")});
    scene.act("send", threaded).await;
    let aside = scene.shows("an answer in the thread", |event| {
        event.thread.as_deref() == Some(first)
    });
    let aside = aside.await;
    assert_eq!(aside.content["body"], "aside");

    let url = scene.act("upload", json!({"base64": GIF})).await;
    scene
        .act("sticker", json!({"url": url, "body": "Happy cat"}))
        .await;
    scene.expect("[sticker: Happy cat] +image").await;

    let home = json!({"uri": "geo:1,2;u=5", "description": "Home"});
    scene.act("place", home).await;
    scene.expect("[location: geo:1,2;u=5 - Home]").await;

    let lunch = json!({"question": "Lunch?", "answers": ["Pizza", "Salad"]});
    scene.act("poll", lunch).await;
    scene.expect("[poll: Lunch?]\n1. Pizza\n2. Salad").await;

    scene
        .say(json!({
            "msgtype": "m.image", "body": "look", "filename": "a.gif", "url": url,
            "info": {"mimetype": "image/gif", "size": 14},
        }))
        .await;
    scene.expect("look +image").await;
    scene
        .say(json!({
            "msgtype": "m.audio", "body": "Voice message", "url": url,
            "info": {"mimetype": "audio/ogg", "size": 14}, "org.matrix.msc3245.voice": {},
            "org.matrix.msc1767.audio": {"duration": 3000, "waveform": [0, 512, 1024]},
        }))
        .await;
    scene.expect("Voice message +audio").await;
}

async fn everything_is_shown(scene: &Scene) {
    let asked = scene.say(text("cheer")).await;
    scene.expect("cheer").await;
    eventually("a reaction", PATIENCE, || async {
        let shown = scene.ann.timeline(&scene.room).await;
        let question = shown.iter().find(|event| event.event_id == asked).unwrap();
        let reaction = format!("{} 🎉", scene.bot.user_id);
        (question.reactions == [reaction])
            .then_some(())
            .ok_or_else(|| format!("{question:?}"))
    })
    .await;
    eventually("a read receipt", PATIENCE, || async {
        let of_bot = json!({"user_id": scene.bot.user_id});
        let read = scene.ann.act("read_up_to", &scene.room, of_bot).await;
        (read == asked.as_str()).then_some(()).ok_or(read)
    })
    .await;

    scene.say(text("ask")).await;
    let poll = scene
        .shows("a poll", |event| event.poll.as_deref() == Some("Tea?"))
        .await;
    assert!(poll.encrypted);
    scene
        .act("vote", json!({"poll": poll.event_id, "number": 0}))
        .await;
    scene
        .expect("[vote in your poll \"Tea?\": \"Green\"]")
        .await;
}

/// Edits and redactions of what waits, and an upgrade of the room.
async fn while_it_is_away(scene: &Scene) {
    let typo = scene.say(text("tpyo")).await;
    let gone = scene.say(text("gone")).await;
    let mut edit = text("* typo");
    edit["m.new_content"] = text("typo");
    edit["m.relates_to"] = json!({"rel_type": "m.replace", "event_id": typo});
    scene.say(edit).await;
    scene.act("redact", json!({"event_id": gone})).await;
    let new = scene.act("upgrade", json!({"version": "12"})).await;
    scene.ann.invite(&new, &scene.bot.user_id).await;
    let gateway = scene.bot.run().await;
    scene.expect("typo").await;
    scene.ann.wait_for_member(&new, &scene.bot.user_id).await;
    scene.ann.send_text(&new, "moved").await;
    eventually("an answer in the new room", PATIENCE, || async {
        let shown = scene.ann.timeline(&new).await;
        let own = |event: &&JsEvent| event.sender == scene.bot.user_id;
        let is_moved = |event: &JsEvent| event.content["body"] == "moved" && event.encrypted;
        let is_there = shown.iter().filter(own).any(is_moved);
        is_there.then_some(()).ok_or_else(|| format!("{shown:#?}"))
    })
    .await;
    let shown = scene.ann.timeline(&scene.room).await;
    let own = |event: &&JsEvent| event.sender == scene.bot.user_id;
    let said = |words| {
        shown
            .iter()
            .filter(own)
            .any(|event| event.content["body"] == words)
    };
    assert!(!said("tpyo") && !said("gone"));
    assert_eq!(gateway.terminate().await, 0);
}
