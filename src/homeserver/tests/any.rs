//! Whatever answers, in whatever form: a call has a result or a failure with words that are fit to
//! be shown, and nothing else. `ARBTEST_BUDGET_MS` says how long it is tried.

use std::{
    env, fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use arbtest::{
    arbitrary::{Result, Unstructured},
    arbtest,
};
use axum::{body::Body, response::Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{
    super::{Account, Homeserver, MediaUri, Options, Upload, discover, fake::Fake, token_faults},
    PASSWORD, TOKEN, failure,
};
use crate::{
    threads::lock,
    {address::parse_user_id, config::Secret, text::is_hostile},
};

const BOT: &str = "@bot:h";
/// What stands for the secret that a call was made with.
const SECRET: &str = "¤";
/// The calls that are made without one, or, as a login does it, with others that are.
const WITHOUT_TOKEN: [u8; 6] = [0, 1, 2, 20, 23, 25];

/// What a homeserver answers, every part of which may be asked for.
fn sound() -> Value {
    let member = json!({"type": "m.room.member", "state_key": BOT, "sender": "@a:h",
        "content": {"membership": "invite", "is_direct": true}});
    let name = json!({"type": "m.room.name", "state_key": "", "content": {"name": "A"}});
    let key = json!({"keys": {"ed25519:K": "K"}, "user_id": BOT});
    let device = json!({"device_id": "DEV", "display_name": "bot", "last_seen_ts": 5});
    json!({
        "versions": ["v1.11"], "unstable_features": {"a": true},
        "flows": [{"type": "m.login.password"}, {"type": "m.login.sso",
            "identity_providers": [{"id": "g", "name": "G"}]}],
        "issuer": "https://auth.h/",
        "user_id": BOT, "device_id": "DEV", "access_token": "secret", "expires_in_ms": 5,
        "is_guest": false, "devices": [device], "display_name": "bot", "last_seen_ts": 5,
        "version": "1", "algorithm": "a", "count": 3, "auth_data": {},
        "device_keys": {BOT: {"DEV": key}}, "master_keys": {BOT: key},
        "self_signing_keys": {BOT: key},
        "one_time_key_counts": {"signed_curve25519": 5},
        "one_time_keys": {BOT: {"DEV": {"signed_curve25519:A": {"key": "k"}}}},
        "joined_rooms": ["!a:h"], "next_batch": "s1",
        "rooms": {"invite": {"!a:h": {"invite_state": {"events": [member, name]}}}},
        "device_one_time_keys_count": {"signed_curve25519": 5},
        "device_unused_fallback_key_types": ["signed_curve25519"],
        "m.upload.size": 5, "content_uri": "mxc://h/id", "server": {"name": "S", "version": "1"},
        "chunk": [{"sender": "@b:h"}], "end": "t",
        "m.homeserver": {"base_url": "https://h"},
        "errcode": "M_FORBIDDEN", "error": "no", "soft_logout": true, "retry_after_ms": 1,
        "consent_uri": "https://h/consent", "admin_contact": "mailto:a@h", "limit_type": "x",
    })
}

fn noise(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match u.int_in_range(0..=13)? {
        0 => json!(null),
        1 => json!(u.arbitrary::<bool>()?),
        2 => json!(u.arbitrary::<i64>()?),
        3 => json!(u64::MAX),
        4 => json!(u.arbitrary::<String>()?),
        5 => json!(format!("\u{1b}[2J\n{SECRET}\u{202e}")),
        6 => json!(SECRET),
        7 => json!([{}, 5, ["@a:h"]]),
        8 => json!({"": {"a": 1}}),
        9 => json!("M_LIMIT_EXCEEDED"),
        10 => json!("M_CONSENT_NOT_GIVEN"),
        11 => json!("M_UNRECOGNIZED"),
        12 => json!("x".repeat(2000)),
        _ => (0..u.int_in_range(0..=100)?).fold(json!({}), |inner, _| json!([inner])),
    })
}

/// Spoils one part of a value.
fn spoil(u: &mut Unstructured<'_>, value: &mut Value) -> Result<()> {
    let deeper = u.ratio(4, 5)?;
    match value {
        Value::Object(members) if deeper && !members.is_empty() => {
            let names: Vec<_> = members.keys().cloned().collect();
            let name = u.choose(&names)?;
            match u.int_in_range(0..=5)? {
                0 => drop(members.remove(name)),
                1 => drop(members.insert(u.arbitrary()?, noise(u)?)),
                _ => spoil(u, &mut members[name])?,
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = u.choose_index(items.len())?;
            spoil(u, &mut items[at])?;
        }
        other => *other = noise(u)?,
    }
    Ok(())
}

/// An answer as it is sent.
#[derive(Clone, Default)]
struct Sent {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
}

impl Sent {
    fn any(u: &mut Unstructured<'_>, which: u8) -> Result<Self> {
        let mut value = sound();
        for _ in 0..u.int_in_range(0..=6)? {
            spoil(u, &mut value)?;
        }
        let is_secret = !WITHOUT_TOKEN.contains(&which);
        let secret = if is_secret { TOKEN } else { "" };
        let mut body = value.to_string().replace(SECRET, secret).into_bytes();
        if u.ratio(1, 6)? {
            body = u
                .choose(&["", "<html>", "\u{feff}{}", "5", "{\"a\"", "\u{0}"])?
                .as_bytes()
                .to_vec();
        } else if u.ratio(1, 4)? {
            let at = u.choose_index(body.len())?;
            body[at] = u.arbitrary()?;
        }
        // Trouble and limits are waited out, which takes its time.
        let rare = [302, 307, 407, 429, 503, 204];
        let usual = [200, 200, 200, 400, 401, 403, 404];
        let status = if u.ratio(1, 12)? {
            *u.choose(&rare)?
        } else {
            *u.choose(&usual)?
        };
        let headers = [
            ("location", "/elsewhere"),
            ("location", "http://[::1"),
            ("location", "http://elsewhere.example.org/x?canary"),
            ("location", "https://me:canary@h/"),
            ("retry-after", "0"),
            ("retry-after", "99999999999999999999"),
            ("retry-after", "-1"),
            ("age", "99999999999999"),
            ("date", "Fri, 31 Dec 9999 23:59:59 GMT"),
            ("date", "canary"),
            ("content-type", "text/html"),
        ];
        let mut sent = Vec::new();
        for _ in 0..u.int_in_range(0..=2)? {
            sent.push(*u.choose(&headers)?);
        }
        Ok(Self {
            status,
            headers: sent,
            body,
        })
    }

    fn response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response.body(Body::from(self.body)).unwrap()
    }
}

/// What a person may see of a success.
fn assert_fit(shown: &str) {
    assert!(!shown.contains(is_hostile), "{shown:?}");
}

fn told<T: fmt::Debug>(outcome: super::super::Result<T>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            assert_fit(&failure::<T>(Err(error)).to_string());
            None
        }
    }
}

