//! The results as a table that a README can quote.

use std::{
    io::{self, Write},
    time::Duration,
};

use crate::{
    Results,
    chat::Burst,
    figures::{Trips, quantile},
};

type Row = [String; 3];

/// Prints the table.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn print(results: &Results, machine: &str) -> io::Result<()> {
    let head = ["", "nanobot", "compared with"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(round_trips(results));
    rows.extend([burst(&results.burst), rest(results)].into_iter().flatten());
    rows.extend(memory(results));
    rows.extend(starts(results));
    let widths = [0, 1, 2].map(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    });
    let mut output = io::stdout().lock();
    for (index, row) in rows.iter().enumerate() {
        let cells = [0, 1, 2].map(|column| format!("{:<1$}", row[column], widths[column]));
        writeln!(output, "| {} |", cells.join(" | "))?;
        if index == 0 {
            let rules = widths.map(|width| "-".repeat(width + 2));
            writeln!(output, "|{}|", rules.join("|"))?;
        }
    }
    writeln!(output, "\n{machine}.")
}

fn round_trips(results: &Results) -> Vec<Row> {
    let (floor, encrypted) = (Trips::join(&results.floor), Trips::join(&results.encrypted));
    let compare = |ours: Duration, floors: Duration| {
        format!(
            "homeserver's floor {}: {:.2} ×",
            ms(floors),
            ratio(ours, floors)
        )
    };
    let rounds = results.encrypted.iter().zip(&results.floor);
    let ratios: Vec<_> = rounds
        .map(|(ours, floors)| ratio(ours.median(), floors.median()))
        .collect();
    let [low, middle, high] = [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part));
    vec![
        row(
            &format!("encrypted round trip, median of {}", encrypted.0.len()),
            ms(encrypted.median()),
            compare(encrypted.median(), floor.median()),
        ),
        row(
            "the same, 95 of 100 within",
            ms(encrypted.p95()),
            compare(encrypted.p95(), floor.p95()),
        ),
        row(
            "of it, message stored to answer stored, median",
            ms(encrypted.between()),
            compare(encrypted.between(), floor.between()),
        ),
        row(
            "ratio of the medians, round by round",
            format!("{middle:.2} ×"),
            format!("half of {} rounds from {low:.2} to {high:.2}", ratios.len()),
        ),
        row(
            "first message in a new chat",
            ms(results.first_reply),
            String::new(),
        ),
    ]
}

fn burst(burst: &Burst) -> Option<Row> {
    let row = row(
        &format!("{} messages at once", burst.sent),
        format!("{}, {:.1} s", answered(burst), burst.took.as_secs_f64()),
        String::new(),
    );
    (burst.sent > 0).then_some(row)
}

fn rest(results: &Results) -> Option<Row> {
    let rest = &results.rest;
    #[expect(clippy::cast_precision_loss, reason = "some thousands of messages")]
    let rate = rest.answered as f64 / rest.took.as_secs_f64().max(f64::EPSILON);
    let row = row(
        &format!("{} more, in bursts", rest.sent),
        format!("{}, {rate:.0} a second", answered(rest)),
        String::new(),
    );
    (rest.sent > 0).then_some(row)
}

fn answered(burst: &Burst) -> String {
    let order = if burst.in_order {
        "in order"
    } else {
        "NOT in order"
    };
    format!("{} answered, {order}", burst.answered)
}

fn memory(results: &Results) -> Vec<Row> {
    let when = [
        "after the start".to_owned(),
        format!("after {} at once", results.burst.sent),
        format!("after {} messages", results.messages),
    ];
    let rows = when.iter().zip(&results.memory);
    rows.map(|(when, memory)| {
        row(
            &format!("resident memory {when}"),
            mib(memory.resident),
            format!("{} of it anonymous", mib(memory.anonymous)),
        )
    })
    .collect()
}

fn starts(results: &Results) -> Vec<Row> {
    let of = |part: fn(&crate::Start) -> Duration| {
        let times: Vec<_> = results.starts.iter().map(part).collect();
        quantile(&times, 0.5)
    };
    let commands = [("--version", &results.version), ("--help", &results.help)];
    let mut rows = vec![row(
        "start to \"Matrix channel connected\"",
        ms(of(|start| start.whole)),
        format!(
            "homeserver's own answers {}: {} over them",
            ms(of(|start| start.answers)),
            ms(of(crate::Start::own))
        ),
    )];
    rows.extend(commands.map(|(name, times)| {
        let slowest = times.iter().max().copied().unwrap_or_default();
        row(
            name,
            ms(quantile(times, 0.5)),
            format!("slowest of {} {}", times.len(), ms(slowest)),
        )
    }));
    rows
}

fn row(what: &str, figure: String, compared: String) -> Row {
    [what.to_owned(), figure, compared]
}

fn ratio(ours: Duration, floors: Duration) -> f64 {
    ours.as_secs_f64() / floors.as_secs_f64().max(f64::EPSILON)
}

fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    let digits = usize::from(ms < 10.0);
    format!("{ms:.digits$} ms")
}

fn mib(kib: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
    let mib = kib as f64 / 1024.0;
    format!("{mib:.1} MiB")
}
