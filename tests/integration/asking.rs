//! What a homeserver is asked without a device of one's own, against a real one.

use nanobot::testing::address::UserId;
use nanobot::testing::config::Secret;
use nanobot::testing::homeserver::{
    Account, Backup, Homeserver, Options, TokenFault, token_faults,
};
use nanobot::testing::session::{Chain, verify_chain, verify_key};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person, person};
use crate::harness::http_person::{HttpPerson, string};
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{new_name, own_synapse, shared_synapse};
use crate::harness::synapse::Config;

async fn server() -> Homeserver {
    Homeserver::new(&shared_synapse().await.base_url(), &Options::default()).unwrap()
}

async fn account(token: &str) -> Account {
    server().await.with_token(&Secret::new(token))
}

/// Rooms of `person` that the bot has joined, with so much in them that nobody wants all of it.
async fn full_rooms(person: &HttpPerson, bot: &HttpPerson, count: usize) {
    for number in 0..count {
        let spec = RoomSpec::group(&[bot.user_id()]).named(&format!("room {number}"));
        let room = person.create_room(&spec).await;
        bot.join(&room).await;
        person.send_text(&room, &"long ".repeat(6000)).await;
    }
}

#[tokio::test]
async fn invitations_are_seen_among_many_rooms_and_at_once() {
    let synapse = shared_synapse().await;
    let (alice, bot) = (
        http_person(synapse, "alice").await,
        http_person(synapse, "bot").await,
    );
    full_rooms(&alice, &bot, 50).await;
    let account = account(bot.access_token()).await;
    let mut rooms = account.joined_rooms().await.unwrap();
    let mut expected = bot.joined_rooms().await;
    rooms.sort();
    expected.sort();
    assert_eq!((rooms.len(), &rooms), (50, &expected));
    let names = account.room_states(&rooms, "m.room.name").await;
    for (room, name) in rooms.iter().zip(names) {
        assert_eq!(name.unwrap(), alice.state(room, "m.room.name", "").await);
    }
    for absent in ["m.room.tombstone", "m.room.encryption"] {
        assert_eq!(account.room_state(&rooms[0], absent, "").await, Ok(None));
    }
    let levels = account
        .room_state(&rooms[0], "m.room.power_levels", "")
        .await;
    assert!(levels.unwrap().unwrap()["events"].is_object());

    let seen = account.initial_sync(bot.user_id()).await.unwrap();
    assert_eq!(seen.invitations, []);
    let spec = RoomSpec::direct(bot.user_id())
        .encrypted()
        .named("a secret");
    let room = alice.create_room(&spec).await;
    let seen = account.initial_sync(bot.user_id()).await.unwrap();
    let [invitation] = &seen.invitations[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(invitation.room, room);
    assert_eq!(invitation.inviter, UserId::parse(alice.user_id()).ok());
    assert_eq!(invitation.name.as_deref(), Some("a secret"));
    assert!(invitation.is_direct && invitation.is_encrypted);
    bot.leave(&room).await;
    let seen = account.initial_sync(bot.user_id()).await.unwrap();
    assert_eq!(seen.invitations, []);
}

/// The texts of the to-device messages that a sync from there brings, and where it ends.
async fn mail(device: &HttpPerson, since: Option<&str>) -> (Vec<Value>, String) {
    // The same question would be answered out of the server's memory.
    let filter = json!({ "room": { "rooms": [format!("!{}:nobody.invalid", new_name("room"))] } });
    let filter = filter.to_string();
    let mut query = vec![("timeout", "0"), ("filter", filter.as_str())];
    query.extend(since.map(|since| ("since", since)));
    let answer = device
        .try_query(Method::GET, &["v3", "sync"], &query, None)
        .await;
    let mut answer = answer.unwrap();
    let events = answer["to_device"]["events"].take();
    let texts = events.as_array().into_iter().flatten();
    let texts = texts.map(|event| event["content"]["text"].clone());
    (texts.collect(), string(&answer["next_batch"]))
}

#[tokio::test]
async fn looking_takes_no_mail_from_the_device() {
    let synapse = shared_synapse().await;
    let (alice, bot) = (
        http_person(synapse, "alice").await,
        http_person(synapse, "bot").await,
    );
    let (_, since) = mail(&bot, None).await;
    let path = [
        "v3",
        "sendToDevice",
        "org.example.note",
        &new_name("transaction"),
    ];
    let body = json!({ "messages": { bot.user_id(): { bot.device_id(): { "text": "hello" } } } });
    alice.call(Method::PUT, &path, Some(&body)).await;

    let account = account(bot.access_token()).await;
    for _ in 0..2 {
        account.initial_sync(bot.user_id()).await.unwrap();
    }
    let (texts, next) = mail(&bot, Some(&since)).await;
    assert_eq!(texts, ["hello"]);
    // The device's own next sync does take it, so it could have been lost.
    assert_eq!(mail(&bot, Some(&next)).await.0, [] as [Value; 0]);
    assert_eq!(mail(&bot, Some(&since)).await.0, [] as [Value; 0]);
}

#[tokio::test]
async fn an_account_tells_what_it_keeps() {
    let synapse = shared_synapse().await;
    let bot = http_person(synapse, "bot").await;
    let account = account(bot.access_token()).await;
    let kind = "m.secret_storage.default_key";
    assert_eq!(account.account_data(bot.user_id(), kind).await, Ok(None));
    assert_eq!(account.backup().await, Ok(None));

    let data = json!({ "key": "abc" });
    let path = ["v3", "user", bot.user_id(), "account_data", kind];
    bot.call(Method::PUT, &path, Some(&data)).await;
    assert_eq!(
        account.account_data(bot.user_id(), kind).await,
        Ok(Some(data))
    );
    let algorithm = "m.megolm_backup.v1.curve25519-aes-sha2";
    let body = json!({ "algorithm": algorithm, "auth_data": { "public_key": "abc" } });
    let made = bot
        .call(Method::POST, &["v3", "room_keys", "version"], Some(&body))
        .await;
    let expected = Backup {
        version: string(&made["version"]),
        algorithm: algorithm.to_owned(),
        count: 0,
        auth_data: json!({ "public_key": "abc" }),
    };
    assert_eq!(account.backup().await, Ok(Some(expected)));
}

#[tokio::test]
async fn a_homeserver_tells_of_itself_and_of_its_users() {
    let synapse = shared_synapse().await;
    let bot = http_person(synapse, "bot").await;
    let account = account(bot.access_token()).await;
    let ours = UserId::parse(bot.user_id()).unwrap();
    let nobody = format!("@nobody-at-all:{}", synapse.server_name());
    for (id, expected) in [
        (bot.user_id(), Some(true)),
        (nobody.as_str(), Some(false)),
        ("@someone:elsewhere.example.org", None),
    ] {
        let found = account
            .profile_exists(&ours, &UserId::parse(id).unwrap())
            .await;
        assert_eq!(found, Ok(expected), "{id}");
    }

    let server = &account.homeserver;
    assert!(server.versions().await.unwrap().authenticated_media());
    assert_eq!(server.certificate().await, Ok(None));
    let clock = server.timing().await.unwrap().clock.unwrap();
    assert!(
        clock.ahead_ms.unsigned_abs() <= clock.uncertainty_ms,
        "{clock:?}"
    );
}

#[tokio::test]
async fn software_is_known_where_the_federation_is_served() {
    assert_eq!(server().await.software().await, Ok(None));
    let config = Config {
        resources: &["client", "federation"],
        ..Config::default()
    };
    let synapse = own_synapse(config).await;
    let server = Homeserver::new(&synapse.base_url(), &Options::default()).unwrap();
    let software = server.software().await.unwrap().unwrap();
    assert_eq!(software.name, "Synapse");
    assert!(software.version.starts_with("1."), "{software:?}");
}

#[tokio::test]
async fn the_tokens_of_a_real_homeserver_are_recognized() {
    let synapse = shared_synapse().await;
    for start in ["bot", "bot=a.b_c/d+e"] {
        let name = new_name(start);
        let user_id = synapse.register(&name, "a password").await.unwrap();
        let body = json!({
            "type": "m.login.password", "password": "a password", "refresh_token": true,
            "identifier": { "type": "m.id.user", "user": name },
        });
        let anyone = http_person(synapse, "anyone").await;
        let login = anyone
            .call(Method::POST, &["v3", "login"], Some(&body))
            .await;
        let token = |kind: &str| Secret::new(string(&login[kind]));
        let access = token("access_token");
        assert_eq!(token_faults(&access, &user_id), []);
        let other = TokenFault::OtherUser { made_for: name };
        assert_eq!(token_faults(&access, anyone.user_id()), [other]);
        let refresh = token_faults(&token("refresh_token"), &user_id);
        assert_eq!(refresh, [TokenFault::Refresh]);
    }
}

async fn chain(asker: &HttpPerson, user_id: &str, device_id: &str) -> Chain {
    let account = account(asker.access_token()).await;
    let keys = account.published_keys(user_id, device_id).await.unwrap();
    verify_chain(&keys, user_id, device_id)
}

#[tokio::test]
async fn a_device_that_logged_in_is_vouched_for_by_its_owner() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (plain, encrypted) = (
        http_person(synapse, "eve").await,
        person(synapse, "alice").await,
    );
    let device = bot.device_id();
    assert_eq!(chain(&plain, &bot.user_id, &device).await, Chain::Whole);
    // A client that does not make an identity, and one without encryption.
    let found = chain(&plain, encrypted.user_id(), encrypted.device_id()).await;
    assert_eq!(found, Chain::NoIdentity);
    let found = chain(&plain, plain.user_id(), plain.device_id()).await;
    assert_eq!(found, Chain::NoDeviceKeys);

    let account = account(&bot.token()).await;
    let supply = account.initial_sync(&bot.user_id).await.unwrap().keys;
    assert_eq!(
        supply.one_time_keys,
        account.one_time_key_count().await.ok()
    );
    assert!(supply.one_time_keys > Some(0));
    assert_eq!(
        supply.unused_fallback,
        Some(vec!["signed_curve25519".to_owned()])
    );

    let body = json!({ "one_time_keys": { &bot.user_id: { &device: "signed_curve25519" } } });
    let claimed = plain
        .call(Method::POST, &["v3", "keys", "claim"], Some(&body))
        .await;
    let claimed = claimed["one_time_keys"][&bot.user_id][&device]
        .as_object()
        .unwrap();
    let key = claimed.values().next().unwrap();
    let keys = account.published_keys(&bot.user_id, &device).await.unwrap();
    let ed25519 = keys.device.unwrap().ed25519.unwrap();
    assert!(verify_key(&bot.user_id, &device, &ed25519, key));
    assert!(!verify_key(
        &bot.user_id,
        &device,
        &ed25519,
        &message::text("x")
    ));
    let left = account.initial_sync(&bot.user_id).await.unwrap().keys;
    assert_eq!(
        left.one_time_keys.map(|left| left + 1),
        supply.one_time_keys
    );
}
