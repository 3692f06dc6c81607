//! `access.*`: who can talk to the bot, and where.

use axum::body::Bytes;
use reqwest::Method;
use serde_json::{Value, json};

use super::examined::examine;
use super::front::{Deed, Front, json as answer};
use super::scene::{assert_well_but, commands};
use crate::harness::account::{Bot, http_person};
use crate::harness::http_person::{HttpPerson, string};
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::status::status_when;

/// The bot in a room of Ann's that is made like this.
async fn room_of(ann: &HttpPerson, bot: &Bot, spec: RoomSpec) -> String {
    let room = ann.create_room(&spec).await;
    bot.account().await.join(&room).await;
    room
}

#[tokio::test]
async fn a_list_that_does_not_say_who_is_meant_is_told() {
    let bot = Bot::new(shared_synapse().await).await;
    let examined = examine(&bot.home, &[]).await;
    let audience = examined.row("access.audience");
    let sentence = "Everyone may talk to this bot, in any room.";
    assert_eq!(audience["detail"], sentence, "{audience:#}");

    bot.set("allowFrom", json!([]));
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("access.open", "warn", "everyone may talk to the bot")
        .expect_failed(&[]);
    assert_eq!(commands(&examined, "access.open"), ["nanobot config edit"]);

    // The bot's own id, as newcomers write it.
    bot.set("allowFrom", json!([bot.user_id]));
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("access.audience", "warn", "only the bot itself")
        .expect_failed(&[]);
    assert_eq!(
        commands(&examined, "access.audience"),
        ["nanobot config edit"]
    );
}

#[tokio::test]
async fn a_list_that_a_variable_leaves_open_is_one_failure() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.set("allowFrom", json!(["${NOBODY_SETS_THIS}"]));
    let examined = examine(&bot.home, &[]).await;
    assert_eq!(examined.ids("fail").len(), 1, "{:#}", examined.report);
    assert_eq!(examined.exit_code(), 78);
}

#[tokio::test]
async fn users_whom_their_own_homeserver_does_not_know_are_named() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    bot.set(
        "allowFrom",
        json!([ann.user_id(), "@anm:localhost", "@who:elsewhere.example"]),
    );
    examine(&bot.home, &[])
        .await
        .expect("access.users", "warn", "does not know @anm:localhost")
        .expect_failed(&[]);
    bot.set(
        "allowFrom",
        json!([ann.user_id(), "@who:elsewhere.example"]),
    );
    assert_well_but(&examine(&bot.home, &[]).await, &[]);

    // Long lists, and one that is too long.
    let others = |count: usize| (0..count).map(|number| format!("@who{number}:elsewhere.example"));
    for (count, status, words) in [
        (150, "warn", "does not know @anm:localhost"),
        (200, "pass", "only the first 200 were checked"),
    ] {
        let mut users: Vec<_> = others(count).collect();
        users.push("@anm:localhost".to_owned());
        bot.set("allowFrom", json!(users));
        examine(&bot.home, &["--only", "access.users"])
            .await
            .expect("access.users", status, words);
    }
}

#[tokio::test]
async fn a_list_of_rooms_that_lets_no_room_in_is_told() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let room = room_of(&ann, &bot, RoomSpec::group(&[&bot.user_id])).await;
    bot.set("groupPolicy", "allowlist");
    bot.set("groupAllowFrom", json!([]));
    examine(&bot.home, &[])
        .await
        .expect("access.group-rooms", "warn", "answers in no group room")
        .expect_failed(&[]);

    // Not copied whole.
    let short = &room[..20];
    bot.set("groupAllowFrom", json!([short]));
    examine(&bot.home, &[])
        .await
        .expect("access.room-ids", "warn", "not as long as such ids are")
        .expect("access.rooms", "warn", short)
        .expect_failed(&[]);

    let other = ann.create_room(&RoomSpec::group(&[])).await;
    bot.set("groupAllowFrom", json!([room, other]));
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("access.rooms", "warn", &format!("has not joined {other}"))
        .expect_failed(&[]);
    assert_eq!(
        examined.row("access.rooms")["evidence"]["rooms"],
        json!([other])
    );
    bot.set("groupAllowFrom", json!([room]));
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}

/// A homeserver on which an account has joined a hundred rooms more, this one again and again.
#[derive(Clone)]
struct Many {
    first: String,
}

impl Meddler for Many {
    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        if !path.ends_with("/joined_rooms") {
            return answer;
        }
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let rooms = answer["joined_rooms"].as_array_mut().unwrap();
        rooms.splice(..0, vec![json!(self.first); 100]);
        answer.to_string().into()
    }
}

/// Only so many rooms are looked at.
#[tokio::test]
async fn a_listed_room_is_found_among_very_many() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let room = room_of(&ann, &bot, RoomSpec::group(&[&bot.user_id])).await;
    let muted = json!({"events_default": 50});
    let listed = RoomSpec::group(&[&bot.user_id]).with("power_level_content_override", muted);
    let listed = room_of(&ann, &bot, listed).await;
    bot.set("groupPolicy", "allowlist");
    bot.set("groupAllowFrom", json!([listed]));
    // The other room comes first, and as often as a hundred rooms would.
    let many = Many { first: room };
    bot.set("homeserver", relay(synapse.base_url(), many).await);
    let examined = examine(&bot.home, &[]).await;
    assert_eq!(examined.row("access.rooms")["status"], "pass");
    examined.expect("access.speak", "warn", &listed);
}

