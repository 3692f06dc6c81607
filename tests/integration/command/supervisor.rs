//! The supervisor by itself: this program under another name.

use std::os::unix::process::CommandExt;

use rustix::process::Signal;

use super::marked::Mark;
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::process::Process;

/// A supervisor of a shell that runs this script; the pipe from its gateway is open.
fn supervisor(home: &Home, script: &str) -> Process {
    let mut command = home.command(&["/bin/sh", "-c", script]);
    command.arg0("nanobot-supervisor");
    Process::spawn(command, home.record())
}

#[tokio::test]
async fn a_program_gets_its_line_and_its_code_is_handed_on() {
    let home = Home::new();
    let process = supervisor(&home, "cat; echo oops >&2; exit 3");
    process.write(b"{\"a\": 1}\n");
    let output = process.wait(PATIENCE).await.expect_code(3);
    assert_eq!(output.stdout, "{\"a\": 1}\n");
    assert_eq!(output.stderr, "oops\n");
    let process = supervisor(&home, "kill -9 $$");
    process.write(b"{}\n");
    process.wait(PATIENCE).await.expect_code(128 + 9);
}

#[tokio::test]
async fn a_program_that_does_not_read_is_no_fault() {
    let home = Home::new();
    let process = supervisor(&home, "exec <&-; echo done");
    let mut line = vec![b'x'; 1_000_000];
    line.push(b'\n');
    process.write(&line);
    let output = process.wait(PATIENCE).await.expect_code(0);
    assert_eq!(output.stdout, "done\n");
}

#[tokio::test]
async fn what_cannot_be_run_is_said() {
    let home = Home::new();
    let mut command = home.command(&["/no/such/program"]);
    command.arg0("nanobot-supervisor");
    let process = Process::spawn(command, home.record());
    process.write(b"{}\n");
    let output = process.wait(PATIENCE).await.expect_code(126);
    assert!(output.stderr.contains("cannot run it"), "{output:?}");
}

#[tokio::test]
async fn without_a_whole_line_nothing_is_run() {
    let home = Home::new();
    let process = supervisor(&home, "echo started");
    process.give(b"{\"half\":");
    let output = process.wait(PATIENCE).await.expect_code(128 + 15);
    assert_eq!(output.stdout, "");
}

#[tokio::test]
async fn a_program_may_end_by_itself_when_it_is_asked_to() {
    let home = Home::new();
    let script = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.1; done";
    let process = supervisor(&home, script);
    process.write(b"{}\n");
    process.expect_line("ready", PATIENCE).await;
    process.give(b"");
    let output = process.wait(PATIENCE).await.expect_code(7);
    assert_eq!(output.stdout, "ready\nbye\n");
}

#[tokio::test]
async fn a_program_that_ends_leaves_nobody_behind() {
    let home = Home::new();
    let mark = Mark::new();
    let sign = home.user_dir().join("go");
    let wait = format!("until test -e {}; do sleep 0.1; done", sign.display());
    let process = supervisor(&home, &mark.stubborn(&format!("{wait}; exit 5")));
    process.write(b"{}\n");
    mark.expect_stubborn().await;
    std::fs::write(sign, "").unwrap();
    process.wait(PATIENCE).await.expect_code(5);
    mark.expect_nobody().await;
}

#[tokio::test]
async fn when_nobody_wants_the_answer_any_more_nobody_is_left() {
    let home = Home::new();
    for told_by_signal in [false, true] {
        let mark = Mark::new();
        let process = supervisor(&home, &mark.stubborn(&mark.busy()));
        process.write(b"{}\n");
        mark.expect_stubborn().await;
        if told_by_signal {
            process.signal(Signal::TERM);
        } else {
            process.give(b"");
        }
        process.wait(PATIENCE).await.expect_code(128 + 9);
        mark.expect_nobody().await;
    }
}
