//! The sync step against a real homeserver, for every way in which its own position and the
//! SDK's can stand to each other, and every kind of room that something happens in meanwhile.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobot::testing::config::Secret;
use nanobot::testing::homeserver::Options;
use nanobot::testing::session::{Credentials, Session};

use crate::harness::account::http_person;
use crate::harness::bot::Home;
use crate::harness::http_person::HttpPerson;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// How the journal's position stands to the SDK's when the bot starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Positions {
    /// Neither has one: a new device.
    BothNew,
    /// They are the same: a clean stop.
    Same,
    /// The SDK has taken a response that the journal has not: killed in between.
    SdkAhead,
    /// The journal was lost.
    JournalLost,
    /// The SDK's state was lost.
    StateLost,
}

const POSITIONS: [Positions; 5] = [
    Positions::BothNew,
    Positions::Same,
    Positions::SdkAhead,
    Positions::JournalLost,
    Positions::StateLost,
];

/// A device whose sync is driven by hand.
struct Device {
    home: Home,
    person: HttpPerson,
    base_url: String,
}

impl Device {
    async fn new() -> Self {
        let synapse = shared_synapse().await;
        Self {
            home: Home::new(),
            person: http_person(synapse, "bot").await,
            base_url: synapse.base_url(),
        }
    }

    fn store(&self) -> PathBuf {
        self.home.path().join("matrix-store")
    }

    async fn open(&self) -> Session {
        let credentials = Credentials {
            homeserver: self.base_url.parse().unwrap(),
            user_id: self.person.user_id().to_owned(),
            device_id: self.person.device_id().to_owned(),
            access_token: Secret::new(self.person.access_token()),
            options: Options::default(),
        };
        Session::open(&credentials, &self.store()).await.unwrap()
    }

    /// Opens the device for one step and closes it again, as if killed behind the commit.
    async fn step_once(&self) {
        let mut session = self.open().await;
        session.step(Duration::ZERO).await.unwrap();
        close(session).await;
    }
}

/// A session whose files nothing holds any more.
async fn close(session: Session) {
    session.settle().await;
    drop(session);
}

fn copy_journal(store: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["inbox.sqlite3", "inbox.sqlite3-wal"] {
        let _ = fs::remove_file(to.join(name));
        if store.join(name).exists() {
            fs::copy(store.join(name), to.join(name)).unwrap();
        }
    }
}

fn remove(store: &Path, start: &str) {
    for file in fs::read_dir(store).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().starts_with(start) {
            fs::remove_file(file.path()).unwrap();
        }
    }
}

/// What waits to be answered: the bodies, by room.
async fn waiting(session: &Session) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let journal = &session.journal;
    for conversation in journal.waiting_conversations().await.unwrap() {
        while let Some(waiting) = journal.next_together(&conversation, 1).await.unwrap().pop() {
            let event: serde_json::Value = serde_json::from_str(&waiting.payload).unwrap();
            let body = event["content"]["body"].as_str().unwrap().to_owned();
            found.push((waiting.room_id, body));
            journal.close(vec![waiting.seq]).await.unwrap();
        }
    }
    found
}

/// Syncs and joins whatever it is invited to, until nothing more comes.
async fn drain(session: &mut Session) {
    for _ in 0..4 {
        session.step(Duration::ZERO).await.unwrap();
        for invitation in session.journal.invitations().await.unwrap() {
            if session.rooms().is_invited(&invitation.room_id) {
                let inviter = invitation.inviter.as_deref().unwrap();
                session
                    .rooms()
                    .join(&invitation.room_id, inviter)
                    .await
                    .unwrap();
            }
        }
    }
}

async fn run(positions: Positions) {
    let device = Device::new().await;
    let ann = http_person(shared_synapse().await, "ann").await;
    let bot = device.person.user_id();
    let saved = device.home.user_dir().join("journal");

    // A room the bot is in since long, with a past that is dealt with.
    let old = ann.create_room(&RoomSpec::direct(bot)).await;
    device.person.join(&old).await;
    ann.send_text(&old, "long ago").await;
    if positions != Positions::BothNew {
        device.step_once().await;
        ann.send_text(&old, "dealt with").await;
        device.step_once().await;
        let session = device.open().await;
        assert_eq!(
            waiting(&session).await,
            [(old.clone(), "dealt with".into())]
        );
        close(session).await;
    }
    copy_journal(&device.store(), &saved);

    // What happens while the bot is away: more than one sync carries in a room it knows, and an
    // invitation with a message right behind it.
    let away: Vec<String> = (0..130).map(|number| format!("away {number}")).collect();
    for text in &away {
        ann.send_text(&old, text).await;
    }
    let invited = ann.create_room(&RoomSpec::group(&[])).await;
    ann.send_text(&invited, "before the invitation").await;
    ann.invite(&invited, bot).await;
    ann.send_text(&invited, "with the invitation").await;

    match positions {
        Positions::BothNew | Positions::Same => {}
        Positions::SdkAhead => {
            device.step_once().await;
            copy_journal(&saved, &device.store());
        }
        Positions::JournalLost => remove(&device.store(), "journal"),
        Positions::StateLost => remove(&device.store(), "matrix-sdk-state"),
    }
    let mut session = device.open().await;
    drain(&mut session).await;
    let mut found = waiting(&session).await;
    // A room that appears while it runs.
    let new = ann.create_room(&RoomSpec::direct(bot)).await;
    ann.send_text(&new, "in a new room").await;
    drain(&mut session).await;
    found.extend(waiting(&session).await);

    let in_old: Vec<_> = found
        .iter()
        .filter(|(room, _)| *room == old)
        .map(|(_, body)| body.clone())
        .collect();
    match positions {
        // All of it is the past of a device that was not there.
        Positions::BothNew => assert_eq!(in_old, [""; 0]),
        // Likewise, unless the homeserver still has its answer to the device's first sync at hand
        // (Synapse keeps it for two minutes): then the device goes on from there.
        Positions::StateLost => assert!(in_old.is_empty() || in_old == away, "{in_old:?}"),
        Positions::Same | Positions::SdkAhead => assert_eq!(in_old, away, "{positions:?}"),
        // Without anchors there is no telling where the gap ends: what the sync carries is taken.
        Positions::JournalLost => {
            assert!(away.ends_with(&in_old) && in_old.len() >= 90, "{in_old:?}");
        }
    }
    let elsewhere: BTreeSet<_> = found.into_iter().filter(|(room, _)| *room != old).collect();
    let expected = [
        (invited, "with the invitation".to_owned()),
        (new, "in a new room".to_owned()),
    ];
    assert_eq!(elsewhere, BTreeSet::from(expected), "{positions:?}");
    close(session).await;
}

#[tokio::test]
async fn whatever_the_positions_the_same_messages_come_out_once() {
    for positions in POSITIONS {
        run(positions).await;
    }
}