#[tokio::test]
async fn invitations_are_told_by_whether_they_will_be_accepted() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    bot.set("allowFrom", json!([ann.user_id()]));
    ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    let examined = examine(&bot.home, &[]).await;
    let row = examined.row("access.invitations");
    assert_eq!(row["status"], "pass", "{row:#}");
    assert_eq!(row["detail"], "the gateway will accept 1 invitation");

    let eve = http_person(synapse, "eve").await;
    let room = eve.create_room(&RoomSpec::direct(&bot.user_id)).await;
    let words = format!(
        "{}, who is not in allowFrom, has invited the bot to {room}",
        eve.user_id()
    );
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("access.invitations", "warn", &words)
        .expect_failed(&[]);
    assert_eq!(
        examined.row("access.invitations")["evidence"]["rooms"],
        json!([room])
    );
}

#[tokio::test]
async fn an_invitation_that_the_homeserver_does_not_let_the_bot_accept_is_told() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let front = Front::new(|asked| match asked.path {
        path if path.contains("/join/") || path.ends_with("/join") => {
            let banned = json!({"errcode": "M_FORBIDDEN", "error": "You are banned here"});
            answer(403, &banned)
        }
        _ => Deed::PassOn,
    });
    let front = front.await;
    bot.set("homeserver", front.http());
    let gateway = bot.run().await;
    let room = ann.create_room(&RoomSpec::group(&[&bot.user_id])).await;
    // It is tried again for a while: joining may overtake the invitation between homeservers.
    status_when(&bot.home, |status| status["not_joined"][&room].is_string()).await;
    let examined = examine(&bot.home, &[]).await;
    let words = format!("could not accept {}'s invitation to {room}", ann.user_id());
    examined
        .expect("access.invitations", "warn", &words)
        .expect("access.invitations", "warn", "You are banned here")
        .expect_remedy("access.invitations", "invite it again", &[])
        .expect_failed(&[]);

    // Who takes it back has nothing more to hear of it.
    let kick = json!({"user_id": bot.user_id});
    let path = ["v3", "rooms", &room, "kick"];
    ann.call(Method::POST, &path, Some(&kick)).await;
    ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    status_when(&bot.home, |status| status["not_joined"][&room].is_null()).await;
    drop(gateway);
}

#[tokio::test]
async fn rooms_in_which_the_bot_may_not_speak_are_named() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let account = bot.account().await;
    let silent = json!({"events_default": 50});
    let muted = || {
        let spec = RoomSpec::group(&[&bot.user_id]);
        spec.with("power_level_content_override", silent.clone())
    };
    for version in ["11", "12"] {
        let open = RoomSpec::group(&[&bot.user_id]).with("room_version", json!(version));
        room_of(&ann, &bot, open).await;
        // Who made a room may do everything there: in version 12 without being listed.
        let own = RoomSpec::group(&[])
            .with("room_version", json!(version))
            .with("power_level_content_override", silent.clone());
        account.create_room(&own).await;
    }
    let additional = json!({"additional_creators": [bot.user_id]});
    let additional = muted().with("creation_content", additional);
    room_of(&ann, &bot, additional.with("room_version", json!("12"))).await;
    assert_well_but(&examine(&bot.home, &[]).await, &[]);

    let mut rooms = Vec::new();
    for version in ["11", "12"] {
        let spec = muted().with("room_version", json!(version));
        rooms.push(room_of(&ann, &bot, spec).await);
    }
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("access.speak", "warn", "may not send messages in !")
        .expect("access.speak", "warn", &rooms[0])
        .expect("access.speak", "warn", &rooms[1])
        .expect_failed(&[]);
    let named = examined.row("access.speak")["evidence"]["rooms"]
        .as_array()
        .unwrap();
    assert_eq!(named.len(), 2);
}

#[tokio::test]
async fn a_room_left_behind_by_an_upgrade_is_named_with_its_successor() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let spec = RoomSpec::group(&[&bot.user_id]).with("room_version", json!("11"));
    let old = room_of(&ann, &bot, spec).await;
    let (path, version) = (
        ["v3", "rooms", &old, "upgrade"],
        json!({"new_version": "12"}),
    );
    let answer = ann.call(Method::POST, &path, Some(&version)).await;
    let new = string(&answer["replacement_room"]);
    examine(&bot.home, &[])
        .await
        .expect(
            "access.upgraded",
            "warn",
            &format!("{old} was replaced by {new}"),
        )
        .expect_failed(&[]);

    // The old room, in which an upgrade mutes everybody, is no concern any more.
    ann.invite(&new, &bot.user_id).await;
    bot.account().await.join(&new).await;
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}

#[tokio::test]
async fn a_list_that_knows_a_room_by_its_old_id_only_is_told() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let account = bot.account().await;
    let old = room_of(&ann, &bot, RoomSpec::group(&[&bot.user_id])).await;
    let (path, version) = (
        ["v3", "rooms", &old, "upgrade"],
        json!({"new_version": "12"}),
    );
    let answer = ann.call(Method::POST, &path, Some(&version)).await;
    let new = string(&answer["replacement_room"]);
    ann.invite(&new, &bot.user_id).await;
    account.join(&new).await;
    bot.set("groupPolicy", "allowlist");
    bot.set("groupAllowFrom", json!([old]));
    let words = format!("groupAllowFrom lists {old}, but not its successor {new}");
    let fix = format!("nanobot config set groupAllowFrom --add '{new}'");
    for has_left in [false, true] {
        if has_left {
            let leave = ["v3", "rooms", &old, "leave"];
            account.call(Method::POST, &leave, Some(&json!({}))).await;
        }
        let examined = examine(&bot.home, &[]).await;
        examined
            .expect("access.upgraded", "warn", &words)
            .expect_failed(&[]);
        assert_eq!(commands(&examined, "access.upgraded"), [&*fix]);
        assert_eq!(examined.row("access.rooms")["status"], "pass");
    }
    let add = ["config", "set", "groupAllowFrom", "--add", &new];
    bot.home.run(&add, "").await.expect_code(0);
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}
