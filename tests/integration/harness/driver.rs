//! A Python program of the harness that is driven over JSON lines.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

type Answer = Result<Value, String>;
type Pending = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Answer>>>>>;

/// The running program. Dropping it ends the program.
///
/// Its pipes are served by threads, so it may be used from any runtime, and by several tasks at once.
#[derive(Debug)]
pub struct Driver {
    name: String,
    child: Child,
    stdin: Option<Mutex<ChildStdin>>,
    pending: Pending,
    stderr: Arc<Mutex<String>>,
    next_id: AtomicU64,
}

impl Driver {
    /// Starts the program; lines that answer no command go to `on_event`.
    pub fn spawn(
        name: &str,
        mut command: Command,
        mut on_event: impl FnMut(Value) + Send + 'static,
    ) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run {command:?}: {e}"));
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut errors = child.stderr.take().expect("it is piped");
        let stdin = child.stdin.take().map(Mutex::new);
        let pending: Pending = Arc::new(Mutex::new(Some(HashMap::new())));
        let stderr = Arc::new(Mutex::new(String::new()));

        let waiting = Arc::clone(&pending);
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let mut message: Value = serde_json::from_str(&line)
                    .unwrap_or_else(|e| panic!("not JSON ({e}) from the harness: {line}"));
                let Some(id) = message["id"].as_u64() else {
                    on_event(message);
                    continue;
                };
                let answer = match message["error"].as_str() {
                    Some(error) => Err(error.to_owned()),
                    None => Ok(message["ok"].take()),
                };
                let sender = waiting
                    .lock()
                    .unwrap()
                    .as_mut()
                    .and_then(|map| map.remove(&id));
                if let Some(sender) = sender {
                    // The test may have stopped waiting.
                    let _ = sender.send(answer);
                }
            }
            // Whoever still waits learns that the program is gone.
            waiting.lock().unwrap().take();
        });
        let kept = Arc::clone(&stderr);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = errors.read(&mut buffer) {
                kept.lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        Self {
            name: name.to_owned(),
            child,
            stdin,
            pending,
            stderr,
            next_id: AtomicU64::new(1),
        }
    }

    /// Sends a command and waits for the answer.
    ///
    /// # Errors
    ///
    /// The program's own error text.
    ///
    /// # Panics
    ///
    /// When the program is gone, or gives no answer within `limit`.
    pub async fn call(&self, command: &str, mut arguments: Value, limit: Duration) -> Answer {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        arguments["id"] = json!(id);
        arguments["do"] = json!(command);
        let (sender, receiver) = oneshot::channel();
        if let Some(map) = self.pending.lock().unwrap().as_mut() {
            map.insert(id, sender);
        }
        if let Some(stdin) = &self.stdin {
            // When the program is gone, its answer is missing too: that is reported below.
            let _ = stdin
                .lock()
                .unwrap()
                .write_all(format!("{arguments}\n").as_bytes());
        }
        match tokio::time::timeout(limit, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => self.is_gone(),
            Err(elapsed) => panic!(
                "{} did not answer {command:?} within {limit:?} ({elapsed}); it said: {}",
                self.name,
                self.stderr()
            ),
        }
    }

    /// Asserts that the program still answers.
    ///
    /// # Panics
    ///
    /// When it is gone; the message holds what it said.
    pub fn assert_running(&self) {
        if self.pending.lock().unwrap().is_none() {
            self.is_gone();
        }
    }

    fn is_gone(&self) -> ! {
        panic!("{} is gone; it said: {}", self.name, self.stderr())
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the program wrote to its standard error.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // Ending by itself, the program can take its own children along; it has no reason to tarry.
        let _ = self.child.wait();
    }
}
