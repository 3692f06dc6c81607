use super::*;

/// A row for tests of what comes after.
pub(in crate::doctor) fn row(id: &'static str, status: Status, kind: Kind) -> Row {
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
    }
}

#[test]
fn the_root_failure_decides_the_exit_code() {
    let mut rows = vec![row("a.pass", Status::Pass, Kind::Config)];
    let code = |rows: &[Row], strict| Report::new(rows.to_vec(), strict).exit_code();
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
    let row = &report.checks()[0];
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
    report.awaited(strict).map(|row| row.id)
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
    let report = Report::new(rows, false).overdue(Duration::from_secs(7), false);
    assert_eq!(report.exit_code(), 69);
    assert_eq!((report.summary().fail, report.summary().warn), (1, 1));
    assert!(report.checks()[0].detail.ends_with("(after 7 s)"));
}

#[test]
fn what_was_not_mended_is_told_with_the_reason() {
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
    let repair = |check, why: Option<&str>| Repaired {
        check,
        effect: "chmod 600 /x".to_owned(),
        done: false,
        why: why.map(str::to_owned),
        command: Some("sudo chmod 600 /x".to_owned()),
    };
    let rows = vec![finding("a.blocked"), finding("a.declined")];
    let repairs = vec![
        repair("a.blocked", Some("not ours")),
        repair("a.declined", None),
    ];
    let report = Report::new(rows, false).after(repairs);
    let [blocked, declined] = report.checks() else {
        panic!("two rows");
    };
    let blocked = blocked.remedy.as_ref().unwrap();
    assert_eq!(blocked.text, "not ours");
    assert_eq!(blocked.commands, ["sudo chmod 600 /x"]);
    assert_eq!(declined.remedy.as_ref().unwrap().text, "as a rule");
    let report = report.map_texts(&|text| text.replace("/x", "PATH"));
    let json = report.to_json().unwrap();
    assert_eq!(json["repairs"][0]["effect"], "chmod 600 PATH");
    assert_eq!(json["repairs"][0]["done"], false);
}
