//! Rooms that were upgraded are followed: public and private ones, while the bot runs and while it
//! does not; and what only looks like an upgrade is not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::{HttpPerson, string};
use crate::harness::message;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::stress::die_at;

/// Says in which conversation it was asked.
const SAYS_CONVERSATION: &str =
    "import json, sys; print('conversation', json.load(sys.stdin)['conversation'])";

/// A bot that only ben may talk to, in the rooms that its list names; ann runs the rooms.
struct Scene {
    bot: Bot,
    account: HttpPerson,
    ann: HttpPerson,
    ben: Person,
}

impl Scene {
    async fn new() -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        let (ann, ben) = (
            http_person(synapse, "ann").await,
            person(synapse, "ben").await,
        );
        bot.set("allowFrom", json!([ben.user_id()]));
        let agent = json!({"type": "command", "command": ["python3", "-c", SAYS_CONVERSATION]});
        bot.set("agent", agent);
        let account = bot.account().await;
        Self {
            bot,
            account,
            ann,
            ben,
        }
    }

    /// A group of version 10 that ben makes and ann may upgrade.
    async fn group(&self, spec: RoomSpec) -> String {
        let (bot, ann) = (&self.bot.user_id, self.ann.user_id());
        let mut powers = json!({"users": {self.ben.user_id(): 100, ann: 100}});
        if let Some(events) = spec.extra.get("events") {
            powers["events"] = events.clone();
        }
        let mut spec = spec
            .with("room_version", json!("10"))
            .with("power_level_content_override", powers);
        spec.extra.as_object_mut().unwrap().remove("events");
        spec.invite = vec![bot.clone(), ann.to_owned()];
        let room = self.ben.create_room(&spec).await;
        self.ann.join(&room).await;
        self.ann.wait_for_member(&room, bot).await;
        room
    }

    fn list(&self, rooms: &[&str]) {
        self.bot.set("groupPolicy", "allowlist");
        self.bot.set("groupAllowFrom", json!(rooms));
    }

    /// What the bot answers to ben in a room.
    async fn answer(&self, room: &str, words: &str) -> String {
        let bot = &self.bot.user_id;
        self.ben.wait_for_member(room, bot).await;
        let question = self.ben.send_text(room, words).await;
        let answer = self.ben.wait_for_reply(room, &question, bot).await;
        answer.body.unwrap_or_default()
    }

    async fn expect_conversation(&self, room: &str, of: &str) {
        let answer = self.answer(room, "where are we?").await;
        assert_eq!(answer, format!("conversation matrix:{of}"));
    }

    /// Upgrades a room as clients do, which invite everybody where that is needed.
    async fn upgrade(&self, old: &str, is_public: bool) -> String {
        let path = ["v3", "rooms", old, "upgrade"];
        let version = json!({"new_version": "12"});
        let answer = self.ann.call(Method::POST, &path, Some(&version)).await;
        let new = string(&answer["replacement_room"]);
        if !is_public {
            self.ann.invite(&new, self.ben.user_id()).await;
            self.ben.wait_for_invite(None, PATIENCE).await;
            self.ann.invite(&new, &self.bot.user_id).await;
        }
        self.ben.join(&new).await;
        new
    }
}

fn public(spec: RoomSpec) -> RoomSpec {
    let rule = json!({
        "type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "public"},
    });
    spec.with("initial_state", json!([rule]))
}

#[tokio::test]
async fn an_upgraded_room_is_followed_while_the_bot_runs_and_while_it_does_not() {
    let scene = Scene::new().await;
    let gateway = scene.bot.run().await;
    let (mut rooms, mut listed) = (Vec::new(), Vec::new());
    for is_public in [true, false] {
        let plain = RoomSpec::group(&[]);
        // What is public is rarely encrypted.
        let spec = if is_public {
            public(plain)
        } else {
            plain.encrypted()
        };
        let room = scene.group(spec).await;
        listed.push(room.clone());
        rooms.push((is_public, room));
    }
    assert_eq!(gateway.terminate().await, 0);
    let listed: Vec<_> = listed.iter().map(String::as_str).collect();
    scene.list(&listed);

    let gateway = scene.bot.run().await;
    let mut newer = Vec::new();
    for (is_public, old) in &rooms {
        scene.expect_conversation(old, old).await;
        let new = scene.upgrade(old, *is_public).await;
        scene.expect_conversation(&new, old).await;
        let said = format!("nanobot config set groupAllowFrom --add '{new}' --remove '{old}'");
        gateway.expect_line(&said, PATIENCE).await;
        newer.push((*is_public, new, old));
    }
    assert_eq!(gateway.terminate().await, 0);

    // Once more, while it is down.
    let mut newest = Vec::new();
    for (is_public, middle, old) in newer {
        newest.push((scene.upgrade(&middle, is_public).await, old));
    }
    let gateway = scene.bot.run().await;
    for (room, old) in &newest {
        scene.expect_conversation(room, old).await;
    }
    assert_eq!(gateway.terminate().await, 0);

    // It stays so.
    let _gateway = scene.bot.run().await;
    for (room, old) in &newest {
        scene.expect_conversation(room, old).await;
    }
}

