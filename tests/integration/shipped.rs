//! What is handed out beside the program: completions, the manual, the example configuration.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::ValueEnum;
use clap_complete::Shell;
use nanobot::cli::{completions, manual};
use nanobot::config::{self, Document, GroupPolicy, schema, validate};
use nanobot::doctor;

use crate::harness::bot::Home;
use crate::harness::golden::assert_directory;

/// The keys of the channel's documentation, in its order.
const DOCUMENTED: [&str; 11] = [
    "enabled",
    "homeserver",
    "userId",
    "accessToken",
    "deviceId",
    "e2eeEnabled",
    "allowFrom",
    "groupPolicy",
    "groupAllowFrom",
    "allowRoomMentions",
    "maxMediaBytes",
];

const EXAMPLE: &str = include_str!("../../examples/config.json");

/// What Elvish has only where a person types, and its completions add to.
const EDITOR: &str = "var edit: = (ns [&completion:=(ns [&arg-completer=[&]])])\n";

fn in_repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a program that may not be installed; `None`, said aloud, when it is not.
fn run_if_present(program: &str, arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // Not eprintln!, which the test runner would hold back.
            let _ = writeln!(
                std::io::stderr(),
                "tests: SKIPPED: {program} is not installed, so nothing was checked with it"
            );
            return None;
        }
        started => started.unwrap(),
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

#[test]
fn completions_are_what_the_command_line_gives() {
    assert_directory("completions", &completions::files().collect());
}

#[test]
fn the_manual_is_what_the_command_line_gives() {
    let pages = manual::pages().unwrap();
    let mut files: BTreeMap<_, _> = pages
        .into_iter()
        .map(|page| (page.file_name, page.text))
        .collect();
    files.insert("nanobot-config.5".to_owned(), config::manual::man_page());
    files.insert("nanobot-checks.7".to_owned(), doctor::manual::man_page());
    assert_directory("man", &files);
}

#[test]
fn every_page_of_the_manual_has_every_section() {
    for page in manual::pages().unwrap() {
        for section in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXIT STATUS",
            "FILES",
            "ENVIRONMENT",
            "EXAMPLES",
            "SEE ALSO",
        ] {
            let heading = [format!(".SH {section}\n"), format!(".SH \"{section}\"\n")];
            assert!(
                heading.iter().any(|heading| page.text.contains(heading)),
                "{} has no {section}; examples come from `after_help` in src/cli",
                page.file_name
            );
        }
    }
}

