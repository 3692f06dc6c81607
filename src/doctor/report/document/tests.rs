use std::collections::BTreeMap;

use arbtest::arbitrary::{self, Unstructured};

use super::*;

/// A row for tests of what comes after.
pub fn row(id: &'static str, status: Status, kind: Kind) -> Row {
    Row {
        id,
        category: id.split('.').next().unwrap_or(id),
        title: "All is well",
        status,
        detail: format!("the detail of {id}"),
        because: Vec::new(),
        remedy: None,
        duration: Duration::from_millis(12),
        evidence: Map::new(),
        kind,
        is_note: false,
    }
}

#[test]
fn the_root_failure_decides_the_exit_code() {
    let mut rows = vec![row("a.pass", Status::Pass, Kind::Config)];
    let code = |rows: &[Row], strict| Report::new(rows.to_vec(), strict).exit_code;
    assert_eq!(code(&rows, true), 0);
    for (status, kind, expected) in [
        (Status::Warn, Kind::Config, 0),
        (Status::Fail, Kind::Failure, 1),
        (Status::Fail, Kind::NotLoggedIn, 4),
        (Status::Fail, Kind::Unreachable, 69),
        (Status::Fail, Kind::Config, 78),
        (Status::Fail, Kind::Failure, 78),
    ] {
        rows.push(row("a.b", status, kind));
        assert_eq!(code(&rows, false), expected);
    }
    let warned = [row("a.b", Status::Warn, Kind::Failure)];
    assert_eq!(code(&warned, true), 3);
}

#[test]
fn no_text_does_anything_to_a_terminal() {
    let mut bad = row("a.b", Status::Fail, Kind::Failure);
    let hostile = "x\u{1b}[31m\u{202e}\ny";
    bad.detail = hostile.to_owned();
    bad.remedy = Some(Remedy {
        text: hostile.to_owned(),
        commands: vec![hostile.to_owned()],
        url: None,
    });
    bad.evidence
        .insert("names".to_owned(), serde_json::json!([{hostile: hostile}]));
    let report = Report::new(vec![bad], false);
    let row = &report.checks[0];
    assert_eq!(row.detail, "x [31m \ny");
    let remedy = row.remedy.as_ref().unwrap();
    assert_eq!(remedy.commands, ["x [31m  y"]);
    let json = serde_json::to_string(&report).unwrap();
    assert!(
        !json.contains("u001b") && !json.contains('\u{202e}'),
        "{json}"
    );
}

#[test]
fn only_an_absent_homeserver_is_worth_waiting_for() {
    let away = row("a.away", Status::Fail, Kind::Unreachable);
    let revoked = row("a.revoked", Status::Fail, Kind::NotLoggedIn);
    assert!(Report::new(vec![away.clone()], false).may_recover());
    assert!(!Report::new(vec![away, revoked], false).may_recover());
}

