//! Invitations: accepted again and again, while the bot runs and while it does not, and never on a
//! forger's word.

use std::collections::BTreeMap;

use axum::body::Bytes;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, LONG, http_person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// A bot that only ann may talk to, who is in a room with it. Its gateway does not run.
struct Scene {
    bot: Bot,
    ann: HttpPerson,
    room: String,
}

impl Scene {
    async fn new() -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        let ann = http_person(synapse, "ann").await;
        bot.set("allowFrom", json!([ann.user_id()]));
        let gateway = bot.run().await;
        // Not a direct one, in which the bot would have the same power.
        let room = ann.create_room(&RoomSpec::group(&[&bot.user_id])).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        assert_eq!(gateway.terminate().await, 0);
        Self { bot, ann, room }
    }

    /// Does this to the bot's membership.
    async fn member(&self, what: &str) {
        let path = ["v3", "rooms", &self.room, what];
        let body = json!({"user_id": self.bot.user_id});
        self.ann.call(Method::POST, &path, Some(&body)).await;
    }

    /// The bot is there, and answers.
    async fn expect_answer(&self, words: &str) {
        self.ann
            .wait_for_member(&self.room, &self.bot.user_id)
            .await;
        let question = self.ann.send_text(&self.room, words).await;
        let bot = &self.bot.user_id;
        self.ann.wait_for_reply(&self.room, &question, bot).await;
    }

    /// The bot has heard of everything so far: it answers in another room.
    async fn until_heard(&self) {
        let direct = RoomSpec::direct(&self.bot.user_id);
        let other = self.ann.create_room(&direct).await;
        self.ann.wait_for_member(&other, &self.bot.user_id).await;
    }
}

#[tokio::test]
async fn whoever_throws_it_out_may_ask_it_in_again() {
    let scene = Scene::new().await;
    let gateway = scene.bot.run().await;
    for (out, in_again) in [
        (&["kick"][..], &["invite"][..]),
        (&["kick"], &["invite"]),
        (&["ban"], &["unban", "invite"]),
        (&["ban"], &["unban", "invite"]),
    ] {
        for what in out {
            scene.member(what).await;
        }
        scene.until_heard().await;
        for what in in_again {
            scene.member(what).await;
        }
        scene.expect_answer(&format!("after {out:?}")).await;
    }
    // In one sync, perhaps.
    for what in ["kick", "invite"] {
        scene.member(what).await;
    }
    scene.expect_answer("after both at once").await;
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn what_happened_while_it_was_down_counts_in_the_end() {
    let scene = Scene::new().await;
    for history in [
        &["kick", "invite"][..],
        &["kick", "invite", "kick", "invite"],
        &["ban", "unban", "invite"],
    ] {
        for what in history {
            scene.member(what).await;
        }
        let gateway = scene.bot.run().await;
        scene.expect_answer(&format!("after {history:?}")).await;
        assert_eq!(gateway.terminate().await, 0);
    }
    // Taken back, it is not accepted; sent again, it is.
    for what in ["kick", "invite", "kick"] {
        scene.member(what).await;
    }
    let gateway = scene.bot.run().await;
    scene.until_heard().await;
    let membership = scene.ann.membership(&scene.room, &scene.bot.user_id).await;
    assert_eq!(membership.as_deref(), Some("leave"));
    scene.member("invite").await;
    scene.expect_answer("sent again").await;
    assert_eq!(gateway.terminate().await, 0);
}

/// A homeserver that hands on what another one wrote into an invitation: that somebody else
/// invited, before the truth.
#[derive(Clone)]
struct Forge {
    of: String,
    by: String,
    instead: String,
}

impl Meddler for Forge {
    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        if !path.ends_with("/sync") {
            return answer;
        }
        let Ok(mut sync) = serde_json::from_slice::<Value>(&answer) else {
            return answer;
        };
        let invited = sync.pointer_mut("/rooms/invite");
        for invited in invited.and_then(Value::as_object_mut).into_iter().flatten() {
            let events = invited.1.pointer_mut("/invite_state/events");
            let Some(events) = events.and_then(Value::as_array_mut) else {
                continue;
            };
            let ours = |event: &&Value| {
                event["state_key"] == self.of.as_str() && event["sender"] == self.by.as_str()
            };
            let Some(mut forged) = events.iter().find(ours).cloned() else {
                continue;
            };
            forged["sender"] = json!(self.instead);
            events.insert(0, forged);
        }
        sync.to_string().into()
    }
}

#[tokio::test]
async fn a_forged_inviter_opens_no_door() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (ann, eve) = tokio::join!(http_person(synapse, "ann"), http_person(synapse, "eve"));
    bot.set("allowFrom", json!([ann.user_id()]));
    let forge = Forge {
        of: bot.user_id.clone(),
        by: eve.user_id().to_owned(),
        instead: ann.user_id().to_owned(),
    };
    bot.set("homeserver", relay(synapse.base_url(), forge).await);
    let gateway = bot.run().await;
    let room = eve.create_room(&RoomSpec::direct(&bot.user_id)).await;
    gateway.expect_line("contradicts itself", PATIENCE).await;
    let membership = eve.membership(&room, &bot.user_id).await;
    assert_eq!(membership.as_deref(), Some("leave"));
    let events = eve.events(&room).await;
    let joined = events.iter().any(|event| {
        event["state_key"] == bot.user_id.as_str() && event["content"]["membership"] == "join"
    });
    assert!(!joined, "{events:?}");
    // One that nobody contradicts is accepted as ever.
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
}

/// As many as a bot keeps open, and a few.
const MANY: usize = 53;

#[tokio::test]
async fn of_many_strangers_invitations_the_newest_stay_open() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (ann, eve) = tokio::join!(http_person(synapse, "ann"), http_person(synapse, "eve"));
    bot.set("allowFrom", json!([ann.user_id()]));
    let gateway = bot.run().await;
    let mut rooms = Vec::new();
    for _ in 0..MANY {
        rooms.push(eve.create_room(&RoomSpec::direct(&bot.user_id)).await);
    }
    let add = format!("config set allowFrom --add {}", eve.user_id());
    gateway.expect_lines(&add, MANY, LONG).await;
    let expected: Vec<_> = (0..MANY)
        .map(|index| if index < MANY - 50 { "leave" } else { "invite" })
        .collect();
    eventually("the oldest declined", LONG, || async {
        let mut found = Vec::new();
        for room in &rooms {
            found.push(eve.membership(room, &bot.user_id).await.unwrap());
        }
        if found == expected {
            return Ok(());
        }
        let mut counts = BTreeMap::new();
        for membership in found {
            *counts.entry(membership).or_insert(0) += 1;
        }
        Err(format!("{counts:?}"))
    })
    .await;
    assert_eq!(gateway.terminate().await, 0);

    // Whoever is allowed later need not invite again.
    bot.set("allowFrom", json!([ann.user_id(), eve.user_id()]));
    let gateway = bot.run().await;
    for room in &rooms[MANY - 50..] {
        eve.wait_for_member(room, &bot.user_id).await;
    }
    assert_eq!(gateway.terminate().await, 0);
}
