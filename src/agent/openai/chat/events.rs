//! Events as servers send them (HTML, section 9.2.6), and as services send them besides: after a
//! byte order mark, with what is no UTF-8, as a line of JSON that names no field, or in a field
//! for errors.

use super::fault::{Fault, too_large};

/// The most bytes of one event.
const LARGEST: usize = 1024 * 1024;

/// What a server said at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What it calls that; mostly nothing.
    pub name: String,
    pub data: String,
}

/// A stream of events that is coming.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    event: Event,
    /// The bytes since the last event.
    size: usize,
    is_after_cr: bool,
}

impl Events {
    /// The events that are complete with these bytes.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Event>, Fault> {
        let mut events = Vec::new();
        for byte in bytes {
            self.size += 1;
            match byte {
                b'\n' if self.is_after_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                _ => self.line.push(*byte),
            }
            self.is_after_cr = *byte == b'\r';
            if self.size > LARGEST {
                return Err(too_large(LARGEST));
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let mut complete = None;
        match field {
            "" if line.is_empty() => {
                self.size = 0;
                complete = Some(std::mem::take(&mut self.event));
            }
            "event" => value.clone_into(&mut self.event.name),
            "data" => self.event.data.extend([value, "\n"]),
            "error" => {
                "error".clone_into(&mut self.event.name);
                self.event.data.extend([value, "\n"]);
            }
            _ if line.starts_with('{') => self.event.data.extend([line, "\n"]),
            _ => {}
        }
        self.line.clear();
        // Some services send events without data to keep the connection open.
        complete.filter(|event| !event.data.trim().is_empty())
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn data(stream: &[u8], piece: usize) -> Vec<String> {
        let mut events = Events::default();
        let pieces = stream.chunks(piece);
        let taken = pieces.flat_map(|piece| events.take(piece).unwrap());
        taken
            .map(|event| event.name + event.data.as_str())
            .collect()
    }

    #[test]
    fn events_are_told_apart_however_they_come() {
        let stream = "\u{feff}data: né\r\n\r\nevent: x\rdata:1\rdata:2\r\r: no\n\ndata:\n\n\
                      id: 1\n{\"a\":1}\n\ndata: : PROCESSING\n\ndata: not whole\n";
        let expected = ["né\n", "x1\n2\n", "{\"a\":1}\n", ": PROCESSING\n"];
        for piece in [1, 2, 3, 1000] {
            assert_eq!(data(stream.as_bytes(), piece), expected, "{piece}");
        }
        assert_eq!(data(b"data: \xff\n\n", 1), ["\u{fffd}\n"]);
    }

    #[test]
    fn an_event_has_a_limit_and_a_stream_has_none() {
        let mut events = Events::default();
        for _ in 0..1000 {
            let event = [&[b'x'; 2000][..], b"\n\n"].concat();
            assert_eq!(events.take(&event).unwrap(), []);
        }
        assert!(events.take(&vec![b'x'; LARGEST + 1]).is_err());
    }
}