/// The id that these rows are worth waiting for.
fn awaited(rows: &[(&'static str, Status, Kind)], strict: bool) -> Option<&'static str> {
    let rows = rows
        .iter()
        .map(|(id, status, kind)| row(id, *status, *kind));
    let report = Report::new(rows.collect(), strict);
    report.awaited().map(|row| row.id)
}

#[test]
fn what_passes_by_itself_is_awaited_unless_something_does_not() {
    let away = ("a.away", Status::Fail, Kind::Unreachable);
    let starting = ("gateway.sync", Status::Warn, Kind::Unreachable);
    let stopped = (GATEWAY, Status::Warn, Kind::Failure);
    let other = ("a.warning", Status::Warn, Kind::Failure);
    let broken = ("a.broken", Status::Fail, Kind::Config);
    for (rows, lenient, strict) in [
        (vec![other], None, None),
        (vec![other, away], Some("a.away"), Some("a.away")),
        (vec![away, broken], None, None),
        (vec![starting], Some("gateway.sync"), Some("gateway.sync")),
        (vec![starting, broken], None, None),
        (vec![stopped], None, Some(GATEWAY)),
    ] {
        assert_eq!(awaited(&rows, false), lenient, "{rows:?}");
        assert_eq!(awaited(&rows, true), strict, "{rows:?}");
    }
}

#[test]
fn what_did_not_pass_in_time_is_a_failure() {
    let rows = vec![
        row("gateway.sync", Status::Warn, Kind::Unreachable),
        row("a.warning", Status::Warn, Kind::Failure),
    ];
    let report = Report::new(rows, false).overdue(Duration::from_secs(7));
    assert_eq!(report.exit_code, 69);
    assert_eq!((report.summary.fail, report.summary.warn), (1, 1));
    assert!(report.checks[0].detail.ends_with("(after 7 s)"));
}

#[test]
fn what_was_not_fixed_is_shown_with_the_reason() {
    let finding = |id| {
        let remedy = Remedy {
            text: "as a rule".to_owned(),
            commands: vec!["nanobot doctor --fix".to_owned()],
            url: None,
        };
        Row {
            remedy: Some(remedy),
            ..row(id, Status::Warn, Kind::Failure)
        }
    };
    let repair = |check, why: Option<&str>| Repair {
        check,
        effect: "chmod 600 /x".to_owned(),
        done: false,
        why: why.map(str::to_owned),
        command: Some("sudo chmod 600 /x".to_owned()),
        change: None,
    };
    let rows = vec![finding("a.blocked"), finding("a.declined")];
    let repairs = vec![
        repair("a.blocked", Some("not ours")),
        repair("a.declined", None),
    ];
    let report = Report::new(rows, false).after(repairs);
    let [blocked, declined] = report.checks.as_slice() else {
        panic!("two rows");
    };
    let blocked = blocked.remedy.as_ref().unwrap();
    assert_eq!(blocked.text, "not ours");
    assert_eq!(blocked.commands, ["sudo chmod 600 /x"]);
    assert_eq!(declined.remedy.as_ref().unwrap().text, "as a rule");
    let report = report.map_texts(&|text| text.replace("/x", "PATH"));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["repairs"][0]["effect"], "chmod 600 PATH");
    assert_eq!(json["repairs"][0]["done"], false);
}

/// A report with a row of every status, and words that every format has to escape.
pub fn report(strict: bool) -> Report {
    let remedy = Remedy {
        text: "do this, and that: \"now\" & <here>".to_owned(),
        commands: vec![format!("nanobot config get {}", "a".repeat(90))],
        url: None,
    };
    let failed = Row {
        detail: "100% of it:\n<b>broken</b> & gone".to_owned(),
        remedy: Some(remedy.clone()),
        ..row("config.broken", Status::Fail, Kind::Config)
    };
    let warned = Row {
        detail: format!("it is slow\u{1b}[31m {}", "and slow ".repeat(20)),
        remedy: Some(remedy),
        ..row("net.slow", Status::Warn, Kind::Failure)
    };
    let skipped = Row {
        because: vec!["config.broken"],
        ..row("net.unknown", Status::Skip, Kind::Failure)
    };
    let passed = row("net.fine", Status::Pass, Kind::Failure);
    let rows = vec![failed, warned, skipped, passed];
    Report::new(rows, strict)
}

#[test]
fn no_format_lets_a_control_character_through() {
    let report = report(false);
    for text in [
        report.to_text(Detail::Verbose),
        serde_json::to_string(&report).unwrap(),
        report.to_junit(),
        report.to_github(Detail::Verbose),
    ] {
        let bad = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(bad) && !text.contains("u001b"), "{text:?}");
    }
}

#[test]
fn the_json_says_what_the_report_says() {
    let json = serde_json::to_value(report(true)).unwrap();
    assert_eq!(json["exit_code"], 78);
    assert_eq!(
        json["summary"],
        serde_json::json!({"pass": 1, "warn": 1, "fail": 1, "skip": 1})
    );
    assert_eq!(
        json["checks"][2]["because"],
        serde_json::json!(["config.broken"])
    );
}

/// Something that must not be seen, and whether a pattern alone finds it.
fn planted(u: &mut Unstructured<'_>) -> arbitrary::Result<(Option<&'static str>, String)> {
    let mut word = |letters: &[u8], length: usize| -> arbitrary::Result<String> {
        let letter = |_| Ok(char::from(*u.choose(letters)?));
        (0..length).map(letter).collect()
    };
    let lower = b"abcdefghijklmnopqrstuvwxyz";
    let server = format!("{}.{}.org", word(lower, 6)?, word(lower, 5)?);
    let base64 = b"ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789-_";
    let hash = format!("aA{}", word(base64, 41)?);
    let name = word(lower, 9)?;
    let device = word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 7)?;
    Ok(match u.int_in_range(0..=11)? {
        0 => (None, format!("@{name}:{server}")),
        1 => (None, format!("!{name}:{server}")),
        2 => (None, format!("!{hash}")),
        3 => (None, format!("${hash}")),
        4 => (None, format!("#{name}:{server}")),
        5 => (None, server),
        6 => (None, format!("192.0.2.{}", u.int_in_range(0..=255)?)),
        7 => (None, format!("syt_{name}_{hash}")),
        8 => (None, format!("/srv/{name}/{device}")),
        9 => (Some("device"), device),
        10 => (Some("name"), format!("{name}'s {device}")),
        _ => (Some("server"), name),
    })
}

/// A row with this word in every text of it.
fn row_with(word: &str) -> Row {
    let mut evidence = Map::new();
    evidence.insert("it".to_owned(), serde_json::json!(word));
    evidence.insert("in".to_owned(), serde_json::json!([{word: [word]}]));
    Row {
        detail: format!("about {word}, ({word}) and\n'{word}'"),
        remedy: Some(Remedy {
            text: format!("look at {word}"),
            commands: vec![format!("nanobot config set x '{word}' --y={word}")],
            url: None,
        }),
        evidence,
        ..row("a.b", Status::Fail, Kind::Failure)
    }
}

#[test]
fn nothing_planted_survives_and_relations_do() {
    arbtest::arbtest(|u| {
        let mut words = BTreeMap::new();
        for _ in 0..u.int_in_range(1..=12)? {
            let (sort, word) = planted(u)?;
            words.insert(word, sort);
        }
        let mut known = Known::default();
        for (word, sort) in &words {
            if let Some(sort) = *sort {
                known.add(sort, Some(word));
            }
        }
        let rows = words.keys().map(|word| row_with(word)).collect();
        let mut report = Report::new(rows, false);
        report.known = known;
        let redactor = report.redactor().unwrap();
        let report = report.redacted(&redactor);
        let text = serde_json::to_string(&report).unwrap();
        let mut names = BTreeMap::new();
        for (word, row) in words.keys().zip(&report.checks) {
            for part in word.split(['@', '!', '#', '$', ':', '/']) {
                let tells = part.len() > 4 && part != "192.0.2";
                assert!(
                    !tells || !text.contains(part),
                    "{part} of {word} is in {text}"
                );
            }
            let name = row.evidence["it"].as_str().unwrap();
            assert_eq!(row.evidence["in"], serde_json::json!([{name: [name]}]));
            assert_eq!(row.detail, format!("about {name}, ({name}) and\n'{name}'"));
            let command = &row.remedy.as_ref().unwrap().commands[0];
            assert_eq!(
                *command,
                format!("nanobot config set x '{name}' --y={name}")
            );
            assert_eq!(names.insert(name.to_owned(), word), None, "{text}");
        }
        Ok(())
    });
}