/// Makes one of the calls.
async fn call(which: u8, server: &Homeserver, account: &Account) {
    let user = parse_user_id(BOT).unwrap();
    let media = MediaUri::parse("mxc://h/id").unwrap();
    let password = Secret::new(PASSWORD);
    match which {
        0 => drop(told(server.versions().await)),
        1 => {
            let flows = told(server.login_flows().await);
            assert_fit(&flows.unwrap_or_default().describe());
        }
        2 => drop(told(
            server.login_password("bot", &password, None, "bot").await,
        )),
        3 => drop(told(account.whoami().await)),
        4 => drop(told(account.device("DEV").await)),
        5 => drop(told(account.devices().await)),
        6 => drop(told(account.account_data(BOT, "m.x").await)),
        7 => {
            let backup = told(account.backup().await).flatten();
            assert_fit(&backup.map_or_else(String::new, |it| [it.version, it.algorithm].concat()));
        }
        8 => drop(told(account.profile_exists(&user, &user).await)),
        9 => drop(told(account.published_keys(BOT, "DEV").await)),
        10 => drop(told(account.published_devices(BOT).await)),
        11 => drop(told(account.one_time_key_count().await)),
        12 => drop(told(account.claim_one_time_key(BOT, "DEV").await)),
        13 => {
            let rooms = told(account.joined_rooms().await).unwrap_or_default();
            assert_fit(&rooms.concat());
        }
        14 => drop(told(account.room_state("!a:h", "m.x", "").await)),
        15 => drop(told(account.room_creation("!a:h").await)),
        16 => {
            let found = told(account.initial_sync(BOT).await);
            for invitation in found.into_iter().flat_map(|sync| sync.invitations) {
                assert_fit(&invitation.room);
                assert_fit(&invitation.name.unwrap_or_default());
            }
        }
        17 => drop(told(account.upload_limit().await)),
        18 => {
            let file = Upload::of_bytes(b"x").unwrap();
            drop(told(account.upload(file).await));
        }
        19 => {
            if let Some(mut download) = told(account.download(&media).await) {
                drop(told(download.chunk().await));
            }
        }
        20 => {
            let found = told(server.software().await).flatten();
            assert_fit(&found.map_or_else(String::new, |it| [it.name, it.version].concat()));
        }
        21 => drop(told(account.has_spoken("!a:h", BOT).await)),
        22 => drop(told(account.event("!a:h", "$e").await)),
        23 => drop(told(server.timing().await)),
        24 => drop(told(account.logout().await)),
        _ => drop(told(discover(&server.name(), &options()).await)),
    }
}

/// What asks for patience gets little.
fn options() -> Options {
    Options {
        timeout: Duration::from_millis(900),
        ..Options::default()
    }
}

#[test]
fn any_answer_has_a_result_or_words() {
    let runtime = Runtime::new().unwrap();
    let sent = Arc::new(Mutex::new(Sent::default()));
    let answer = Arc::clone(&sent);
    let fake = runtime.block_on(Fake::new(move |_| {
        let sent = lock(&answer);
        Some(sent.clone().response())
    }));
    let server = Homeserver::new(&fake.url, &options()).unwrap();
    let account = server.with_token(&Secret::new(TOKEN));
    let test = arbtest(|u| {
        let which = u.int_in_range(0..=25)?;
        *lock(&sent) = Sent::any(u, which)?;
        runtime.block_on(call(which, &server, &account));
        let token: String = u.arbitrary()?;
        for fault in token_faults(&Secret::new(format!("syt_{token}")), BOT) {
            assert_fit(&fault.to_string());
        }
        Ok(())
    });
    if env::var_os("ARBTEST_BUDGET_MS").is_none() {
        test.budget_ms(10_000);
    }
}