#[tokio::test]
async fn a_direct_chat_stays_one() {
    let scene = Scene::new().await;
    let _gateway = scene.bot.run().await;
    let bot = &scene.bot.user_id;
    let spec = RoomSpec::direct(bot).encrypted();
    let old = scene
        .ben
        .create_room(&spec.with("room_version", json!("10")))
        .await;
    scene.expect_conversation(&old, &old).await;
    let base_url = shared_synapse().await.base_url();
    let ben = HttpPerson::with_token(&base_url, scene.ben.access_token()).await;
    let path = ["v3", "rooms", &old, "upgrade"];
    let version = json!({"new_version": "12"});
    let answer = ben.call(Method::POST, &path, Some(&version)).await;
    let new = string(&answer["replacement_room"]);
    ben.invite(&new, bot).await;
    scene.expect_conversation(&new, &old).await;
    expect_direct(&scene, &new).await;
}

/// Waits until this room is listed as a direct chat with ben.
async fn expect_direct(scene: &Scene, room: &str) {
    eventually("a direct chat", PATIENCE, || async {
        let path = ["v3", "user", &scene.bot.user_id, "account_data", "m.direct"];
        let direct = scene.account.call(Method::GET, &path, None).await;
        let rooms = direct[scene.ben.user_id()].as_array().cloned();
        let is_listed = rooms.unwrap_or_default().contains(&json!(room));
        is_listed.then_some(()).ok_or_else(|| direct.to_string())
    })
    .await;
}

/// A public room of somebody's, which says to follow another one or not.
async fn trap(maker: &HttpPerson, follows: Option<&str>) -> String {
    let mut body = json!({"preset": "public_chat", "room_version": "10"});
    if let Some(old) = follows {
        let predecessor = json!({"room_id": old, "event_id": "$x"});
        body["creation_content"] = json!({"predecessor": predecessor});
    }
    let path = ["v3", "createRoom"];
    let answer = maker.call(Method::POST, &path, Some(&body)).await;
    string(&answer["room_id"])
}

async fn bury(who: &HttpPerson, old: &str, new: &str) {
    let tombstone = json!({"body": "over there", "replacement_room": new});
    who.put_state(old, "m.room.tombstone", "", &tombstone).await;
}

async fn wait_until_left(scene: &Scene, room: &str) {
    eventually("that the bot left", PATIENCE, || async {
        let path = ["v3", "rooms", room, "members"];
        let members = scene.ann.try_call(Method::GET, &path, None).await;
        let members = members.map_err(|refused| format!("{refused:?}"))?;
        let of_bot = |event: &&Value| event["state_key"] == *scene.bot.user_id;
        let mut members = members["chunk"].as_array().into_iter().flatten();
        let membership = members
            .find(of_bot)
            .map(|it| it["content"]["membership"].clone());
        (membership == Some(json!("leave")))
            .then_some(())
            .ok_or_else(|| format!("{membership:?}"))
    })
    .await;
}

