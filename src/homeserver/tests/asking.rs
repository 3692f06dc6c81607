//! What a doctor asks.

use serde_json::{Value, json};

use super::{
    super::{
        Backup, Failure, Software,
        fake::{Fake, Seen, error, ok, redirect, text},
    },
    account, failure, server,
};
use crate::address::{OwnedUserId, parse_user_id};

fn user(id: &str) -> OwnedUserId {
    parse_user_id(id).unwrap()
}

#[tokio::test]
async fn joined_rooms_are_ids_and_nothing_else() {
    let fake = Fake::new(|_| Some(ok(&json!({ "joined_rooms": ["!a:h", "!b"] })))).await;
    let rooms = account(&fake.url).joined_rooms().await.unwrap();
    assert_eq!(rooms, ["!a:h", "!b"]);
    let fake = Fake::new(|_| Some(ok(&json!({ "joined_rooms": ["!a\u{1b}[2J"] })))).await;
    let found = failure(account(&fake.url).joined_rooms().await);
    assert!(matches!(found, Failure::NotMatrix { .. }), "{found}");
}

#[tokio::test]
async fn a_room_without_such_state_is_none_and_a_foreign_room_an_error() {
    let fake = Fake::new(|seen: &Seen| {
        Some(match seen.path.as_str() {
            "/_matrix/client/v3/rooms/%21a%3Ah/state/m.room.name" => ok(&json!({ "name": "A" })),
            "/_matrix/client/v3/rooms/%21a%3Ah/state/m.room.member/%40b%3Ah" => ok(&json!({})),
            path if path.contains("%21c%3Ah") => error(403, "M_FORBIDDEN", "not in room"),
            _ => error(404, "M_NOT_FOUND", "Event not found."),
        })
    })
    .await;
    let account = account(&fake.url);
    let member = account.room_state("!a:h", "m.room.member", "@b:h").await;
    assert_eq!(member, Ok(Some(json!({}))));
    let found = failure(account.room_state("!c:h", "m.room.name", "").await);
    assert!(matches!(found, Failure::Refused { status: 403, .. }));

    let rooms = ["!a:h", "!b:h", "!c:h"].map(str::to_owned);
    let states = account.room_states(&rooms, "m.room.name").await;
    assert_eq!(states[0], Ok(Some(json!({ "name": "A" }))));
    assert_eq!(states[1], Ok(None));
    assert!(states[2].is_err());
}

/// What a first sync with these parts says to the bot.
async fn synced(parts: Value) -> super::super::Result<super::super::InitialSync> {
    let fake = Fake::new(move |_| {
        let mut answer = json!({ "next_batch": "s1" });
        for (name, value) in parts.as_object().unwrap() {
            answer[name] = value.clone();
        }
        Some(ok(&answer))
    })
    .await;
    account(&fake.url).initial_sync("@bot:h").await
}

#[tokio::test]
async fn a_first_sync_is_small_unseen_and_never_goes_on_from_anywhere() {
    let fake = Fake::new(|_| Some(ok(&json!({ "next_batch": "s1" })))).await;
    let account = account(&fake.url);
    account.initial_sync("@bot:h").await.unwrap();
    account.initial_sync("@bot:h").await.unwrap();
    let seen = fake.seen();
    for sync in &seen {
        assert_eq!(sync.path, "/_matrix/client/v3/sync");
        assert!(
            sync.query.contains("set_presence=offline"),
            "{}",
            sync.query
        );
        assert!(!sync.query.contains("since="), "{}", sync.query);
    }
    // Otherwise Synapse would answer the second one out of its memory.
    assert_ne!(seen[0].query, seen[1].query);
}

#[tokio::test]
async fn an_invitation_names_its_inviter_and_not_just_any_member() {
    let member = |sender: &str, of: &str, membership: &str| {
        json!({ "type": "m.room.member", "sender": sender, "state_key": of,
                "content": { "membership": membership, "is_direct": true } })
    };
    let events = json!([
        member("@eve:h", "@eve:h", "join"),
        member("@eve:h", "@other:h", "invite"),
        member("@alice:h", "@bot:h", "invite"),
        { "type": "m.room.name", "state_key": "", "content": { "name": "a\u{1b}b" } },
        { "type": "m.room.encryption", "state_key": "", "content": {} },
    ]);
    let forged = json!([
        member("@alice:h", "@bot:h", "invite"),
        member("@eve:h", "@bot:h", "invite"),
    ]);
    let rooms = json!({ "invite": {
        "!a:h": { "invite_state": { "events": events } },
        "!b:h": {},
        "!c:h": { "invite_state": { "events": forged } },
    } });
    let found = synced(json!({ "rooms": rooms })).await.unwrap().invitations;
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].inviter, Some(user("@alice:h")));
    assert_eq!(found[0].name.as_deref(), Some("a b"));
    assert!(found[0].is_direct && found[0].is_encrypted);
    assert_eq!(
        (&found[1].room, &found[1].inviter),
        (&"!b:h".to_owned(), &None)
    );
    assert!(!found[1].is_direct && !found[1].is_encrypted);
    assert!(found[2].inviter.is_none() && !found[2].is_direct);

    let strange = json!({ "rooms": { "invite": { "!\u{202e}": {} } } });
    let found = failure(synced(strange).await);
    assert!(matches!(found, Failure::NotMatrix { .. }), "{found}");
}

