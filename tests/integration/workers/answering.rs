//! Questions are answered, with their files, while they are written, and until they are stopped.

use std::time::{Duration, Instant};

use nanobot::testing::agent::{Attachment, Content, Draft, Sort};
use serde_json::json;

use super::scene::{Marks, Scene, ask, command, question, until, words};
use crate::harness::eventually::{PATIENCE, eventually};

#[tokio::test]
async fn a_question_is_answered_and_asked_again_gets_the_same_answer() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let marks = Marks::new();
    let shell = format!(
        "echo x >>{}; echo \"$$ says hello\"",
        marks.path().display()
    );
    // Nobody is there yet: it waits.
    let asked = ask(&gateway, question("one", "hello"));
    until(&gateway, "the question", |known| {
        known.queue.as_ref().is_some_and(|queue| queue.waiting == 1)
    })
    .await;
    let _worker = scene.worker(command(&shell)).await;
    let answer = words(asked).await;
    assert!(answer.ends_with("says hello"), "{answer}");
    // As a gateway does that died before it had written the answer down.
    let again = ask(&scene.gateway(), question("one", "hello"));
    assert_eq!(words(again).await, answer);
    assert_eq!(marks.lines(), 1);
    let other = words(ask(&gateway, question("two", "hello"))).await;
    assert_ne!(other, answer);
    until(&gateway, "the worker", |known| {
        let queue = known.queue.clone().unwrap_or_default();
        let is_idle = queue.waiting + queue.in_progress == 0;
        is_idle && known.running.iter().any(|worker| worker.answered == 2)
    })
    .await;
}

#[tokio::test]
async fn what_was_said_before_travels_with_the_question() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let program =
        "import json, sys\nprint(*[said['text'] for said in json.load(sys.stdin)['history']])";
    let agent = json!({
        "type": "command", "command": ["python3", "-c", program], "history": 10, "repeatable": true,
    });
    let workers = [scene.worker(agent.clone()).await, scene.worker(agent).await];
    let say = async |id: &str| {
        let mut said = question("talk", id);
        said.id = id.to_owned();
        said.event_id = id.to_owned();
        words(ask(&gateway, said)).await
    };
    assert_eq!(say("a").await, "");
    assert_eq!(say("b").await, "somebody: a");
    assert_eq!(say("c").await, "somebody: a somebody: b somebody: a");
    gateway.forget("cli:talk").await.unwrap();
    assert_eq!(say("d").await, "");
    drop(workers);
}

#[tokio::test]
async fn an_answer_is_seen_while_it_is_written_and_who_waits_is_not_at_work() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let marks = Marks::new();
    let shell = format!(
        "echo begun; until [ -e {} ]; do sleep 0.05; done; echo done",
        marks.path().display()
    );
    let (draft, seen) = Draft::new();
    let mut working = draft.working();
    let asked = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.answer(&question("slow", "?"), &draft).await }
    });
    tokio::time::timeout(PATIENCE, working.wait_for(|working| !working))
        .await
        .unwrap()
        .unwrap();
    let worker = scene.worker(command(&shell)).await;
    tokio::time::timeout(PATIENCE, working.wait_for(|working| *working))
        .await
        .unwrap()
        .unwrap();
    eventually("the first words", PATIENCE, || async {
        let text = seen.borrow().clone();
        if text == "begun" { Ok(()) } else { Err(text) }
    })
    .await;
    worker.process.kill().await;
    tokio::time::timeout(PATIENCE, working.wait_for(|working| !working))
        .await
        .unwrap()
        .unwrap();
    std::fs::write(marks.path(), "").unwrap();
    let _other = scene.worker(command(&shell)).await;
    let answer = words(asked).await;
    assert_eq!(answer, "begun\ndone");
}

