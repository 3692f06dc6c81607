//! How the bot comes into rooms, shows itself, and leaves them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::Wanted;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{new_name, shared_synapse};

const GREETING: &str = "Hello! I answer questions.";
/// The smallest GIF there is, and another one.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";
const OTHER_GIF: &[u8] = b"GIF89a\x02\x00\x01\x00\x00\x00\x00;";

#[tokio::test]
async fn a_room_is_greeted_once() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = person(synapse, "ann").await;
    let room_of = async |encrypted: bool| {
        let spec = RoomSpec::direct(&bot.user_id);
        let spec = if encrypted { spec.encrypted() } else { spec };
        let room = ann.create_room(&spec).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        room
    };
    let gateway = bot.run().await;
    let before = room_of(false).await;
    assert_eq!(gateway.terminate().await, 0);
    bot.set("greeting", GREETING);
    let gateway = bot.run().await;
    let rooms = [room_of(true).await, room_of(false).await];
    for room in &rooms {
        let wanted = Wanted {
            sender: Some(&bot.user_id),
            body: Some(GREETING),
            ..Wanted::default()
        };
        let greeting = ann.wait_for(room, &wanted, PATIENCE).await;
        assert_eq!(greeting.msgtype.as_deref(), Some("m.notice"));
    }
    assert_eq!(gateway.terminate().await, 0);
    let _gateway = bot.run().await;
    for room in rooms.iter().chain([&before]) {
        let question = ann.send_text(room, "hey").await;
        ann.wait_for_reply(room, &question, &bot.user_id).await;
        let timeline = ann.timeline(room).await;
        let greetings = timeline
            .iter()
            .filter(|event| event.body.as_deref() == Some(GREETING));
        assert_eq!(greetings.count(), usize::from(room != &before), "{room}");
    }
}

async fn profile(of: &HttpPerson) -> Value {
    of.call(Method::GET, &["v3", "profile", of.user_id()], None)
        .await
}

async fn wait_for_profile(of: &HttpPerson, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    eventually(what, PATIENCE, || async {
        let shown = profile(of).await;
        if is(&shown) {
            Ok(shown)
        } else {
            Err(shown.to_string())
        }
    })
    .await
}

#[tokio::test]
async fn the_name_and_the_picture_are_kept_as_they_are_configured() {
    let bot = Bot::new(shared_synapse().await).await;
    let account = bot.account().await;
    std::fs::write(bot.home.path().join("bot.gif"), GIF).unwrap();
    for (key, value) in [("displayName", "Robin"), ("avatar", "bot.gif")] {
        let set = ["config", "set", key, value];
        bot.home.run(&set, "").await.expect_code(0);
    }
    let gateway = Gateway::connected(&bot.home, &["-v"]).await;
    let first = wait_for_profile(&account, "the profile", |shown| {
        shown["displayname"] == "Robin" && shown["avatar_url"].is_string()
    })
    .await;
    // Somebody changes it; nothing is uploaded again for that.
    assert_eq!(gateway.terminate().await, 0);
    for (field, value) in [
        ("displayname", "Rubin"),
        ("avatar_url", "mxc://localhost/x"),
    ] {
        let path = ["v3", "profile", account.user_id(), field];
        let body = json!({field: value});
        account.call(Method::PUT, &path, Some(&body)).await;
    }
    let gateway = Gateway::connected(&bot.home, &["-v"]).await;
    wait_for_profile(&account, "the same profile", |shown| *shown == first).await;
    // Another picture, and a reload.
    std::fs::write(bot.home.path().join("bot.gif"), OTHER_GIF).unwrap();
    let set = ["config", "set", "displayName", "Robin the second"];
    bot.home.run(&set, "").await.expect_code(0);
    bot.home
        .run(&["gateway", "reload"], "")
        .await
        .expect_code(0);
    let second = wait_for_profile(&account, "another profile", |shown| {
        shown["displayname"] == "Robin the second" && shown["avatar_url"] != first["avatar_url"]
    })
    .await;
    assert!(second["avatar_url"].is_string());
    assert_eq!(gateway.terminate().await, 0);
    let said = gateway.stderr();
    assert!(said.contains("the bot's picture is now"), "{said}");
    // A third start changes nothing, and a file that is no picture is told.
    std::fs::write(bot.home.path().join("bot.gif"), "words").unwrap();
    let gateway = Gateway::connected(&bot.home, &["-v"]).await;
    gateway.expect_line("it is not a picture", PATIENCE).await;
    let said = gateway.stderr();
    assert!(!said.contains("display name is now"), "{said}");
    assert_eq!(profile(&account).await, second);
}