#[tokio::test]
async fn keys_that_a_server_does_not_speak_of_are_not_zero() {
    let keys = synced(json!({})).await.unwrap().keys;
    assert_eq!(keys.one_time_keys, None);
    assert_eq!(keys.unused_fallback, None);
    let spoken =
        json!({ "device_one_time_keys_count": {}, "device_unused_fallback_key_types": [] });
    let keys = synced(spoken).await.unwrap().keys;
    assert_eq!(keys.one_time_keys, Some(0));
    assert_eq!(keys.unused_fallback, Some(Vec::new()));
    let keys = synced(json!({
        "device_one_time_keys_count": { "signed_curve25519": 49, "curve25519": 7 },
        "device_unused_fallback_key_types": ["signed_curve25519"],
    }));
    let keys = keys.await.unwrap().keys;
    assert_eq!(keys.one_time_keys, Some(49));
    let unused = Some(vec!["signed_curve25519".to_owned()]);
    assert_eq!(keys.unused_fallback, unused);
}

#[tokio::test]
async fn account_data_and_backup_may_be_missing() {
    let fake = Fake::new(|_| Some(error(404, "M_NOT_FOUND", "none"))).await;
    let missing = account(&fake.url);
    assert_eq!(missing.account_data("@b:h", "m.x").await, Ok(None));
    assert_eq!(missing.backup().await, Ok(None));
    assert_eq!(
        fake.seen()[0].path,
        "/_matrix/client/v3/user/%40b%3Ah/account_data/m.x"
    );

    let fake = Fake::new(|_| {
        Some(ok(
            &json!({ "version": "1", "algorithm": "a\nb", "count": 3, "auth_data": 5 }),
        ))
    })
    .await;
    let expected = Backup {
        version: "1".to_owned(),
        algorithm: "a b".to_owned(),
        count: 3,
        auth_data: json!(5),
    };
    assert_eq!(account(&fake.url).backup().await, Ok(Some(expected)));
}

#[tokio::test]
async fn a_user_exists_does_not_or_nobody_says() {
    for (status, errcode, expected) in [
        (404, "M_NOT_FOUND", Some(false)),
        (404, "M_UNKNOWN", Some(false)),
        (404, "M_UNRECOGNIZED", None),
        (403, "M_FORBIDDEN", None),
    ] {
        let fake = Fake::new(move |_| Some(error(status, errcode, ""))).await;
        let account = account(&fake.url);
        let found = account.profile_exists(&user("@bot:h"), &user("@a:h")).await;
        assert_eq!(found, Ok(expected), "{status} {errcode}");
    }
    let fake = Fake::new(|_| Some(ok(&json!({})))).await;
    let account = account(&fake.url);
    let ours = user("@bot:h");
    assert_eq!(
        account.profile_exists(&ours, &user("@a/b:h")).await,
        Ok(Some(true))
    );
    assert_eq!(
        fake.seen()[0].path,
        "/_matrix/client/v3/profile/%40a%2Fb%3Ah"
    );
    assert_eq!(
        account.profile_exists(&ours, &user("@a:elsewhere")).await,
        Ok(None)
    );
    assert_eq!(fake.seen().len(), 1);
    let fake = Fake::new(|_| Some(text(404, "<html>"))).await;
    let found = failure(
        super::account(&fake.url)
            .profile_exists(&ours, &user("@a:h"))
            .await,
    );
    assert!(matches!(found, Failure::NotMatrix { .. }), "{found}");
}

#[tokio::test]
async fn software_is_named_or_not() {
    let fake = Fake::new(|_| {
        Some(ok(
            &json!({ "server": { "name": "Synapse", "version": "1.2\u{1b}" } }),
        ))
    })
    .await;
    let expected = Software {
        name: "Synapse".to_owned(),
        version: "1.2".to_owned(),
    };
    assert_eq!(server(&fake.url).software().await, Ok(Some(expected)));
    for answer in [
        || text(404, "<html>"),
        || error(404, "M_UNRECOGNIZED", ""),
        || text(502, ""),
        || ok(&json!({ "server": {} })),
        || redirect(302, "http://elsewhere.example.org/"),
    ] {
        let fake = Fake::new(move |_| Some(answer())).await;
        assert_eq!(server(&fake.url).software().await, Ok(None));
    }
}

#[tokio::test]
async fn a_server_that_refuses_can_be_timed_too() {
    let fake = Fake::new(|_| Some(error(404, "M_UNRECOGNIZED", ""))).await;
    let timing = server(&fake.url).timing().await.unwrap();
    let clock = timing.clock.unwrap();
    assert!(
        clock.ahead_ms.unsigned_abs() <= clock.uncertainty_ms,
        "{clock:?}"
    );
    assert_eq!(fake.seen().len(), 4);
}
