//! What a program that ended left behind.

/// How a program ended and what it printed.
#[derive(Clone, Debug)]
pub struct Output {
    /// What was run.
    pub name: String,
    /// The exit code, or 128 + the number of the signal that killed it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Asserts the exit code and returns the output for more assertions.
    ///
    /// # Panics
    ///
    /// When it is another one; the message holds both streams.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert!(
            self.code == code,
            "exit code {} instead of {code} from {self}",
            self.code
        );
        self
    }

    /// Standard output as one JSON document.
    ///
    /// # Panics
    ///
    /// When it is something else.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("not JSON: {e}, from {self}"))
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&show(&self.name, &self.stdout, &self.stderr))
    }
}

/// A program's name and its output, for a message.
pub fn show(name: &str, stdout: &str, stderr: &str) -> String {
    format!("{name}\n--- standard output\n{stdout}\n--- standard error\n{stderr}\n---")
}