#[tokio::test]
async fn empty_rooms_are_left_and_those_that_it_is_not_in_forgotten() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let account = bot.account().await;
    let gateway = bot.run().await;
    let mut rooms = Vec::new();
    for _ in 0..3 {
        let room = ann.create_room(&RoomSpec::group(&[&bot.user_id])).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        let question = ann.send_text(&room, "hey").await;
        ann.wait_for_reply(&room, &question, &bot.user_id).await;
        rooms.push(room);
    }
    let [empty, kicked, used] = &rooms[..] else {
        unreachable!()
    };
    ann.leave(empty).await;
    let body = json!({"user_id": bot.user_id});
    let kick = ["v3", "rooms", kicked, "kick"];
    ann.call(Method::POST, &kick, Some(&body)).await;
    assert_eq!(gateway.terminate().await, 0);

    let gateway = Gateway::connected(&bot.home, &["-v"]).await;
    gateway
        .expect_line(&format!("forgot {kicked}"), PATIENCE)
        .await;
    let journal = bot.home.path().join("matrix-store/inbox.sqlite3");
    eventually("that it knows how long it is alone", PATIENCE, || async {
        let db = rusqlite::Connection::open(&journal).unwrap();
        let sql = "SELECT count(*) FROM room WHERE alone_since IS NOT NULL";
        let count: u32 = db.query_row(sql, [], |row| row.get(0)).unwrap();
        (count == 1).then_some(()).ok_or(count.to_string())
    })
    .await;
    assert!(account.joined_rooms().await.contains(empty));
    assert_eq!(gateway.terminate().await, 0);
    let db = rusqlite::Connection::open(&journal).unwrap();
    let long_ago = "UPDATE room SET alone_since = 1 WHERE alone_since IS NOT NULL";
    assert_eq!(db.execute(long_ago, []).unwrap(), 1);
    drop(db);

    let gateway = Gateway::connected(&bot.home, &["-v"]).await;
    gateway.expect_line("nobody else is there", PATIENCE).await;
    eventually("that it left", PATIENCE, || async {
        let joined = account.joined_rooms().await;
        (joined == [used.clone()])
            .then_some(())
            .ok_or(format!("{joined:?}"))
    })
    .await;
    assert_eq!(gateway.terminate().await, 0);
    let gateway = Gateway::connected(&bot.home, &["-v"]).await;
    gateway
        .expect_line(&format!("forgot {empty}"), PATIENCE)
        .await;
    // What was forgotten cannot be read any more.
    let path = ["v3", "rooms", empty, "messages"];
    let read = account
        .try_query(Method::GET, &path, &[("dir", "b")], None)
        .await;
    assert!(read.is_err(), "{read:?}");
}

#[tokio::test]
async fn a_listed_alias_means_its_room_also_after_an_upgrade() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (ann, ben) = tokio::join!(http_person(synapse, "ann"), http_person(synapse, "ben"));
    let name = new_name("garden");
    let server = ann.user_id().split_once(':').unwrap().1;
    let alias = format!("#{name}:{server}");
    let spec = RoomSpec::group(&[&bot.user_id, ben.user_id()])
        .with("room_alias_name", json!(name))
        .with("room_version", json!("10"));
    bot.set("groupPolicy", "allowlist");
    let gateway = bot.run().await;
    let room = ann.create_room(&spec).await;
    ben.join(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let add = ["config", "set", "groupAllowFrom", "--add", &alias];
    bot.home.run(&add, "").await.expect_code(0);
    assert_eq!(gateway.terminate().await, 0);

    let _gateway = bot.run().await;
    let question = ben.send_text(&room, "hey").await;
    ben.wait_for_reply(&room, &question, &bot.user_id).await;
    let told = ["access", ben.user_id(), "--room", &room, "--json"];
    let told = bot.home.run(&told, "").await.expect_code(0).json();
    let listed = format!("lists {alias}");
    let grounds = told["because"].to_string();
    assert!(grounds.contains(&listed), "{grounds}");
    let examined = bot
        .home
        .run(&["doctor", "--only", "access.rooms", "--json"], "")
        .await;
    examined.expect_code(0);
    let add = [
        "config",
        "set",
        "groupAllowFrom",
        "--add",
        "#nowhere:localhost",
    ];
    bot.home.run(&add, "").await.expect_code(0);
    let examined = bot
        .home
        .run(&["doctor", "--only", "access.rooms"], "")
        .await;
    let words = "knows no room with the alias #nowhere:localhost";
    assert!(examined.stdout.contains(words), "{examined}");

    // Its alias moves on by itself; the bot is told again at the next start only.
    let path = ["v3", "rooms", &room, "upgrade"];
    let version = json!({"new_version": "12"});
    let answer = ann.call(Method::POST, &path, Some(&version)).await;
    let new = answer["replacement_room"].as_str().unwrap();
    ann.invite(new, ben.user_id()).await;
    ben.join(new).await;
    ann.invite(new, &bot.user_id).await;
    ann.wait_for_member(new, &bot.user_id).await;
    let question = ben.send(new, "m.room.message", &message::text("hey")).await;
    ben.wait_for_reply(new, &question, &bot.user_id).await;
}
