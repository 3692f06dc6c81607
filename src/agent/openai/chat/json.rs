//! JSON as services send it: in pieces, several in a row, with what JSON does not allow.

use serde_json::{Deserializer, Value};

use super::halves;

/// How deep in a document its bytes so far end. So it is read once, however small its pieces are.
#[derive(Default)]
pub struct Nesting {
    depth: usize,
    is_in_text: bool,
    is_escaped: bool,
}

impl Nesting {
    /// Whether nothing is open behind these bytes.
    pub fn take(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = self.is_in_text,
                b'"' => self.is_in_text = !self.is_in_text,
                b'{' | b'[' if !self.is_in_text => self.depth += 1,
                b'}' | b']' if !self.is_in_text => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.depth == 0 && !self.is_in_text
    }
}

/// The JSON in this, of which there may be several in a row. Control characters are allowed as
/// spaces, also where JSON wants them escaped.
pub fn pieces(json: &str) -> serde_json::Result<Vec<Value>> {
    let json = json.replace(|c| c < ' ', " ");
    Deserializer::from_str(&halves::hide(&json))
        .into_iter()
        .collect()
}
