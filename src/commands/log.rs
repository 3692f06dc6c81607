//! The log on standard error: one line per event, as text or as JSON.

use std::{
    fmt,
    io::{self, IsTerminal},
};

use console::Style;
use serde::ser::Serializer;
use serde_json::Value;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
        writer::BoxMakeWriter,
    },
    registry::LookupSpan,
};

use crate::{
    cli::LogFormat,
    error::without_error_numbers,
    gateway::NOTICE,
    text::{clean_line, cut, in_ascii, is_unicode_locale},
};

/// Lines that the SDK writes about things that are as they should be.
const NOISE: &str = "matrix_sdk::http_client=off,matrix_sdk_crypto::backups=error";
/// The most characters of a line, up to `-vv`.
const LONGEST: usize = 300;

/// Starts the log: warnings, and what ends them; with `-v` every message and change of state, with
/// `-vv` all that the bot does, with `-vvv` what its libraries do as well.
pub fn start(verbosity: u8, format: LogFormat, writer: BoxMakeWriter) {
    let filter = match verbosity {
        0 => format!("error,nanobot=warn,{NOTICE}=info,{NOISE}"),
        1 => format!("error,nanobot=info,{NOISE}"),
        2 => format!("error,nanobot=debug,{NOISE}"),
        _ => "info,nanobot=trace,matrix_sdk=debug,matrix_sdk_base=debug,matrix_sdk_crypto=debug"
            .to_owned(),
    };
    let started = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(writer)
        // A log that nobody reads any more must not end the bot.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .event_format(Lines {
            verbosity,
            format,
            is_ascii: io::stderr().is_terminal() && !is_unicode_locale(),
        })
        .try_init();
    // A second start, in a process that runs several commands, keeps the first one's log.
    drop(started);
}

/// The time now, as the log has it.
pub fn timestamp() -> String {
    let mut timestamp = String::new();
    // A text can always be written to.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    timestamp
}

/// How an event becomes a line.
struct Lines {
    verbosity: u8,
    format: LogFormat,
    /// Whether who reads it has no other marks.
    is_ascii: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut entry = Entry::default();
        event.record(&mut entry);
        let timestamp = timestamp();
        let (level, target) = (event.metadata().level(), event.metadata().target());
        if self.format == LogFormat::Json {
            return writeln!(writer, "{}", entry.json(&timestamp, *level, target));
        }
        let shown = if writer.has_ansi_escapes() {
            style(*level).apply_to(format!("{level:>5}")).to_string()
        } else {
            format!("{level:>5}")
        };
        let mut text = entry.text(self.verbosity, target);
        // A warning of the bot's own says what to do at its end.
        let is_whole = *level <= Level::WARN && target.starts_with("nanobot");
        if self.verbosity <= 2 && !is_whole {
            cut(&mut text, LONGEST);
        }
        if self.is_ascii {
            text = in_ascii(&text).into_owned();
        }
        writeln!(writer, "{timestamp} {shown} {text}")
    }
}

fn style(level: Level) -> Style {
    // Whoever writes to the log knows that it is a terminal.
    let style = Style::new().force_styling(true);
    match level {
        Level::ERROR => style.red(),
        Level::WARN => style.yellow(),
        Level::INFO => style.green(),
        _ => style.dim(),
    }
}

/// What an event says.
#[derive(Default)]
struct Entry {
    message: String,
    /// In the order in which they were written.
    fields: Vec<(&'static str, Value)>,
}

impl Entry {
    /// A line for a person. Where the event has a name, its message says all that matters.
    fn text(&self, verbosity: u8, target: &str) -> String {
        let mut words = vec![match verbosity {
            0 | 1 => self.message.clone(),
            _ => format!("{target}: {}", self.message),
        }];
        let is_named = self.fields.iter().any(|(name, _)| *name == "event");
        if verbosity >= 2 || !is_named {
            let fields = self.fields.iter().filter(|(name, _)| *name != "event");
            words.extend(fields.map(|(name, value)| match value.as_str() {
                Some(text) => format!("{name}={text}"),
                None => format!("{name}={value}"),
            }));
        }
        clean_line(&words.join(" "))
    }

