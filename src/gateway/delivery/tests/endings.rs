//! Answers that are cut short: by a death, a stop, or a homeserver that refuses.

use super::*;

#[tokio::test]
async fn a_death_after_any_event_leaves_the_answer_once() {
    // Each run ends without a word of the last event's arrival, and with another draft.
    for runs in 1..5 {
        let asked = Asked::new().await;
        for run in 0..runs {
            let (draft, shown) = Draft::new();
            let run_to_death = async {
                asked.room.state().hangs = true;
                draft.show(&format!("draft {run}"));
                let before = asked.room.count();
                // The first event is the same in each run, and its repetition is not seen.
                asked
                    .until(|room| room.count() > before || !room.state().hangs)
                    .await;
            };
            let compose = |words: &str| answer_to(&question(), words);
            let showing =
                asked
                    .delivery
                    .show_until::<()>(pending(), (&asked.waiting, &compose), shown);
            tokio::select! {
                () = showing => {}
                () = run_to_death => {}
            }
        }
        asked.room.state().hangs = false;
        asked.say("The answer.").await;
        assert_eq!(asked.room.shown(), ["The answer."], "{runs} runs");
    }
}

#[tokio::test]
async fn the_next_run_goes_on_in_the_same_draft() {
    let asked = Asked::new().await;
    for text in ["One", "Two and more"] {
        let (draft, shown) = Draft::new();
        asked
            .show(shown, async {
                draft.show(text);
                asked.until(|room| room.shown() == [text]).await;
            })
            .await;
    }
    // Dying while the answer is sent sends it again.
    let parts = answer_to(&question(), "The answer.");
    for _ in 0..2 {
        asked
            .delivery
            .send_part(&asked.waiting, &parts[0])
            .await
            .unwrap();
    }
    asked.say("The answer.").await;
    assert_eq!(asked.room.shown(), ["The answer."]);
    let left = asked.journal.drafts(asked.waiting.seq).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_draft_of_what_was_stopped_says_so() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    asked
        .show(shown, async {
            draft.show("**So** far");
            asked.until(|room| room.count() == 1).await;
        })
        .await;
    let seq = asked.waiting.seq;
    assert!(asked.journal.abandoned_drafts().await.unwrap().is_empty());
    asked.journal.close(vec![seq]).await.unwrap();
    let abandoned = asked.journal.abandoned_drafts().await.unwrap();
    assert_eq!(abandoned[0].seq, seq);
    asked.delivery.end_draft(&asked.waiting).await.unwrap();
    assert_eq!(asked.room.shown(), ["**So** far\n\n[Stopped here.]"]);
    let html = asked.room.state().events[1]["m.new_content"]["formatted_body"].clone();
    assert_eq!(html, "<p><strong>So</strong> far</p><p>[Stopped here.]</p>");
    assert!(asked.journal.abandoned_drafts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_draft_that_is_refused_its_end_is_let_be() {
    for is_answered in [true, false] {
        let asked = Asked::new().await;
        let (draft, shown) = Draft::new();
        asked
            .show(shown, async {
                draft.show("So far");
                asked.until(|room| room.count() == 1).await;
            })
            .await;
        asked.room.state().forbidden = true;
        let (delivery, waiting) = (&asked.delivery, &asked.waiting);
        if is_answered {
            delivery.take_back_draft(waiting).await.unwrap();
        } else {
            delivery.end_draft(waiting).await.unwrap();
        }
        assert_eq!(asked.room.shown(), ["So far"]);
        let left = asked.journal.drafts(asked.waiting.seq).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Its event is in the room without our knowing, or never came there.
#[tokio::test]
async fn a_draft_in_a_thread_ends_there_after_a_death() {
    let relation = json!({
        "rel_type": "m.thread", "event_id": "$root", "is_falling_back": true,
        "m.in_reply_to": {"event_id": "$root"},
    });
    let question = question_with(&json!({
        "msgtype": "m.text", "body": "well?", "m.relates_to": relation,
    }));
    let compose = |words: &str| answer_to(&question, words);
    for is_there in [true, false] {
        let mut asked = Asked::new().await;
        asked.delivery.every = DEADLINE;
        let (draft, shown) = Draft::new();
        draft.show("So far");
        asked.room.state().hangs = is_there;
        asked.room.state().busy = usize::from(!is_there);
        let (delivery, waiting) = (&asked.delivery, &asked.waiting);
        let showing = delivery.show_until::<()>(pending(), (waiting, &compose), shown);
        let death = asked.until(|room| room.count() + room.state().refusals == 1);
        tokio::select! {
            () = showing => {}
            () = death => {}
        }
        asked.journal.close(vec![asked.waiting.seq]).await.unwrap();
        delivery.end_draft(waiting).await.unwrap();
        assert_eq!(asked.room.shown(), ["So far\n\n[Stopped here.]"]);
        let events = asked.room.state().events.clone();
        let relations = [
            &events[0]["m.relates_to"],
            &events[1]["m.new_content"]["m.relates_to"],
        ];
        for relation in relations {
            assert_eq!(relation["rel_type"], "m.thread");
            assert_eq!(relation["event_id"], "$root");
            assert_eq!(relation["m.in_reply_to"]["event_id"], "$1");
        }
    }
}
