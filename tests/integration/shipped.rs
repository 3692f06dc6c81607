//! What is handed out beside the program: completions, the manual, the example configuration.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::ValueEnum;
use clap_complete::Shell;
use nanobot::testing::cli::script;
use nanobot::testing::config::{Document, GroupPolicy, find_key, validate};

use crate::harness::bot::Home;
use crate::harness::golden::assert_files;

#[path = "../../examples/generate/generated/mod.rs"]
mod generated;

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
fn what_is_generated_is_checked_in() {
    assert_files(&generated::files().unwrap(), &["completions", "man"]);
}

fn pages() -> impl Iterator<Item = (String, String)> {
    let files = generated::files().unwrap().into_iter();
    files.filter(|(name, _)| name.starts_with("man/"))
}

#[test]
fn every_page_of_the_manual_has_every_section() {
    for (name, text) in pages().filter(|(name, _)| name.ends_with(".1")) {
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
                heading.iter().any(|heading| text.contains(heading)),
                "{name} has no {section}; examples come from `after_help` in src/cli"
            );
        }
    }
}

#[test]
fn groff_and_mandoc_find_no_fault_in_the_manual() {
    for (name, _) in pages() {
        let path = in_repository(&name);
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
        let script = script(*shell);
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

/// As packages install them.
#[tokio::test]
async fn the_program_prints_the_services_that_are_checked_in() {
    let home = Home::new();
    for (file, arguments) in [
        (
            "systemd/system/nanobot.service",
            "systemd --system --program /usr/bin/nanobot --config /var/lib/nanobot/config.json",
        ),
        (
            "systemd/user/nanobot.service",
            "systemd --user --program /usr/bin/nanobot",
        ),
        (
            "launchd/nanobot.plist",
            "launchd --user --program /usr/local/bin/nanobot",
        ),
    ] {
        let expected = fs::read_to_string(in_repository("contrib").join(file)).unwrap();
        let words = ["service", "print"].into_iter().chain(arguments.split(' '));
        let mut command = home.command(&words.collect::<Vec<_>>());
        command.env_remove("NANOBOT_HOME").env("HOME", "/Users/you");
        let output = home.run_command(command, "").await.expect_code(0);
        assert_eq!((output.stdout, output.stderr), (expected, String::new()));
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
        fs::write(&path, format!("{prelude}{}", script(shell))).unwrap();
        let Some((accepted, said)) = run_if_present(program, &arguments, "") else {
            continue;
        };
        assert!(accepted && said.is_empty(), "{program} refuses it: {said}");
        fs::write(&path, "if { then ( }\n").unwrap();
        let (accepted, _) = run_if_present(program, &arguments, "").unwrap();
        assert!(!accepted, "{program} finds fault with nothing");
    }
}

/// What is offered for the last word of each line, and what is not.
const COMPLETED: [(&str, &[&str], &[&str]); 15] = [
    ("nanobot logi", &["login"], &[]),
    ("nanobot login --home", &["--homeserver"], &[]),
    ("nanobot completions fi", &["fish"], &[]),
    (
        "nanobot config get group",
        &["groupPolicy", "groupAllowFrom"],
        &[],
    ),
    ("nanobot config unset e2", &["e2eeEnabled"], &[]),
    ("nanobot config set agent.t", &["agent.type"], &[]),
    (
        "nanobot config set groupPolicy ",
        &["open", "mention", "allowlist"],
        &["enabled", FILE],
    ),
    (
        "nanobot config set userId ",
        &[],
        &["enabled", "mention", FILE],
    ),
    ("nanobot explain token.", &["token.valid"], &["e2ee"]),
    ("nanobot doctor --only e2", &["e2ee"], &["token"]),
    (
        "nanobot setup --agent ",
        &["echo", "openai", "command"],
        &[FILE],
    ),
    ("nanobot login --user ", &[], &[FILE]),
    ("nanobot login --password-file ", &[FILE], &["login"]),
    ("nanobot store export-keys ", &[FILE], &["reset"]),
    ("nanobot doctor --format ", &["junit"], &[FILE]),
];

/// A file where completions are asked for.
const FILE: &str = "a-file.txt";

/// Asks a shell for what it offers, line by line; `None` where it is not installed.
fn completed(program: &str, script: &str) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(FILE), "").unwrap();
    let path = dir.path().join("script");
    fs::write(&path, script).unwrap();
    let script = format!("cd '{}'; . ./script", dir.path().display());
    run_if_present(program, &["-c", &script], "").map(|(_, said)| said)
}

