//! Server-sent events, taken out of a stream of bytes (HTML standard, "Server-sent events").

/// The most bytes of one event.
pub(super) const LARGEST: usize = 1024 * 1024;

/// An event is larger than any honest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// What has come of an event so far.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
}

impl Events {
    /// Takes the next bytes, and returns the data of every event that they complete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TooLarge> {
        let mut complete = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() + self.data.len() > LARGEST {
                return Err(TooLarge);
            }
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                complete.extend(self.end_line(line.trim_ascii_end()));
            }
        }
        Ok(complete)
    }

    /// The event that the stream's end completes: many servers leave the last empty line out.
    pub(super) fn end(mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        self.end_line(line.trim_ascii_end())
            .or_else(|| self.end_line(b""))
    }

    fn end_line(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return (!data.is_empty()).then_some(data);
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            if !self.data.is_empty() {
                self.data.push(b'\n');
            }
            self.data
                .extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        }
        None
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn all(stream: &[u8], step: usize) -> Vec<String> {
        let mut events = Events::default();
        let mut found = Vec::new();
        for bytes in stream.chunks(step) {
            found.extend(events.take(bytes).unwrap());
        }
        found.extend(events.end());
        let text = |data| String::from_utf8(data).unwrap();
        found.into_iter().map(text).collect()
    }

    #[test]
    fn events_are_found_wherever_the_bytes_are_cut() {
        let stream =
            ": hello\n\ndata: é\r\n\r\nevent: x\nid: 1\ndata:a\ndata: b\n\n\n\ndata: [DONE]";
        for step in 1..stream.len() {
            assert_eq!(
                all(stream.as_bytes(), step),
                ["é", "a\nb", "[DONE]"],
                "{step}"
            );
        }
        assert!(all(b"", 1).is_empty());
        assert!(all(b"<html>\n\n</html>", 3).is_empty());
    }

    #[test]
    fn an_endless_event_is_refused() {
        for endless in ["data: ", "data: x\n"] {
            let mut events = Events::default();
            let bytes = endless.repeat(1024);
            let taken = (0..LARGEST / 1024).map(|_| events.take(bytes.as_bytes()));
            assert!(
                taken.into_iter().any(|taken| taken == Err(TooLarge)),
                "{endless}"
            );
        }
    }
}