#[tokio::test]
async fn a_tombstone_that_proves_nothing_leads_nowhere() {
    let scene = Scene::new().await;
    let gateway = scene.bot.run().await;
    let mallory = http_person(shared_synapse().await, "mallory").await;
    let lax = json!({"m.room.tombstone": 0});
    let weak = scene
        .group(public(RoomSpec::group(&[])).with("events", lax))
        .await;
    let (nameless, foreign) = (
        scene.group(RoomSpec::group(&[])).await,
        scene.group(RoomSpec::group(&[])).await,
    );
    assert_eq!(gateway.terminate().await, 0);
    scene.list(&[&weak, &nameless, &foreign]);
    let gateway = scene.bot.run().await;
    mallory.join(&weak).await;

    // Set by somebody who has no power.
    let target = trap(&mallory, Some(&weak)).await;
    bury(&mallory, &weak, &target).await;
    gateway
        .expect_line("does not have the power for that (50)", PATIENCE)
        .await;
    let trapped = target;

    // To a room that knows nothing of it, and to one that somebody else made.
    let mut targets = Vec::new();
    for (old, maker, follows, why) in [
        (
            &nameless,
            &scene.ann,
            None,
            "was not made in place of the old one",
        ),
        (
            &foreign,
            &mallory,
            Some(&*foreign),
            "whoever made it has less power",
        ),
    ] {
        let target = trap(maker, follows).await;
        scene.ann.join(&target).await;
        bury(&scene.ann, old, &target).await;
        gateway.expect_line(why, PATIENCE).await;
        wait_until_left(&scene, &target).await;
        targets.push((target, maker));
    }
    // Nothing of it counts, nor is it tried again.
    let joined = scene.account.joined_rooms().await;
    assert!(!joined.contains(&trapped));
    assert_eq!(gateway.terminate().await, 0);
    let gateway = Gateway::connected(&scene.bot.home, &["-v"]).await;
    gateway.expect_line("E2EE enabled", PATIENCE).await;
    for (target, maker) in &targets {
        maker.invite(target, &scene.bot.user_id).await;
        gateway
            .expect_line(&format!("not joined {target}"), PATIENCE)
            .await;
    }
    let joined = scene.account.joined_rooms().await;
    assert!(targets.iter().all(|(target, _)| !joined.contains(target)));
    // The old rooms are as they were.
    let question = message::text("still here?");
    let question = scene.ben.send(&nameless, "m.room.message", question).await;
    let bot = &scene.bot.user_id;
    scene.ben.wait_for_reply(&nameless, &question, bot).await;
}

/// Dies after each step of following a room: once it is in the new one, and once that is checked.
#[tokio::test]
async fn however_often_it_dies_on_the_way_it_follows_and_greets_nobody_again() {
    let scene = Scene::new().await;
    scene.bot.set("greeting", "Hello!");
    let gateway = scene.bot.run().await;
    let bot = &scene.bot.user_id;
    let direct = RoomSpec::direct(bot).encrypted();
    let direct = direct.with("room_version", json!("10"));
    let direct = scene.ben.create_room(&direct).await;
    let listed = scene.group(public(RoomSpec::group(&[]))).await;
    for room in [&direct, &listed] {
        scene.expect_conversation(room, room).await;
    }
    assert_eq!(gateway.terminate().await, 0);
    scene.list(&[&listed]);
    let base_url = shared_synapse().await.base_url();
    let ben = HttpPerson::with_token(&base_url, scene.ben.access_token()).await;
    let path = ["v3", "rooms", &direct, "upgrade"];
    let version = json!({"new_version": "12"});
    let answer = ben.call(Method::POST, &path, Some(&version)).await;
    let new_direct = string(&answer["replacement_room"]);
    ben.invite(&new_direct, bot).await;
    die_at(&scene.bot, "join").await;
    die_at(&scene.bot, "upgrade-follow").await;
    let new_listed = scene.upgrade(&listed, true).await;
    die_at(&scene.bot, "upgrade-join").await;
    die_at(&scene.bot, "upgrade-follow").await;

    let _gateway = scene.bot.run().await;
    for (new, old) in [(&new_direct, &direct), (&new_listed, &listed)] {
        scene.expect_conversation(new, old).await;
        let timeline = scene.ben.timeline(new).await;
        let own = timeline.iter().filter(|entry| entry.sender == *bot);
        let notices = own.filter(|entry| entry.msgtype.as_deref() == Some("m.notice"));
        assert_eq!(notices.count(), 0);
    }
    expect_direct(&scene, &new_direct).await;
}

#[tokio::test]
async fn a_room_that_it_died_in_before_the_check_is_left_again() {
    let scene = Scene::new().await;
    let gateway = scene.bot.run().await;
    let old = scene.group(RoomSpec::group(&[])).await;
    assert_eq!(gateway.terminate().await, 0);
    let target = trap(&scene.ann, None).await;
    bury(&scene.ann, &old, &target).await;
    die_at(&scene.bot, "upgrade-join").await;
    assert!(scene.account.joined_rooms().await.contains(&target));
    let _gateway = scene.bot.run().await;
    wait_until_left(&scene, &target).await;
}