fn assert_completed(program: &str, ask: impl Fn(&str) -> String) {
    for (line, offered, others) in COMPLETED {
        let Some(said) = completed(program, &ask(line)) else {
            return;
        };
        let words: Vec<_> = said.split_whitespace().collect();
        for word in offered {
            assert!(
                words.contains(word),
                "{program}: {line:?} lacks {word}: {said}"
            );
        }
        for word in others {
            assert!(
                !words.contains(word),
                "{program}: {line:?} has {word}: {said}"
            );
        }
    }
}

#[test]
fn bash_completes() {
    assert_completed("bash", |line| {
        // As readline splits it.
        let words: Vec<_> = line.split(' ').map(|word| format!("'{word}'")).collect();
        let last = words.len() - 1;
        format!(
            "{}\ncompopt() {{ :; }}\nCOMP_WORDS=({})\nCOMP_CWORD={last}\n\
             _nanobot nanobot \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{last}-1]}}\"\n\
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script(Shell::Bash),
            words.join(" ")
        )
    });
}

#[test]
fn fish_completes() {
    assert_completed("fish", |line| {
        // What follows the tab is a description.
        format!(
            "{}\ncomplete -C '{line}' | string replace -r '\\t.*' ''",
            script(Shell::Fish)
        )
    });
}

/// Makes zsh write what it would offer into a file, and end then.
const ZSH_RECORDER: &str = r#"
PS1=
fpath=($PWD $fpath)
autoload -U compinit
compinit -u -D
bindkey '^I' complete-word
compadd () {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    typeset -a hits
    builtin compadd -A hits "$@"
    print -rl -- $hits >>offered
    builtin compadd "$@"
}
comppostfuncs=( exit )
print READY
"#;

/// In a pseudo-terminal, as a person's: zsh completes in no other place.
#[test]
fn zsh_completes() {
    assert_completed("zsh", |line| {
        let function = script(Shell::Zsh);
        format!(
            "cat >_nanobot <<'END'\n{function}END\n\
             cat >recorder <<'END'\n{ZSH_RECORDER}END\n\
             touch offered\n\
             zmodload zsh/zpty\n\
             zpty z zsh -f -i\n\
             zpty -w z '. ./recorder'\n\
             zpty -r z said '*READY*'\n\
             zpty -w -n z $'{line}\\t'\n\
             while zpty -r z said; do :; done\n\
             cat offered"
        )
    });
}

#[test]
fn the_example_of_the_manual_has_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.json");
    let page = fs::read_to_string(in_repository("man/nanobot-config.5")).unwrap();
    let (_, example) = page.split_once(".nf\n").unwrap();
    let (example, _) = example.split_once(".fi\n").unwrap();
    fs::write(&path, example).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let env = |name: &str| (name == "MATRIX_TOKEN").then(|| "t".into());
    assert_eq!(validate(&Document::load(&path).unwrap(), &env), []);
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
        assert_eq!(find_key(name).unwrap().name, name);
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

/// Made by `cargo run --release --example picture` from the program; this notices when it
/// says something else by now.
#[test]
fn the_pictures_show_what_the_program_says() {
    for (name, lines) in [
        ("demo", &["Hello, bot!"][..]),
        (
            "setup",
            &[
                "Bot's Matrix ID",
                "Who answers?",
                "Have you stored",
                "openai",
            ],
        ),
        (
            "status",
            &["Matrix channel connected", "E2EE enabled", "nanobot status"],
        ),
        (
            "doctor",
            &[
                "allowFrm",
                "everyone can talk to the bot",
                "nanobot doctor --fix",
            ],
        ),
    ] {
        let file = format!("examples/{name}.svg");
        let picture = fs::read_to_string(in_repository(&file)).unwrap();
        for line in lines {
            assert!(picture.contains(line), "{file} lacks {line}");
        }
        assert_no_place(&picture);
    }
}

fn assert_no_place(picture: &str) {
    let here = env!("CARGO_MANIFEST_DIR");
    assert!(!picture.contains(here), "it shows where it was made");
}
