//! Nothing lost, nothing answered twice: restarts, kills, bursts, late keys.

use std::fs;
use std::time::Duration;

use crate::harness::account::{Bot, LONG, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::{Entry, Wanted};
use crate::harness::eventually::PATIENCE;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::stress::die_at;

/// A bot, someone who chats with it, and the encrypted room they chat in.
struct Chat {
    bot: Bot,
    ann: Person,
    room: String,
}

impl Chat {
    /// The chat, and the gateway that has joined it.
    async fn open() -> (Self, Gateway) {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        let gateway = bot.run().await;
        let ann = person(synapse, "ann").await;
        let room = RoomSpec::direct(&bot.user_id).encrypted();
        let room = ann.create_room(&room).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        (Self { bot, ann, room }, gateway)
    }

    fn numbered(count: usize) -> Vec<String> {
        (0..count)
            .map(|number| format!("message {number}"))
            .collect()
    }

    /// The bot's replies in the room's order, when there are this many.
    async fn replies(&self, count: usize) -> Vec<Entry> {
        let wanted = Wanted {
            sender: Some(&self.bot.user_id),
            msgtype: Some("m.text"),
            ..Wanted::default()
        };
        self.ann
            .wait_for_many(&self.room, &wanted, count, LONG)
            .await
    }

    /// Every question has exactly one reply, and they are in the questions' order.
    async fn assert_answered_once_in_order(&self, questions: &[String]) {
        self.replies(questions.len()).await;
        // One more that is answered last: a second answer to any other would come before.
        let last = self.ann.send_text(&self.room, "the last one").await;
        self.ann
            .wait_for_reply(&self.room, &last, &self.bot.user_id)
            .await;
        let timeline = self.ann.timeline(&self.room).await;
        let answered: Vec<_> = timeline
            .iter()
            .filter(|event| event.sender == self.bot.user_id && event.msgtype.is_some())
            .filter_map(|event| event.in_reply_to.clone())
            .collect();
        let expected: Vec<_> = questions.iter().chain([&last]).cloned().collect();
        assert_eq!(answered, expected);
        assert!(!timeline.iter().any(|event| event.undecryptable));
    }
}

#[tokio::test]
async fn after_a_restart_it_still_decrypts() {
    let (chat, gateway) = Chat::open().await;
    let first = chat.ann.send_text(&chat.room, "before").await;
    chat.replies(1).await;
    assert_eq!(gateway.terminate().await, 0);
    let _gateway = chat.bot.run().await;
    let second = chat.ann.send_text(&chat.room, "after").await;
    chat.assert_answered_once_in_order(&[first, second]).await;
}

#[tokio::test]
async fn what_was_sent_while_it_was_down_is_answered_in_order() {
    let (chat, gateway) = Chat::open().await;
    assert_eq!(gateway.terminate().await, 0);
    // More than one sync carries, so that there is a gap to fill.
    let texts = Chat::numbered(160);
    let questions = chat.ann.send_many(&chat.room, &texts, false).await;
    let _gateway = chat.bot.run().await;
    chat.assert_answered_once_in_order(&questions).await;
}

#[tokio::test]
async fn a_burst_is_answered_completely_and_in_order() {
    let (chat, _gateway) = Chat::open().await;
    let texts = Chat::numbered(60);
    chat.ann.send_many(&chat.room, &texts, true).await;
    let replies = chat.replies(texts.len()).await;
    let timeline = chat.ann.timeline(&chat.room).await;
    let questions: Vec<_> = timeline
        .iter()
        .filter(|event| event.sender == chat.ann.user_id() && event.msgtype.is_some())
        .map(|event| event.event_id.clone())
        .collect();
    let answered: Vec<_> = replies
        .into_iter()
        .filter_map(|reply| reply.in_reply_to)
        .collect();
    assert_eq!(answered, questions);
}

#[tokio::test]
async fn killed_again_and_again_it_answers_everything_once() {
    let (chat, mut gateway) = Chat::open().await;
    let mut questions = Vec::new();
    for round in 0..12_u64 {
        chat.ann.rotate_session(&chat.room).await;
        let texts = Chat::numbered(3);
        questions.extend(chat.ann.send_many(&chat.room, &texts, false).await);
        // Another moment of its work each time; what it was at is not known, and must not matter.
        tokio::time::sleep(Duration::from_millis(round * 17)).await;
        gateway.kill().await;
        gateway = Gateway::start(&chat.bot.home, &[]);
        if round % 3 == 0 {
            gateway
                .expect_line("Matrix channel connected", PATIENCE)
                .await;
        }
    }
    chat.assert_answered_once_in_order(&questions).await;
}

/// The SDK saves a new Olm session before the room key that came with it; whoever dies in between
/// has used the message up.
#[tokio::test]
async fn dying_between_an_olm_session_and_its_room_key_loses_nothing() {
    let (chat, gateway) = Chat::open().await;
    assert_eq!(gateway.terminate().await, 0);
    let question = chat.ann.send_text(&chat.room, "the first words").await;
    let keys = chat
        .bot
        .home
        .path()
        .join("matrix-store/matrix-sdk-crypto.sqlite3");
    let keys = rusqlite::Connection::open(keys).unwrap();
    keys.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON inbound_group_session
         BEGIN SELECT RAISE(ABORT, 'refused by the test'); END",
    )
    .unwrap();
    let died = chat.bot.home.run(&["gateway"], "").await.expect_code(1);
    assert!(died.stderr.contains("refused by the test"), "{died}");
    let sessions = "SELECT count(*) FROM session";
    let sessions: u32 = keys.query_row(sessions, [], |row| row.get(0)).unwrap();
    assert_eq!(sessions, 1, "it did not die in between");
    keys.execute_batch("DROP TRIGGER refuse").unwrap();
    drop(keys);
    let _gateway = chat.bot.run().await;
    chat.assert_answered_once_in_order(&[question]).await;
}

/// A homeserver hands out 100 keys with a sync, so of more sessions some come after their
/// messages.
#[tokio::test]
async fn messages_whose_keys_come_late_are_answered_too() {
    let (chat, gateway) = Chat::open().await;
    assert_eq!(gateway.terminate().await, 0);
    let mut questions = Vec::new();
    for text in Chat::numbered(130) {
        chat.ann.rotate_session(&chat.room).await;
        questions.push(chat.ann.send_text(&chat.room, &text).await);
    }
    let gateway = chat.bot.run().await;
    let replies = chat.replies(questions.len()).await;
    let mut answered: Vec<_> = replies
        .into_iter()
        .filter_map(|reply| reply.in_reply_to)
        .collect();
    answered.sort();
    questions.sort();
    assert_eq!(answered, questions);
    gateway
        .expect_line("cannot decrypt a message yet", PATIENCE)
        .await;
}

#[tokio::test]
async fn a_new_device_answers_what_the_old_one_had_read_and_not_answered() {
    let (chat, gateway) = Chat::open().await;
    assert_eq!(gateway.terminate().await, 0);
    let question = chat.ann.send_text(&chat.room, "are you there?").await;
    die_at(&chat.bot, "dispatch").await;
    let store = chat.bot.home.path().join("matrix-store");
    fs::remove_file(store.join("matrix-sdk-crypto.sqlite3")).unwrap();

    let login = chat.bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
    assert!(
        login
            .stderr
            .contains("1 message not answered by the old device"),
        "{login}"
    );
    let _gateway = chat.bot.run().await;
    chat.assert_answered_once_in_order(&[question]).await;
}
