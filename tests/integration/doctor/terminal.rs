//! What a person sees.

use super::examined::is_command;
use super::situations::dead_server;
use crate::harness::eventually::PATIENCE;
use crate::harness::pty::Pty;

const BOLD: &str = "\u{1b}[1m";

#[tokio::test]
async fn colour_is_for_terminals_and_not_against_anyones_will() {
    let home = dead_server();
    let terminal = home.terminal(&["doctor", "--offline"]);
    terminal.wait(PATIENCE).await;
    let shown = terminal.raw_screen();
    assert!(shown.contains(BOLD), "{shown:?}");

    let mut command = home.command(&["doctor", "--offline"]);
    command.env("NO_COLOR", "");
    let terminal = Pty::spawn(&command, home.record());
    terminal.wait(PATIENCE).await;
    assert!(terminal.screen().contains("store.present"));
    assert!(!terminal.raw_screen().contains(BOLD));

    let output = home.run(&["doctor", "-v"], "").await;
    assert!(!output.stdout.contains('\u{1b}'), "{output}");
}

#[tokio::test]
async fn a_dead_server_is_one_failure_that_fits_80_columns() {
    let home = dead_server();
    let output = home.run(&["doctor"], "").await.expect_code(69);
    for line in output.stdout.lines() {
        let fits = line.chars().count() <= 80 || is_command(line.trim_start());
        assert!(fits, "{line}");
    }
    let text = &output.stdout;
    assert_eq!(text.matches("✗ homeserver.").count(), 1, "{text}");
    assert!(text.starts_with("✗ homeserver.connect: "), "{text}");
    assert!(text.contains("skipped because of this: "), "{text}");
    let explained = home.run(&["explain", "homeserver.connect"], "").await;
    assert!(explained.stdout.contains("Common causes:"), "{explained}");
}
