//! The results as a table that a README can quote.

use std::{
    io::{self, Write},
    time::Duration,
};

use crate::{
    Results, RoundTrips,
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
    rows.extend(beside_echo(&results.trips));
    rows.push(spent(results));
    rows.extend(bursts(results));
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
    let [floor, encrypted] =
        [&results.trips.floor, &results.trips.encrypted].map(|rounds| Trips::join(rounds));
    let compare = |ours: Duration, floors: Duration| {
        format!(
            "homeserver's floor {}: {:.2} ×",
            ms(floors),
            ratio(ours, floors)
        )
    };
    let [low, middle, high] = quartiles(&results.trips.encrypted, &results.trips.floor);
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
            format!(
                "half of {} rounds from {low:.2} to {high:.2}",
                results.trips.floor.len()
            ),
        ),
        row(
            "first message in a new chat",
            ms(results.trips.first_reply),
            String::new(),
        ),
    ]
}

/// How long a bot takes that does nothing else.
fn beside_echo(trips: &RoundTrips) -> [Row; 2] {
    let [floor, echo] = [&trips.floor, &trips.echo].map(|rounds| Trips::join(rounds).median());
    let [low, middle, high] = quartiles(&trips.encrypted, &trips.echo);
    [
        row(
            "bare matrix-nio echo bot, median",
            ms(echo),
            format!(
                "homeserver's floor {}: {:.2} ×",
                ms(floor),
                ratio(echo, floor)
            ),
        ),
        row(
            "nanobot to that bot, round by round",
            format!("{middle:.2} ×"),
            format!("half of the rounds from {low:.2} to {high:.2}"),
        ),
    ]
}

/// How the medians of rounds compare with those of others in the same rounds.
fn quartiles(ours: &[Trips], others: &[Trips]) -> [f64; 3] {
    let rounds = ours.iter().zip(others);
    let ratios: Vec<_> = rounds
        .map(|(ours, others)| ratio(ours.median(), others.median()))
        .collect();
    [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part))
}

/// What one message costs the bot.
#[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
fn spent(results: &Results) -> Row {
    let messages = Trips::join(&results.trips.encrypted).0.len().max(1) as f64;
    let spent = results.trips.spent;
    row(
        "a message's price",
        format!("{:.1} fsyncs", spent.fsyncs as f64 / messages),
        format!(
            "{:.1} ms of a processor, {:.0} KiB written",
            spent.processor.as_secs_f64() * 1000.0 / messages,
            spent.written as f64 / 1024.0 / messages
        ),
    )
}

fn bursts(results: &Results) -> Vec<Row> {
    let bare = rate(results.burst.sent, results.bare_burst);
    let mut rows = vec![
        burst(
            &format!("{} messages at once", results.burst.sent),
            &results.burst,
            format!("homeserver's floor: {bare:.0} a second"),
        ),
        burst(
            &format!("{} more, at once too", results.rest.sent),
            &results.rest,
            String::new(),
        ),
    ];
    rows.extend(results.side_by_side.iter().map(|(chats, all)| {
        let what = format!("{} messages in {chats} conversations at once", all.sent);
        burst(&what, all, String::new())
    }));
    rows
}

fn burst(what: &str, burst: &Burst, compared: String) -> Row {
    let rate = rate(burst.answered, burst.took);
    row(
        what,
        format!("{}, {rate:.0} a second", answered(burst)),
        compared,
    )
}

#[expect(clippy::cast_precision_loss, reason = "some thousands of messages")]
fn rate(messages: usize, took: Duration) -> f64 {
    messages as f64 / took.as_secs_f64().max(f64::EPSILON)
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