    /// An object for a program.
    fn json(&self, timestamp: &str, level: Level, target: &str) -> String {
        let first = [
            ("timestamp", Value::from(timestamp)),
            ("level", level.as_str().to_lowercase().into()),
            ("target", target.into()),
            ("message", self.message.as_str().into()),
        ];
        let mut written = Vec::new();
        let all = first
            .iter()
            .chain(&self.fields)
            .map(|(name, value)| (name, value));
        let mut serializer = serde_json::Serializer::new(&mut written);
        // Texts and numbers can always be written into memory.
        let _ = serializer.collect_map(all);
        String::from_utf8_lossy(&written).into_owned()
    }

    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.fields.push((field.name(), value.into()));
    }
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let value = without_error_numbers(value);
        if field.name() == "message" {
            self.message = value.into_owned();
        } else {
            self.add(field, value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;
    use tracing::subscriber::with_default;

    use super::*;

    /// What is written of these events.
    fn written(lines: Lines, events: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Written(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Written {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let into = Written::default();
        let writer = into.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .event_format(lines)
            .finish();
        with_default(subscriber, events);
        let bytes = into.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn lines(verbosity: u8, format: LogFormat) -> Lines {
        Lines {
            verbosity,
            format,
            is_ascii: false,
        }
    }

    /// The line behind its time.
    fn line(verbosity: u8, events: impl FnOnce()) -> String {
        let written = written(lines(verbosity, LogFormat::Text), events);
        written.split_once(' ').unwrap().1.to_owned()
    }

    #[test]
    fn an_event_with_a_name_is_told_by_its_message_alone() {
        let answered = || tracing::info!(event = "message", room_id = "!r", ms = 3_u64, "answered");
        assert_eq!(line(1, answered), " INFO answered\n");
        let all = line(2, answered);
        assert!(all.ends_with(": answered room_id=!r ms=3\n"), "{all}");
        let unnamed = || tracing::warn!(room_id = %"!r", "odd");
        assert_eq!(line(0, unnamed), " WARN odd room_id=!r\n");
    }

    #[test]
    fn a_line_stays_a_line_and_is_not_endless() {
        let odd = || tracing::warn!(error = %"a\nb\x1b[2J", "odd");
        assert_eq!(line(0, odd), " WARN odd error=a b [2J\n");
        let missing = || tracing::warn!("no: {}", io::Error::from_raw_os_error(2));
        assert_eq!(line(0, missing), " WARN no: No such file or directory\n");
        let long = || tracing::info!("{}", "é".repeat(5000));
        assert_eq!(line(2, long).chars().count(), LONGEST + 8);
        assert!(line(3, long).chars().count() > 5000);
        let warning = || tracing::warn!("{}", "é".repeat(5000));
        assert!(line(0, warning).chars().count() > 5000);
        let foreign = || tracing::error!(target: "matrix_sdk", "{}", "é".repeat(5000));
        assert!(line(0, foreign).chars().count() < 320);
    }

    #[test]
    fn a_terminal_without_our_marks_gets_others() {
        let marked = || tracing::warn!("a → b …");
        assert_eq!(line(0, marked), " WARN a → b …\n");
        let poor = Lines {
            is_ascii: true,
            ..lines(0, LogFormat::Text)
        };
        assert!(written(poor, marked).ends_with(" WARN a -> b ...\n"));
    }

    #[test]
    fn json_has_a_line_for_an_event_with_its_values_as_they_are() {
        let events = || {
            tracing::warn!(event = "outage", ms = 7_u64, again = true, error = %"a\nb", "away");
            tracing::info!("more");
        };
        let written = written(lines(0, LogFormat::Json), events);
        assert!(written.starts_with("{\"timestamp\":\"2"), "{written}");
        let lines = written.lines().map(serde_json::from_str);
        let lines: Vec<Value> = lines.map(Result::unwrap).collect();
        let time = &lines[0]["timestamp"];
        let expected = json!({
            "timestamp": time, "level": "warn", "message": "away", "event": "outage", "ms": 7,
            "again": true, "error": "a\nb", "target": module_path!(),
        });
        assert_eq!(lines[0], expected);
        assert_eq!(lines[1]["level"], "info");
        assert_eq!(lines.len(), 2);
    }
}