#[test]
fn groff_and_mandoc_find_no_fault_in_the_manual() {
    let pages = manual::pages()
        .unwrap()
        .into_iter()
        .map(|page| page.file_name);
    let others = ["nanobot-config.5", "nanobot-checks.7"].map(str::to_owned);
    for name in pages.chain(others) {
        let path = in_repository("man").join(name);
        let path = path.to_str().unwrap();
        let groff = ["-man", "-Tutf8", "-ww", "-rF0", "-z", path];
        let mandoc = ["-T", "lint", "-W", "error", path];
        for (program, arguments) in [("groff", &groff[..]), ("mandoc", &mandoc[..])] {
            if let Some((_, said)) = run_if_present(program, arguments, "") {
                assert_eq!(said, "", "{program} on {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_program_prints_the_completions_that_are_checked_in() {
    let home = Home::new();
    for shell in Shell::value_variants() {
        let name = shell.to_string();
        let script = completions::script(*shell);
        let output = home.run(&["completions", &name], "").await.expect_code(0);
        assert_eq!(
            (output.stdout, output.stderr.as_str()),
            (script.clone(), "")
        );
        let output = home.run(&["completions", &name, "--json"], "").await;
        let document = output.expect_code(0).json();
        assert_eq!(document["ok"], true);
        assert_eq!(document["shell"], name);
        assert_eq!(document["script"], script);
    }
    for wrong in [&["completions"][..], &["completions", "cmd"]] {
        home.run(wrong, "").await.expect_code(2);
    }
}

#[test]
fn the_shells_accept_their_completions() {
    let elvish = ["-norc", "-compileonly"];
    for (shell, program, check) in [
        (Shell::Bash, "bash", &["-n"][..]),
        (Shell::Zsh, "zsh", &["-n"]),
        (Shell::Fish, "fish", &["-n"]),
        (Shell::Elvish, "elvish", &elvish),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("script");
        let arguments: Vec<_> = check.iter().copied().chain(path.to_str()).collect();
        let prelude = if shell == Shell::Elvish { EDITOR } else { "" };
        fs::write(&path, format!("{prelude}{}", completions::script(shell))).unwrap();
        let Some((accepted, said)) = run_if_present(program, &arguments, "") else {
            continue;
        };
        assert!(accepted && said.is_empty(), "{program} refuses it: {said}");
        fs::write(&path, "if { then ( }\n").unwrap();
        let (accepted, _) = run_if_present(program, &arguments, "").unwrap();
        assert!(!accepted, "{program} finds fault with nothing");
    }
}

#[test]
fn bash_completes_commands_and_options() {
    let complete = |words: &str, index: usize| {
        let script = format!(
            "{}\nCOMP_WORDS=({words})\nCOMP_CWORD={index}\n\
             _nanobot nanobot \"${{COMP_WORDS[{index}]}}\" \"${{COMP_WORDS[{index}-1]}}\"\n\
             echo \"${{COMPREPLY[@]}}\"",
            completions::script(Shell::Bash)
        );
        run_if_present("bash", &["--norc", "-s"], &script).map(|(_, said)| said)
    };
    for (words, index, expected) in [
        ("nanobot logi", 1, "login\n"),
        ("nanobot login --home", 2, "--homeserver\n"),
        ("nanobot completions fi", 2, "fish\n"),
    ] {
        if let Some(said) = complete(words, index) {
            assert_eq!(said, expected, "{words}");
        }
    }
}

#[test]
fn the_example_configuration_has_every_documented_key_and_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.json");
    fs::write(&path, EXAMPLE).unwrap();
    // As `login` leaves it; a checked-out file can be read by others, which is a finding.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let document = Document::load(&path).unwrap();
    assert_eq!(validate(&document, &|_| None), []);

    let section = document.get("channels.matrix").unwrap();
    let names: Vec<_> = section.as_object().unwrap().keys().collect();
    let mut documented = DOCUMENTED.to_vec();
    documented.sort_unstable();
    let mut found = names.clone();
    found.sort_unstable();
    assert_eq!(found, documented);
    for name in DOCUMENTED {
        assert_eq!(schema::find(name).unwrap().name, name);
    }

    let matrix = document.matrix(&|_| None).unwrap();
    assert!(matrix.enabled && matrix.e2ee_enabled && !matrix.allow_room_mentions);
    assert_eq!(
        matrix.homeserver().unwrap().as_str(),
        "https://matrix.example.org/"
    );
    assert_eq!(matrix.user_id().unwrap(), "@nanobot:example.org");
    assert!(matrix.access_token().unwrap().expose().starts_with("syt_"));
    assert!(!matrix.device_id().unwrap().is_empty());
    assert_eq!(matrix.allow_from().unwrap().len(), 2);
    assert_eq!(matrix.group_policy, GroupPolicy::Mention);
    assert_eq!(matrix.group_allow_from().unwrap().len(), 1);
    assert_eq!(matrix.max_media_bytes, 20 * 1024 * 1024);
}

/// Made by `cargo run --release --example picture`; this notices when the program says something else by now.
#[test]
fn the_picture_shows_the_documented_lines() {
    let picture = fs::read_to_string(in_repository("examples/demo.svg")).unwrap();
    for line in ["Matrix channel connected", "E2EE enabled", "Hello, bot!"] {
        assert!(picture.contains(line), "{line}");
    }
    let here = env!("CARGO_MANIFEST_DIR");
    assert!(!picture.contains(here), "it shows where it was made");
}
