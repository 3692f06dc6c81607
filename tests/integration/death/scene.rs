//! A homeserver at which the n-th request that changes something hangs, and what is left then.

use std::fs;
use std::future::Future;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::harness::account::{Bot, LONG, PASSWORD};
use crate::harness::http_person::{HttpPerson, string};
use crate::harness::output::Output;
use crate::harness::process::Process;
use crate::harness::relay::{Hang, Meddler, relay};
use crate::harness::synapse::Synapse;
use crate::reset::scene::is_signed;

/// What the secret storage has to hold.
const SECRETS: [&str; 4] = [
    "m.cross_signing.master",
    "m.cross_signing.self_signing",
    "m.cross_signing.user_signing",
    "m.megolm_backup.v1",
];
/// More requests than any command makes.
const MOST: usize = 80;

/// One way to die.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    /// At which request that changes something, counted from 1.
    pub at: usize,
    /// Only those whose path contains this count.
    pub of: &'static str,
    /// Whether the homeserver has done what was asked.
    pub hang: Hang,
    pub signal: Signal,
}

/// Lets one request hang.
#[derive(Clone)]
struct Nth {
    death: Death,
    seen: Arc<AtomicUsize>,
    hung: mpsc::UnboundedSender<String>,
}

impl Meddler for Nth {
    fn hang(&self, method: &Method, path: &str) -> Hang {
        let reads = ["/keys/query", "/keys/claim", "/filter", "/publicRooms"];
        let changes = method != Method::GET && !reads.iter().any(|read| path.contains(read));
        if changes
            && path.contains(self.death.of)
            && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.death.at
        {
            self.death.hang
        } else {
            Hang::Never
        }
    }

    fn hung(&self, method: &Method, path: &str) {
        let _ = self.hung.send(format!("{method} {path}"));
    }
}

/// Runs a command, made for a homeserver at this address, until the request hangs, and kills it.
/// Returns that request; `None` where the command made fewer and ended well.
pub async fn die(
    synapse: &Synapse,
    bot: &Bot,
    death: Death,
    command: impl FnOnce(&str) -> Command,
) -> Option<String> {
    let (hung, mut requests) = mpsc::unbounded_channel();
    let nth = Nth {
        death,
        seen: Arc::default(),
        hung,
    };
    let url = relay(synapse.base_url(), nth).await;
    let process = Process::spawn(command(&url), bot.home.record());
    process.give(PASSWORD.as_bytes());
    let request = tokio::select! {
        request = requests.recv() => request.expect("the relay is there"),
        output = process.wait(LONG) => {
            output.expect_code(0);
            return None;
        }
    };
    process.signal(death.signal);
    let output = process.wait(LONG).await;
    let expected = match death.signal {
        Signal::KILL => 128 + 9,
        _ => 130,
    };
    assert_eq!(output.code, expected, "{death:?} at {request}: {output}");
    Some(request)
}

/// Goes through every death there is, `BESIDE` of them at a time: `kill -9` before and after the
/// homeserver has done what each request asks for, and SIGHUP at some. Returns how many requests
/// the command makes.
pub async fn every_death<F: Future<Output = Option<String>>>(one: impl Fn(Death) -> F) -> usize {
    let mut last = 0;
    for hang in [Hang::Before, Hang::After] {
        for at in 1..=MOST {
            let kill = Death {
                at,
                of: "",
                hang,
                signal: Signal::KILL,
            };
            let hangup = Death {
                signal: Signal::HUP,
                ..kill
            };
            let killed = if at % 3 == 1 {
                let (killed, hung_up) = tokio::join!(one(kill), one(hangup));
                assert_eq!(killed.is_some(), hung_up.is_some(), "{kill:?}");
                killed
            } else {
                one(kill).await
            };
            if killed.is_none() {
                last = at - 1;
                break;
            }
        }
    }
    assert!(last > 0, "it makes no request");
    last
}

/// The account has this one device, which is verified, and what it keeps is opened by this key.
pub async fn assert_whole(bot: &Bot, key: &str, words: &str) {
    let account = bot.account().await;
    assert_eq!(account.device_ids().await, [bot.device_id()], "{words}");
    assert!(is_signed(bot).await, "{words}");
    assert_opens(&account, key, words).await;
    assert_eq!(leftovers(bot), [""; 0], "{words}");
}

/// Every secret is kept under the key that opens the secret storage, and this is it.
async fn assert_opens(account: &HttpPerson, key: &str, words: &str) {
    let data = async |kind: &str| {
        let path = ["v3", "user", account.user_id(), "account_data", kind];
        let found = account.try_call(reqwest::Method::GET, &path, None).await;
        found.unwrap_or_else(|error| panic!("{words}: {kind}: {error:?}"))
    };
    let id = string(&data("m.secret_storage.default_key").await["key"]);
    let described = data(&format!("m.secret_storage.key.{id}")).await;
    let secret = nanobot::testing::config::Secret::new(key);
    let opened = nanobot::testing::session::RecoveryKey::restore(&id, &described, &secret);
    assert!(opened.is_ok(), "{words}: {opened:?}");
    for kind in SECRETS {
        let kept = data(kind).await;
        assert!(
            kept["encrypted"][&id].is_object(),
            "{words}: {kind}: {kept}"
        );
    }
}

/// With this key another machine is the bot.
pub async fn assert_recovers(bot: &Bot, key: &str) {
    let next = bot.elsewhere();
    let file = next.home.user_dir().join("key");
    fs::write(&file, key).unwrap();
    let with_key = ["--recovery-key-file", file.to_str().unwrap(), "--json"];
    let result = next.log_in(&with_key).await.expect_code(0).json();
    assert_eq!(result["verified"], true, "{result}");
    assert_eq!(result["backup"], "open", "{result}");
}

/// The recovery key that a run has shown.
pub fn shown_key(output: &Output) -> String {
    let document = output.json();
    assert_ne!(document["recovery_key"], Value::Null, "{output}");
    string(&document["recovery_key"])
}

/// What is left in the data directory besides what belongs there.
fn leftovers(bot: &Bot) -> Vec<String> {
    let entries = fs::read_dir(bot.home.path()).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            ["pending", ".new-", "reset", ".copy-"]
                .iter()
                .any(|part| name.contains(part))
        })
        .collect()
}

/// An account whose homeserver the configuration names differently from now on.
pub fn meet_at(bot: &Bot, url: &str) {
    bot.set("homeserver", json!(url));
}