#[tokio::test]
async fn a_question_that_is_given_up_is_stopped_at_its_worker_within_a_second() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let marks = Marks::new();
    let shell = format!("echo x >>{}; exec sleep 1000", marks.path().display());
    let worker = scene.worker(command(&shell)).await;
    let asked = ask(&gateway, question("long", "?"));
    marks.wait_for(1).await;
    let begun = Instant::now();
    asked.abort();
    worker
        .process
        .expect_line("stopped a question", PATIENCE)
        .await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    until(&gateway, "an empty queue", |known| {
        known
            .queue
            .as_ref()
            .is_some_and(|queue| queue.waiting + queue.in_progress == 0)
    })
    .await;
    // One that waits for a worker is given to none.
    worker.process.kill().await;
    let waiting = ask(&gateway, question("waits", "?"));
    until(&gateway, "the question", |known| {
        known.queue.as_ref().is_some_and(|queue| queue.waiting == 1)
    })
    .await;
    waiting.abort();
    until(&gateway, "an empty queue", |known| {
        known.queue.as_ref().is_some_and(|queue| queue.waiting == 0)
    })
    .await;
}

#[tokio::test]
async fn files_travel_both_ways_within_the_limits() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("large.bin"), vec![7; 3_000_000]).unwrap();
    std::fs::write(out.path().join("huge.bin"), vec![7; 30_000_000]).unwrap();
    let program = "import json, sys, os\n\
        asked = json.load(sys.stdin)\n\
        files = asked['attachments']\n\
        texts = [open(f['path']).read() if 'path' in f else f['missing'] for f in files]\n\
        out = sys.argv[1]\n\
        open(out + '/back.txt', 'w').write('back: ' + texts[0])\n\
        names = ['back.txt', 'large.bin', 'huge.bin', '../secret']\n\
        print(json.dumps({'text': ' '.join(texts), 'attachments': [out + '/' + n for n in names]}))";
    let agent = json!({
        "type": "command", "command": ["python3", "-c", program, out.path()],
        "attachmentsFrom": [out.path()], "repeatable": true,
    });
    let _worker = scene.worker(agent).await;
    let path = scene.home.path().join("in.txt");
    std::fs::write(&path, "canary").unwrap();
    let attachment = |content| Attachment {
        sort: Sort::File,
        name: "../in.txt".to_owned(),
        mimetype: "text/plain".to_owned(),
        voice_ms: None,
        quoted: false,
        content,
    };
    let mut asked = question("files", "look");
    asked.attachments = vec![
        attachment(Content::Kept { path, size: 6 }),
        attachment(Content::TooLarge),
    ];
    let answer = ask(&gateway, asked).await.unwrap().unwrap();
    let lines: Vec<_> = answer.text.lines().collect();
    assert_eq!(
        lines,
        [
            "canary too large",
            "[attachment: huge.bin - too large]",
            "[attachment: secret - upload failed]",
        ]
    );
    let [back, large] = answer.attachments.as_slice() else {
        panic!("{:?}", answer.attachments);
    };
    assert_eq!(std::fs::read_to_string(&back.path).unwrap(), "back: canary");
    assert_eq!(std::fs::metadata(&large.path).unwrap().len(), 3_000_000);
    assert!(back.path.starts_with(&gateway.attachments_from()[0]));
}

#[tokio::test]
async fn what_is_too_large_for_a_message_travels_too() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let _worker = scene
        .worker(command("head -c 1000000 /dev/zero | tr '\\0' x"))
        .await;
    let answer = words(ask(&gateway, question("large", &"y".repeat(2_000_000)))).await;
    assert_eq!(answer.len(), 1_000_000);
}

#[tokio::test]
async fn an_agent_that_fails_is_told_and_one_that_takes_too_long_is_stopped() {
    let scene = Scene::new().await;
    let gateway = scene.gateway_with(&json!({"timeoutSeconds": 2}));
    let _worker = scene
        .worker(command(
            "case $(cat) in *long*) sleep 100;; *) exit 3;; esac",
        ))
        .await;
    let failure = ask(&gateway, question("f", "fail"))
        .await
        .unwrap()
        .unwrap_err();
    assert!(failure.words.contains("my program failed"), "{failure:?}");
    assert!(
        failure.error.to_string().contains("exit code 3"),
        "{failure:?}"
    );
    let failure = ask(&gateway, question("l", "long"))
        .await
        .unwrap()
        .unwrap_err();
    assert!(failure.words.contains("longer than 2 s"), "{failure:?}");
}
